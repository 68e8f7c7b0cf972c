from __future__ import annotations

import pytest

from handler.http.options import HttpSettings
from tests.handler.http.events import JSON, proxy_event, recorded
from tests.handler.http.reference import exchange

SHOP = "https://shop.example"
LISTED = HttpSettings(cors_origins=(SHOP, "https://admin.shop.example:8443"))
ALL = HttpSettings(cors_origins=("*",))
CLOSED = HttpSettings()

BODY = {"query": "{ __typename }"}

EXPOSED = "ratelimit, ratelimit-policy, retry-after, x-request-id"
ALLOWED = (
    "apollographql-client-name, apollographql-client-version, authorization, content-type,"
    " graphql-client-name, graphql-client-version, graphql-require-preflight, x-api-key"
)


def cors_of(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize(
    ("settings", "origin", "allowed", "vary"),
    [
        pytest.param(LISTED, SHOP, SHOP, "accept, origin, accept-encoding", id="listed"),
        pytest.param(
            LISTED, "https://evil.example", None, "accept, origin, accept-encoding", id="other"
        ),
        pytest.param(
            LISTED, SHOP + ".evil.example", None, "accept, origin, accept-encoding", id="longer"
        ),
        pytest.param(LISTED, "null", None, "accept, origin, accept-encoding", id="null"),
        pytest.param(LISTED, None, None, "accept, origin, accept-encoding", id="same-site"),
        pytest.param(ALL, SHOP, "*", "accept, accept-encoding", id="all"),
        pytest.param(ALL, None, None, "accept, accept-encoding", id="all-same-site"),
        pytest.param(CLOSED, SHOP, None, "accept, accept-encoding", id="closed"),
    ],
)
def test_answers_are_open_to_the_origins_of_the_settings(
    settings: HttpSettings, origin: str | None, allowed: str | None, vary: str
) -> None:
    headers = {"Content-Type": JSON} | ({"Origin": origin} if origin else {})
    for body in (BODY, "broken"):  # a page must be able to read refusals, too
        answer = exchange(proxy_event(headers=headers, body=body), settings)
        expected = {
            "access-control-allow-origin": allowed,
            "access-control-expose-headers": EXPOSED,
        }
        assert cors_of(answer.headers) == (expected if allowed else {})
        assert answer.headers["vary"] == vary


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [pytest.param(LISTED, SHOP, id="listed"), pytest.param(ALL, "*", id="all")],
)
def test_a_preflight_is_answered_with_what_is_allowed(settings: HttpSettings, allowed: str) -> None:
    answer = exchange(recorded("options_preflight"), settings)
    assert (answer.status, answer.body) == (204, b"")
    assert cors_of(answer.headers) == {
        "access-control-allow-origin": allowed,
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": (ALLOWED),
        "access-control-max-age": "7200",
        "access-control-expose-headers": EXPOSED,
    }


def test_a_preflight_of_another_origin_allows_nothing() -> None:
    answer = exchange(recorded("options_preflight"), CLOSED)
    assert (answer.status, cors_of(answer.headers)) == (204, {})


def test_plain_options_name_the_methods() -> None:
    answer = exchange(proxy_event("OPTIONS"), ALL)
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert cors_of(answer.headers) == {}
    assert "content-type" not in answer.headers


def test_credentials_are_never_allowed() -> None:
    for settings in (LISTED, ALL):
        answer = exchange(recorded("options_preflight"), settings)
        assert "access-control-allow-credentials" not in answer.headers
