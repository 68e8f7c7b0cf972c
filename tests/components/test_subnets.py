"""The layout of subnets, for every block AWS would take."""

from __future__ import annotations

import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.subnets import (
    MAX_ZONES,
    MIN_ZONES,
    NARROWEST_PREFIX,
    WIDEST_PREFIX,
    SubnetPlan,
    plan_subnets,
)

BLOCKS = st.builds(
    lambda second, third, prefix: str(
        ipaddress.IPv4Network((f"10.{second}.{third}.0", prefix), strict=False)
    ),
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(WIDEST_PREFIX, NARROWEST_PREFIX),
)
ZONES = st.integers(MIN_ZONES, MAX_ZONES)


def networks(plan: SubnetPlan) -> list[ipaddress.IPv4Network]:
    every = plan.isolated + plan.private + plan.public
    return [ipaddress.IPv4Network(cidr) for cidr in every]


def test_default_block_is_laid_out_as_documented() -> None:
    assert plan_subnets("10.20.0.0/16", zone_count=3, public=True, private=True) == SubnetPlan(
        isolated=("10.20.0.0/19", "10.20.32.0/19", "10.20.64.0/19"),
        private=("10.20.128.0/20", "10.20.144.0/20", "10.20.160.0/20"),
        public=("10.20.192.0/20", "10.20.208.0/20", "10.20.224.0/20"),
    )


@given(BLOCKS, ZONES, st.booleans(), st.booleans())
def test_subnets_lie_in_the_block_apart_and_fit_aws(
    cidr: str, zone_count: int, public: bool, private: bool
) -> None:
    plan = plan_subnets(cidr, zone_count=zone_count, public=public, private=private)
    block = ipaddress.IPv4Network(cidr)
    assert all(subnet.subnet_of(block) for subnet in networks(plan))
    assert all(16 <= subnet.prefixlen <= 28 for subnet in networks(plan))
    assert not any(one.overlaps(other) for one, other in combinations(networks(plan), 2))


@given(BLOCKS, ZONES, st.booleans(), st.booleans())
def test_every_tier_has_one_subnet_per_zone_or_none(
    cidr: str, zone_count: int, public: bool, private: bool
) -> None:
    plan = plan_subnets(cidr, zone_count=zone_count, public=public, private=private)
    assert len(plan.isolated) == zone_count
    assert len(plan.private) == (zone_count if private else 0)
    assert len(plan.public) == (zone_count if public else 0)


@given(BLOCKS, st.booleans(), st.booleans())
def test_a_later_zone_or_tier_moves_no_subnet(cidr: str, public: bool, private: bool) -> None:
    before = plan_subnets(cidr, zone_count=2, public=public, private=private)
    after = plan_subnets(cidr, zone_count=3, public=True, private=True)
    assert after.isolated[:2] == before.isolated
    assert before.private in ((), after.private[:2])
    assert before.public in ((), after.public[:2])


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        pytest.param("10.0.0.0/15", "must be between /16 and /22, got 10.0.0.0/15", id="too-wide"),
        pytest.param("10.0.0.0/23", "must be between /16 and /22, got 10.0.0.0/23", id="too-small"),
        pytest.param("10.0.0.1/16", "first address: write 10.0.0.0/16, got", id="host-bits"),
        pytest.param("fd00::/56", "must be an IPv4 block such as", id="ipv6"),
        pytest.param("8.8.0.0/16", "must be private addresses", id="public-addresses"),
        pytest.param("127.0.0.0/16", "must be private addresses", id="loopback"),
    ],
)
def test_block_is_refused(cidr: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_subnets(cidr, zone_count=2, public=False, private=False)


@pytest.mark.parametrize("zone_count", [1, 4])
def test_number_of_zones_is_refused(zone_count: int) -> None:
    with pytest.raises(ValueError, match=f"zones must be 2 or 3, got {zone_count}"):
        plan_subnets("10.0.0.0/16", zone_count=zone_count, public=False, private=False)
