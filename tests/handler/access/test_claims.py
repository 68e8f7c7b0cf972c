"""Claims become a principal: scopes however issuers write them, chosen claims as texts."""

from __future__ import annotations

from typing import Any

import pytest

from handler.access.claims import UnusableClaimsError, build_principal
from handler.access.principal import CallerKind, Principal

GOOD = {"iss": "https://login.example", "sub": "me", "exp": 100}
HALF = "\ud800"
BLANKS = ["\t", "\n", "\r", "\x0b", "\x1f", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000"]


def build(claims: dict[str, Any], *chosen: str, leeway_s: int = 0) -> Principal:
    return build_principal(
        {**GOOD, **claims}, scope_claims=("scope", "scp"), chosen=chosen, leeway_s=leeway_s
    )


def test_a_principal_says_who_when_and_what() -> None:
    found = build({"scope": "a b", "scp": ["c"], "tenant": "t", "secret": "s"}, "tenant", "absent")
    assert found == Principal(
        kind=CallerKind.TOKEN,
        subject="me",
        issuer="https://login.example",
        scopes=frozenset({"a", "b", "c"}),
        claims={"tenant": "t"},
        expires_at_s=100,
    )


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param(" a  b a ", {"a", "b"}, id="text"),
        pytest.param(["a", "b c", 7, None], {"a", "b", "c"}, id="list"),
        pytest.param("", set(), id="empty"),
        pytest.param(None, set(), id="null"),
        pytest.param({"a": True}, set(), id="object"),
    ],
)
def test_scopes_are_a_text_or_a_list(scope: object, expected: set[str]) -> None:
    assert build({"scope": scope}).scopes == expected


def test_a_token_counts_until_the_leeway_after_its_end_is_over() -> None:
    found = build({}, leeway_s=30)
    assert found.expires_at_s == 130
    assert [found.is_expired(now_s) for now_s in (100, 129.9, 130)] == [False, False, True]


@pytest.mark.parametrize("blank", BLANKS)
def test_nothing_but_a_space_separates_scopes_on_their_way_to_the_handler(blank: str) -> None:
    """RFC 6749 3.3; an issuer that lets users name things must not give two scopes for one."""
    scope = f"read{blank}admin"
    for written in ({"scope": f"{scope} other"}, {"scp": [scope, "other"]}):
        told = build(written)
        context = {"principalId": told.principal_id, **told.context()}
        assert Principal.from_context(context).scopes == told.scopes == {scope, "other"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("VINET", {"c": "VINET"}, id="text"),
        pytest.param(7, {"c": "7"}, id="number"),
        pytest.param(True, {"c": "true"}, id="boolean"),
        pytest.param("x" * 500, {"c": "x" * 500}, id="as-long-as-may-be"),
        pytest.param("x" * 501, {}, id="too-long"),
        pytest.param(1.5, {}, id="fraction"),
        pytest.param(2**63, {}, id="too-large"),
        pytest.param(["a"], {}, id="list"),
        pytest.param({"a": 1}, {}, id="object"),
        pytest.param(None, {}, id="null"),
        pytest.param(HALF, {}, id="half-a-character"),
    ],
)
def test_a_chosen_claim_is_one_text_or_left_out(value: object, expected: dict[str, str]) -> None:
    assert build({"c": value}, "c").claims == expected


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"sub": None}, "subject", id="no-subject"),
        pytest.param({"sub": ""}, "subject", id="empty-subject"),
        pytest.param({"sub": 7}, "subject", id="number"),
        pytest.param({"sub": "x" * 256}, "subject", id="long-subject"),
        pytest.param({"sub": HALF}, "subject", id="half-a-character"),
        pytest.param({"scope": "x" * 4_001}, "scopes", id="long-scopes"),
        pytest.param({"scp": [HALF]}, "scopes", id="half-a-character-in-scopes"),
    ],
)
def test_a_bearer_who_cannot_be_named_is_refused(claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableClaimsError, match=reason):
        build(claims)
