"""The usage plan: its keys, their rate and their quota."""

from __future__ import annotations

from functools import partial
from typing import Any

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_settings import ApiSettings
from components.usage_plan import UsagePlan, UsagePlanArgs
from tests.components.surroundings import TAGS


def plan(**changes: Any) -> Graph:
    args = UsagePlanArgs(
        settings=ApiSettings(key_names=("shop", "till"), **changes),
        api_id="a1",
        stage_name="live",
        tags=TAGS,
    )
    return declare(partial(UsagePlan, "p", args))


def test_every_key_is_in_the_plan() -> None:
    graph = plan(key_rate=3, key_burst=4, key_quota=5, key_quota_period="DAY")
    assert graph.named("p-plan").inputs["throttleSettings"] == {"rateLimit": 3, "burstLimit": 4}
    assert graph.named("p-plan").inputs["quotaSettings"] == {"limit": 5, "period": "DAY"}
    assert graph.component_outputs[graph.named("p").urn]["key_ids"] == {
        "shop": "p-shop-id",
        "till": "p-till-id",
    }
    assert graph.named("p-till-member").inputs["keyId"] == "p-till-id"


def test_plan_without_quota_has_none() -> None:
    assert "quotaSettings" not in plan().named("p-plan").inputs
