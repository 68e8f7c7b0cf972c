"""Who may do what: TLS, IAM, narrow policies, no secret in the clear."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource
from aurora_graphql.preview.rules.registry import parameters, rule


@rule
def tls_everywhere(graph: Graph) -> Iterator[str]:
    """Nothing takes a connection without TLS 1.2 at least."""
    groups = graph.of_type("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    if len(groups) < len(graph.of_type("aws:rds/cluster:Cluster")):
        yield "a cluster has no parameter group of its own"
    for group in groups:
        if parameters(group).get("require_secure_transport") != "ON":
            yield f"{group.name}: connections without TLS are taken"
        versions = set(parameters(group).get("tls_version", "").split(","))
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

_NETWORK_ACTIONS: Final = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
"""What Lambda asks the role of a function in a VPC for, on ``*``, before there is an interface.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
"""

_CODE_OF_FUNCTIONS: Final = "lambda:SourceFunctionArn"
"""Condition key of calls that a function's code makes; Lambda's own calls do not carry it."""

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


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy, single values as sets of one."""

    sid: str
    effect: str
    actions: frozenset[str]
    resources: frozenset[str]  # empty in a trust policy
    everybody: bool  # the principal is `*`
    of_account: bool  # the principal is an account, a role or a user
    conditions: frozenset[str]  # the keys they look at

    @property
    def keeps_code_off(self) -> bool:
        """Whether it denies all that Lambda does in a network to the functions' own code."""
        return (
            self.effect == "Deny"
            and self.actions >= _NETWORK_ACTIONS
            and self.resources == {"*"}
            and self.conditions == {_CODE_OF_FUNCTIONS}
        )

    @property
    def confined(self) -> bool:
        """Whether a condition says who it is, after all."""
        return bool(self.conditions & _CONFINING_CONDITIONS)


def statements(resource: Resource) -> Iterator[Statement]:
    """Every statement of every known policy of a resource."""
    for name in _POLICY_INPUTS:
        text = resource.inputs.get(name)
        if not isinstance(text, str) or not text.startswith("{"):
            continue
        for entry in json.loads(text)["Statement"]:
            principal = entry.get("Principal")
            named = principal.get("AWS", []) if isinstance(principal, dict) else []
            yield Statement(
                sid=entry.get("Sid", "statement"),
                effect=entry["Effect"],
                actions=_set_of(entry["Action"]),
                resources=_set_of(entry.get("Resource", [])),
                everybody=principal == "*" or "*" in _set_of(named),
                of_account=bool(named),
                conditions=frozenset(
                    key for operands in (entry.get("Condition") or {}).values() for key in operands
                ),
            )


def allowed(resource: Resource) -> Iterator[Statement]:
    """What the resource's policies allow; the rest denies."""
    return (found for found in statements(resource) if found.effect != "Deny")


def _set_of(value: Any) -> frozenset[str]:
    return frozenset(value if isinstance(value, list) else [value])


@rule
def no_star(graph: Graph) -> Iterator[str]:
    """No ``*`` as action, as resource where AWS knows narrower, as principal unconfined.

    Lambda's own work in a network is the one exception: AWS knows narrower for it, Lambda does not
    take it. Then the code of the function must be denied what Lambda may do.
    """
    for resource in graph.resources:
        lambdas = _NETWORK_ACTIONS if _keeps_code_off(resource) else set[str]()
        of_key = resource.typ == "aws:kms/key:Key"  # `*` is the key itself there
        of_endpoint = resource.typ == "aws:ec2/vpcEndpoint:VpcEndpoint"
        for found in allowed(resource):
            where = f"{resource.name}, {found.sid}"
            if "*" in found.actions:
                yield f"{where}: every action of every service"
            whole_service = any(re.fullmatch(r"[\w-]+:\*", action) for action in found.actions)
            if whole_service and not ((of_key and found.of_account) or of_endpoint):
                yield f"{where}: every action of a service"
            if "*" in found.resources and not (
                of_key
                or (of_endpoint and found.confined)
                or found.actions <= _RESOURCELESS_ACTIONS
                or found.actions <= lambdas
            ):
                yield f"{where}: every resource"
            narrow = found.resources and "*" not in found.resources
            if found.everybody and not (found.confined or (of_endpoint and narrow)):
                yield f"{where}: every principal"


@rule
def keys_open_one_thing(graph: Graph) -> Iterator[str]:
    """A role may use a key only for what a service says it is: by its context or by the service."""
    for policy in graph.of_type("aws:iam/rolePolicy:RolePolicy"):
        for found in allowed(policy):
            uses_key = any(action.startswith("kms:") for action in found.actions)
            if uses_key and not any(
                key == "kms:ViaService" or key.startswith("kms:EncryptionContext:")
                for key in found.conditions
            ):
                yield f"{policy.name}: {found.sid} opens whatever the key encrypts"


def _keeps_code_off(resource: Resource) -> bool:
    return any(found.keeps_code_off for found in statements(resource))


@rule
def functions_may_join_their_network(graph: Graph) -> Iterator[str]:
    """Lambda may do all that it asks for in the VPC of a function, and has the right beforehand.

    It also keeps the right until its interfaces are gone: the security group, whose deletion waits
    for them, is deleted before the policy is.
    """
    groups = {one.urn: one for one in graph.of_type("aws:ec2/securityGroup:SecurityGroup")}
    for function in graph.of_type("aws:lambda/function:Function"):
        roles = function.property_dependencies.get("role")
        if function.inputs.get("vpcConfig") is None or not roles:  # a role of somebody else
            continue
        policies = [
            policy
            for policy in graph.of_type("aws:iam/rolePolicy:RolePolicy")
            if roles & policy.property_dependencies.get("role", frozenset())
        ]
        if any(policy.inputs["policy"] == UNKNOWN for policy in policies):
            continue
        granting = [policy for policy in policies if any(map(_joins, allowed(policy)))]
        if not granting:
            yield f"{function.name}: its role may not manage interfaces on every resource"
        for policy in granting:
            if policy.urn not in function.dependencies:
                yield f"{function.name}: may be created before its role may manage interfaces"
            for urn in function.property_dependencies.get("vpcConfig", frozenset()) & set(groups):
                if policy.urn not in groups[urn].dependencies:
                    yield f"{groups[urn].name}: may outlast the right to leave it"


def _joins(found: Statement) -> bool:
    return found.actions >= _NETWORK_ACTIONS and found.resources == {"*"} and not found.conditions


_SAYS_NO_SOURCE: Final = {"apigateway.amazonaws.com", "rds.amazonaws.com"}
"""Services that take a role without saying for whom: a condition would shut them out.

API Gateway's documentation says so for the role of its logs, that of RDS Proxy shows none.
"""


@rule
def roles_are_taken_for_this_account(graph: Graph) -> Iterator[str]:
    """A role that a service takes says for whose resources, where the service tells."""
    for role in graph.of_type("aws:iam/role:Role"):
        text = role.inputs.get("assumeRolePolicy")
        if not isinstance(text, str) or not text.startswith("{"):
            continue
        for entry in json.loads(text)["Statement"]:
            principal = entry.get("Principal")
            services = _set_of(principal.get("Service", []) if isinstance(principal, dict) else [])
            keys = {key for operands in (entry.get("Condition") or {}).values() for key in operands}
            if services - _SAYS_NO_SOURCE and not keys & {"aws:SourceAccount", "aws:SourceArn"}:
                yield f"{role.name}: {', '.join(sorted(services))} may take it for any account"


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
