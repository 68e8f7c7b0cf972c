"""What the functions' code asks AWS for, against what their roles allow: neither more nor less."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import botocore.session  # type: ignore[import-untyped]  # no type information published
import pytest
from botocore import xform_name

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.policies import ROLE_POLICY, allowed
from components.api_settings import FunctionSettings
from tests.components.api_tiers import ARGS, build

EDGE: Final = Path(__file__).resolve().parents[2] / "handler/stores/aws"

ROLES: Final[Mapping[str, str]] = {
    "deployments": "t-shift-function",
    "functions": "t-prune-function",
    "objects": "t-ingest-function",
    "secrets": "t-migrate",
}
"""Module of the edge -> the function that alone uses it, as its docstring says."""

IN_OTHER_WORDS: Final[Mapping[str, set[str]]] = {
    "s3:GetObject": {"s3:GetObject", "s3:GetObjectVersion"},  # of a version, where S3 names one
    "codedeploy:CreateDeployment": {
        "codedeploy:CreateDeployment",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    },
}
"""Calls for which AWS wants other rights than one of the call's own name.

Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
"""

OF_LAMBDA: Final = {"ec2", "elasticache", "kms", "logs", "rds-db", "sqs", "xray"}
"""Services that Lambda itself calls by the role, or whose rights are no calls of botocore."""


def words(path: Path) -> Iterator[str]:
    """Every attribute and every text of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def operations(service: str) -> Mapping[str, str]:
    """The operations of a service by the names of botocore's methods."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def called(module: str) -> set[str]:
    """The rights that the calls of a module need."""
    found = set(words(EDGE / f"{module}.py"))
    services = found & {"codedeploy", "lambda", "s3", "secretsmanager"}
    assert services, f"{module} opens no client"
    calls = {
        f"{service}:{operation}"
        for service in services
        for name, operation in operations(service).items()
        if name in found
    }
    return {right for call in calls for right in IN_OTHER_WORDS.get(call, {call})}


def granted(graph: Graph, function: str) -> set[str]:
    """What the role of a function allows, without what is Lambda's."""
    role = graph.named(f"{function}-role").urn
    actions: set[str] = set()
    for policy in graph.of_type(ROLE_POLICY):
        if role in policy.property_dependencies["role"]:
            for found in allowed(policy):
                actions |= found.actions
    return {action for action in actions if action.partition(":")[0] not in OF_LAMBDA}


@pytest.fixture(scope="module")
def graph() -> Graph:
    shifting = FunctionSettings(shift_traffic="canary10Percent5Minutes")
    return build(dataclasses.replace(ARGS, function=shifting))


def test_every_module_that_opens_a_client_is_of_one_function() -> None:
    opening = {path.stem for path in EDGE.glob("*.py") if "open_client(" in path.read_text()}
    assert opening - {"client"} == set(ROLES)


@pytest.mark.parametrize("module", ROLES)
def test_role_allows_what_the_code_calls_and_nothing_else(graph: Graph, module: str) -> None:
    assert called(module) == granted(graph, ROLES[module])


@pytest.mark.parametrize("function", ["t-graphql", "t-authorizer"])
def test_what_answers_callers_calls_nothing_of_aws(graph: Graph, function: str) -> None:
    assert granted(graph, function) == set()
