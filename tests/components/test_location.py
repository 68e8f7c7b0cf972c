"""Where a stack stands, in every partition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.runtime import MockCallArgs

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.recording import RecordingMocks, declare
from components.location import Location, first_zones
from tests.components.surroundings import LOCATION

CHINA = {
    "aws:index/getPartition:getPartition": {
        "partition": "aws-cn",
        "dnsSuffix": "amazonaws.com.cn",
    },
    "aws:index/getRegion:getRegion": {"region": "cn-north-1"},
}


@pytest.mark.parametrize("outputs_known", [True, False])
def test_provider_is_asked_before_anything_is_created(outputs_known: bool) -> None:
    found: list[Location] = []
    declare(lambda: found.append(Location.current()), outputs_known=outputs_known)
    assert found == [LOCATION]


def test_arns_carry_the_partition() -> None:
    found: list[Location] = []
    declare(lambda: found.append(Location.current()), mocks=RecordingMocks(calls=CHINA))
    (china,) = found
    assert china.arn("logs", "log-group:*") == "arn:aws-cn:logs:cn-north-1:123456789012:log-group:*"
    assert china.root_arn() == "arn:aws-cn:iam::123456789012:root"


def test_zones_are_the_first_of_the_region() -> None:
    names: list[str] = []

    def build() -> None:
        for zone in first_zones(2):
            zone.apply(names.append)

    declare(build)
    assert sorted(names) == list(ZONES[:2])


def test_zones_in_which_aws_starts_no_proxy_are_left_out() -> None:
    """An account's first names may mean any zone: N. Virginia's third one takes no RDS Proxy."""
    asked: list[Mapping[str, Any]] = []

    class Asked(RecordingMocks):
        def call(  # type: ignore[override]  # as RecordingMocks has it
            self, args: MockCallArgs
        ) -> dict[Any, Any]:
            asked.append(args.args)
            return super().call(args)

    def build() -> None:
        first_zones(2)

    declare(build, mocks=Asked())
    assert [one["excludeZoneIds"] for one in asked] == [["use1-az3"]]
