"""What is weak in a part of a stack, less what such a part has on purpose.

The rules leave to checkov what checkov says of a whole stack. It takes ten seconds and an
environment of its own, and judges no part by itself: ``LEFT_TO_CHECKOV`` stands for it here.
``tests/aurora_graphql/preview/test_mutants.py`` shows that checkov itself finds these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules import findings
from aurora_graphql.preview.rules.rule import pointing_at

ON_PURPOSE: Final = frozenset({"RDS.5", "RDS.23"})
"""A database of one instance is a choice; MySQL's usual port is the only one of RDS Proxy."""

UNPROTECTED: Final = frozenset(
    {
        "RDS.11",
        "aurora-leaves-a-snapshot",
        "buckets-not-emptied",
        "deletionProtection",
        "secrets-recoverable",
    }
)
"""What a stack gives up that is made to be thrown away."""

SOMETHING: Final = object()
"""Any value but none."""

LEFT_TO_CHECKOV: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:apigateway/domainName:DomainName": {"securityPolicy": SOMETHING},
    "aws:apigateway/stage:Stage": {"accessLogSettings": SOMETHING},
    "aws:backup/vault:Vault": {"kmsKeyArn": SOMETHING},
    "aws:cloudtrail/trail:Trail": {
        "cloudWatchLogsGroupArn": SOMETHING,
        "enableLogFileValidation": True,
        "enableLogging": True,
        "isMultiRegionTrail": True,
        "kmsKeyId": SOMETHING,
    },
    "aws:cloudwatch/logGroup:LogGroup": {"kmsKeyId": SOMETHING, "retentionInDays": SOMETHING},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"egress": None, "ingress": None},
    "aws:ec2/instance:Instance": {"associatePublicIpAddress": False},
    "aws:ec2/securityGroup:SecurityGroup": {"description": SOMETHING},
    "aws:ec2/subnet:Subnet": {"mapPublicIpOnLaunch": False},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "atRestEncryptionEnabled": True,
        "automaticFailoverEnabled": True,
        "kmsKeyId": SOMETHING,
        "transitEncryptionEnabled": True,
    },
    "aws:kms/key:Key": {"enableKeyRotation": True},
    "aws:lambda/function:Function": {"kmsKeyArn": SOMETHING},
    "aws:lambda/permission:Permission": {"sourceArn": SOMETHING},
    "aws:rds/cluster:Cluster": {
        "copyTagsToSnapshot": True,
        "deletionProtection": True,
        "iamDatabaseAuthenticationEnabled": True,
        "kmsKeyId": SOMETHING,
        "storageEncrypted": True,
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "autoMinorVersionUpgrade": True,
        "publiclyAccessible": False,
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    "aws:s3/bucketVersioning:BucketVersioning": {
        "versioningConfiguration": {"status": "Enabled"},
    },
    "aws:secretsmanager/secret:Secret": {"kmsKeyId": SOMETHING},
    "aws:sns/topic:Topic": {"kmsMasterKeyId": SOMETHING},
    "aws:sqs/queue:Queue": {"kmsMasterKeyId": SOMETHING},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"description": SOMETHING},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"description": SOMETHING},
}
"""Type -> input -> what it must be."""

_BUCKET: Final = "aws:s3/bucket:Bucket"

NEEDED: Final = (
    ("aws:ec2/vpc:Vpc", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId"),
    ("aws:ec2/vpc:Vpc", "aws:ec2/flowLog:FlowLog", "vpcId"),
    (_BUCKET, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket"),
    (_BUCKET, "aws:s3/bucketVersioning:BucketVersioning", "bucket"),
    (
        "aws:wafv2/webAcl:WebAcl",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "resourceArn",
    ),
)
"""Each resource of the first type needs one of the second that names it in this input."""


def weaknesses(graph: Graph, *, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Rules and inputs that are not as they must be -> where; empty where all is well."""
    found: dict[str, list[str]] = {}
    for name, text in (
        *((one.id, f"{one.resource}: {one.text}") for one in findings(graph)),
        *_left_to_checkov(graph),
    ):
        if name not in ON_PURPOSE and name not in without:
            found.setdefault(name, []).append(text)
    return found


def _left_to_checkov(graph: Graph) -> Iterator[tuple[str, str]]:
    for resource in graph.resources:
        for name, wanted in LEFT_TO_CHECKOV.get(resource.typ, {}).items():
            if not _is(resource.inputs.get(name), wanted):
                yield name, f"{resource.name}: {resource.inputs.get(name)!r}"
    for typ, needed, name in NEEDED:
        for resource in graph.of_type(typ):
            if not pointing_at(graph, resource, needed, name):
                yield needed, f"{resource.name}: has none"
    for instance in graph.of_type("aws:rds/clusterInstance:ClusterInstance"):
        insights = instance.inputs.get("performanceInsightsEnabled")
        if insights and not instance.inputs.get("performanceInsightsKmsKeyId"):
            yield "performanceInsightsKmsKeyId", f"{instance.name}: None"
    for bucket in graph.of_type(_BUCKET):
        if not (_under_our_key(graph, bucket) or _takes_logs(graph, bucket)):
            yield "CKV_AWS_145", f"{bucket.name}: is not under a key of ours"
        logged = pointing_at(graph, bucket, "aws:s3/bucketLogging:BucketLogging", "bucket")
        if not (logged or _takes_logs(graph, bucket)):
            yield "CKV_AWS_18", f"{bucket.name}: nobody knows who reads it"


def _is(value: Any, wanted: Any) -> bool:
    if wanted is SOMETHING:
        return bool(value) and value != "TLS_1_0"
    return not value if wanted is None else bool(value == wanted)


def _under_our_key(graph: Graph, bucket: Resource) -> bool:
    typ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    return any("aws:kms" in str(one.inputs) for one in pointing_at(graph, bucket, typ, "bucket"))


def _takes_logs(graph: Graph, bucket: Resource) -> bool:
    """Whether S3 writes access logs into it, which it does under a key of its own only.

    The name of such a bucket comes by way of its policy.
    """
    by_urn = {one.urn: one for one in graph.resources}
    for logging in graph.of_type("aws:s3/bucketLogging:BucketLogging"):
        for urn in logging.property_dependencies.get("targetBucket", frozenset()):
            through = by_urn[urn].property_dependencies.get("bucket", frozenset())
            if bucket.urn in {urn, *through}:
                return True
    return False
