"""Rules of the SDL: which are read, which refused, and which callers meet them."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AUTHENTICATED, CLOSED, AccessRules, Requirement
from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.access import read_access


def rules(sdl: str) -> AccessRules:
    return AccessRules(read_access(build_schema({"api.graphql": sdl})))


def token(*scopes: str, subject: str = "ann", issuer: str = "https://login.example") -> Principal:
    return Principal(
        kind=CallerKind.TOKEN,
        subject=subject,
        issuer=issuer,
        scopes=frozenset(scopes),
        claims={"a": "b"},
    )


SDL = """
type Query @public {
  open: Int @public
  known: Int @authenticated
  either(and: Int @requiresScopes(scopes: [["c"]]), more: Int): Int
    @requiresScopes(scopes: [["b", "a"], ["c"], ["a", "b", "a"]])
  both: Int @authenticated @requiresScopes(scopes: [["c"]])
  nothing: Int
}
"""
EITHER = Requirement((("a", "b"), ("c",)))


def test_every_distinct_requirement_is_listed_once() -> None:
    assert rules(SDL).requirements == (AUTHENTICATED, CLOSED, EITHER, Requirement((("c",),)))


def test_what_stands_at_each_place_is_read_as_bits() -> None:
    found = rules(SDL)
    assert found.types["Query"] == 0
    assert {name: needs for (_, name), needs in found.fields.items()} == {
        "open": 0,
        "known": 0b0001,
        "either": 0b0100,
        "both": 0b1001,
        "nothing": None,
    }
    assert found.arguments == {
        ("Query", "either", "and"): 0b1000,
        ("Query", "either", "more"): None,
    }


KNOWN = Principal(kind=CallerKind.API_KEY, subject="reports")


@pytest.mark.parametrize(
    ("requirement", "principal", "expected"),
    [
        pytest.param(AUTHENTICATED, Principal.anonymous(), False, id="known-anonymous"),
        pytest.param(AUTHENTICATED, token(), True, id="known-token"),
        pytest.param(AUTHENTICATED, KNOWN, True, id="known-api-key"),
        pytest.param(EITHER, Principal.anonymous(), False, id="scopes-anonymous"),
        pytest.param(EITHER, token(), False, id="scopes-none"),
        pytest.param(EITHER, token("a"), False, id="half-of-the-inner-list"),
        pytest.param(EITHER, token("a", "b"), True, id="the-inner-list"),
        pytest.param(EITHER, token("a", "b", "x"), True, id="and-more"),
        pytest.param(EITHER, token("c"), True, id="the-other-inner-list"),
        pytest.param(EITHER, token("A", "B", "C", "c:read"), False, id="others-like-them"),
        pytest.param(CLOSED, Principal.anonymous(), False, id="closed-anonymous"),
        pytest.param(CLOSED, token("a", "b", "c"), False, id="closed-token"),
        pytest.param(CLOSED, Principal.development(), True, id="closed-development"),
        pytest.param(EITHER, Principal.development(), True, id="scopes-development"),
    ],
)
def test_who_meets_a_requirement(
    requirement: Requirement, principal: Principal, *, expected: bool
) -> None:
    assert requirement.is_met_by(principal.kind, principal.scopes) is expected


@pytest.mark.parametrize(
    ("principal", "satisfied"),
    [
        (Principal.anonymous(), 0b0000),
        (token(), 0b0001),
        (token("a", "b"), 0b0101),
        (token("c"), 0b1101),
        (Principal.development(), 0b1111),
    ],
)
def test_a_grant_has_a_bit_for_each_requirement_that_is_met(
    principal: Principal, satisfied: int
) -> None:
    found = rules(SDL)
    for _ in range(2):  # the second one comes from memory
        grant = found.grant(principal)
        assert grant.satisfied == satisfied
        assert grant.claims == principal.claims
        for number, requirement in enumerate(found.requirements):
            assert found.number(requirement) == number
            assert found.is_met(number, satisfied) is requirement.is_met_by(
                principal.kind, principal.scopes
            )


def test_the_memory_of_grants_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handler.access.rules.SCOPE_SETS_MAX", 3)
    found = rules(SDL)
    for number in range(10):
        assert found.grant(token("a", "b", str(number))).satisfied == 0b0101
    assert found._satisfied.cache_info().currsize == 3


def test_callers_never_share_an_identity() -> None:
    callers = [
        Principal.anonymous(),
        Principal.development(),
        Principal(kind=CallerKind.API_KEY, subject="development"),
        token(subject="a"),
        token(subject="a", issuer=""),
        token(subject='a","b', issuer=""),
        token(subject="b", issuer='a","'),
        token(subject="a", issuer="https://other.example"),
        Principal(kind=CallerKind.API_KEY, subject="a"),
    ]
    found = rules(SDL)
    assert len({found.grant(each).identity for each in callers}) == len(callers)


def test_the_same_caller_keeps_its_identity_whatever_its_scopes() -> None:
    found = rules(SDL)
    assert found.grant(token("a")).identity == found.grant(token("b")).identity


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param(
            "type Query {\n  a: Int @requiresScopes(scopes: [])\n}",
            "api.graphql:2:3: Query.a: @requiresScopes(scopes: ...) has an empty list",
            id="no-alternative",
        ),
        pytest.param(
            'type Query @requiresScopes(scopes: [["a"], []]) { a: Int }',
            "api.graphql:1:1: type Query: @requiresScopes(scopes: ...) has an empty list",
            id="an-alternative-without-scopes",
        ),
        pytest.param(
            'type Query { a: Int @requiresScopes(scopes: [["a b"]]) }',
            "api.graphql:1:14: Query.a: @requiresScopes(scopes: ...) names the scope 'a b'",
            id="two-scopes-in-one-text",
        ),
        pytest.param(
            'type Query { a: Int @requiresScopes(scopes: [[""]]) }',
            "the scope ''",
            id="empty-scope",
        ),
        pytest.param(
            'type Query { a(\nb: Int @public @requiresScopes(scopes: [["a"]])): Int }',
            "api.graphql:2:1: argument 'b' of Query.a is @public and has another rule",
            id="public-and-scopes",
        ),
        pytest.param(
            "type Query @public @authenticated { a: Int }",
            "api.graphql:1:1: type Query is @public and has another rule",
            id="public-and-authenticated",
        ),
        pytest.param(
            "interface I { a: Int @authenticated }\ntype Query { a: Int }",
            "api.graphql:1:15: I.a belongs to an interface",
            id="field-of-an-interface",
        ),
        pytest.param(
            "interface I {\n a(b: Int @public): Int }\ntype Query { a: Int }",
            "api.graphql:2:4: argument 'b' of I.a belongs to an interface",
            id="argument-of-an-interface",
        ),
        pytest.param(
            "type Query { a: Int @requiresScopes(scopes: [[null]]) }", "api.graphql:1:", id="null"
        ),
        pytest.param(
            "interface I @authenticated { a: Int }\ntype Query { a: Int }",
            'Directive "@authenticated" may not be used on INTERFACE',
            id="interface",
        ),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(sdl: str, message: str) -> None:
    with pytest.raises(SchemaError) as error:
        rules(sdl)
    assert message in str(error.value)
