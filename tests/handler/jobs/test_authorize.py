"""Who is let in, as whom, and what becomes of a request while its issuer is away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from handler.access.keys import RETRY_S
from handler.access.principal import CallerKind, Principal
from handler.jobs.authorize import AuthorizerError
from tests.handler.access.issuers import (
    AUDIENCE,
    METHOD_ARN,
    OTHER_RSA_KEY,
    RSA_KEY,
    Site,
    body,
    claims,
    public_jwk,
    serve,
    sign,
)
from tests.handler.jobs.gate import KEY, Gate


def test_a_good_token_opens_the_whole_api_and_says_who(site: Site) -> None:
    gate = Gate(site.url, claims=("customer_id",))
    payload = claims(site.url, customer_id="VINET", secret="s")
    answer = gate.answer(f"Bearer {sign(payload)}")
    assert answer == {
        "principalId": "customer-VINET",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:eu-central-1:123456789012:ab12cd34ef/dev/*",
                }
            ],
        },
        "context": {
            "kind": "token",
            "issuer": site.url,
            "scopes": "orders:read",
            "claims": '{"customer_id":"VINET"}',
            "expiresAt": str(payload["exp"] + 30),  # and the leeway
        },
    }
    assert gate.lines == []


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        pytest.param({"aud": [AUDIENCE, "other"]}, {}, id="audience-list"),
        pytest.param({"nbf": lambda: int(time.time()) + 10}, {}, id="issuers-clock-is-ahead"),
        pytest.param({"exp": lambda: int(time.time()) - 10}, {}, id="our-clock-is-ahead"),
        pytest.param({"exp": lambda: time.time() + 60.5}, {}, id="fractions-of-seconds"),
        pytest.param({}, {"typ": "at+jwt"}, id="access-token"),
        pytest.param({}, {"typ": "JWT"}, id="typ-in-capitals"),
        pytest.param({"aud": None, "client_id": AUDIENCE, "token_use": "access"}, {}, id="cognito"),
    ],
)
def test_what_issuers_write_is_understood(
    site: Site, gate: Gate, changed: dict[str, Any], headers: dict[str, Any]
) -> None:
    """Times are made when the test runs, which may be minutes after it was collected."""
    given = {name: value() if callable(value) else value for name, value in changed.items()}
    assert gate.bearer(sign(claims(site.url, **given), **headers)).subject == "customer-VINET"


def test_the_handler_gives_an_ended_token_the_leeway_that_the_authorizer_gives(site: Site) -> None:
    token = sign(claims(site.url, exp=int(time.time()) - 10))
    assert not Gate(site.url).bearer(token).is_expired(time.time())
    assert Gate(site.url, leeway_s=5).refuse(f"Bearer {token}") == "expired"


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_case_and_spaces_of_the_header_do_not_matter(
    site: Site, gate: Gate, name: str, scheme: str
) -> None:
    found = gate.enter(scheme + sign(claims(site.url)), name=name)
    assert found.scopes == {"orders:read"}


def test_an_event_without_lists_of_values_is_read(site: Site, gate: Gate) -> None:
    headers = {"authorization": f"Bearer {sign(claims(site.url))}"}
    assert gate.enter(headers=headers, multiValueHeaders=None).subject == "customer-VINET"


def test_each_issuer_vouches_for_its_own_tokens_only(site: Site) -> None:
    with serve() as other:
        other.publish(public_jwk(OTHER_RSA_KEY, "one"))
        gate = Gate(site.url, other.url)
        for url, key in ((site.url, RSA_KEY), (other.url, OTHER_RSA_KEY)):
            found = gate.bearer(sign(claims(url), key=key))
            assert (found.issuer, found.subject) == (url, "customer-VINET")
        assert gate.refuse(f"Bearer {sign(claims(site.url), key=OTHER_RSA_KEY)}") == "signature"
        assert gate.refuse(f"Bearer {sign(claims(other.url), key=RSA_KEY)}") == "signature"


def test_a_key_opens_without_any_issuer() -> None:
    assert Gate().bearer(KEY) == Principal(
        kind=CallerKind.API_KEY,
        subject="reports",
        scopes=frozenset({"orders:read", "orders:read:all"}),
    )


def test_nobody_is_let_in_where_the_settings_say_so(site: Site) -> None:
    gate = Gate(site.url, anonymous=True)
    assert gate.enter() == Principal.anonymous()
    assert site.asked == []


def test_nobody_is_not_let_in_otherwise(gate: Gate) -> None:
    assert gate.refuse() == "no token"


def test_without_headers_there_is_no_token(gate: Gate) -> None:
    assert gate.refuse(headers=None, multiValueHeaders=None) == "no token"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"sub": None}, id="no-subject"),
        pytest.param({"sub": "x" * 256}, id="long-subject"),
        pytest.param({"scope": "x" * 4_001}, id="long-scopes"),
    ],
)
def test_a_genuine_token_that_cannot_be_served_is_denied(
    site: Site, gate: Gate, changed: dict[str, Any]
) -> None:
    token = sign(claims(site.url, **changed))
    answer = gate.answer(f"Bearer {token}")
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert answer["context"] == {}
    assert [line["message"] for line in gate.lines] == ["refused"]
    assert token not in gate.output.getvalue()


def test_a_new_key_of_the_issuer_is_found_within_a_minute(site: Site, gate: Gate) -> None:
    gate.bearer(sign(claims(site.url)))
    site.publish(public_jwk(OTHER_RSA_KEY, "three"))
    token = sign(claims(site.url), key=OTHER_RSA_KEY, kid="three")
    assert gate.refuse(f"Bearer {token}") == "key"
    gate.now_s += RETRY_S
    assert gate.bearer(token).subject == "customer-VINET"
    assert gate.refuse(f"Bearer {sign(claims(site.url))}") == "key"


def test_tokens_are_served_while_the_issuer_is_away(site: Site, gate: Gate) -> None:
    token = sign(claims(site.url))
    gate.bearer(token)
    site.answers.clear()
    gate.now_s += 3_600
    assert gate.bearer(token).subject == "customer-VINET"
    assert [line["message"] for line in gate.lines] == ["issuer"]


def silence(_: Any) -> None:
    time.sleep(2.0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(body(b"", 503), id="down"),
        pytest.param(body(b"<html>canary</html>"), id="rubbish"),
        pytest.param(body(b"", 302, Location="https://evil.example/"), id="redirect"),
        pytest.param(silence, id="slow"),
    ],
)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys"])
def test_without_keys_nobody_can_say(site: Site, gate: Gate, path: str, answer: Any) -> None:
    site.answers[path] = answer
    begin = time.monotonic()
    line = gate.fail(f"Bearer {sign(claims(site.url))}", budget_s=0.3)
    assert time.monotonic() - begin < 2.0
    assert line["error"] == "KeysUnavailableError"
    assert [each["message"] for each in gate.lines] == ["issuer", "failure"]
    assert "canary" not in gate.output.getvalue()


def test_an_issuer_that_is_away_does_not_shut_the_others_out(site: Site) -> None:
    gate = Gate("http://127.0.0.1:1", site.url)
    assert gate.bearer(sign(claims(site.url))).issuer == site.url
    assert gate.bearer(KEY).kind is CallerKind.API_KEY


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"type": "TOKEN"}, id="token-authorizer"),
        pytest.param({"type": None}, id="no-type"),
        pytest.param({"methodArn": None}, id="no-method"),
        pytest.param({"methodArn": "arn:aws:execute-api:*:*:*/*/*"}, id="every-api"),
        pytest.param({"multiValueHeaders": "canary"}, id="headers-no-object"),
    ],
)
def test_an_event_of_something_else_lets_nobody_in(site: Site, changed: dict[str, Any]) -> None:
    gate = Gate(site.url, anonymous=True)
    assert gate.fail(f"Bearer {sign(claims(site.url))}", **changed)["requestId"] == "r-1"
    assert "canary" not in gate.output.getvalue()


@pytest.mark.parametrize("found", [None, [], "event", 7, {}])
def test_what_is_no_event_lets_nobody_in(found: object) -> None:
    gate = Gate(anonymous=True)
    with pytest.raises(AuthorizerError):
        gate.authorizer.authorize(found, budget_s=1)


def test_a_mistake_of_ours_shows_no_token(
    gate: Gate, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign(claims(site.url))

    def broken(*_: object, **__: object) -> None:
        raise KeyError(token)

    monkeypatch.setattr("handler.access.tokens.jwt.decode", broken)
    assert gate.fail(f"Bearer {token}")["error"] == "KeyError"


def test_a_request_identifier_of_the_gateway_stands_in_the_log(gate: Gate) -> None:
    gate.refuse("Bearer x")
    assert gate.lines == [
        {
            "level": "INFO",
            "stage": "local",
            "message": "refused",
            "requestId": "r-1",
            "reason": "malformed",
        }
    ]
    assert METHOD_ARN not in gate.output.getvalue()
