"""What must hold for every graph, whatever the settings: functions from a graph to findings.

A finding is a sentence that begins with the resource's name. Unknown values are not judged: the
same program runs with outputs known, where they are. ``RULES`` holds every function by its name.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, get_args

import pulumi_aws as aws
import pulumi_random as random
from pulumi._types import input_type_types, is_input_type

from tests.components.recording import UNKNOWN, Graph, Resource

Rule = Callable[[Graph], list[str]]

PRODUCTION_RULES: Final = ("deletion_protected",)
"""Rules that a stack may switch off by ``deletionProtection: false``."""

RULES: Final[dict[str, Rule]] = {}


def rule(check: Callable[[Graph], Iterator[str]]) -> Rule:
    """Add a generator of findings to ``RULES``."""

    def run(graph: Graph) -> list[str]:
        return sorted(check(graph))

    RULES[check.__name__] = run
    return run


def findings(graph: Graph, *, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Findings by rule; empty where all is well."""
    found = {name: check(graph) for name, check in RULES.items() if name not in without}
    return {name: lines for name, lines in found.items() if lines}


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
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        rules = _pointing_at(
            graph,
            bucket,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "bucket",
        )
        # S3 delivers its own access logs to buckets with its own key only.
        takes_logs = bucket.urn in _log_targets(graph)
        accepted = ("kmsMasterKeyId", "AES256") if takes_logs else ("kmsMasterKeyId",)
        texts = [json.dumps(found.inputs) for found in rules]
        if not any(word in text for text in texts for word in accepted):
            yield f"{bucket.name}: no encryption with a key"


def _log_targets(graph: Graph) -> set[str]:
    """URNs of the buckets that take access logs, named directly or as their policy's bucket."""
    by_urn = {resource.urn: resource for resource in graph.resources}
    targets: set[str] = set()
    for logging in graph.of_type("aws:s3/bucketLogging:BucketLogging"):
        for urn in logging.property_dependencies.get("targetBucket", frozenset()):
            targets.add(urn)
            targets |= by_urn[urn].property_dependencies.get("bucket", frozenset())
    return targets


def _pointing_at(graph: Graph, target: Resource, typ: str, name: str) -> list[Resource]:
    """Resources of ``typ`` whose input ``name`` comes from ``target``."""
    return [
        resource
        for resource in graph.of_type(typ)
        if target.urn in resource.property_dependencies.get(name, frozenset())
    ]


@rule
def tagged(graph: Graph) -> Iterator[str]:
    """Every resource that can carry tags carries those of its stack and of its component."""
    for resource in graph.resources:
        if "tags" in (_arguments(resource.typ) or {}):
            missing = {"project", "stack", "managed-by", "component"} - set(
                resource.inputs.get("tags") or {}
            )
            if missing:
                yield f"{resource.name} ({resource.typ}): no tags {sorted(missing)}"


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
        if not _pointing_at(graph, vpc, "aws:ec2/flowLog:FlowLog", "vpcId"):
            yield f"{vpc.name}: no flow log"


def _parameters(group: Resource) -> dict[str, str]:
    return {item["name"]: item["value"] for item in group.inputs.get("parameters") or []}


