"""IAM: policies that name what they allow, roles that only this account's resources take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource
from aurora_graphql.preview.rules.rule import Problem, Rule

ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"

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

_NARROWER_IS_CUT: Final = {"cloudwatch:DescribeAlarms"}
"""Actions that only read, and with less than ``*`` are answered in part.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
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


def _no_star(graph: Graph) -> Iterator[Problem]:
    """Lambda's own work in a network is the one exception: AWS knows narrower for it, Lambda does
    not accept it. Then the code of the function must be denied what Lambda may do.
    """
    for resource in graph.resources:
        lambdas = _NETWORK_ACTIONS if _keeps_code_off(resource) else set[str]()
        of_key = resource.typ == "aws:kms/key:Key"  # `*` is the key itself there
        of_endpoint = resource.typ == "aws:ec2/vpcEndpoint:VpcEndpoint"
        for found in allowed(resource):
            if "*" in found.actions:
                yield resource.name, f"{found.sid} allows every action of every service"
            whole_service = any(re.fullmatch(r"[\w-]+:\*", action) for action in found.actions)
            if whole_service and not ((of_key and found.of_account) or of_endpoint):
                yield resource.name, f"{found.sid} allows every action of a service"
            if "*" in found.resources and not (
                of_key
                or (of_endpoint and found.confined)
                or found.actions <= _RESOURCELESS_ACTIONS | _NARROWER_IS_CUT
                or found.actions <= lambdas
            ):
                yield resource.name, f"{found.sid} is for every resource"
            narrow = found.resources and "*" not in found.resources
            if found.everybody and not (found.confined or (of_endpoint and narrow)):
                yield resource.name, f"{found.sid} is for every principal"


def _keys_open_one_thing(graph: Graph) -> Iterator[Problem]:
    for policy in graph.of_type(ROLE_POLICY):
        for found in allowed(policy):
            uses_key = any(action.startswith("kms:") for action in found.actions)
            if uses_key and not any(
                key == "kms:ViaService" or key.startswith("kms:EncryptionContext:")
                for key in found.conditions
            ):
                yield policy.name, f"{found.sid} opens whatever the key encrypts"


def _keeps_code_off(resource: Resource) -> bool:
    return any(found.keeps_code_off for found in statements(resource))


def _functions_may_join(graph: Graph) -> Iterator[Problem]:
    """The right must outlive the interfaces: the security group, whose deletion waits for them,
    is deleted before the policy is.
    """
    groups = {one.urn: one for one in graph.of_type("aws:ec2/securityGroup:SecurityGroup")}
    for function in graph.of_type("aws:lambda/function:Function"):
        roles = function.property_dependencies.get("role")
        if function.inputs.get("vpcConfig") is None or not roles:  # a role of somebody else
            continue
        policies = [
            policy
            for policy in graph.of_type(ROLE_POLICY)
            if roles & policy.property_dependencies.get("role", frozenset())
        ]
        if any(policy.inputs["policy"] == UNKNOWN for policy in policies):
            continue
        granting = [policy for policy in policies if any(map(_joins, allowed(policy)))]
        if not granting:
            yield function.name, "its role may not manage interfaces on every resource"
        for policy in granting:
            if policy.urn not in function.dependencies:
                yield function.name, "may be created before its role may manage interfaces"
            for urn in function.property_dependencies.get("vpcConfig", frozenset()) & set(groups):
                if policy.urn not in groups[urn].dependencies:
                    yield groups[urn].name, "may outlast the right to leave it"


def _joins(found: Statement) -> bool:
    return found.actions >= _NETWORK_ACTIONS and found.resources == {"*"} and not found.conditions


def _no_secret_in_service(graph: Graph) -> Iterator[Problem]:
    """Of functions that are published, so that events of others reach them."""
    roles: set[str] = set()
    for function in graph.of_type("aws:lambda/function:Function"):
        if function.inputs.get("publish"):
            roles |= function.property_dependencies.get("role", frozenset())
    for policy in graph.of_type(ROLE_POLICY):
        if policy.property_dependencies.get("role", frozenset()) & roles:
            for found in allowed(policy):
                if "secretsmanager:GetSecretValue" in found.actions:
                    yield policy.name, f"{found.sid} gives a function in service a password"


_SAYS_SOURCE: Final = {
    "backup.amazonaws.com",
    "lambda.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
}
"""Services that say for which account, or for which resource, they take a role."""

