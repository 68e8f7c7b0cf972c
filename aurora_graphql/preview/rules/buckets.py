"""S3: buckets under their owner, over TLS 1.2, kept until they are empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.policies import statements
from aurora_graphql.preview.rules.rule import Problem, Rule, pointing_at, unknown

BUCKET: Final = "aws:s3/bucket:Bucket"
ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)


def _only_tls(graph: Graph) -> Iterator[Problem]:
    for bucket in graph.of_type(BUCKET):
        policies = pointing_at(graph, bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
        if any(unknown(policy.inputs.get("policy")) for policy in policies):
            continue
        denied = {
            key
            for policy in policies
            for found in statements(policy)
            if found.effect == "Deny" and found.everybody
            for key in found.conditions
        }
        for key in sorted({"aws:SecureTransport", "s3:TlsVersion"} - denied):
            yield bucket.name, f"nothing denies by {key}"


def _owned(graph: Graph) -> Iterator[Problem]:
    typ = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    for bucket in graph.of_type(BUCKET):
        found = pointing_at(graph, bucket, typ, "bucket")
        if not any("BucketOwnerEnforced" in str(one.inputs) for one in found):
            yield bucket.name, "objects belong to whoever writes them"


def _configured_as_encrypted(graph: Graph) -> Iterator[Problem]:
    for bucket in graph.of_type(BUCKET):
        found = pointing_at(graph, bucket, ENCRYPTION, "bucket")
        if not any(one.inputs.get("rules") for one in found):
            yield bucket.name, "has no encryption of its own"


def _not_emptied(graph: Graph) -> Iterator[Problem]:
    for bucket in graph.of_type(BUCKET):
        if bucket.inputs.get("forceDestroy"):
            yield bucket.name, "is destroyed with its objects"


RULES: Final = (
    Rule(
        id="S3.5",
        holds="buckets refuse requests without TLS 1.2",
        why="Objects and signatures cross the network.",
        remedy="deny everybody by aws:SecureTransport and s3:TlsVersion",
        check=_only_tls,
    ),
    Rule(
        id="buckets-own-their-objects",
        holds="objects belong to the bucket's owner",
        why="An access list of the writer's would decide who reads them otherwise.",
        remedy="set object_ownership BucketOwnerEnforced",
        check=_owned,
    ),
    Rule(
        id="buckets-encrypted",
        holds="every bucket says how it is encrypted",
        why="checkov asks for a key of ours (S3.17), which buckets of access logs cannot have.",
        remedy="add a BucketServerSideEncryptionConfiguration",
        check=_configured_as_encrypted,
    ),
    Rule(
        id="buckets-not-emptied",
        holds="a bucket with objects is not destroyed",
        why="There may be no other copy of them.",
        remedy="leave force_destroy out",
        check=_not_emptied,
    ),
)
