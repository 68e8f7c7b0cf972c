"""What receives traffic, after what, and the four answers to cold starts."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pulumi_aws as aws
import pytest

from aurora_graphql.preview.recording import declare
from components.api_settings import FunctionSettings
from components.release import Release, ReleaseArgs
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.weaknesses import weaknesses

ARGS = ReleaseArgs(
    location=LOCATION,
    function_name="f-1a2b3c4",
    function_arn="arn:aws:lambda:eu-central-1:123456789012:function:f-1a2b3c4",
    version="7",
    key_arn=KEY_ARN,
    tags=TAGS,
)
ALIAS_ONLY = [("aurora-graphql:index:Release", "r"), ("aws:lambda/alias:Alias", "r-alias")]


def warm(**changes: Any) -> ReleaseArgs:
    return dataclasses.replace(ARGS, warmth=FunctionSettings(**changes))


@pytest.mark.parametrize(
    ("args", "added"),
    [
        pytest.param(ARGS, [], id="none"),
        pytest.param(warm(cold_start="snapstart"), [], id="snapstart"),
        pytest.param(
            warm(cold_start="provisioned"),
            [
                (
                    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
                    "r-provisioned",
                )
            ],
            id="provisioned",
        ),
        pytest.param(
            warm(cold_start="provisioned", provisioned_scaling="utilization"),
            [
                ("aws:appautoscaling/policy:Policy", "r-utilization"),
                ("aws:appautoscaling/target:Target", "r-scaling"),
                (
                    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
                    "r-provisioned",
                ),
            ],
            id="provisioned-by-utilization",
        ),
        pytest.param(
            warm(cold_start="provisioned", provisioned_scaling="schedule"),
            [
                ("aws:appautoscaling/scheduledAction:ScheduledAction", "r-start"),
                ("aws:appautoscaling/scheduledAction:ScheduledAction", "r-stop"),
                ("aws:appautoscaling/target:Target", "r-scaling"),
                (
                    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
                    "r-provisioned",
                ),
            ],
            id="provisioned-by-schedule",
        ),
        pytest.param(
            warm(cold_start="warmup"),
            [
                ("aws:iam/role:Role", "r-warmup-role"),
                ("aws:iam/rolePolicy:RolePolicy", "r-warmup-policy"),
                ("aws:scheduler/schedule:Schedule", "r-warmup"),
            ],
            id="warmup",
        ),
    ],
)
def test_identities_are_frozen(
    declared: Declare, args: ReleaseArgs, added: list[tuple[str, str]]
) -> None:
    graph = declared(partial(Release, "r", args))
    assert graph.types_and_names() == sorted(ALIAS_ONLY + added)
    assert weaknesses(graph) == {}


def test_alias_points_at_the_version() -> None:
    alias = declare(partial(Release, "r", ARGS)).named("r-alias")
    assert dict(alias.inputs) == {
        "name": "live",
        "description": "Receives the traffic",
        "functionName": "f-1a2b3c4",
        "functionVersion": "7",
    }


def test_alias_waits_for_the_schema() -> None:
    def build() -> None:
        migrated = aws.lambda_.Invocation("migrated", function_name="m", input="{}")
        Release("r", dataclasses.replace(ARGS, schema=migrated.result))

    graph = declare(build)
    assert graph.named("migrated").urn in graph.named("r-alias").dependencies


def test_update_leaves_a_scaled_number_alone() -> None:
    fixed = declare(partial(Release, "r", warm(cold_start="provisioned")))
    scaled = declare(
        partial(Release, "r", warm(cold_start="provisioned", provisioned_scaling="utilization"))
    )
    assert fixed.named("r-provisioned").ignore_changes == ()
    assert scaled.named("r-provisioned").ignore_changes == ("provisionedConcurrentExecutions",)
    assert scaled.named("r-scaling").ignore_changes == ()


def test_schedule_moves_between_minimum_and_maximum() -> None:
    settings = {"provisioned_scaling": "schedule", "provisioned_min": 2, "provisioned_max": 9}
    graph = declare(partial(Release, "r", warm(cold_start="provisioned", **settings)))
    assert graph.named("r-start").inputs["scalableTargetAction"] == {
        "minCapacity": 9,
        "maxCapacity": 9,
    }
    assert graph.named("r-stop").inputs["scalableTargetAction"] == {
        "minCapacity": 2,
        "maxCapacity": 2,
    }
    assert graph.named("r-scaling").ignore_changes == ("minCapacity", "maxCapacity")


def test_scaling_is_for_the_alias() -> None:
    graph = declare(
        partial(Release, "r", warm(cold_start="provisioned", provisioned_scaling="utilization"))
    )
    target = graph.named("r-scaling").inputs
    assert target["resourceId"] == "function:f-1a2b3c4:live"
    assert target["scalableDimension"] == "lambda:function:ProvisionedConcurrency"


@pytest.mark.parametrize(("minutes", "rate"), [(1, "rate(1 minute)"), (5, "rate(5 minutes)")])
def test_warm_up_event_goes_to_the_alias(minutes: int, rate: str) -> None:
    graph = declare(partial(Release, "r", warm(cold_start="warmup", warmup_minutes=minutes)))
    schedule = graph.named("r-warmup").inputs
    assert schedule["scheduleExpression"] == rate
    assert json.loads(schedule["target"]["input"]) == {"warmup": True}
    policy = json.loads(graph.named("r-warmup-policy").inputs["policy"])
    assert policy["Statement"][0]["Resource"] == f"{ARGS.function_arn}:live"


def test_traffic_waits_for_a_version_that_has_answered(declared: Declare) -> None:
    graph = declared(
        partial(Release, "r", dataclasses.replace(ARGS, smoke_test=True, schema="1", release="ab"))
    )
    call, alias = graph.named("r-smoke"), graph.named("r-alias")
    assert {key: call.inputs[key] for key in ("functionName", "qualifier", "lifecycleScope")} == {
        "functionName": "f-1a2b3c4",
        "qualifier": "7",
        "lifecycleScope": "CREATE_ONLY",
    }
    assert json.loads(call.inputs["input"]) == {"action": "smoke", "release": "ab"}
    # again for another one
    assert call.inputs["triggers"] == {"version": "7", "schema": "1", "release": "ab"}
    assert waits_for(graph, alias, call)


@pytest.mark.parametrize(
    ("version", "cold_start", "asked"),
    [
        pytest.param("1", "snapstart", "$LATEST", id="whose-snapshot-nobody-waited-for"),
        pytest.param("2", "snapstart", "2", id="whose-snapshot-is-there"),
        pytest.param("1", "none", "$LATEST", id="whose-network-nobody-waited-for"),
        pytest.param("2", "none", "2", id="that-was-waited-for"),
    ],
)
def test_the_version_that_is_asked_takes_calls(
    declared: Declare, version: str, cold_start: str, asked: str
) -> None:
    args = dataclasses.replace(warm(cold_start=cold_start), version=version, smoke_test=True)
    graph = declared(partial(Release, "r", args))
    assert graph.named("r-smoke").inputs["qualifier"] == asked
