"""Every invariant can fail: one broken input each, and exactly its rule objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from aurora_graphql.preview.graph import Export, Graph, Resource
from aurora_graphql.preview.recording import declare
from aurora_graphql.preview.rules import RULES, findings
from components import iam, timeouts
from components.bucket import Bucket, BucketArgs
from components.data_settings import CacheSettings, DatabaseSettings, NetworkSettings
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.firewall import Firewall, FirewallArgs
from components.network import Network, NetworkArgs
from tests.components.surroundings import LOCATION, TAGS

pytestmark = pytest.mark.slow


def build() -> None:
    """Everything below the API: both kinds of cache, readers, every tier of subnets."""
    key = Encryption("key", EncryptionArgs(location=LOCATION, alias="shop", tags=TAGS))
    network = Network(
        "net",
        NetworkArgs(
            location=LOCATION,
            key_arn=key.key_arn,
            settings=NetworkSettings(zone_count=3, public_subnets=True, nat="one"),
            tags=TAGS,
        ),
    )
    for name, cache in (
        ("serverless", CacheSettings()),
        ("fixed", CacheSettings(mode="replication-group", engine_version="8.1")),
    ):
        DataTier(
            name,
            DataTierArgs(
                location=LOCATION,
                identifier=f"shop-{name}",
                network=network.access,
                key_arn=key.key_arn,
                database=DatabaseSettings(readers=1),
                cache=cache,
                tags=TAGS,
            ),
        )
    build_edge(key.key_arn)


def build_edge(key_arn: pulumi.Output[str]) -> None:
    """One of each kind of resource that stands above the data."""
    tags = {**TAGS, "component": "edge"}
    store = BucketArgs(
        location=LOCATION, expiration_days=90, key_arn=key_arn, access_log_days=90, tags=TAGS
    )
    Bucket("store", store)
    Firewall(
        "wall",
        FirewallArgs(
            stage_arn="arn:stage", rate=2000, key_arn=key_arn, log_retention_days=30, tags=TAGS
        ),
    )
    operation: dict[str, object] = {"security": [{"authorizer": []}]}
    paths = {"/": {"get": operation, "post": operation, "options": {}}}
    aws.apigateway.RestApi("api", body=json.dumps({"paths": paths}), tags=tags)
    stays = pulumi.ResourceOptions(retain_on_delete=True)
    writer = aws.iam.Role(
        "writer",
        assume_role_policy=iam.encode(iam.trust("apigateway.amazonaws.com")),
        tags=tags,
        opts=stays,
    )
    aws.apigateway.Account("account", cloudwatch_role_arn=writer.arn, opts=stays)
    topic = aws.sns.Topic("alarms", kms_master_key_id=key_arn, tags=tags)
    publish = {
        "Sid": "Publish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "arn:topic",
        "Condition": {"StringEquals": {"aws:SourceAccount": LOCATION.account_id}},
    }
    aws.sns.TopicPolicy("alarms", arn=topic.arn, policy=iam.encode(iam.document(publish)))
    aws.sqs.Queue("letters", kms_master_key_id=key_arn, tags=tags)
    role = aws.iam.Role(
        "handler",
        assume_role_policy=iam.encode(iam.trust("lambda.amazonaws.com", location=LOCATION)),
        tags=tags,
    )
    rights = aws.iam.RolePolicy(
        "handler",
        role=role.name,
        policy=iam.encode(iam.document(*iam.join_network(LOCATION))),
    )
    group = aws.ec2.SecurityGroup(
        "handler",
        description="Handler",
        vpc_id="vpc-1",
        tags=tags,
        opts=pulumi.ResourceOptions(depends_on=[rights], custom_timeouts=timeouts.INTERFACES),
    )
    aws.lambda_.Function(
        "handler",
        publish=True,
        role=role.arn,
        kms_key_arn=key_arn,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group="/own"),
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=["subnet-1", "subnet-2"], security_group_ids=[group.id]
        ),
        tags=tags,
        opts=pulumi.ResourceOptions(depends_on=[rights], custom_timeouts=timeouts.FUNCTION),
    )
    aws.apigateway.Stage(
        "live",
        rest_api="api",
        deployment="one",
        stage_name="live",
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn="arn:aws:logs:eu-central-1:123456789012:log-group:api", format="{}"
        ),
        tags=tags,
    )
    aws.apigateway.DomainName(
        "domain", domain_name="api.example.com", security_policy="TLS_1_2", tags=tags
    )


@pytest.fixture(scope="module")
def sound() -> Graph:
    return declare(build)


def changed(graph: Graph, name: str, typ: str, change: Callable[[Resource], Resource]) -> Graph:
    """``graph`` with one resource changed; the name and the end of the type find it."""
    hits = [one for one in graph.resources if one.name == name and one.typ.endswith(f":{typ}")]
    assert len(hits) == 1, f"{len(hits)} resources {name} {typ}"
    return replace(
        graph,
        resources=tuple(change(one) if one is hits[0] else one for one in graph.resources),
    )


def setting(**values: Any) -> Callable[[Resource], Resource]:
    """Set inputs; None removes one."""

    def change(resource: Resource) -> Resource:
        inputs = {**resource.inputs, **values}
        return replace(
            resource, inputs={key: value for key, value in inputs.items() if value is not None}
        )

    return change


def parameter(name: str, value: str, **others: str) -> Callable[[Resource], Resource]:
    def change(resource: Resource) -> Resource:
        parameters = [
            {**item, "value": value, **others} if item["name"] == name else item
            for item in resource.inputs["parameters"]
        ]
        return replace(resource, inputs={**resource.inputs, "parameters": parameters})

    return change


def statement(number: int, **values: Any) -> Callable[[Resource], Resource]:
    """Change one statement of a policy, or add it as the next; None removes a key."""

    def change(resource: Resource) -> Resource:
        policy = json.loads(resource.inputs["policy"])
        policy["Statement"][number:] = policy["Statement"][number:] or [{}]
        merged = {**policy["Statement"][number], **values}
        policy["Statement"][number] = {k: v for k, v in merged.items() if v is not None}
        return replace(resource, inputs={**resource.inputs, "policy": json.dumps(policy)})

    return change


EXPECTED = {"RDS.23"}
"""RDS Proxy listens on the usual port of MySQL; ``exceptions.toml`` says so."""


def test_sound_graph_has_no_finding_but_the_expected(sound: Graph) -> None:
    assert {finding.id for finding in findings(sound)} == EXPECTED


CLUSTER = ("serverless-database-cluster", "Cluster")
INSTANCE = ("serverless-database-instance-1", "ClusterInstance")
PARAMETERS = ("serverless-database-cluster", "ClusterParameterGroup")
PROXY = ("serverless-proxy-proxy", "Proxy")
FIXED_CACHE = ("fixed-cache-cache", "ReplicationGroup")
SERVERLESS_CACHE = ("serverless-cache-cache", "ServerlessCache")
CACHE_USER = ("serverless-cache-user", "User")
LEAK = "no-secret-in-the-clear"
PASSWORD = ("serverless-api-secret-password", "RandomPassword")
SECRET = ("serverless-api-secret-secret", "Secret")
INGRESS = ("serverless-proxy-into-database", "SecurityGroupIngressRule")
EGRESS = ("serverless-proxy-to-database", "SecurityGroupEgressRule")
ROLE_POLICY = ("serverless-proxy-policy", "RolePolicy")
ENDPOINT = ("net-secretsmanager", "VpcEndpoint")
BUCKET_KEY = ("store-encryption", "BucketServerSideEncryptionConfiguration")
HANDLER = ("handler", "Function")
HANDLER_RIGHTS = ("handler", "RolePolicy")
UNCOUNTED = {"cloudwatchMetricsEnabled": False, "sampledRequestsEnabled": False}
SAMPLED = {"cloudwatchMetricsEnabled": True, "sampledRequestsEnabled": True}
OVERRIDDEN = {
    "name": "aws-known",
    "overrideAction": {"count": {}},
    "visibilityConfig": {"cloudwatchMetricsEnabled": True, "sampledRequestsEnabled": False},
}
OPEN_LOGIN = [{"authScheme": "SECRETS", "iamAuth": "DISABLED", "secretArn": "arn:x"}]

BROKEN: Mapping[str, list[tuple[tuple[str, str], Callable[[Resource], Resource]]]] = {
    "APIGateway.8": [
        (("api", "RestApi"), setting(body=json.dumps({"paths": {"/": {"post": {}}}}))),
        (HANDLER, setting(environment={"variables": {"AUTH": "off"}})),
    ],
    "ElastiCache.2": [(FIXED_CACHE, setting(autoMinorVersionUpgrade=False))],
    "ElastiCache.7": [(FIXED_CACHE, setting(subnetGroupName=None))],
    "Lambda.5": [
        (
            HANDLER,
            setting(vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}),
        )
    ],
    "RDS.5": [(INSTANCE, lambda one: replace(one, property_dependencies={}))],
    "RDS.9": [(CLUSTER, setting(enabledCloudwatchLogsExports=["audit", "error"]))],
    "RDS.11": [
        (CLUSTER, setting(backupRetentionPeriod=0)),
        (CLUSTER, setting(backupRetentionPeriod=6)),
    ],
    "RDS.17": [(INSTANCE, setting(copyTagsToSnapshot=False))],
    "RDS.18": [(INSTANCE, setting(dbSubnetGroupName=None))],
    "RDS.23": [],  # 3306 is what the sound graph has: RDS Proxy takes no other
    "RDS.24": [(CLUSTER, setting(masterUsername="admin"))],
    "RDS.35": [(CLUSTER, setting(autoMinorVersionUpgrade=False))],
    "S3.5": [
        (("store-policy", "BucketPolicy"), statement(0, Condition=None)),
        (("store-policy", "BucketPolicy"), statement(1, Condition=None)),
        (("store-log-policy", "BucketPolicy"), lambda one: replace(one, property_dependencies={})),
    ],
    "WAF.10": [(("wall-acl", "WebAcl"), setting(rules=[]))],
    "WAF.12": [
        (("wall-acl", "WebAcl"), setting(visibilityConfig=UNCOUNTED)),
        (("wall-acl", "WebAcl"), setting(rules=[{"name": "rate", "visibilityConfig": UNCOUNTED}])),
    ],
    "aurora-audited": [
        (PARAMETERS, parameter("server_audit_logging", "0")),
        (PROXY, setting(debugLogging=True)),
    ],
    "aurora-encrypted-by-our-key": [
        (CLUSTER, setting(masterUserSecretKmsKeyId=None)),
        (CLUSTER, setting(performanceInsightsKmsKeyId=None)),
    ],
    "aurora-leaves-a-snapshot": [
        (CLUSTER, setting(skipFinalSnapshot=True)),
        (CLUSTER, setting(finalSnapshotIdentifier=None)),
        (CLUSTER, setting(deleteAutomatedBackups=True)),
        (CLUSTER, lambda one: replace(one, protect=False)),
    ],
    "aurora-login-by-iam": [
        (CLUSTER, setting(manageMasterUserPassword=None)),
        (PROXY, setting(auths=OPEN_LOGIN)),
        (PROXY, setting(auths=[])),
    ],
    "aurora-no-files-of-clients": [(PARAMETERS, parameter("local_infile", "1"))],
    "aurora-parameters-settle": [
        (PARAMETERS, parameter("local_infile", "0", applyMethod="immediate")),
        (
            ("serverless-database-instance", "ParameterGroup"),
            parameter("long_query_time", "10", applyMethod="immediate"),
        ),
    ],
    "aurora-requires-tls": [
        (PARAMETERS, parameter("require_secure_transport", "OFF")),
        (PARAMETERS, parameter("tls_version", "TLSv1.1,TLSv1.2")),
        (PARAMETERS, lambda one: replace(one, urn="elsewhere")),
        (PROXY, setting(requireTls=False)),
    ],
    "aurora-standard-support": [(CLUSTER, setting(engineLifecycleSupport=None))],
    "buckets-encrypted": [
        (BUCKET_KEY, setting(rules=[])),
        (BUCKET_KEY, lambda one: replace(one, property_dependencies={})),
    ],
    "buckets-not-emptied": [(("store", "s3/bucket:Bucket"), setting(forceDestroy=True))],
    "buckets-own-their-objects": [
        (("store-ownership", "BucketOwnershipControls"), setting(rule={"objectOwnership": "X"})),
    ],
    "data-is-isolated": [
        (PROXY, setting(vpcSubnetIds=[])),
        (
            ("net-isolated-1", "Subnet"),
            lambda one: replace(one, inputs={**one.inputs, "tags": {**TAGS, "component": "net"}}),
        ),
    ],
    "elasticache-encrypted-by-our-key": [(SERVERLESS_CACHE, setting(kmsKeyId=None))],
    "elasticache-login-by-iam": [
        (CACHE_USER, setting(authenticationMode={"type": "no-password-required"})),
        (CACHE_USER, setting(accessString="on ~* +@all")),
        (SERVERLESS_CACHE, setting(userGroupId=None)),
        (FIXED_CACHE, setting(userGroupIds=[])),
    ],
    "elasticache-requires-tls": [(FIXED_CACHE, setting(transitEncryptionMode="preferred"))],
    "firewall-decides": [
        (("wall-acl", "WebAcl"), setting(rules=[OVERRIDDEN])),
    ],
    "firewall-forgets-tokens": [
        (("wall-acl", "WebAcl"), setting(visibilityConfig=SAMPLED)),
        (("wall-acl", "WebAcl"), setting(rules=[{"name": "rate", "visibilityConfig": SAMPLED}])),
        (("wall-logging", "WebAclLoggingConfiguration"), setting(redactedFields=None)),
    ],
    "functions-are-placed": [
        (HANDLER, setting(vpcConfig={"subnetIds": ["s-1", "s-2"], "securityGroupIds": []})),
        (HANDLER, lambda one: replace(one, property_dependencies={})),
    ],
    "functions-log-to-their-group": [(HANDLER, setting(loggingConfig=None))],
    "functions-may-join-their-network": [
        (HANDLER_RIGHTS, statement(0, Resource=["arn:aws:ec2:eu-central-1:1:subnet/*"])),
        (HANDLER_RIGHTS, statement(0, Action=["ec2:CreateNetworkInterface"])),
        (HANDLER_RIGHTS, statement(0, Condition={"StringEquals": {"ec2:Vpc": "vpc-1"}})),
        (HANDLER_RIGHTS, lambda one: replace(one, property_dependencies={})),
        (HANDLER, lambda one: replace(one, dependencies=frozenset())),
        (
            ("handler", "SecurityGroup"),
            lambda one: replace(one, dependencies=frozenset()),
        ),
    ],
    "isolated-subnets-have-no-way-out": [
        (
            ("net-public-internet", "Route"),
            lambda one: replace(
                one,
                property_dependencies={
                    "routeTableId": frozenset(
                        {
                            one.urn.replace(
                                "route:Route::net-public-internet",
                                "routeTable:RouteTable::net-isolated",
                            )
                        }
                    )
                },
            ),
        ),
    ],
    "keys-open-one-thing": [
        (ROLE_POLICY, statement(1, Condition=None)),
        (ROLE_POLICY, statement(1, Condition={"Bool": {"aws:SecureTransport": "true"}})),
    ],
    "known-to-the-sdk": [
        (CLUSTER, setting(storageEncryption=True)),
        (SERVERLESS_CACHE, setting(cacheUsageLimits={"dataStorage": {"most": 1}})),
        (FIXED_CACHE, setting(logDeliveryConfigurations=[{"kind": "slow-log"}])),
    ],
    "log-groups-outlive-their-writers": [
        (
            CLUSTER,
            lambda one: replace(
                one, dependencies=frozenset(x for x in one.dependencies if "logGroup" not in x)
            ),
        ),
        (PROXY, lambda one: replace(one, dependencies=frozenset())),
    ],
    "names-fit": [
        (
            CLUSTER,
            lambda one: replace(
                one,
                inputs={
                    **one.inputs,
                    "clusterIdentifier": "a" * 64,
                    "enabledCloudwatchLogsExports": ["audit", "error", "slowquery"],
                },
            ),
        ),
        (("serverless-proxy-role", "Role"), lambda one: replace(one, name="a" * 57)),
        (("net-endpoints", "SecurityGroup"), lambda one: replace(one, name="sg-endpoints")),
    ],
    "no-secret-in-the-clear": [
        (
            ("serverless-api-secret-version", "SecretVersion"),
            lambda one: replace(one, secret_inputs=frozenset()),
        ),
        (CLUSTER, setting(masterPassword="hush")),
        (FIXED_CACHE, setting(authToken="hush")),
    ],
    "no-star": [
        (ROLE_POLICY, statement(0, Action="*")),
        (ROLE_POLICY, statement(0, Action="secretsmanager:*")),
        (ROLE_POLICY, statement(0, Resource="*")),
        (ROLE_POLICY, statement(1, Resource=["*"])),
        (HANDLER_RIGHTS, statement(1, Resource="arn:aws:ec2:eu-central-1:1:subnet/*")),
        (HANDLER_RIGHTS, statement(1, Action=["ec2:CreateNetworkInterface"])),
        (HANDLER_RIGHTS, statement(1, Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        (ENDPOINT, statement(0, Condition=None)),
        (("key-key", "Key"), statement(0, Principal={"AWS": "*"})),
        (("key-key", "Key"), statement(1, Action="kms:*")),
    ],
    "passwords-are-long": [
        (PASSWORD, setting(length=14)),
    ],
    "places-are-frozen": [
        (PROXY, lambda one: replace(one, ignore_changes=())),
        (
            INSTANCE,
            lambda one: replace(
                one, inputs={**one.inputs, "availabilityZone": "a"}, ignore_changes=()
            ),
        ),
        (
            ("serverless-proxy-read-only", "ProxyEndpoint"),
            lambda one: replace(one, ignore_changes=()),
        ),
        (
            SERVERLESS_CACHE,
            lambda one: replace(one, ignore_changes=()),
        ),
    ],
    "rds-logs-have-groups": [
        (("serverless-database-audit-log", "LogGroup"), setting(name="/elsewhere")),
        (("serverless-proxy-log", "LogGroup"), setting(name="/elsewhere")),
    ],
    "roles-are-taken-for-this-account": [
        (
            ("net-flow-log", "Role"),
            setting(assumeRolePolicy=json.dumps(iam.trust("vpc-flow-logs.amazonaws.com"))),
        ),
    ],
    "roles-can-be-taken": [
        (
            ("writer", "Role"),
            setting(assumeRolePolicy=json.dumps(iam.trust(service, location=LOCATION))),
        )
        for service in ("apigateway.amazonaws.com", "cloudtrail.amazonaws.com")
    ],
    "nothing-joins-the-default-group": [
        (CLUSTER, setting(vpcSecurityGroupIds=[])),
        (ENDPOINT, setting(securityGroupIds=None)),
    ],
    "secrets-recoverable": [(SECRET, setting(recoveryWindowInDays=0))],
    "service-reads-no-secret": [(HANDLER_RIGHTS, statement(2, **iam.read_secrets(["arn:s"])))],
    "security-group-rules-name-their-source": [
        (INGRESS, setting(cidrIpv4="0.0.0.0/0")),
        (INGRESS, setting(cidrIpv6="::/0")),
        (INGRESS, setting(referencedSecurityGroupId=None)),
        (INGRESS, setting(fromPort=0, toPort=65535)),
        (EGRESS, setting(ipProtocol="-1")),
        (("net-endpoints", "SecurityGroup"), setting(egress=[{"protocol": "-1"}])),
    ],
    "shared-settings-stay": [
        (("account", "Account"), lambda one: replace(one, retain_on_delete=False)),
        (("writer", "Role"), lambda one: replace(one, retain_on_delete=False)),
    ],
    "slow-operations-have-time": [
        *(
            (place, lambda one: replace(one, custom_timeouts={}))
            for place in (CLUSTER, INSTANCE, PROXY, FIXED_CACHE, SERVERLESS_CACHE, HANDLER)
        ),
        (("handler", "SecurityGroup"), lambda one: replace(one, custom_timeouts={"delete": "44m"})),
    ],
    "topics-are-published-to-from-this-account": [
        (("alarms", "TopicPolicy"), statement(0, Condition=None)),
    ],
    "tagged": [
        (CLUSTER, setting(tags=None)),
        (("net-vpc", "Vpc"), setting(tags={"project": "shop"})),
    ],
}


def test_every_rule_is_broken_here() -> None:
    assert set(BROKEN) == {rule.id for rule in RULES}


BESIDES: Mapping[str, set[str]] = {
    # A name that does not fit has no log group of its own either.
    "names-fit": {"rds-logs-have-groups"},
    # What makes it no cluster's parameter group leaves the cluster with none.
    "aurora-requires-tls": {"log-groups-outlive-their-writers"},
}


@pytest.mark.parametrize(
    ("rule", "target", "change"),
    [
        pytest.param(rule, target, change, id=f"{rule}-{number}")
        for rule, breaks in BROKEN.items()
        for number, (target, change) in enumerate(breaks, start=1)
    ],
)
def test_rule_objects(
    sound: Graph, rule: str, target: tuple[str, str], change: Callable[[Resource], Resource]
) -> None:
    found = {finding.id for finding in findings(changed(sound, *target, change))} - EXPECTED
    assert rule in found
    assert found - {rule} <= BESIDES.get(rule, set())  # one rule speaks of one thing


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        pytest.param(lambda text: Export(value=text, known=True, secret=False), 1, id="plain"),
        pytest.param(lambda text: Export(value=text, known=True, secret=True), 0, id="secret"),
    ],
)
def test_exported_password_is_found_unless_secret(
    sound: Graph, export: Callable[[str], Export], expected: int
) -> None:
    password = sorted(sound.secret_values)[0]
    leaking = replace(sound, exports={"password": export(password)})
    assert len([one for one in findings(leaking) if one.id == LEAK]) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DATABASE_PASSWORD", "hush", id="named-so"),
        pytest.param("DATABASE_URL", "mysql://api:hush@host/app", id="inside-an-address"),
    ],
)
def test_secret_in_an_environment_is_found(sound: Graph, name: str, value: str) -> None:
    function = replace(
        sound.resources[0],
        typ="aws:lambda/function:Function",
        name="handler",
        inputs={"environment": {"variables": {name: value, "DATABASE_SECRET_ARN": "arn:x"}}},
    )
    leaking = replace(sound, resources=(*sound.resources, function))
    (found,) = (one for one in findings(leaking) if one.id == LEAK)
    assert found.resource == "handler"
    assert found.text.startswith(f"environment variable {name}")
