"""Controls of what keeps data: Aurora, ElastiCache, secrets, keys."""

from __future__ import annotations

from typing import Final

from aurora_graphql.preview.controls.registry import Control, is_set, is_true, unknown
from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.access import allowed
from aurora_graphql.preview.rules.registry import pointing_at

CLUSTER: Final = "aws:rds/cluster:Cluster"
INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
CACHE_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS_CACHE: Final = "aws:elasticache/serverlessCache:ServerlessCache"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
KEY: Final = "aws:kms/key:Key"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"

DECRYPTING: Final = {"kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncrypt*", "kms:*", "*"}
DEFAULT_NAMES: Final = {"admin", "awsuser", "postgres", "root", "mysql"}


def _cluster_of(graph: Graph, instance: Resource) -> Resource | None:
    urns = instance.property_dependencies.get("clusterIdentifier", frozenset())
    return next((one for one in graph.of_type(CLUSTER) if one.urn in urns), None)


def _cluster_has(graph: Graph, instance: Resource, name: str) -> bool:
    cluster = _cluster_of(graph, instance)
    return cluster is not None and bool(cluster.inputs.get(name))


def _logs_published(_: Graph, cluster: Resource) -> bool:
    return {"audit", "error", "slowquery"} <= set(
        cluster.inputs.get("enabledCloudwatchLogsExports") or []
    )


def _in_two_zones(graph: Graph, cluster: Resource) -> bool:
    members = [
        one.inputs.get("availabilityZone")
        for one in graph.of_type(INSTANCE)
        if cluster.urn in one.property_dependencies.get("clusterIdentifier", frozenset())
    ]
    # Without a zone of its own AWS places an instance: in another zone than the writer's.
    return len(members) >= 2 and (None in members or len(set(members)) >= 2)


def _rotates(graph: Graph, secret: Resource) -> bool:
    typ = "aws:secretsmanager/secretRotation:SecretRotation"
    return bool(pointing_at(graph, secret, typ, "secretId"))


def _decrypts_with_named_keys(_: Graph, policy: Resource) -> bool:
    return not any(
        "*" in statement.resources and statement.actions & DECRYPTING
        for statement in allowed(policy)
    )


def _key_of_the_account(_: Graph, key: Resource) -> bool:
    return not any(statement.everybody and not statement.confined for statement in allowed(key))


def _own_administrator(_: Graph, cluster: Resource) -> bool:
    return cluster.inputs.get("masterUsername") not in {None, *DEFAULT_NAMES}


