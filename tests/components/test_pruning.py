"""The call that deletes old versions: when, by whom, and with which rights."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pulumi_aws as aws
import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.function import FunctionArgs
from components.pruning import PrunedFunction, Pruning, PruningArgs
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS, example_archive
from tests.components.test_function import policy
from tests.components.weaknesses import weaknesses

FUNCTION_ARN = LOCATION.arn("lambda", "function:graphql-1a2b3c4")
ARGS = PruningArgs(
    function=FunctionArgs(
        location=LOCATION,
        archive=example_archive(),
        handler="handler.entry.prune",
        description="Deletes versions that are no longer needed",
        key_arn=KEY_ARN,
        memory_mb=512,
        timeout_s=300,
        log_retention_days=30,
        tags=TAGS,
    ),
    pruned=[
        PrunedFunction(
            purpose="graphql",
            function_name="graphql-1a2b3c4",
            function_arn=FUNCTION_ARN,
            served="live=7",
        )
    ],
    keep=3,
)


def build(**changes: Any) -> Graph:
    return declare(partial(Pruning, "p", dataclasses.replace(ARGS, **changes)))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Pruning, "p", ARGS))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:Function", "p-function"),
        ("aurora-graphql:index:Pruning", "p"),
        ("aws:cloudwatch/logGroup:LogGroup", "p-function-log"),
        ("aws:iam/role:Role", "p-function-role"),
        ("aws:iam/rolePolicy:RolePolicy", "p-function-policy"),
        ("aws:lambda/function:Function", "p-function"),
        ("aws:lambda/invocation:Invocation", "p-call"),
    ]
    assert weaknesses(graph) == {}


def test_call_names_the_functions_and_how_many_versions_stay() -> None:
    call = build().named("p-call").inputs
    assert json.loads(call["input"]) == {
        "action": "prune",
        "functions": ["graphql-1a2b3c4"],
        "keep": 3,
    }
    assert (call["lifecycleScope"], call["triggers"]) == ("CREATE_ONLY", {"graphql": "live=7"})


def test_every_release_and_another_number_call_again() -> None:
    def call(**changes: Any) -> Any:
        inputs = build(**changes).named("p-call").inputs
        return inputs["input"], inputs["triggers"]

    released = [dataclasses.replace(ARGS.pruned[0], served="live=8")]
    assert len({str(call()), str(call(pruned=released)), str(call(keep=4))}) == 3


def test_call_waits_for_what_tells_of_the_release() -> None:
    def declared() -> None:
        alias = aws.lambda_.Alias("alias", name="live", function_name="f", function_version="8")
        served = [dataclasses.replace(ARGS.pruned[0], served=alias.function_version)]
        Pruning("p", dataclasses.replace(ARGS, pruned=served))

    graph = declare(declared)
    assert waits_for(graph, graph.named("p-call"), graph.named("alias"))


def test_it_may_delete_versions_and_no_function() -> None:
    statements = policy(build(), "p-function-policy")
    assert statements["ListVersions"] == {
        "Sid": "ListVersions",
        "Effect": "Allow",
        "Action": ["lambda:ListAliases", "lambda:ListVersionsByFunction"],
        "Resource": [FUNCTION_ARN],
    }
    assert statements["DeleteVersions"] == {
        "Sid": "DeleteVersions",
        "Effect": "Allow",
        "Action": "lambda:DeleteFunction",
        "Resource": [f"{FUNCTION_ARN}:*"],  # a function's own ARN does not match
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"keep": 1},
            "keep must be between 2 and 100 versions, got 1",
            id="none-that-the-alias-named-a-moment-ago",
        ),
        pytest.param({"keep": 101}, "keep must be between 2 and 100", id="too-many"),
        pytest.param({"pruned": []}, "pruned must name at least one function", id="no-function"),
    ],
)
def test_wrong_arguments_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(ARGS, **changes)
