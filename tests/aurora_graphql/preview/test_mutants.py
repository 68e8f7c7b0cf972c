"""Break each safety setting once, as a careless change would: the policies must see it.

A mutant is the production stack with one input changed, one resource gone, or one setting turned
off. It is caught when there is a finding that no excuse covers: of our rules, or of checkov for
what the rules leave to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.policy import find, judge, load_excuses
from aurora_graphql.preview.rules import checkov
from aurora_graphql.preview.rules.standard import BY_CHECKOV
from aurora_graphql.preview.terraform import build_plan
from tests.recorded import Recorded

EXCUSES = load_excuses()
LEAST_MUTANTS: Final = 60


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
    return replace(
        resource,
        inputs={key: value for key, value in merged.items() if value is not None},
        property_dependencies={
            key: urns
            for key, urns in resource.property_dependencies.items()
            if inputs.get(key, key) is not None  # checkov reads them, too
        },
    )


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
    put(*CLUSTER, masterUserSecretKmsKeyId=None),
    put(*CLUSTER, performanceInsightsKmsKeyId=None),
    put(*CLUSTER, manageMasterUserPassword=None),
    put(*CLUSTER, masterPassword="hush"),
    put(*CLUSTER, masterUsername="admin"),
    put(*CLUSTER, skipFinalSnapshot=True),
    put(*CLUSTER, deleteAutomatedBackups=True),
    put(*CLUSTER, backupRetentionPeriod=1),
    put(*CLUSTER, autoMinorVersionUpgrade=False),
    put(*CLUSTER, engineLifecycleSupport="open-source-rds-extended-support"),
    put(*CLUSTER, enabledCloudwatchLogsExports=["audit", "error"]),
    put(*CLUSTER, tags={}),
    unprotected(*CLUSTER),
    gone("LogGroup", "database-audit-log"),
    put(*INSTANCE, copyTagsToSnapshot=False),
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
    put("Secret", "api-secret-secret", recoveryWindowInDays=0),
    in_the_clear(),
    # cache
    put(*SERVERLESS, kmsKeyId=None),
    put(*SERVERLESS, userGroupId=None),
    put("User", "cache-user", authenticationMode={"type": "no-password-required"}),
    put("User", "cache-user", accessString="on ~* +@all"),
    put(*GROUP, FIXED_CACHE, transitEncryptionMode="preferred"),
    put(*GROUP, FIXED_CACHE, autoMinorVersionUpgrade=False),
    put(*GROUP, FIXED_CACHE, userGroupIds=[]),
    # functions
    put(*FUNCTION, loggingConfig=None),
    put(*FUNCTION, environment={"variables": {"DATABASE_PASSWORD": "hush"}}),
    put(*FUNCTION, environment={"variables": {"DATABASE_URL": "mysql://api:hush@db/app"}}),
    nested(*FUNCTION, "vpcConfig.subnetIds", ["subnet-0123456789abcdef0"]),
    policy("RolePolicy", "api-graphql-database-proxy", "ConnectDatabase", Resource="*"),
    policy("RolePolicy", "api-graphql-cache-serverless", "ConnectCache", Action="*"),
    policy("RolePolicy", "api-graphql-policy", "DecryptEnvironment", Resource="*"),
    policy("RolePolicy", "api-graphql-policy", "ManageInterfaces", Resource="arn:aws:ec2:*"),
    policy("RolePolicy", "api-graphql-policy", "KeepCodeFromInterfaces", Condition=None),
    # gateway and firewall
    operation_without_security(),
    put("WebAcl", "firewall-acl", rules=[]),
    nested("WebAcl", "firewall-acl", "rules.0.visibilityConfig.cloudwatchMetricsEnabled", False),
    # network
    put(*INGRESS, cidrIpv4="0.0.0.0/0"),
    put(*INGRESS, cidrIpv6="::/0"),
    put(*INGRESS, fromPort=0, toPort=65535),
    put(*INGRESS, referencedSecurityGroupId=None),
    put(*EGRESS, ipProtocol="-1"),
    policy("VpcEndpoint", "network-secretsmanager", None, Condition=None),
    # keys, logs, topics, queues
    policy("Key", "encryption-key", "AccountDecidesByIam", Principal={"AWS": "*"}),
    policy("Key", "encryption-key", "ServeLogs", Action="kms:*"),
    # buckets and trail
    gone("BucketPolicy", f"{BUCKET}-policy"),
    gone("BucketServerSideEncryptionConfiguration", f"{BUCKET}-encryption"),
    put("Bucket", BUCKET, forceDestroy=True),
    policy("BucketPolicy", f"{BUCKET}-policy", "OnlyTls", Effect="Allow"),
]

LEFT_TO_CHECKOV = [
    ("CKV_AWS_96", put(*CLUSTER, storageEncrypted=False)),
    ("CKV_AWS_327", put(*CLUSTER, kmsKeyId=None)),
    ("CKV_AWS_162", put(*CLUSTER, iamDatabaseAuthenticationEnabled=False)),
    ("CKV_AWS_139", put(*CLUSTER, deletionProtection=False)),
    ("CKV_AWS_313", put(*CLUSTER, copyTagsToSnapshot=False)),
    ("CKV_AWS_325", put(*CLUSTER, enabledCloudwatchLogsExports=["error", "slowquery"])),
    ("CKV_AWS_17", put(*INSTANCE, publiclyAccessible=True)),
    ("CKV_AWS_226", put(*INSTANCE, autoMinorVersionUpgrade=False)),
    ("CKV_AWS_118", put(*INSTANCE, monitoringInterval=0)),
    ("CKV_AWS_354", put(*INSTANCE, performanceInsightsKmsKeyId=None)),
    ("CKV_AWS_149", put("Secret", "api-secret-secret", kmsKeyId=None)),
    ("CKV_AWS_29", put(*GROUP, FIXED_CACHE, atRestEncryptionEnabled=False)),
    ("CKV_AWS_30", put(*GROUP, FIXED_CACHE, transitEncryptionEnabled=False)),
    ("CKV2_AWS_50", put(*GROUP, FIXED_CACHE, automaticFailoverEnabled=False)),
    ("CKV_AWS_173", put(*FUNCTION, kmsKeyArn=None)),
    ("CKV_AWS_117", put(*FUNCTION, vpcConfig=None)),
    ("CKV_AWS_363", put(*FUNCTION, runtime="python3.9")),
    ("CKV_AWS_301", put("Permission", "calls-graphql", principal="*")),
    ("CKV_AWS_364", put("Permission", "calls-graphql", sourceArn=None)),
    ("CKV2_AWS_4", nested("MethodSettings", "gateway-limits", "settings.loggingLevel", "OFF")),
    ("CKV_AWS_276", nested("MethodSettings", "gateway-limits", "settings.dataTraceEnabled", True)),
    ("CKV_AWS_73", put("Stage", "gateway-stage", xrayTracingEnabled=False)),
    ("CKV_AWS_76", put("Stage", "gateway-stage", accessLogSettings=None)),
    ("CKV2_AWS_29", gone("WebAclAssociation", "firewall-association")),
    ("CKV2_AWS_31", gone("WebAclLoggingConfiguration", "firewall-logging")),
    ("CKV_AWS_206", put("DomainName", "gateway-domain-name", DOMAIN, securityPolicy="TLS_1_0")),
    ("CKV2_AWS_12", put("DefaultSecurityGroup", "network-default", ingress=[{"protocol": "-1"}])),
    ("CKV2_AWS_12", gone("DefaultSecurityGroup", "network-default")),
    ("CKV2_AWS_11", gone("FlowLog", "network-flow-log")),
    ("CKV_AWS_130", put("Subnet", "isolated-1", mapPublicIpOnLaunch=True)),
    ("CKV_AWS_7", put("Key", "encryption-key", enableKeyRotation=False)),
    ("CKV_AWS_158", put("LogGroup", "api-graphql-log", kmsKeyId=None)),
    ("CKV_AWS_66", put("LogGroup", "api-graphql-log", retentionInDays=None)),
    ("CKV_AWS_26", put("Topic", "monitoring-alarms", kmsMasterKeyId=None)),
    ("CKV_AWS_27", put("Queue", "dead-letters", kmsMasterKeyId=None)),
    ("CKV2_AWS_6", gone("BucketPublicAccessBlock", f"{BUCKET}-private")),
    ("CKV_AWS_18", gone("BucketLogging", f"{BUCKET}-logging")),
    ("CKV2_AWS_61", gone("BucketLifecycleConfiguration", f"{BUCKET}-lifecycle")),
    ("CKV_AWS_54", put("BucketPublicAccessBlock", f"{BUCKET}-private", blockPublicPolicy=False)),
    ("CKV_AWS_35", put(*TRAIL, kmsKeyId=None)),
    ("CKV_AWS_251", put(*TRAIL, enableLogging=False)),
    ("CKV_AWS_21", gone("BucketVersioning", f"{BUCKET}-versioning")),
    ("CKV_AWS_23", put(*INGRESS, description=None)),
    ("CKV_AWS_191", put(*GROUP, FIXED_CACHE, kmsKeyId=None)),
    ("CKV_AWS_67", put(*TRAIL, isMultiRegionTrail=False)),
    ("CKV_AWS_36", put(*TRAIL, enableLogFileValidation=False)),
    ("CKV2_AWS_10", put(*TRAIL, cloudWatchLogsGroupArn=None)),
]
"""The check that must object, and what breaks."""

SETTINGS: Final[list[Mapping[str, Any]]] = [
    {"deletionProtection": False},
    {"databaseBackupRetentionDays": 1},
    {"databaseAutoMinorUpgrade": False},
    {"databaseReaders": 0, "databaseMaxReaders": 0},
]


def target(graph: Graph, mutant: Mutant) -> Resource:
    """The resource that the mutant breaks."""
    hits = [
        one
        for one in graph.resources
        if one.custom and one.typ.endswith(f":{mutant.kind}") and one.name.endswith(mutant.name)
    ]
    assert len(hits) == 1, f"{mutant.title}: {len(hits)} resources"
    return hits[0]


def broken(graph: Graph, *mutants: Mutant) -> Graph:
    """``graph`` with the resources of some mutants changed."""
    resources: dict[str, Resource | None] = {one.urn: one for one in graph.resources}
    for mutant in mutants:
        before = target(graph, mutant)
        after = mutant.change(before)
        assert after != before, f"{mutant.title}: changes nothing"
        resources[before.urn] = after
    return replace(graph, resources=tuple(one for one in resources.values() if one is not None))


def caught(graph: Graph) -> bool:
    """Whether our rules find anything that is not excused."""
    return bool(judge(find(graph), EXCUSES).open)


def test_there_are_enough_mutants_and_each_is_another() -> None:
    titles = [mutant.title for mutant in (*MUTANTS, *(one for _, one in LEFT_TO_CHECKOV))]
    assert len(set(titles)) == len(titles)
    assert len(titles) >= LEAST_MUTANTS


@pytest.mark.parametrize("settings", [{}, FIXED_CACHE, DOMAIN], ids=["prod", "group", "domain"])
def test_nothing_is_found_before_something_breaks(
    recorded: Recorded, settings: Mapping[str, Any]
) -> None:
    assert not caught(recorded("prod", **settings))


def test_every_mutant_is_caught_by_our_rules(recorded: Recorded) -> None:
    survivors = [
        mutant.title
        for mutant in MUTANTS
        if not caught(broken(recorded("prod", **mutant.settings), mutant))
    ]
    assert survivors == []


@pytest.mark.parametrize("settings", SETTINGS, ids=",".join)
def test_unsafe_setting_of_prod_is_found(recorded: Recorded, settings: Mapping[str, Any]) -> None:
    assert caught(recorded("prod", **settings))


def test_what_is_left_to_checkov_is_not_written_again(recorded: Recorded) -> None:
    """One exception: a cluster without its audit log lacks one of three logs."""
    twice = [
        check
        for check, mutant in LEFT_TO_CHECKOV
        if caught(broken(recorded("prod", **mutant.settings), mutant))
    ]
    assert twice == ["CKV_AWS_325"]


def _rounds() -> list[list[tuple[str, Mutant]]]:
    """Mutants that can be judged together: no two of one resource, none with the same check.

    The first round has most of them.
    """
    rounds: list[list[tuple[str, Mutant]]] = []
    for check, mutant in LEFT_TO_CHECKOV:
        place = (mutant.kind, mutant.name)
        free = (
            one
            for one in rounds
            if all(check != other and place != (m.kind, m.name) for other, m in one)
        )
        into = next(free, None)
        if into is None:
            rounds.append(into := [])
        into.append((check, mutant))
    return rounds


@pytest.fixture(scope="module")
def everything(recorded: Recorded) -> Graph:
    """A stack with all that is broken below."""
    return recorded("prod", **FIXED_CACHE, **DOMAIN)


@pytest.fixture(scope="module")
def found_before(everything: Graph) -> set[tuple[str, str]]:
    """What checkov finds before something breaks."""
    if not checkov.installed():
        pytest.skip("checkov is not installed: make test installs it")
    return _asked(everything)


def _asked(graph: Graph) -> set[tuple[str, str]]:
    return {
        (finding.id, finding.resource)
        for finding in checkov.check(build_plan(graph), prefix="").failed
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "mutants",
    [
        pytest.param(
            mutants, id=f"round-{number}", marks=[pytest.mark.nightly] if number > 1 else []
        )
        for number, mutants in enumerate(_rounds(), start=1)
    ],
)
def test_checkov_catches_what_is_left_to_it(
    everything: Graph, found_before: set[tuple[str, str]], mutants: list[tuple[str, Mutant]]
) -> None:
    graph = broken(everything, *(mutant for _, mutant in mutants))
    new = {check for check, _ in _asked(graph) - found_before}
    assert {check for check, _ in mutants} - new == set()


@pytest.mark.timeout(300)
def test_setting_that_only_checkov_objects_to_is_found(
    recorded: Recorded, found_before: set[tuple[str, str]]
) -> None:
    graph = recorded(
        "prod",
        networkFlowLogs=False,
        databaseMonitoringIntervalS=0,
        apiFirewall=False,
        apiTracing=False,
    )
    new = {check for check, _ in _asked(graph) - found_before}
    assert {"CKV2_AWS_11", "CKV2_AWS_29", "CKV_AWS_73", "CKV_AWS_118"} - new == set()


def test_every_check_that_judges_a_control_is_asked_for_here() -> None:
    judging = {check for checks in BY_CHECKOV.values() for check in checks}
    excused = {name for excuse in EXCUSES for name in excuse.ids}
    # API Gateway's cache is off unless a setting turns it on; then its encryption is on.
    assert judging - {check for check, _ in LEFT_TO_CHECKOV} - excused == {"CKV_AWS_308"}