@rule
def tls_everywhere(graph: Graph) -> Iterator[str]:
    """Nothing takes a connection without TLS 1.2 at least."""
    groups = graph.of_type("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    if len(groups) < len(graph.of_type("aws:rds/cluster:Cluster")):
        yield "a cluster has no parameter group of its own"
    for group in groups:
        if _parameters(group).get("require_secure_transport") != "ON":
            yield f"{group.name}: connections without TLS are taken"
        versions = set(_parameters(group).get("tls_version", "").split(","))
        if not versions <= {"TLSv1.2", "TLSv1.3"}:
            yield f"{group.name}: TLS versions {sorted(versions)}"
    for proxy in graph.of_type("aws:rds/proxy:Proxy"):
        if proxy.inputs.get("requireTls") is not True:
            yield f"{proxy.name}: connections without TLS are taken"
    for cache_group in graph.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        if cache_group.inputs.get("transitEncryptionEnabled") is not True:
            yield f"{cache_group.name}: connections without TLS are taken"
        if cache_group.inputs.get("transitEncryptionMode") != "required":
            yield f"{cache_group.name}: TLS is not required"
    for domain in graph.of_type("aws:apigateway/domainName:DomainName"):
        if domain.inputs.get("securityPolicy") == "TLS_1_0":
            yield f"{domain.name}: {domain.inputs.get('securityPolicy')}"


@rule
def database_login_by_iam(graph: Graph) -> Iterator[str]:
    """Nobody logs in with a stored password, except the owner of the schema."""
    for cluster in graph.of_type("aws:rds/cluster:Cluster"):
        if cluster.inputs.get("iamDatabaseAuthenticationEnabled") is not True:
            yield f"{cluster.name}: no IAM authentication"
        if cluster.inputs.get("manageMasterUserPassword") is not True:
            yield f"{cluster.name}: RDS does not manage the master password"
    for proxy in graph.of_type("aws:rds/proxy:Proxy"):
        logins = proxy.inputs.get("auths") or []
        by_iam = proxy.inputs.get("defaultAuthScheme") == "IAM_AUTH"
        if not by_iam and not logins:
            yield f"{proxy.name}: no way to log in"
        for login in logins:
            if login.get("iamAuth") != "REQUIRED":
                yield f"{proxy.name}: callers may log in with a password"
    for user in graph.of_type("aws:elasticache/user:User"):
        if (user.inputs.get("authenticationMode") or {}).get("type") != "iam":
            yield f"{user.name}: logs in without IAM"
        if user.inputs.get("noPasswordRequired"):
            yield f"{user.name}: logs in without a password"
        if re.search(r"\+@(all|dangerous|admin)", user.inputs.get("accessString", "")):
            yield f"{user.name}: may do anything"
    for kind, name in (
        ("aws:elasticache/serverlessCache:ServerlessCache", "userGroupId"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "userGroupIds"),
    ):
        for cache_resource in graph.of_type(kind):
            if not cache_resource.inputs.get(name):
                yield f"{cache_resource.name}: anybody may log in"


@rule
def database_private(graph: Graph) -> Iterator[str]:
    """Database, proxy and cache stand in isolated subnets and have no public address."""
    for instance in graph.of_type("aws:rds/clusterInstance:ClusterInstance"):
        if instance.inputs.get("publiclyAccessible") is not False:
            yield f"{instance.name}: has a public address"
    for subnet in graph.of_type("aws:ec2/subnet:Subnet"):
        if subnet.inputs.get("mapPublicIpOnLaunch") is not False:
            yield f"{subnet.name}: gives out public addresses"
    isolated = {
        resource.urn
        for resource in graph.of_type("aws:ec2/subnet:Subnet")
        if (resource.inputs.get("tags") or {}).get("tier") == "isolated"
    }
    subnets = {resource.urn for resource in graph.of_type("aws:ec2/subnet:Subnet")}
    for typ, name in (
        ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
        ("aws:rds/proxy:Proxy", "vpcSubnetIds"),
        ("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSubnetIds"),
        ("aws:elasticache/serverlessCache:ServerlessCache", "subnetIds"),
        ("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds"),
    ):
        for resource in graph.of_type(typ):
            used = resource.property_dependencies.get(name, frozenset()) & subnets
            if not used <= isolated:
                yield f"{resource.name}: stands in a subnet that is not isolated"
            if not resource.inputs.get(name):
                yield f"{resource.name}: no subnets"


@rule
def isolated_subnets_have_no_way_out(graph: Graph) -> Iterator[str]:
    """No default route on the route table of an isolated subnet."""
    isolated = {
        resource.urn
        for resource in graph.of_type("aws:ec2/subnet:Subnet")
        if (resource.inputs.get("tags") or {}).get("tier") == "isolated"
    }
    tables: set[str] = set()
    for association in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        if association.property_dependencies.get("subnetId", frozenset()) & isolated:
            tables |= association.property_dependencies.get("routeTableId", frozenset())
    for route in graph.of_type("aws:ec2/route:Route"):
        if route.property_dependencies.get("routeTableId", frozenset()) & tables:
            yield f"{route.name}: leads out of an isolated subnet"


_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


@rule
def no_open_ingress(graph: Graph) -> Iterator[str]:
    """Rules name a security group or a prefix list, one port, and a reason; none is inline."""
    for kind in ("Ingress", "Egress"):
        typ = f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule"
        for resource in graph.of_type(typ):
            inputs = resource.inputs
            if kind == "Ingress" and (
                inputs.get("cidrIpv4") in _EVERYWHERE or inputs.get("cidrIpv6") in _EVERYWHERE
            ):
                yield f"{resource.name}: open to everybody"
            if not inputs.get("referencedSecurityGroupId") and not inputs.get("prefixListId"):
                yield f"{resource.name}: names no security group or prefix list"
            if inputs.get("ipProtocol") in ("-1", "all") or (
                inputs.get("fromPort") != inputs.get("toPort")
            ):
                yield f"{resource.name}: more than one port"
            if not inputs.get("description"):
                yield f"{resource.name}: no description"
    for group in graph.of_type("aws:ec2/securityGroup:SecurityGroup"):
        if group.inputs.get("ingress") or group.inputs.get("egress"):
            yield f"{group.name}: inline rules"
        if not group.inputs.get("description"):
            yield f"{group.name}: no description"
    for group in graph.of_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"):
        if group.inputs.get("ingress") or group.inputs.get("egress"):
            yield f"{group.name}: the default security group lets something through"
    for vpc in graph.of_type("aws:ec2/vpc:Vpc"):
        typ = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
        if not _pointing_at(graph, vpc, typ, "vpcId"):
            yield f"{vpc.name}: the default security group is left as AWS makes it"
    for block in graph.of_type("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"):
        for name in (
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        ):
            if block.inputs.get(name) is not True:
                yield f"{block.name}: {name} is not set"
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        typ = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
        if not _pointing_at(graph, bucket, typ, "bucket"):
            yield f"{bucket.name}: no public access block"


_POLICY_INPUTS: Final = ("policy", "assumeRolePolicy", "accessPolicies", "resourcePolicy")

_RESOURCELESS_ACTIONS: Final = {
    "cloudwatch:PutMetricData",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions for which AWS knows no resource narrower than ``*``.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

_CONFINING_CONDITIONS: Final = {
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceVpc",
    "aws:SourceVpce",
}


def statements(graph: Graph) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """Every statement of every known policy."""
    for resource in graph.resources:
        for name in _POLICY_INPUTS:
            text = resource.inputs.get(name)
            if not isinstance(text, str) or not text.startswith("{"):
                continue
            for statement in json.loads(text)["Statement"]:
                yield resource, statement


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@rule
def no_star(graph: Graph) -> Iterator[str]:
    """No ``*`` as action, as resource where AWS knows narrower, as principal unconfined."""
    for resource, statement in statements(graph):
        if statement["Effect"] == "Deny":
            continue
        where = f"{resource.name}, {statement.get('Sid', 'statement')}"
        actions = _listed(statement["Action"])
        conditions = {
            key for operands in (statement.get("Condition") or {}).values() for key in operands
        }
        confined = bool(conditions & _CONFINING_CONDITIONS)
        if "*" in actions:
            yield f"{where}: every action of every service"
        of_key = resource.typ == "aws:kms/key:Key"  # `*` is the key itself there
        of_endpoint = resource.typ == "aws:ec2/vpcEndpoint:VpcEndpoint"
        if any(re.fullmatch(r"[\w-]+:\*", action) for action in actions) and not (
            (of_key and "AWS" in statement.get("Principal", {})) or of_endpoint
        ):
            yield f"{where}: every action of a service"
        if "*" in _listed(statement.get("Resource", [])) and not (
            of_key or (of_endpoint and confined) or set(actions) <= _RESOURCELESS_ACTIONS
        ):
            yield f"{where}: every resource"
        principal = statement.get("Principal")
        everybody = principal == "*" or (
            isinstance(principal, dict) and "*" in _listed(principal.get("AWS", []))
        )
        narrow = "*" not in _listed(statement.get("Resource", "*"))
        if everybody and not (confined or (of_endpoint and narrow)):
            yield f"{where}: every principal"


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


_AUTOMATIC_SUFFIX: Final = 8
"""Characters that Pulumi appends to a logical name to make a physical one."""

_NAME_LIMITS: Final[Mapping[str, tuple[str, int]]] = {
    "aws:budgets/budget:Budget": ("name", 100),
    "aws:cloudtrail/trail:Trail": ("name", 128),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", 255),
    "aws:cloudwatch/eventRule:EventRule": ("name", 64),
    "aws:cloudwatch/logGroup:LogGroup": ("name", 512),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", 255),
    "aws:ec2/securityGroup:SecurityGroup": ("name", 255),
    "aws:elasticache/parameterGroup:ParameterGroup": ("name", 255),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("replicationGroupId", 40),
    "aws:elasticache/serverlessCache:ServerlessCache": ("name", 40),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name", 255),
    "aws:elasticache/user:User": ("userId", 40),
    "aws:elasticache/userGroup:UserGroup": ("userGroupId", 40),
    "aws:iam/role:Role": ("name", 64),
    "aws:iam/rolePolicy:RolePolicy": ("name", 128),
    "aws:kms/alias:Alias": ("name", 256),
    "aws:lambda/alias:Alias": ("name", 128),
    "aws:lambda/function:Function": ("name", 64),
    "aws:rds/cluster:Cluster": ("clusterIdentifier", 63),
    "aws:rds/clusterInstance:ClusterInstance": ("identifier", 63),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ("name", 255),
    "aws:rds/parameterGroup:ParameterGroup": ("name", 255),
    "aws:rds/proxy:Proxy": ("name", 63),
    "aws:rds/proxyEndpoint:ProxyEndpoint": ("dbProxyEndpointName", 63),
    "aws:rds/subnetGroup:SubnetGroup": ("name", 255),
    "aws:s3/bucket:Bucket": ("bucket", 63),
    "aws:scheduler/schedule:Schedule": ("name", 64),
    "aws:secretsmanager/secret:Secret": ("name", 512),
    "aws:sns/topic:Topic": ("name", 256),
    "aws:sqs/queue:Queue": ("name", 80),
    "aws:wafv2/webAcl:WebAcl": ("name", 128),
}
"""Type -> input that holds the physical name, and how many characters AWS takes."""


@rule
def names_fit(graph: Graph) -> Iterator[str]:
    """Every physical name, given or made by Pulumi, is one that AWS takes."""
    for resource in graph.resources:
        if resource.typ not in _NAME_LIMITS:
            continue
        name, limit = _NAME_LIMITS[resource.typ]
        given = resource.inputs.get(name)
        if given == UNKNOWN:
            continue
        length = len(given) if given else len(resource.name) + _AUTOMATIC_SUFFIX
        if length > limit:
            yield f"{resource.name} ({resource.typ}): {length} characters, AWS takes {limit}"
        physical = given or resource.name
        if resource.typ == "aws:ec2/securityGroup:SecurityGroup" and physical.startswith("sg-"):
            yield f"{resource.name}: AWS keeps names that begin with sg-"


@cache
def _arguments(typ: str) -> Mapping[str, Any] | None:
    """Inputs that the SDK's class for this type takes: name on the wire -> type."""
    match = re.fullmatch(r"(aws|random):(\w+)/\w+:(\w+)", typ)
    if match is None:
        return None
    if match[1] == "random":
        owner: Any = random
    else:
        owner = getattr(aws, {"lambda": "lambda_", "index": "__init__"}.get(match[2], match[2]))
    # Where another class already has the usual name, the SDK calls this one InitArgs.
    module = sys.modules[getattr(owner, match[3]).__module__]
    arguments = getattr(module, f"{match[3]}InitArgs", None) or getattr(module, f"{match[3]}Args")
    found: Mapping[str, Any] = input_type_types(arguments)
    return found


@rule
def accepted_by_the_sdk(graph: Graph) -> Iterator[str]:
    """Every input, nested ones included, is one that this version of the SDK knows."""
    for resource in graph.resources:
        arguments = _arguments(resource.typ)
        if arguments is not None:
            yield from _unknown_inputs(resource.name, resource.inputs, arguments)


def _unknown_inputs(
    path: str, inputs: Mapping[str, Any], arguments: Mapping[str, Any]
) -> Iterator[str]:
    for name, value in inputs.items():
        if name.startswith("__"):
            continue  # Pulumi's own, such as __defaults
        if name not in arguments:
            yield f"{path}: no input {name}"
            continue
        nested = _input_class(arguments[name])
        values = value if isinstance(value, list) else [value]
        for item in values:
            if nested is not None and isinstance(item, dict):
                yield from _unknown_inputs(f"{path}.{name}", item, input_type_types(nested))


def _input_class(hint: Any) -> type | None:
    """The input class somewhere inside ``Optional[Sequence[Input[Class]]]``."""
    if isinstance(hint, type) and is_input_type(hint):
        return hint
    found = (_input_class(argument) for argument in get_args(hint))
    return next((one for one in found if one is not None), None)


_SECRET_NAMES: Final = re.compile(r"(?i)(password|passwd|secret|private_?key|auth_?token)")


@rule
def no_secret_in_plain_inputs(graph: Graph) -> Iterator[str]:
    """Generated values stay secret in the state, and no environment carries one."""

    def leaks(value: Any) -> bool:
        text = json.dumps(value, default=str)
        return any(secret in text for secret in graph.secret_values)

    for resource in graph.resources:
        for name, value in resource.inputs.items():
            if name not in resource.secret_inputs and leaks(value):
                yield f"{resource.name}: {name} carries a generated secret in the clear"
        for name in ("masterPassword", "passwords", "authToken"):
            if resource.inputs.get(name):
                yield f"{resource.name}: {name} is ours to keep"
        variables = (resource.inputs.get("environment") or {}).get("variables") or {}
        for key, value in variables.items():
            if _SECRET_NAMES.search(key) and not key.endswith("_ARN"):
                yield f"{resource.name}: environment variable {key}"
            if re.search(r"://[^/@\s]+:[^/@\s]+@", str(value)):
                yield f"{resource.name}: environment variable {key} holds a password"
    for component, outputs in graph.component_outputs.items():
        if leaks(outputs):
            yield f"{component}: an output carries a generated secret"
    for key, export in graph.exports.items():
        if not export.secret and leaks(export.value):
            yield f"export {key}: carries a generated secret in the clear"
