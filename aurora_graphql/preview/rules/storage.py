"""What keeps data: encrypted, backed up, patched, protected, its logs kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.rules.access import statements
from aurora_graphql.preview.rules.registry import buckets_named, parameters, pointing_at, rule

# What AWS calls encrypted at rest, by type: input -> what it must be ("key": any key of ours).
_ENCRYPTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:cloudtrail/trail:Trail": {"kmsKeyId": "key"},
    "aws:cloudwatch/logGroup:LogGroup": {"kmsKeyId": "key"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "atRestEncryptionEnabled": True,
        "kmsKeyId": "key",
    },
    "aws:elasticache/serverlessCache:ServerlessCache": {"kmsKeyId": "key"},
    "aws:lambda/function:Function": {"kmsKeyArn": "key"},
    "aws:rds/cluster:Cluster": {
        "storageEncrypted": True,
        "kmsKeyId": "key",
        "masterUserSecretKmsKeyId": "key",
    },
    "aws:secretsmanager/secret:Secret": {"kmsKeyId": "key"},
    "aws:sns/topic:Topic": {"kmsMasterKeyId": "key"},
    "aws:sqs/queue:Queue": {"kmsMasterKeyId": "key"},
}


@rule
def encrypted(graph: Graph) -> Iterator[str]:
    """Everything that keeps data is encrypted with a key of the stack, and keys rotate."""
    for resource in graph.resources:
        for name, wanted in _ENCRYPTED.get(resource.typ, {}).items():
            value = resource.inputs.get(name)
            if value is None or (wanted is True and value is not True):
                yield f"{resource.name}: {name} is {value!r}"
        if resource.typ in ("aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"):
            insights = resource.inputs.get("performanceInsightsEnabled")
            if insights and not resource.inputs.get("performanceInsightsKmsKeyId"):
                yield f"{resource.name}: insights are not encrypted with the stack's key"
        if (
            resource.typ == "aws:kms/key:Key"
            and resource.inputs.get("enableKeyRotation") is not True
        ):
            yield f"{resource.name}: the key does not rotate"
    log_targets = {
        urn
        for logging in graph.of_type("aws:s3/bucketLogging:BucketLogging")
        for urn in buckets_named(graph, logging, "targetBucket")
    }
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        rules = pointing_at(
            graph,
            bucket,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "bucket",
        )
        # S3 delivers its own access logs to buckets with its own key only.
        takes_logs = bucket.urn in log_targets
        accepted = ("kmsMasterKeyId", "AES256") if takes_logs else ("kmsMasterKeyId",)
        texts = [json.dumps(found.inputs) for found in rules]
        if not any(word in text for text in texts for word in accepted):
            yield f"{bucket.name}: no encryption with a key"


@rule
def logged_with_retention(graph: Graph) -> Iterator[str]:
    """What writes logs writes to a log group of ours, which does not keep them for ever."""
    for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup"):
        if not group.inputs.get("retentionInDays"):
            yield f"{group.name}: logs are kept for ever"
    names = {
        str(group.inputs.get("name")) for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup")
    }
    for cluster in graph.of_type("aws:rds/cluster:Cluster"):
        exported = set(cluster.inputs.get("enabledCloudwatchLogsExports") or [])
        for log in sorted({"audit", "error", "slowquery"} - exported):
            yield f"{cluster.name}: the {log} log is not exported"
        for log in sorted(exported):
            if f"/aws/rds/cluster/{cluster.inputs.get('clusterIdentifier')}/{log}" not in names:
                yield f"{cluster.name}: no log group for the {log} log"
    for group in graph.of_type("aws:rds/clusterParameterGroup:ClusterParameterGroup"):
        if parameters(group).get("server_audit_logging") != "1":
            yield f"{group.name}: the audit log is switched off"
    for limits in graph.of_type("aws:apigateway/methodSettings:MethodSettings"):
        if limits.inputs["settings"].get("dataTraceEnabled"):
            yield f"{limits.name}: requests and answers would be written to the log"
    for proxy in graph.of_type("aws:rds/proxy:Proxy"):
        if f"/aws/rds/proxy/{proxy.inputs.get('name')}" not in names:
            yield f"{proxy.name}: no log group"
        if proxy.inputs.get("debugLogging"):
            yield f"{proxy.name}: debug logging would write statements to the log"
    for function in graph.of_type("aws:lambda/function:Function"):
        if not (function.inputs.get("loggingConfig") or {}).get("logGroup"):
            yield f"{function.name}: no log group of its own"
    for stage in graph.of_type("aws:apigateway/stage:Stage"):
        if not (stage.inputs.get("accessLogSettings") or {}).get("destinationArn"):
            yield f"{stage.name}: no access log"
    for vpc in graph.of_type("aws:ec2/vpc:Vpc"):
        if not pointing_at(graph, vpc, "aws:ec2/flowLog:FlowLog", "vpcId"):
            yield f"{vpc.name}: no flow log"


@rule
def deletion_protected(graph: Graph) -> Iterator[str]:
    """What holds data resists destruction twice: in AWS and in Pulumi; and leaves a snapshot."""
    for cluster in graph.of_type("aws:rds/cluster:Cluster"):
        if cluster.inputs.get("deletionProtection") is not True:
            yield f"{cluster.name}: no deletion protection"
        if cluster.inputs.get("skipFinalSnapshot") is not False:
            yield f"{cluster.name}: no final snapshot"
        if not cluster.inputs.get("finalSnapshotIdentifier"):
            yield f"{cluster.name}: the final snapshot has no name"
        if cluster.inputs.get("deleteAutomatedBackups") is not False:
            yield f"{cluster.name}: backups go with the cluster"
        if not cluster.protect:
            yield f"{cluster.name}: not protected"
    for secret in graph.of_type("aws:secretsmanager/secret:Secret"):
        if not secret.inputs.get("recoveryWindowInDays"):
            yield f"{secret.name}: cannot be recovered"
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        if bucket.inputs.get("forceDestroy"):
            yield f"{bucket.name}: destroyed with its objects"


@rule
def buckets_keep_their_objects(graph: Graph) -> Iterator[str]:
    """Objects belong to the bucket's owner, keep old versions, and travel over TLS 1.2."""
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        for typ, wanted, complaint in (
            (
                "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
                "BucketOwnerEnforced",
                "writers own their objects",
            ),
            ("aws:s3/bucketVersioning:BucketVersioning", "Enabled", "objects have no versions"),
        ):
            texts = [str(one.inputs) for one in pointing_at(graph, bucket, typ, "bucket")]
            if not any(wanted in text for text in texts):
                yield f"{bucket.name}: {complaint}"
        policies = pointing_at(graph, bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
        if any(policy.inputs.get("policy") == UNKNOWN for policy in policies):
            continue
        denied = {
            key
            for policy in policies
            for found in statements(policy)
            if found.effect == "Deny" and found.everybody
            for key in found.conditions
        }
        for key in sorted({"aws:SecureTransport", "s3:TlsVersion"} - denied):
            yield f"{bucket.name}: nothing denies by {key}"


@rule
def backed_up(graph: Graph) -> Iterator[str]:
    """The database can be restored to any second of its retention; snapshots carry the tags."""
    for cluster in graph.of_type("aws:rds/cluster:Cluster"):
        if not cluster.inputs.get("backupRetentionPeriod"):
            yield f"{cluster.name}: no backups"
        if cluster.inputs.get("copyTagsToSnapshot") is not True:
            yield f"{cluster.name}: snapshots carry no tags"


@rule
def patched(graph: Graph) -> Iterator[str]:
    """Minor versions are applied in maintenance windows; no paid extended support."""
    for cluster in graph.of_type("aws:rds/cluster:Cluster"):
        if cluster.inputs.get("autoMinorVersionUpgrade") is not True:
            yield f"{cluster.name}: minor versions are not applied"
        support = cluster.inputs.get("engineLifecycleSupport")
        if support != "open-source-rds-extended-support-disabled":
            yield f"{cluster.name}: {support}"
    for instance in graph.of_type("aws:rds/clusterInstance:ClusterInstance"):
        if instance.inputs.get("autoMinorVersionUpgrade") is not True:
            yield f"{instance.name}: minor versions are not applied"
    for group in graph.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        if group.inputs.get("autoMinorVersionUpgrade") is not True:
            yield f"{group.name}: minor versions are not applied"
        if group.inputs.get("automaticFailoverEnabled") is not True:
            yield f"{group.name}: no failover"
