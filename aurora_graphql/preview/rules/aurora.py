"""Aurora and RDS Proxy: encrypted, logged in to by IAM, backed up, patched, and protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.rule import (
    Problem,
    Rule,
    each,
    is_set,
    is_true,
    parameters,
)

CLUSTER: Final = "aws:rds/cluster:Cluster"
INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
PARAMETERS: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
INSTANCE_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
PROXY: Final = "aws:rds/proxy:Proxy"

LOGS: Final = frozenset({"audit", "error", "slowquery"})
DEFAULT_NAMES: Final = {"admin", "awsuser", "postgres", "root", "mysql"}


_AURORA_HAS: Final[Mapping[str, str]] = {
    "character_set_server": "utf8mb4",
    "innodb_print_all_deadlocks": "0",
    "local_infile": "0",
    "log_output": "FILE",
    "long_query_time": "10",
    "slow_query_log": "0",
    "tls_version": "TLSv1.2,TLSv1.3",
    "wait_timeout": "28800",
}
"""Values that Aurora MySQL has by itself, of parameters that are declared here; other rules refuse
those of the rest.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html
"""


def _parameters_settle(graph: Graph) -> Iterator[Problem]:
    for group in (*graph.of_type(PARAMETERS), *graph.of_type(INSTANCE_PARAMETERS)):
        for item in group.inputs.get("parameters") or []:
            name, own = item["name"], _AURORA_HAS.get(item["name"])
            if item["value"] == own and item.get("applyMethod") != "pending-reboot":
                yield group.name, f"{name} repeats a default, and each update would change it"


def _encrypted_by_our_key(graph: Graph) -> Iterator[Problem]:
    for cluster in graph.of_type(CLUSTER):
        if not cluster.inputs.get("masterUserSecretKmsKeyId"):
            yield cluster.name, "the administrator's secret is under a key of AWS"
        insights = cluster.inputs.get("performanceInsightsEnabled")
        if insights and not cluster.inputs.get("performanceInsightsKmsKeyId"):
            yield cluster.name, "Performance Insights are under a key of AWS"


def _tls_required(graph: Graph) -> Iterator[Problem]:
    groups = graph.of_type(PARAMETERS)
    for cluster in graph.of_type(CLUSTER):
        if not any(group.urn in cluster.dependencies for group in groups):
            yield cluster.name, "has no parameter group of its own"
    for group in groups:
        if parameters(group).get("require_secure_transport") != "ON":
            yield group.name, "connections without TLS are accepted"
        versions = set(parameters(group).get("tls_version", "").split(","))
        if not versions <= {"TLSv1.2", "TLSv1.3"}:
            yield group.name, f"accepts {', '.join(sorted(versions))}"
    for proxy in graph.of_type(PROXY):
        if proxy.inputs.get("requireTls") is not True:
            yield proxy.name, "connections without TLS are accepted"


def _login_by_iam(graph: Graph) -> Iterator[Problem]:
    for cluster in graph.of_type(CLUSTER):
        if cluster.inputs.get("manageMasterUserPassword") is not True:
            yield cluster.name, "RDS does not manage the administrator's password"
    for proxy in graph.of_type(PROXY):
        logins = proxy.inputs.get("auths") or []
        if proxy.inputs.get("defaultAuthScheme") != "IAM_AUTH" and not logins:
            yield proxy.name, "there is no way to log in"
        if any(login.get("iamAuth") != "REQUIRED" for login in logins):
            yield proxy.name, "callers may log in with a password"


def _logs_exported(graph: Graph) -> Iterator[Problem]:
    for cluster in graph.of_type(CLUSTER):
        for log in sorted(LOGS - set(cluster.inputs.get("enabledCloudwatchLogsExports") or [])):
            yield cluster.name, f"the {log} log is not exported"


def _audited(graph: Graph) -> Iterator[Problem]:
    for group in graph.of_type(PARAMETERS):
        if parameters(group).get("server_audit_logging") != "1":
            yield group.name, "the audit log is switched off"
    for proxy in graph.of_type(PROXY):
        if proxy.inputs.get("debugLogging"):
            yield proxy.name, "debug logging writes statements, and values in them, to the log"


def _no_files_of_clients(graph: Graph) -> Iterator[Problem]:
    for group in graph.of_type(PARAMETERS):
        if parameters(group).get("local_infile") != "0":
            yield group.name, "LOAD DATA LOCAL is possible"


def _leaves_a_snapshot(graph: Graph) -> Iterator[Problem]:
    for cluster in graph.of_type(CLUSTER):
        if cluster.inputs.get("skipFinalSnapshot") is not False:
            yield cluster.name, "no final snapshot is made"
        if not cluster.inputs.get("finalSnapshotIdentifier"):
            yield cluster.name, "the final snapshot has no name"
        if cluster.inputs.get("deleteAutomatedBackups") is not False:
            yield cluster.name, "automatic backups are deleted with the cluster"
        if not cluster.protect:
            yield cluster.name, "Pulumi would delete it without a question"


def _standard_support(graph: Graph) -> Iterator[Problem]:
    for cluster in graph.of_type(CLUSTER):
        support = cluster.inputs.get("engineLifecycleSupport")
        if support != "open-source-rds-extended-support-disabled":
            yield cluster.name, f"engineLifecycleSupport is {support}"


def _in_two_zones(graph: Graph, cluster: Resource) -> bool:
    members = [
        one.inputs.get("availabilityZone")
        for one in graph.of_type(INSTANCE)
        if cluster.urn in one.property_dependencies.get("clusterIdentifier", frozenset())
    ]
    # Without a zone of its own AWS places an instance: in another zone than the writer's.
    return len(members) >= 2 and (None in members or len(set(members)) >= 2)


def _own_administrator(_: Graph, cluster: Resource) -> bool:
    return cluster.inputs.get("masterUsername") not in {None, *DEFAULT_NAMES}


RULES: Final = (
    Rule(
        id="RDS.5",
        holds="a cluster has instances in more than one zone",
        why="AWS judges instances by RDS.5 and clusters by RDS.15: one zone that fails takes both.",
        remedy="write databaseReaders 1 or more",
        check=each(CLUSTER, met=_in_two_zones, problem="has instances in one zone only"),
        also=("RDS.15",),
    ),
    Rule(
        id="RDS.11",
        holds="automatic backups are kept for at least a week",
        why="A mistake in the data is often found days later.",
        remedy="write databaseBackupRetentionDays 7 or more",
        check=each(
            CLUSTER,
            met=lambda _, one: int(one.inputs.get("backupRetentionPeriod") or 0) >= 7,
            problem="keeps backups for less than a week",
        ),
    ),
    Rule(
        id="RDS.17",
        holds="instances copy their tags to snapshots",
        why="Costs and owners of snapshots are found by their tags.",
        remedy="set copy_tags_to_snapshot",
        check=each(INSTANCE, met=is_true("copyTagsToSnapshot"), problem="snapshots get no tags"),
    ),
    Rule(
        id="RDS.18",
        holds="instances are in subnets of the stack",
        why="Without a subnet group RDS takes the account's default network.",
        remedy="set db_subnet_group_name",
        check=each(INSTANCE, met=is_set("dbSubnetGroupName"), problem="has no subnet group"),
    ),
    Rule(
        id="RDS.23",
        holds="the port is not the engine's usual one",
        why="AWS asks for it: scanners try the usual ports first.",
        remedy="except it by name: RDS Proxy always listens on 3306",
        check=each(
            CLUSTER,
            met=lambda _, one: one.inputs.get("port") not in (None, 3306),
            problem="listens on the usual port",
        ),
    ),
    Rule(
        id="RDS.24",
        holds="the administrator has a name of its own",
        why="The usual names are tried first; instances (RDS.25) have the cluster's.",
        remedy="write another databaseMasterUser",
        check=each(CLUSTER, met=_own_administrator, problem="has an administrator of a usual name"),
        also=("RDS.25",),
    ),
    Rule(
        id="RDS.35",
        holds="clusters take minor versions by themselves",
        why="Minor versions carry the fixes of security problems.",
        remedy="write databaseAutoMinorUpgrade true",
        check=each(
            CLUSTER,
            met=is_true("autoMinorVersionUpgrade"),
            problem="minor versions are not applied",
        ),
    ),
    Rule(
        id="aurora-encrypted-by-our-key",
        holds="what RDS keeps beside the storage is under the stack's key, too",
        why="Only the policy of one's own key says who can read it.",
        remedy="set master_user_secret_kms_key_id and performance_insights_kms_key_id",
        check=_encrypted_by_our_key,
    ),
    Rule(
        id="aurora-requires-tls",
        holds="cluster and proxy accept TLS 1.2 and newer only",
        why="Rows and log-ins cross the network between functions, proxy and cluster.",
        remedy="set require_secure_transport ON, tls_version TLSv1.2,TLSv1.3 and require_tls",
        check=_tls_required,
    ),
    Rule(
        id="aurora-login-by-iam",
        holds="nobody logs in with a stored password but the owner of the schema",
        why="A token of IAM lives 15 minutes; a password lives until somebody finds it.",
        remedy="set manage_master_user_password, and iam_auth REQUIRED for callers of the proxy",
        check=_login_by_iam,
    ),
    Rule(
        id="RDS.9",
        holds="clusters export their audit, error and slow query logs",
        why="They are gone with the instance otherwise, and nobody is told what is in them.",
        remedy="name all three in enabled_cloudwatch_logs_exports",
        check=_logs_exported,
    ),
    Rule(
        id="aurora-audited",
        holds="the audit log is on, and the proxy does not write statements into its log",
        why="The first says who asked; the second would copy data into a log.",
        remedy="set server_audit_logging 1, and no debug_logging",
        check=_audited,
    ),
    Rule(
        id="aurora-parameters-settle",
        holds="a parameter with the value that Aurora has anyway waits for a restart",
        why="AWS says that of it whatever it was told, so that no update would ever be the last.",
        remedy="set apply_method pending-reboot",
        check=_parameters_settle,
    ),
    Rule(
        id="aurora-no-files-of-clients",
        holds="no statement loads a file of the client's machine",
        why="A server that is not what it says it is could ask a client for its files.",
        remedy="set local_infile 0",
        check=_no_files_of_clients,
    ),
    Rule(
        id="aurora-leaves-a-snapshot",
        holds="a cluster is not deleted by mistake, and leaves a snapshot",
        why="There is no other copy of the data.",
        remedy="write deletionProtection true",
        check=_leaves_a_snapshot,
    ),
    Rule(
        id="aurora-standard-support",
        holds="no cluster falls into paid extended support",
        why="It costs more than the cluster, and begins by itself on the day support ends.",
        remedy="set engine_lifecycle_support open-source-rds-extended-support-disabled",
        check=_standard_support,
    ),
)
