"""Break each safety setting once, as a careless change would: the policies must see it.

A mutant is the production stack with one input changed, one resource gone, or one setting turned
off. It is caught when rules and controls have a finding that no excuse covers. checkov is not asked
here; it comes on top.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.policy import find, judge, load_excuses
from tests.recorded import Recorded

EXCUSES = load_excuses()
LEAST_MUTANTS: Final = 60
LEAST_CAUGHT: Final = 0.95
KNOWN_SURVIVORS: Final = ["parameter local_infile=1"]
"""It opens the way to a client's own files, not to the database; no rule looks at it."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """``kind`` and the end of a ``name`` find the resource; ``change`` breaks or removes it."""

    title: str
    kind: str
    name: str
    change: Callable[[Resource], Resource | None]
    settings: Mapping[str, Any]


FIXED_CACHE: Final = {"cacheMode": "replication-group", "cacheEngineVersion": "8.1"}
DOMAIN: Final = {
    "apiDomainName": "api.shop.example",
    "apiHostedZoneId": "Z0123456789",
}


def _with(resource: Resource, **inputs: Any) -> Resource:
    merged = {**resource.inputs, **inputs}
    return replace(resource, inputs={key: v for key, v in merged.items() if v is not None})


def put(kind: str, name: str, settings: Mapping[str, Any] | None = None, **inputs: Any) -> Mutant:
    """Other inputs; None removes one."""
    changes = ", ".join(f"{key}={value}"[:40] for key, value in inputs.items())
    return Mutant(
        title=f"{kind} {name}: {changes}",
        kind=kind,
        name=name,
        change=lambda resource: _with(resource, **inputs),
        settings=settings or {},
    )


def gone(kind: str, name: str) -> Mutant:
    """The resource is not declared."""
    return Mutant(
        title=f"{kind} {name}: gone", kind=kind, name=name, change=lambda _: None, settings={}
    )


def unprotected(kind: str, name: str) -> Mutant:
    """Pulumi would delete it without a question."""
    return Mutant(
        title=f"{kind} {name}: unprotected",
        kind=kind,
        name=name,
        change=lambda resource: replace(resource, protect=False),
        settings={},
    )


def nested(kind: str, name: str, path: str, value: Any) -> Mutant:
    """One value deeper inside: ``settings.loggingLevel``, ``rules.0.status``."""

    def change(resource: Resource) -> Resource:
        inputs = json.loads(json.dumps(resource.inputs))
        target = inputs
        *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in way:
            target = target[key]
        target[last] = value
        return replace(resource, inputs=inputs)

    return Mutant(
        title=f"{kind} {name}: {path}={value}", kind=kind, name=name, change=change, settings={}
    )


def policy(kind: str, name: str, sid: str | None, **values: Any) -> Mutant:
    """One statement of a policy says something else; None removes a key."""

    def change(resource: Resource) -> Resource:
        document = json.loads(resource.inputs["policy"])
        (statement,) = (one for one in document["Statement"] if one.get("Sid") == sid)
        statement.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del statement[key]
        return _with(resource, policy=json.dumps(document))

    changes = ", ".join(f"{key}={value}" for key, value in values.items())
    return Mutant(
        title=f"{kind} {name}, {sid}: {changes}",
        kind=kind,
        name=name,
        change=change,
        settings={},
    )


def parameter(name: str, value: str) -> Mutant:
    """A parameter of the cluster has another value."""

    def change(resource: Resource) -> Resource:
        parameters = [
            {**one, "value": value} if one["name"] == name else one
            for one in resource.inputs["parameters"]
        ]
        return _with(resource, parameters=parameters)

    return Mutant(
        title=f"parameter {name}={value}",
        kind="ClusterParameterGroup",
        name="database-cluster",
        change=change,
        settings={},
    )


def operation_without_security() -> Mutant:
    """POST asks nobody who is calling."""

    def change(resource: Resource) -> Resource:
        body = json.loads(resource.inputs["body"])
        del body["paths"]["/"]["post"]["security"]
        return _with(resource, body=json.dumps(body))

    return Mutant(
        title="RestApi: POST without security",
        kind="RestApi",
        name="gateway-api",
        change=change,
        settings={},
    )


def in_the_clear() -> Mutant:
    """The generated password is no secret of the state any more."""
    return Mutant(
        title="SecretVersion: secretString in the clear",
        kind="SecretVersion",
        name="api-secret-version",
        change=lambda resource: replace(resource, secret_inputs=frozenset()),
        settings={},
    )


CLUSTER = ("Cluster", "database-cluster")
INSTANCE = ("ClusterInstance", "database-instance-2")
PROXY = ("Proxy", "proxy-proxy")
SERVERLESS = ("ServerlessCache", "cache-cache")
GROUP = ("ReplicationGroup", "cache-cache")
FUNCTION = ("Function", "api-graphql")
BUCKET = "api-ingest-bucket"
TRAIL = ("Trail", "trail-trail")
INGRESS = ("SecurityGroupIngressRule", "graphql-into-proxy")
EGRESS = ("SecurityGroupEgressRule", "graphql-to-proxy")