_SAYS_NO_SOURCE: Final = {
    "apigateway.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "codedeploy.amazonaws.com",
    "rds.amazonaws.com",
}
"""Services that take a role without saying for whom: a condition would shut them out.

API Gateway's documentation says so for the role of its logs, those of CodeDeploy and RDS Proxy
show none, and CloudTrail stops writing to its log group.
Source: https://github.com/prowler-cloud/prowler/issues/4714
"""

_SOURCE: Final = {"aws:SourceAccount", "aws:SourceArn"}


def _trusts(graph: Graph) -> Iterator[tuple[Resource, frozenset[str], set[str]]]:
    """Roles with the services that may take them and the keys of the condition on that."""
    for role in graph.of_type("aws:iam/role:Role"):
        text = role.inputs.get("assumeRolePolicy")
        if not isinstance(text, str) or not text.startswith("{"):
            continue
        for entry in json.loads(text)["Statement"]:
            principal = entry.get("Principal")
            services = _set_of(principal.get("Service", []) if isinstance(principal, dict) else [])
            keys = {key for operands in (entry.get("Condition") or {}).values() for key in operands}
            yield role, services, keys


def _roles_are_of_this_account(graph: Graph) -> Iterator[Problem]:
    for role, services, keys in _trusts(graph):
        if services - _SAYS_NO_SOURCE and not keys & _SOURCE:
            yield role.name, f"{', '.join(sorted(services))} may take it for any account"


def _roles_can_be_taken(graph: Graph) -> Iterator[Problem]:
    for role, services, keys in _trusts(graph):
        silent = services - _SAYS_SOURCE
        if silent and keys & _SOURCE:
            yield role.name, f"{', '.join(sorted(silent))} is not known to say for whom it acts"


def _topics_are_of_this_account(graph: Graph) -> Iterator[Problem]:
    for policy in graph.of_type("aws:sns/topicPolicy:TopicPolicy"):
        for found in allowed(policy):
            if not found.of_account and not found.confined:
                yield policy.name, f"{found.sid} lets a service publish for any account"


RULES: Final = (
    Rule(
        id="no-star",
        holds="no policy has * as action, as resource where AWS knows narrower, or as principal",
        why="A role that may do more than its task is what an attacker wants.",
        remedy="name actions, ARNs and principals, or confine the statement by a condition",
        check=_no_star,
        also=("KMS.1", "KMS.2", "KMS.5"),
    ),
    Rule(
        id="keys-open-one-thing",
        holds="a role uses a key by way of one service or for one encryption context",
        why="The stack has one key: without a condition a role could read all that it encrypts.",
        remedy="add a condition on kms:ViaService or kms:EncryptionContext:...",
        check=_keys_open_one_thing,
    ),
    Rule(
        id="functions-may-join-their-network",
        holds="Lambda may manage the interfaces of a function as long as there are any",
        why="It asks the function's role for these rights before there is an interface to name.",
        remedy="allow what AWSLambdaVPCAccessExecutionRole has; function and security group depend "
        "on that policy",
        check=_functions_may_join,
    ),
    Rule(
        id="service-reads-no-secret",
        holds="a function that takes events reads no secret",
        why="Whoever takes it over would hold a password, perhaps the administrator's.",
        remedy="let it log in by IAM, as a user of its own (iam.connect_database)",
        check=_no_secret_in_service,
    ),
    Rule(
        id="roles-are-taken-for-this-account",
        holds="a service takes a role for resources of this account only",
        why="Somebody else could have the service act on our resources (the confused deputy).",
        remedy="add a condition on aws:SourceAccount or aws:SourceArn to the trust policy",
        check=_roles_are_of_this_account,
    ),
    Rule(
        id="roles-can-be-taken",
        holds="a role has a condition on the source only for services that say theirs",
        why="A condition that never holds keeps the service out, and what needs the role fails.",
        remedy="take the condition away: only this account can hand its role to a service",
        check=_roles_can_be_taken,
    ),
    Rule(
        id="topics-are-published-to-from-this-account",
        holds="a service may publish to a topic for this account only",
        why="Anybody could have that service raise our alarms from an account of theirs.",
        remedy="add a condition on aws:SourceAccount or aws:SourceArn",
        check=_topics_are_of_this_account,
    ),
)
