from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from handler.http import graphiql
from handler.http.options import HttpSettings
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
    assert (answer.status, answer.body) == (200, graphiql.HTML)
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == graphiql.CONTENT_SECURITY_POLICY


def test_the_page_loads_from_its_own_origin_and_runs_nothing_inline() -> None:
    tags = Tags()
    tags.feed(graphiql.HTML.decode())
    sources = [v for _, attrs in tags.seen for k, v in attrs.items() if k in ("src", "href")]
    assert sources == ["data:,", "./graphiql/graphiql.css", "./graphiql/graphiql.js"]  # no icon
    for tag, attributes in tags.seen:
        assert tag != "script" or "src" in attributes
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    policy = dict(part.split(" ", 1) for part in graphiql.CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"


def test_programs_get_json_from_the_same_address() -> None:
    for accept in (None, "*/*", "application/json", "application/json, text/html;q=0.9"):
        answer = exchange(get_event(accept=accept, query="{ __typename }"), OPEN)
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


@pytest.fixture
def files(tmp_path: Path) -> HttpSettings:
    """GraphiQL with two files, and one beside their folder."""
    folder = tmp_path / "graphiql"
    folder.mkdir()
    (folder / "graphiql.js").write_text("'ä'")
    (folder / "made-of").write_text("no file of the page")
    (tmp_path / "secret.txt").write_text("secret")
    return HttpSettings(graphiql=True, graphiql_dir=str(folder))


@pytest.mark.parametrize("base", ["", "/live", "/shop/v1"])
def test_a_file_of_the_page_is_kept_by_browsers_after_asking(
    files: HttpSettings, base: str
) -> None:
    event = proxy_event("GET", path=f"{base}/graphiql/graphiql.js")
    answer = exchange(event, files)
    assert (answer.status, answer.body) == (200, "'ä'".encode())
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = proxy_event(
        "GET", path="/graphiql/graphiql.js", headers={"If-None-Match": answer.headers["etag"]}
    )
    unchanged = exchange(again, files)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "name",
    [
        *("none.js", "made-of", "", ".", "../secret.txt", "/etc/hosts.txt", "a/graphiql.js"),
        *("..%2Fsecret.txt", "\x00.js", "\ud800.js"),
    ],
)
def test_nothing_else_is_read(files: HttpSettings, name: str) -> None:
    answer = exchange(proxy_event("GET", path=f"/graphiql/{name}"), files)
    assert (answer.status, answer.codes) == (404, ["NOT_FOUND"])


def test_switched_off_there_are_no_files(files: HttpSettings) -> None:
    closed = replace(files, graphiql=False)
    answer = exchange(proxy_event("GET", path="/graphiql/graphiql.js"), closed)
    assert answer.status == 400  # a document is asked for, as at every path