MUTANTS = [
    # Aurora
    put(*CLUSTER, storageEncrypted=False),
    put(*CLUSTER, kmsKeyId=None),
    put(*CLUSTER, masterUserSecretKmsKeyId=None),
    put(*CLUSTER, performanceInsightsKmsKeyId=None),
    put(*CLUSTER, manageMasterUserPassword=None),
    put(*CLUSTER, masterPassword="hush"),
    put(*CLUSTER, masterUsername="admin"),
    put(*CLUSTER, iamDatabaseAuthenticationEnabled=False),
    put(*CLUSTER, deletionProtection=False),
    put(*CLUSTER, skipFinalSnapshot=True),
    put(*CLUSTER, deleteAutomatedBackups=True),
    put(*CLUSTER, backupRetentionPeriod=1),
    put(*CLUSTER, copyTagsToSnapshot=False),
    put(*CLUSTER, autoMinorVersionUpgrade=False),
    put(*CLUSTER, engineLifecycleSupport="open-source-rds-extended-support"),
    put(*CLUSTER, enabledCloudwatchLogsExports=["error", "slowquery"]),
    put(*CLUSTER, enabledCloudwatchLogsExports=["audit", "error"]),
    put(*CLUSTER, tags={}),
    unprotected(*CLUSTER),
    gone("LogGroup", "database-audit-log"),
    put(*INSTANCE, publiclyAccessible=True),
    put(*INSTANCE, autoMinorVersionUpgrade=False),
    put(*INSTANCE, monitoringInterval=0),
    put(*INSTANCE, copyTagsToSnapshot=False),
    put(*INSTANCE, performanceInsightsKmsKeyId=None),
    parameter("require_secure_transport", "OFF"),
    parameter("tls_version", "TLSv1.1,TLSv1.2"),
    parameter("server_audit_logging", "0"),
    parameter("local_infile", "1"),
    # proxy and secret
    put(*PROXY, requireTls=False),
    put(*PROXY, debugLogging=True),
    nested(*PROXY, "auths.0.iamAuth", "DISABLED"),
    gone("LogGroup", "proxy-log"),
    policy("RolePolicy", "proxy-policy", "ReadSecrets", Resource="*"),
    policy("RolePolicy", "proxy-policy", "ReadSecrets", Action="secretsmanager:*"),
    put("Secret", "api-secret-secret", kmsKeyId=None),
    put("Secret", "api-secret-secret", recoveryWindowInDays=0),
    in_the_clear(),
    # cache
    put(*SERVERLESS, kmsKeyId=None),
    put(*SERVERLESS, userGroupId=None),
    put("User", "cache-user", authenticationMode={"type": "no-password-required"}),
    put("User", "cache-user", accessString="on ~* +@all"),
    put(*GROUP, FIXED_CACHE, atRestEncryptionEnabled=False),
    put(*GROUP, FIXED_CACHE, transitEncryptionEnabled=False),
    put(*GROUP, FIXED_CACHE, transitEncryptionMode="preferred"),
    put(*GROUP, FIXED_CACHE, automaticFailoverEnabled=False),
    put(*GROUP, FIXED_CACHE, autoMinorVersionUpgrade=False),
    put(*GROUP, FIXED_CACHE, userGroupIds=[]),
    # functions
    put(*FUNCTION, kmsKeyArn=None),
    put(*FUNCTION, vpcConfig=None),
    put(*FUNCTION, runtime="python3.9"),
    put(*FUNCTION, loggingConfig=None),
    put(*FUNCTION, environment={"variables": {"DATABASE_PASSWORD": "hush"}}),
    put(*FUNCTION, environment={"variables": {"DATABASE_URL": "mysql://api:hush@db/app"}}),
    nested(*FUNCTION, "vpcConfig.subnetIds", ["subnet-0123456789abcdef0"]),
    put("Permission", "calls-graphql", principal="*"),
    put("Permission", "calls-graphql", sourceArn=None),
    policy("RolePolicy", "api-graphql-database-proxy", "ConnectDatabase", Resource="*"),
    policy("RolePolicy", "api-graphql-cache-serverless", "ConnectCache", Action="*"),
    policy("RolePolicy", "api-graphql-policy", "DecryptEnvironment", Resource="*"),
    policy("RolePolicy", "api-graphql-policy", "ManageInterfaces", Resource="arn:aws:ec2:*"),
    policy("RolePolicy", "api-graphql-policy", "KeepCodeFromInterfaces", Condition=None),
    # gateway and firewall
    operation_without_security(),
    nested("MethodSettings", "gateway-limits", "settings.loggingLevel", "OFF"),
    nested("MethodSettings", "gateway-limits", "settings.dataTraceEnabled", True),
    put("Stage", "gateway-stage", xrayTracingEnabled=False),
    put("Stage", "gateway-stage", accessLogSettings=None),
    gone("WebAclAssociation", "firewall-association"),
    gone("WebAclLoggingConfiguration", "firewall-logging"),
    put("WebAcl", "firewall-acl", rules=[]),
    nested("WebAcl", "firewall-acl", "rules.0.visibilityConfig.cloudwatchMetricsEnabled", False),
    put("DomainName", "gateway-domain-name", DOMAIN, securityPolicy="TLS_1_0"),
    # network
    put(*INGRESS, cidrIpv4="0.0.0.0/0"),
    put(*INGRESS, cidrIpv6="::/0"),
    put(*INGRESS, fromPort=0, toPort=65535),
    put(*INGRESS, referencedSecurityGroupId=None),
    put(*EGRESS, ipProtocol="-1"),
    put("DefaultSecurityGroup", "network-default", ingress=[{"protocol": "-1"}]),
    gone("DefaultSecurityGroup", "network-default"),
    gone("FlowLog", "network-flow-log"),
    put("Subnet", "isolated-1", mapPublicIpOnLaunch=True),
    policy("VpcEndpoint", "network-secretsmanager", None, Condition=None),
    # keys, logs, topics, queues
    put("Key", "encryption-key", enableKeyRotation=False),
    policy("Key", "encryption-key", "AccountDecidesByIam", Principal={"AWS": "*"}),
    policy("Key", "encryption-key", "ServeLogs", Action="kms:*"),
    put("LogGroup", "api-graphql-log", kmsKeyId=None),
    put("LogGroup", "api-graphql-log", retentionInDays=None),
    put("Topic", "monitoring-alarms", kmsMasterKeyId=None),
    put("Queue", "dead-letters", kmsMasterKeyId=None),
    # buckets and trail
    gone("BucketPolicy", f"{BUCKET}-policy"),
    gone("BucketPublicAccessBlock", f"{BUCKET}-private"),
    gone("BucketServerSideEncryptionConfiguration", f"{BUCKET}-encryption"),
    gone("BucketLogging", f"{BUCKET}-logging"),
    gone("BucketLifecycleConfiguration", f"{BUCKET}-lifecycle"),
    put("BucketPublicAccessBlock", f"{BUCKET}-private", blockPublicPolicy=False),
    put("Bucket", BUCKET, forceDestroy=True),
    policy("BucketPolicy", f"{BUCKET}-policy", "OnlyTls", Effect="Allow"),
    put(*TRAIL, kmsKeyId=None),
    put(*TRAIL, isMultiRegionTrail=False),
    put(*TRAIL, enableLogFileValidation=False),
    put(*TRAIL, cloudWatchLogsGroupArn=None),
]

