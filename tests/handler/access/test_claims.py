"""Claims become a principal: scopes however issuers write them, chosen claims as texts."""

from __future__ import annotations

from typing import Any

import pytest

from handler.access.claims import UnusableClaimsError, build_principal
from handler.access.principal import Kind, Principal

GOOD = {"iss": "https://login.example", "sub": "me", "exp": 100}
HALF = "\ud800"


def build(claims: dict[str, Any], *chosen: str) -> Principal:
    return build_principal({**GOOD, **claims}, scope_claims=("scope", "scp"), chosen=chosen)


def test_a_principal_says_who_when_and_what() -> None:
    found = build({"scope": "a b", "scp": ["c"], "tenant": "t", "secret": "s"}, "tenant", "absent")
    assert found == Principal(
        kind=Kind.TOKEN,
        subject="me",
        issuer="https://login.example",
        scopes=frozenset({"a", "b", "c"}),
        claims={"tenant": "t"},
        expires_at_s=100,
    )


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("a  b\ta", {"a", "b"}, id="text"),
        pytest.param(["a", "b c", 7, None], {"a", "b", "c"}, id="list"),
        pytest.param("", set(), id="empty"),
        pytest.param(None, set(), id="null"),
        pytest.param({"a": True}, set(), id="object"),
    ],
)
def test_scopes_are_a_text_or_a_list(scope: object, expected: set[str]) -> None:
    assert build({"scope": scope}).scopes == expected


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
