"""Bills that can be checked by hand, and every price with its page and day."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.preview.cost import Estimate, cost_text, dollars, estimate
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.prices import PRICES, PriceError, Prices
from aurora_graphql.preview.resource_types import TYPES
from aurora_graphql.preview.services import average_acus
from aurora_graphql.preview.traffic import HOURS, SECONDS, Traffic
from handler.observe.contract import OF_OPERATION
from handler.settings import VARIABLES
from tests.aurora_graphql.preview import golden
from tests.recorded import Recorded

USUAL = Traffic()


def bill(graph: Graph, traffic: Traffic = USUAL, region: str = "") -> Estimate:
    return estimate(graph, traffic, Prices.load(region))


def service(found: Estimate, name: str) -> tuple[float, float]:
    """Floor and whole of one service."""
    (row,) = (row for row in found.rows if row.service == name)
    return row.floor_usd, row.usd


@pytest.mark.parametrize("stack", ["dev", "small", "prod"])
def test_bill_of_a_stack(recorded: Recorded, request: pytest.FixtureRequest, stack: str) -> None:
    text = cost_text(bill(recorded(stack), region="eu-central-1")) + "\n"
    golden.check(request, golden.GOLDEN / f"{stack}.cost.txt", text)


@pytest.mark.parametrize(
    ("name", "floor", "usd"),
    [
        pytest.param("API Gateway", 0, 10 * 3.50, id="10-million-requests"),
        pytest.param("RDS Proxy", *[(8 * 0.015 + 3 * 0.01) * 730] * 2, id="8-ACU-and-3-zones"),
        pytest.param("VPC", *[3 * 0.01 * 730] * 2, id="an-endpoint-in-3-zones"),
        pytest.param("Secrets Manager", *[2 * 0.40] * 2, id="master-and-api-user"),
        pytest.param("KMS", 1, 1, id="one-key"),
        pytest.param("WAF", 5 + 4, 5 + 4 + 10 * 0.60, id="4-rules"),
        pytest.param(
            "ElastiCache",
            0.1 * 730 * 0.084,
            0.5 * 730 * 0.084 + 10 * 5 * 0.0023,
            id="least-size-and-5-KB-each",
        ),
    ],
)
def test_service_of_prod(recorded: Recorded, name: str, floor: float, usd: float) -> None:
    assert service(bill(recorded("prod")), name) == pytest.approx((floor, usd))


@pytest.mark.parametrize("names", [["Orders"], ["Orders", "Order", "Products"]])
def test_metrics_of_operations_are_paid_for_each_and_all_others(
    recorded: Recorded, names: list[str]
) -> None:
    quiet = replace(USUAL, operation_log_kb=0)
    before = service(bill(recorded("prod"), quiet), "CloudWatch")
    after = service(bill(recorded("prod", apiOperationMetrics=names), quiet), "CloudWatch")
    assert after[0] == before[0], "none asks, none is counted"
    assert after[1] - before[1] == pytest.approx((len(names) + 1) * 6 * 0.30)


def test_what_metrics_of_operations_cost_is_said_where_they_are_chosen() -> None:
    price = Prices.load().of("cloudwatch", "metric")
    (setting,) = (one for one in VARIABLES if one.name == "OPERATION_METRICS")
    assert f"{len(OF_OPERATION)} x ${price:.2f}" in setting.meaning
    declared = (Path(__file__).parents[3] / "Pulumi.yaml").read_text()
    assert f"costs about ${len(OF_OPERATION) * price:.2f} a month" in declared


@pytest.mark.parametrize("kept", [2, 3])
def test_snapshot_is_paid_for_every_version_that_is_kept(recorded: Recorded, kept: int) -> None:
    def lambda_floor(cold_start: str) -> float:
        found = bill(recorded("prod", functionColdStart=cold_start, functionVersionsKept=kept))
        return service(found, "Lambda")[0]

    month = 1769 / 1024 * SECONDS * 0.0000015046
    assert lambda_floor("snapstart") - lambda_floor("none") == pytest.approx(kept * month)


def test_lambda_is_paid_by_request_and_by_time(recorded: Recorded) -> None:
    graph = recorded("prod", functionColdStart="none")
    traffic = replace(USUAL, requests=1_000_000, hit_rate=0.5, hit_ms=10, miss_ms=30)
    seconds = 500_000 * 0.010 + 500_000 * 0.030
    graphql = 0.20 + seconds * 1769 / 1024 * 0.0000133334
    authorizer = 0.05 * 0.20 + 50_000 * 0.005 * 512 / 1024 * 0.0000133334
    assert service(bill(graph, traffic), "Lambda") == pytest.approx((0, graphql + authorizer))


def test_paused_database_costs_its_storage_only(recorded: Recorded) -> None:
    floor, _ = service(bill(recorded("dev")), "Aurora")
    assert floor == pytest.approx(10 * 0.10)


def test_database_sleeps_between_rare_requests_and_never_between_many(recorded: Recorded) -> None:
    def acus(requests: float) -> float:
        return average_acus(recorded("dev"), replace(USUAL, requests=requests))

    assert acus(0) == 0
    # After each of 100 requests that come far apart, 120 s until the connection that the frozen
    # function keeps is closed, and 300 s until the pause.
    assert acus(100) == pytest.approx(0.5 * 100 * 420 / SECONDS, rel=0.01)
    assert acus(10_000_000) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("hours", "usd"),
    [
        pytest.param(8, "costs $0.49 of Aurora", id="a-working-day"),
        pytest.param(24, "costs $1.44 of Aurora", id="never-longer-than-a-day"),
    ],
)
def test_bill_says_what_a_day_of_use_costs(recorded: Recorded, hours: float, usd: str) -> None:
    text = cost_text(bill(recorded("dev"), replace(USUAL, day_of_use_hours=hours)))
    assert f"pauses 7 minutes after the last request: a day of {hours} hours of use" in text
    assert usd in text  # 0.5 ACU at $0.12 an hour


def test_bill_of_a_database_that_never_pauses_says_nothing_of_days(recorded: Recorded) -> None:
    assert "day of" not in cost_text(bill(recorded("prod")))


def test_capacity_follows_the_misses_and_stops_at_the_maximum(recorded: Recorded) -> None:
    def acus(misses_s: float) -> float:
        requests = misses_s * SECONDS / (1 - USUAL.hit_rate)
        return average_acus(recorded("prod"), replace(USUAL, requests=requests))

    assert acus(1) == pytest.approx(3 * 2)
    assert acus(2_000) == pytest.approx(20)
    assert acus(1_000_000) == pytest.approx(3 * 32)


def test_stack_without_a_cache_has_no_hits(recorded: Recorded) -> None:
    found = bill(recorded("prod", cacheMode="none"))
    assert "all of them ask the database" in cost_text(found)
    assert service(found, "Aurora")[1] > service(bill(recorded("prod")), "Aurora")[1]


def test_more_requests_never_cost_less(recorded: Recorded) -> None:
    totals = [
        bill(recorded("prod"), replace(USUAL, requests=10.0**power)).usd for power in range(4, 10)
    ]
    assert totals == sorted(totals)
    assert bill(recorded("prod")).floor_usd < totals[0]


OPTIONS: list[dict[str, Any]] = [
    {"databaseInstanceClass": "db.r8g.large"},
    {"cacheMode": "replication-group", "cacheEngineVersion": "8.1"},
    {"networkNat": "per-zone", "networkPublicSubnets": True},
    {"apiCacheSizeGb": "0.5", "apiKeyNames": ["shop"]},
    {"functionColdStart": "provisioned", "functionProvisionedScaling": "schedule"},
    {"functionColdStart": "warmup", "databaseIoOptimized": True},
    {"apiDomainName": "api.shop.example", "apiHostedZoneId": "Z0123456789"},
    {"monitoringBudgetUsd": 500, "monitoringAlarmEmails": ["ops@shop.example"]},
]


@pytest.mark.parametrize("changes", OPTIONS, ids=lambda changes: next(iter(changes)))
def test_every_type_has_a_price_or_costs_nothing(
    recorded: Recorded, changes: dict[str, Any]
) -> None:
    graph = recorded("prod", **changes)
    assert {one.typ for one in graph.resources if one.custom} <= {*TYPES}
    assert bill(graph).floor_usd != bill(recorded("prod")).floor_usd or set(changes) & {
        "apiDomainName",
        "apiKeyNames",
        "monitoringBudgetUsd",
    }


def test_provisioned_instances_are_paid_by_the_hour(recorded: Recorded) -> None:
    graph = recorded("prod", databaseInstanceClass="db.r8g.large")
    floor, _ = service(bill(graph), "Aurora")
    insights = 3 * 2 * HOURS * 0.0125
    backups = 10 * 34 * 0.02 * 0.021
    assert floor == pytest.approx(3 * HOURS * 0.276 + 10 * 0.10 + backups + insights)


def test_type_without_a_price_is_an_error(recorded: Recorded) -> None:
    graph = recorded("prod", databaseInstanceClass="db.x2g.16xlarge")
    with pytest.raises(PriceError, match=r"no aurora_instance_hour price of db.x2g.16xlarge"):
        bill(graph)


def test_every_price_has_a_page_of_aws_and_a_day() -> None:
    prices = Prices.load()
    assert prices.written <= datetime.date(2100, 1, 1)
    for name, group in prices.groups.items():
        assert group.source.startswith("https://aws.amazon.com/"), name
        assert set(group.unsure) <= set(group.prices), name
        assert all(0 < price < 10 for price in group.prices.values()), name


def test_unsure_prices_are_named(recorded: Recorded) -> None:
    text = cost_text(bill(recorded("prod")))
    assert "Unsure: database_insights.acu_hour" in text
    assert "written down by hand on 2026-11-23" in text


@pytest.mark.parametrize(
    ("traffic", "message"),
    [
        pytest.param({"requests": -1}, "requests must be 0 or more, got -1", id="negative"),
        pytest.param({"hit_rate": 80}, "hit_rate must be between 0 and 1, got 80", id="percent"),
    ],
)
def test_impossible_traffic_is_refused(traffic: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Traffic(**traffic)


@pytest.mark.parametrize(
    ("usd", "expected"),
    [(0, "$0.00"), (0.001, "<$0.01"), (1234.5, "$1,234.50")],
)
def test_dollars(usd: float, expected: str) -> None:
    assert dollars(usd) == expected


def test_table_that_is_not_whole_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('region_of_all = "us-east-1"\n')
    with pytest.raises(KeyError, match="written"):
        Prices.load(path=path)


def test_small_costs_less_than_a_hundred_dollars_while_nobody_asks(recorded: Recorded) -> None:
    """Its file promises that, and what a reader adds."""
    small, with_reader = recorded("small"), recorded("small", databaseReaders=1)
    floor = bill(small).floor_usd
    assert floor < 100
    assert bill(small, region="eu-central-1").floor_usd < 100
    assert bill(with_reader).floor_usd - floor == pytest.approx(0.5 * 0.12 * 730, abs=1)


def test_copies_in_another_region_are_paid_whole(recorded: Recorded) -> None:
    changes = {"databaseCopyRegion": "eu-west-1", "databaseCopyRetentionDays": 10}
    daily = 10 * 10 * 0.021 + 730 / 24 * 10 * 0.02
    graph = recorded("small", **changes)
    assert service(bill(graph), "AWS Backup") == pytest.approx((daily, daily))
    often = recorded("small", databaseCopyEveryHours=6, **changes)
    assert service(bill(often), "AWS Backup") == pytest.approx((4 * daily, 4 * daily))
    assert service(bill(graph), "KMS") == (2, 2)


def test_bill_is_in_the_prices_of_the_stacks_own_region(recorded: Recorded) -> None:
    graph = recorded("small")
    here = bill(graph, region="eu-central-1")
    assert service(here, "VPC") == pytest.approx([0.012 * 730] * 2)
    assert service(here, "API Gateway") == pytest.approx((0, 37))
    assert here.prices.regions == (
        "Prices of eu-central-1, written down by hand on 2026-11-30; of us-east-1 for "
        "aurora.backup_gb_month, cache.ecpu_million, cache.gb_hour."
    )
    assert bill(graph).usd < here.usd


@pytest.mark.parametrize("region", ["ap-southeast-7", "eu-central-2"])
def test_region_whose_prices_are_not_known_is_told(recorded: Recorded, region: str) -> None:
    found = bill(recorded("small"), region=region)
    assert found.prices.regions == (
        "Prices of us-east-1, written down by hand on 2026-11-23: those of "
        f"{region} are not known here. Most are somewhat higher elsewhere."
    )
    assert found.usd == bill(recorded("small")).usd


def test_regions_name_groups_and_prices_that_the_whole_table_has() -> None:
    """A typing mistake would take another region's price without a word."""
    table = tomllib.loads(PRICES.read_text(encoding="utf-8"))
    for region in table["region"]:
        prices = Prices.load(region)
        own = prices.regional
        assert own is not None
        assert own.written >= prices.written
        assert own.same | own.unsure | own.prices.keys() <= prices.groups.keys()
        assert not own.same & own.prices.keys()
        for name, group in own.prices.items():
            assert group.keys() <= prices.groups[name].prices.keys()
            assert all(0 < price < 10 for price in group.values())
