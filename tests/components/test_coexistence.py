"""Two of each component of the API side in one stack: no logical and no fixed name twice."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from aurora_graphql.preview.recording import declare
from components.api_settings import ApiSettings, FunctionSettings, MonitoringSettings
from components.bucket import Bucket
from components.domain import Domain, DomainArgs
from components.firewall import Firewall
from components.ingest_store import IngestStore
from components.migration import Migration
from components.monitoring import Monitoring
from components.pruning import Pruning
from components.release import Release
from components.trail import Trail
from components.usage_plan import UsagePlan, UsagePlanArgs
from tests.components.surroundings import TAGS
from tests.components.test_firewall import FIREWALL
from tests.components.test_ingest_store import BUCKET, STORE, TRAIL
from tests.components.test_migration import ARGS as MIGRATION
from tests.components.test_monitoring import ARGS as MONITORING
from tests.components.test_pruning import ARGS as PRUNING
from tests.components.test_release import ARGS as RELEASE

WARM = dataclasses.replace(RELEASE, warmth=FunctionSettings(cold_start="warmup"))
TRAILED = dataclasses.replace(MONITORING, settings=MonitoringSettings(trail=True, budget_usd=10))
DOMAIN = DomainArgs(
    domain_name="api.shop.example",
    edge=False,
    api_id="a1",
    stage_name="live",
    hosted_zone_id="Z1",
    tags=TAGS,
)
PLAN = UsagePlanArgs(
    settings=ApiSettings(key_names=("shop",)), api_id="a1", stage_name="live", tags=TAGS
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("component", "args"),
    [
        pytest.param(Bucket, dataclasses.replace(BUCKET, access_log_days=30), id="bucket"),
        pytest.param(Domain, DOMAIN, id="domain"),
        pytest.param(Firewall, FIREWALL, id="firewall"),
        pytest.param(IngestStore, STORE, id="ingest-store"),
        pytest.param(Migration, MIGRATION, id="migration"),
        pytest.param(Monitoring, TRAILED, id="monitoring"),
        pytest.param(Pruning, PRUNING, id="pruning"),
        pytest.param(Release, WARM, id="release"),
        pytest.param(Trail, TRAIL, id="trail"),
        pytest.param(UsagePlan, PLAN, id="usage-plan"),
    ],
)
def test_two_live_in_one_stack(component: Callable[[str, Any], object], args: Any) -> None:
    def two() -> None:
        component("one", args)
        component("two", args)

    graph = declare(two)
    identities = Counter((resource.typ, resource.name) for resource in graph.resources)
    assert not [identity for identity, count in identities.items() if count > 1]
    fixed = Counter(
        (resource.typ, resource.inputs[key])
        for resource in graph.resources
        for key in ("name", "dashboardName", "bucket")
        if key in resource.inputs
        and resource.typ.startswith("aws:")
        and resource.typ not in ("aws:lambda/alias:Alias", "aws:route53/record:Record")
    )
    assert not [name for name, count in fixed.items() if count > 1]
