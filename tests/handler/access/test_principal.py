"""A principal survives the way through API Gateway, and nothing else becomes one."""

from __future__ import annotations

from typing import Any

import pytest

from handler.access.principal import CallerKind, Principal, PrincipalError

CUSTOMER = Principal(
    kind=CallerKind.TOKEN,
    subject="customer-VINET",
    issuer="https://login.example",
    scopes=frozenset({"orders:read", "a"}),
    claims={"customer_id": "VINET", "https://shop.example/name": 'é"\n'},
    expires_at_s=1_795_425_151,
)
KEY = Principal(kind=CallerKind.API_KEY, subject="reports", scopes=frozenset({"orders:read"}))


def through_gateway(principal: Principal) -> dict[str, Any]:
    """API Gateway adds two values to the context."""
    return {
        "principalId": principal.principal_id,
        "integrationLatency": 41,
        **principal.context(),
    }


@pytest.mark.parametrize("principal", [CUSTOMER, KEY, Principal.anonymous()])
def test_a_principal_comes_back_as_it_went(principal: Principal) -> None:
    assert Principal.from_context(through_gateway(principal)) == principal


def test_the_context_holds_texts_only() -> None:
    assert CUSTOMER.context() == {
        "kind": "token",
        "issuer": "https://login.example",
        "scopes": "a orders:read",
        "claims": '{"customer_id":"VINET","https://shop.example/name":"é\\"\\n"}',
        "expiresAt": "1795425151",
    }


def test_an_api_without_authorizer_knows_nobody() -> None:
    assert Principal.from_context({}) == Principal(kind=CallerKind.ANONYMOUS)


def test_nobody_has_no_scopes_whatever_the_context_says() -> None:
    context = {**through_gateway(CUSTOMER), "kind": "anonymous"}
    assert Principal.from_context(context) == Principal.anonymous()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"kind": "admin"}, id="unknown-kind"),
        pytest.param({"kind": None}, id="no-kind"),
        pytest.param({"kind": "development"}, id="development"),
        pytest.param({"claims": {"sub": "x"}}, id="claims-of-cognito"),
        pytest.param({"claims": "[]"}, id="claims-no-object"),
        pytest.param({"claims": '{"a":1}'}, id="claim-no-text"),
        pytest.param({"claims": "{"}, id="claims-no-json"),
        pytest.param({"scopes": ["admin"]}, id="scopes-no-text"),
        pytest.param({"principalId": ""}, id="no-subject"),
        pytest.param({"principalId": 7}, id="subject-no-text"),
        pytest.param({"expiresAt": "soon"}, id="expiry-no-number"),
    ],
)
def test_a_context_of_another_authorizer_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(PrincipalError):
        Principal.from_context({**through_gateway(CUSTOMER), **changed})


@pytest.mark.parametrize("name", ["kind", "claims", "scopes", "issuer", "expiresAt", "principalId"])
def test_a_context_without_a_part_is_refused(name: str) -> None:
    context = through_gateway(CUSTOMER)
    del context[name]
    with pytest.raises(PrincipalError):
        Principal.from_context(context)


@pytest.mark.parametrize(
    ("principal", "now_s", "expired"),
    [
        pytest.param(CUSTOMER, 1_795_425_150.9, False, id="before"),
        pytest.param(CUSTOMER, 1_795_425_151.0, True, id="at-the-second"),
        pytest.param(KEY, 1e12, False, id="never"),
    ],
)
def test_a_principal_expires_with_its_token(
    principal: Principal, now_s: float, *, expired: bool
) -> None:
    assert principal.is_expired(now_s) is expired
