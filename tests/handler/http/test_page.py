from __future__ import annotations

from html.parser import HTMLParser

import pytest

from handler.http import page
from handler.http.policy import Edition, HttpSettings
from tests.handler.http.events import get_event, proxy_event, recorded
from tests.handler.http.reference import exchange

OPEN = HttpSettings(graphiql=True)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_a_browser_gets_the_page() -> None:
    answer = exchange(recorded("get_browser"), OPEN)
    assert (answer.status, answer.body) == (200, page.HTML)
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == page.CONTENT_SECURITY_POLICY


def test_the_page_loads_from_its_own_origin_and_runs_nothing_inline() -> None:
    tags = Tags()
    tags.feed(page.HTML.decode())
    sources = [v for _, attrs in tags.seen for k, v in attrs.items() if k in ("src", "href")]
    assert sources == ["data:,", "./graphiql/graphiql.css", "./graphiql/graphiql.js"]  # no icon
    for tag, attributes in tags.seen:
        assert tag != "script" or "src" in attributes
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    policy = dict(part.split(" ", 1) for part in page.CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"


@pytest.mark.parametrize("edition", Edition)
def test_programs_get_json_from_the_same_address(edition: Edition) -> None:
    settings = HttpSettings(graphiql=True, edition=edition)
    for accept in (None, "*/*", "application/json", "application/json, text/html;q=0.9"):
        answer = exchange(get_event(accept=accept, query="{ __typename }"), settings)
        assert answer.json == {"data": {"__typename": "Query"}}


def test_a_post_never_gets_the_page() -> None:
    answer = exchange(proxy_event(headers={"Accept": "text/html"}, body="{}"), OPEN)
    assert (answer.status, answer.codes) == (406, ["NOT_ACCEPTABLE"])


def test_switched_off_the_address_speaks_json_only() -> None:
    answer = exchange(recorded("get_browser"), HttpSettings())
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    only_html = exchange(get_event(accept="text/html"), HttpSettings())
    assert (only_html.status, only_html.codes) == (406, ["NOT_ACCEPTABLE"])


def test_the_head_of_the_page_has_no_body() -> None:
    head = exchange(recorded("get_browser") | {"httpMethod": "HEAD"}, OPEN)
    assert (head.status, head.body) == (200, b"")
    assert head.headers == exchange(recorded("get_browser"), OPEN).headers