CONTROLS: Final = (
    Control(
        id="RDS.2",
        title="no instance has a public address",
        types=(INSTANCE,),
        met=lambda _, one: one.inputs.get("publiclyAccessible") is False,
    ),
    Control(
        id="RDS.3",
        title="instances are encrypted at rest",
        types=(INSTANCE,),
        met=lambda graph, one: _cluster_has(graph, one, "storageEncrypted"),
    ),
    Control(
        id="RDS.5",
        title="instances stand in more than one zone",
        types=(CLUSTER,),
        met=_in_two_zones,
    ),
    Control(
        id="RDS.6",
        title="enhanced monitoring is on",
        types=(INSTANCE,),
        met=lambda _, one: bool(one.inputs.get("monitoringInterval")),
    ),
    Control(
        id="RDS.7",
        title="clusters are protected from deletion",
        types=(CLUSTER,),
        met=is_true("deletionProtection"),
    ),
    Control(
        id="RDS.9",
        title="instances publish their logs",
        types=(INSTANCE,),
        met=lambda graph, one: (
            (cluster := _cluster_of(graph, one)) is not None and _logs_published(graph, cluster)
        ),
    ),
    Control(
        id="RDS.10",
        title="instances take IAM logins",
        types=(INSTANCE,),
        met=lambda graph, one: _cluster_has(graph, one, "iamDatabaseAuthenticationEnabled"),
    ),
    Control(
        id="RDS.11",
        title="automatic backups are kept for at least a week",
        types=(CLUSTER,),
        met=lambda _, one: int(one.inputs.get("backupRetentionPeriod") or 0) >= 7,
    ),
    Control(
        id="RDS.12",
        title="clusters take IAM logins",
        types=(CLUSTER,),
        met=is_true("iamDatabaseAuthenticationEnabled"),
    ),
    Control(
        id="RDS.13",
        title="instances take minor versions",
        types=(INSTANCE,),
        met=is_true("autoMinorVersionUpgrade"),
    ),
    Control(
        id="RDS.14",
        title="clusters can be backtracked",
        types=(CLUSTER,),
        met=is_set("backtrackWindow"),
    ),
    Control(
        id="RDS.15",
        title="clusters stand in more than one zone",
        types=(CLUSTER,),
        met=_in_two_zones,
    ),
    Control(
        id="RDS.16",
        title="clusters copy their tags to snapshots",
        types=(CLUSTER,),
        met=is_true("copyTagsToSnapshot"),
    ),
    Control(
        id="RDS.17",
        title="instances copy their tags to snapshots",
        types=(INSTANCE,),
        met=is_true("copyTagsToSnapshot"),
    ),
    Control(
        id="RDS.18",
        title="instances stand in a VPC",
        types=(INSTANCE,),
        met=is_set("dbSubnetGroupName"),
    ),
    Control(
        id="RDS.23",
        title="the port is not the engine's usual one",
        types=(CLUSTER,),
        met=lambda _, one: one.inputs.get("port") not in (None, 3306),
    ),
    Control(
        id="RDS.24",
        title="clusters have an administrator with a name of its own",
        types=(CLUSTER,),
        met=_own_administrator,
    ),
    Control(
        id="RDS.25",
        title="instances have an administrator with a name of its own",
        types=(INSTANCE,),
        met=lambda graph, one: (
            (cluster := _cluster_of(graph, one)) is not None and _own_administrator(graph, cluster)
        ),
    ),
    Control(
        id="RDS.27",
        title="clusters are encrypted at rest",
        types=(CLUSTER,),
        met=is_true("storageEncrypted"),
    ),
    Control(
        id="RDS.34",
        title="Aurora MySQL publishes its audit log",
        types=(CLUSTER,),
        met=lambda _, one: "audit" in (one.inputs.get("enabledCloudwatchLogsExports") or []),
    ),
    Control(
        id="RDS.35",
        title="clusters take minor versions",
        types=(CLUSTER,),
        met=is_true("autoMinorVersionUpgrade"),
    ),
    Control(
        id="ElastiCache.2",
        title="caches take minor versions",
        types=(CACHE_GROUP,),
        met=is_true("autoMinorVersionUpgrade"),
    ),
    Control(
        id="ElastiCache.3",
        title="replication groups fail over by themselves",
        types=(CACHE_GROUP,),
        met=is_true("automaticFailoverEnabled"),
    ),
    Control(
        id="ElastiCache.4",
        title="caches are encrypted at rest",
        types=(CACHE_GROUP, SERVERLESS_CACHE),
        met=lambda _, one: (
            one.typ == SERVERLESS_CACHE or one.inputs.get("atRestEncryptionEnabled") is True
        ),
    ),
    Control(
        id="ElastiCache.5",
        title="caches are encrypted in transit",
        types=(CACHE_GROUP,),  # a serverless cache knows nothing else
        met=is_true("transitEncryptionEnabled"),
    ),
    Control(
        id="ElastiCache.7",
        title="caches stand in subnets of their own choice",
        types=(CACHE_GROUP, SERVERLESS_CACHE),
        met=lambda _, one: bool(one.inputs.get("subnetGroupName") or one.inputs.get("subnetIds")),
    ),
    Control(
        id="SecretsManager.1",
        title="secrets rotate by themselves",
        types=(SECRET,),
        met=_rotates,
    ),
    Control(
        id="KMS.1",
        title="no policy decrypts with every key",
        types=("aws:iam/policy:Policy",),
        met=_decrypts_with_named_keys,
    ),
    Control(
        id="KMS.2",
        title="no inline policy decrypts with every key",
        types=(ROLE_POLICY,),
        met=_decrypts_with_named_keys,
    ),
    Control(
        id="KMS.4",
        title="keys rotate",
        types=(KEY,),
        met=is_true("enableKeyRotation"),
    ),
    Control(
        id="KMS.5",
        title="no key is public",
        types=(KEY,),
        met=lambda graph, one: unknown(one.inputs.get("policy")) or _key_of_the_account(graph, one),
    ),
)
