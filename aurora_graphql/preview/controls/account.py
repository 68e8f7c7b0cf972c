"""Controls of the ground: network, buckets, trail, topics."""

from __future__ import annotations

from typing import Final

from aurora_graphql.preview.controls.registry import Control, is_set, is_true, unknown
from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.access import statements
from aurora_graphql.preview.rules.network import EVERYWHERE, PUBLIC_ACCESS_BLOCKS
from aurora_graphql.preview.rules.registry import buckets_named, pointing_at

BUCKET: Final = "aws:s3/bucket:Bucket"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
VPC: Final = "aws:ec2/vpc:Vpc"

OPEN_PORTS: Final = {80, 443}
"""Where strangers may knock, says EC2.18."""


def _closed_by_default(graph: Graph, vpc: Resource) -> bool:
    typ = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    groups = pointing_at(graph, vpc, typ, "vpcId")
    return bool(groups) and not any(
        group.inputs.get("ingress") or group.inputs.get("egress") for group in groups
    )


def _flow_logged(graph: Graph, vpc: Resource) -> bool:
    return bool(pointing_at(graph, vpc, "aws:ec2/flowLog:FlowLog", "vpcId"))


def _open(rule: Resource) -> bool:
    return rule.inputs.get("cidrIpv4") in EVERYWHERE or rule.inputs.get("cidrIpv6") in EVERYWHERE


def _open_for_the_web_only(_: Graph, rule: Resource) -> bool:
    return not _open(rule) or rule.inputs.get("toPort") in OPEN_PORTS


def _private(graph: Graph, bucket: Resource) -> bool:
    typ = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    return any(
        all(block.inputs.get(name) is True for name in PUBLIC_ACCESS_BLOCKS)
        for block in pointing_at(graph, bucket, typ, "bucket")
    )


def _only_tls(graph: Graph, bucket: Resource) -> bool:
    policies = pointing_at(graph, bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
    return any(
        unknown(policy.inputs.get("policy"))
        or any(
            found.effect == "Deny" and found.everybody and "aws:SecureTransport" in found.conditions
            for found in statements(policy)
        )
        for policy in policies
    )


def _access_logged(graph: Graph, bucket: Resource) -> bool:
    return bool(pointing_at(graph, bucket, "aws:s3/bucketLogging:BucketLogging", "bucket"))


def _expires(graph: Graph, bucket: Resource) -> bool:
    typ = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    return any(
        rule.get("status") == "Enabled"
        for found in pointing_at(graph, bucket, typ, "bucket")
        for rule in found.inputs["rules"]
    )


def _under_a_key(graph: Graph, bucket: Resource) -> bool:
    typ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    return any(
        (rule.get("applyServerSideEncryptionByDefault") or {}).get("sseAlgorithm") == "aws:kms"
        for found in pointing_at(graph, bucket, typ, "bucket")
        for rule in found.inputs["rules"]
    )


def _bucket_of(graph: Graph, trail: Resource) -> list[Resource]:
    urns = buckets_named(graph, trail, "s3BucketName")
    return [bucket for bucket in graph.of_type(BUCKET) if bucket.urn in urns]


CONTROLS: Final = (
    Control(
        id="EC2.2",
        title="the default security group lets nothing through",
        types=(VPC,),
        met=_closed_by_default,
    ),
    Control(id="EC2.6", title="VPCs write flow logs", types=(VPC,), met=_flow_logged),
    Control(
        id="EC2.15",
        title="subnets give out no public addresses",
        types=("aws:ec2/subnet:Subnet",),
        met=lambda _, one: one.inputs.get("mapPublicIpOnLaunch") is False,
    ),
    Control(
        id="EC2.18",
        title="nothing but the ports of the web is open to everybody",
        types=(INGRESS,),
        met=_open_for_the_web_only,
    ),
    Control(
        id="EC2.19",
        title="no port of high risk is open to everybody",
        types=(INGRESS,),
        met=lambda _, one: not _open(one),
    ),
    Control(id="S3.5", title="buckets take TLS only", types=(BUCKET,), met=_only_tls),
    Control(id="S3.8", title="buckets block public access", types=(BUCKET,), met=_private),
    Control(id="S3.9", title="buckets log who asks", types=(BUCKET,), met=_access_logged),
    Control(id="S3.13", title="buckets have a life cycle", types=(BUCKET,), met=_expires),
    Control(id="S3.17", title="buckets are under a key of KMS", types=(BUCKET,), met=_under_a_key),
    Control(
        id="CloudTrail.1",
        title="trails see every region",
        types=(TRAIL,),
        met=is_true("isMultiRegionTrail"),
    ),
    Control(
        id="CloudTrail.2", title="trails are encrypted", types=(TRAIL,), met=is_set("kmsKeyId")
    ),
    Control(
        id="CloudTrail.4",
        title="trails can be checked for changes",
        types=(TRAIL,),
        met=is_true("enableLogFileValidation"),
    ),
    Control(
        id="CloudTrail.5",
        title="trails are sent to CloudWatch Logs",
        types=(TRAIL,),
        met=is_set("cloudWatchLogsGroupArn"),
    ),
    Control(
        id="CloudTrail.6",
        title="the bucket of a trail is not public",
        types=(TRAIL,),
        met=lambda graph, one: any(_private(graph, bucket) for bucket in _bucket_of(graph, one)),
    ),
    Control(
        id="CloudTrail.7",
        title="the bucket of a trail logs who asks",
        types=(TRAIL,),
        met=lambda graph, one: any(
            _access_logged(graph, bucket) for bucket in _bucket_of(graph, one)
        ),
    ),
    Control(
        id="SNS.1",
        title="topics are encrypted",
        types=("aws:sns/topic:Topic",),
        met=is_set("kmsMasterKeyId"),
    ),
)
