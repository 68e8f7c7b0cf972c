"""Names that AWS takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import merge_tags, physical_name, stack_tags

NAMES = st.from_regex(r"[a-z](-?[a-z0-9]){0,90}", fullmatch=True)


def test_short_name_is_kept() -> None:
    assert physical_name("orders-dev", limit=10) == "orders-dev"


def test_long_name_keeps_its_beginning() -> None:
    assert physical_name("orders-development", limit=14) == "orders-c6d944"


@given(NAMES, st.integers(8, 64))
def test_name_fits_and_is_a_valid_identifier(name: str, limit: int) -> None:
    physical = physical_name(name, limit=limit)
    assert len(physical) <= limit
    assert "--" not in physical
    assert not physical.endswith("-")
    assert physical[0].isalpha()


@given(st.lists(NAMES, min_size=2, max_size=8, unique=True))
def test_different_names_stay_different(names: list[str]) -> None:
    assert len({physical_name(name, limit=20) for name in names}) == len(names)


def test_limit_without_room_for_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be at least 8 characters, got 7"):
        physical_name("orders", limit=7)


def test_callers_tag_wins() -> None:
    callers = stack_tags(project="aurora-graphql", stack="dev") | {"component": "billing"}
    assert merge_tags(callers, {"component": "Database", "tier": "data"}) == {
        "project": "aurora-graphql",
        "stack": "dev",
        "managed-by": "pulumi",
        "component": "billing",
        "tier": "data",
    }