SETTINGS: Final[list[Mapping[str, Any]]] = [
    {"deletionProtection": False},
    {"networkFlowLogs": False},
    {"databaseBackupRetentionDays": 1},
    {"databaseMonitoringIntervalS": 0},
    {"databaseAutoMinorUpgrade": False},
    {"databaseReaders": 0, "databaseMaxReaders": 0},
    {"apiFirewall": False},
    {"apiTracing": False},
]


def broken(graph: Graph, mutant: Mutant) -> Graph:
    """``graph`` with the one resource of the mutant changed."""
    hits = [
        one
        for one in graph.resources
        if one.custom and one.typ.endswith(f":{mutant.kind}") and one.name.endswith(mutant.name)
    ]
    assert len(hits) == 1, f"{mutant.title}: {len(hits)} resources"
    after = mutant.change(hits[0])
    assert after != hits[0], f"{mutant.title}: changes nothing"
    changed = [after if one is hits[0] else one for one in graph.resources]
    return replace(graph, resources=tuple(one for one in changed if one is not None))


def caught(graph: Graph) -> bool:
    """Whether anything is found that is not excused."""
    return bool(judge(find(graph), EXCUSES, stack="prod").open)


def test_there_are_enough_mutants_and_each_is_another() -> None:
    titles = [mutant.title for mutant in MUTANTS]
    assert len(set(titles)) == len(titles)
    assert len(titles) >= LEAST_MUTANTS


@pytest.mark.parametrize("settings", [{}, FIXED_CACHE, DOMAIN], ids=["prod", "group", "domain"])
def test_nothing_is_found_before_something_breaks(
    recorded: Recorded, settings: Mapping[str, Any]
) -> None:
    assert not caught(recorded("prod", **settings))


def test_nearly_every_mutant_is_caught(recorded: Recorded) -> None:
    survivors = [
        mutant.title
        for mutant in MUTANTS
        if not caught(broken(recorded("prod", **mutant.settings), mutant))
    ]
    share = 1 - len(survivors) / len(MUTANTS)
    assert share >= LEAST_CAUGHT, f"{share:.1%} caught; survivors: {survivors}"
    assert survivors == KNOWN_SURVIVORS


@pytest.mark.parametrize("settings", SETTINGS, ids=",".join)
def test_unsafe_setting_of_prod_is_found(recorded: Recorded, settings: Mapping[str, Any]) -> None:
    assert caught(recorded("prod", **settings))
