"""Which limits a caller has, and whose budget it uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.access.limits import (
    LIMITS,
    UNLIMITED,
    Allowance,
    Allowances,
    CallerLimits,
    network_of,
    payer,
)
from handler.access.principal import CallerKind, Principal
from handler.errors import LimitError, RequestError

TOKEN = Principal(
    kind=CallerKind.TOKEN, issuer="https://login", subject="ann", scopes=frozenset({"a", "b"})
)
KEY = Principal(kind=CallerKind.API_KEY, subject="ann")


def allowance(principal: Principal, *rows: str) -> Allowance:
    return Allowances(CallerLimits(rows=rows)).of(principal)


@pytest.mark.parametrize(
    ("principal", "rows", "expected"),
    [
        pytest.param(TOKEN, [], UNLIMITED, id="none"),
        pytest.param(TOKEN, ["token depth=4"], Allowance(depth=4), id="kind"),
        pytest.param(KEY, ["token depth=4"], UNLIMITED, id="another-kind"),
        pytest.param(KEY, ["api-key page_size=7"], Allowance(page_size=7), id="api-key"),
        pytest.param(
            Principal.anonymous(), ["anonymous cost=5"], Allowance(cost=5), id="anonymous"
        ),
        pytest.param(TOKEN, ["scope:b cost=9"], Allowance(cost=9), id="scope"),
        pytest.param(TOKEN, ["scope:c cost=9"], UNLIMITED, id="another-scope"),
        pytest.param(
            TOKEN,
            ["token cost=5 depth=9", "scope:a cost=7 depth=3", "scope:c cost=100"],
            Allowance(cost=7, depth=9),
            id="the-most-generous-of-each",
        ),
        pytest.param(
            TOKEN,
            ["token cost=5 cost_per_minute=50", "scope:a cost=7"],
            Allowance(cost=7, cost_per_minute=50),
            id="a-row-says-nothing-of-what-it-does-not-name",
        ),
        pytest.param(
            Principal.development(),
            ["anonymous cost=1", "token cost=1", "api-key cost=1"],
            UNLIMITED,
            id="development-has-none",
        ),
    ],
)
def test_limits_of_a_caller(principal: Principal, rows: list[str], expected: Allowance) -> None:
    assert allowance(principal, *rows) == expected


values = st.dictionaries(st.sampled_from(LIMITS), st.integers(1, 100), min_size=1)
whos = st.sampled_from(["anonymous", "token", "api-key", "scope:a", "scope:b", "scope:c"])


@given(st.lists(st.tuples(whos, values), max_size=6), st.sets(st.sampled_from("abc")))
def test_order_does_not_matter_and_a_scope_never_takes_away(
    rows: list[tuple[str, dict[str, int]]], scopes: set[str]
) -> None:
    written = [f"{who} " + " ".join(f"{k}={v}" for k, v in each.items()) for who, each in rows]
    caller = Principal(kind=CallerKind.TOKEN, subject="x", scopes=frozenset(scopes))
    found = allowance(caller, *written)
    assert found == allowance(caller, *reversed(written))
    met = [each for who, each in rows if who == "token" or who.removeprefix("scope:") in scopes]
    for name in LIMITS:
        given_values = [each[name] for each in met if name in each]
        assert getattr(found, name) == (max(given_values) if given_values else None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("", "number 2"),
        ("token", "names no limit"),
        ("everybody cost=1", "names 'everybody'; write token, api-key, anonymous, or scope:"),
        ("development cost=1", "names 'development'"),
        ("scope: cost=1", "names 'scope:'"),
        ("token cost", "has 'cost'"),
        ("token cost=", "has 'cost='"),
        ("token cost=0", "has 'cost=0'; write a whole number from 1 to"),
        ("token cost=-1", "has 'cost=-1'"),
        ("token cost=1.5", "has 'cost=1.5'"),
        ("token cost=1 cost=2", "has 'cost=2'; write each of depth, cost"),
        ("token speed=1", "has 'speed=1'"),
        ("token cost=4000000000", "has 'cost=4000000000'"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(row: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^rows number 2") as raised:
        CallerLimits(rows=("anonymous cost=1", row))
    assert message in str(raised.value)


def test_the_number_of_rows_is_limited() -> None:
    with pytest.raises(ValueError, match="at most 64, got 65"):
        CallerLimits(rows=("token cost=1",) * 65)


def test_budgets_are_seen_in_any_row() -> None:
    assert not CallerLimits(rows=("token cost=1", "anonymous depth=3")).have_budgets
    assert CallerLimits(rows=("token cost=1", "scope:a cost_per_minute=3")).have_budgets


def test_what_exceeds_is_named_with_its_limit() -> None:
    def cost_error(limit: int, whose: str) -> LimitError:
        return LimitError(f"too dear: {whose} is {limit}", extensions={"limit": limit})

    Allowance(depth=3, cost=10).check(3, 10.0, cost_error)
    UNLIMITED.check(1_000, 1e9, cost_error)
    with pytest.raises(RequestError) as raised:
        Allowance(depth=3, cost=10).check(4, 10.5, cost_error)
    assert [(type(each), each.message, each.extensions) for each in raised.value.errors] == [
        (
            LimitError,
            "The operation has a depth of 4; the limit of this caller is 3.",
            {"depth": 4, "limit": 3},
        ),
        (
            LimitError,
            "too dear: the limit of this caller is 10",
            {"limit": 10},
        ),
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "c0000201"),
        ("::ffff:192.0.2.1", "c0000201"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
        ("2001:db8:1:2::", "20010db800010002"),
        ("", "unknown"),
        ("test-invoke-source-ip", "unknown"),
        ("192.0.2.1, 198.51.100.7", "unknown"),
        ("1\0", "unknown"),
        ("\ud800", "unknown"),
    ],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_callers_have_budgets_of_their_own_and_anonymous_ones_share_by_network() -> None:
    callers = [(TOKEN, "a token"), (KEY, "a key"), (Principal.anonymous(), "anybody")]
    addresses = ("192.0.2.1", "192.0.2.2")
    assert [payer(caller, name, at) for caller, name in callers for at in addresses] == [
        "a token",
        "a token",
        "a key",
        "a key",
        "anybody c0000201",
        "anybody c0000202",
    ]
