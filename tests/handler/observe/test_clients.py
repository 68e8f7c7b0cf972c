"""How a program that asks names itself."""

from __future__ import annotations

import pytest

from handler.http.surface import CORS_HEADERS
from handler.observe.clients import HEADERS, client_of


@pytest.mark.parametrize(("name", "version"), HEADERS)
def test_each_pair_of_headers_is_read(name: str, version: str) -> None:
    assert client_of({name: "@shop/web", version: "1.4.0+7"}) == ("@shop/web", "1.4.0+7")
    assert client_of({name: "web"}) == ("web", "")
    assert client_of({version: "1"}) == ("", "")


def test_the_first_pair_counts() -> None:
    (first, _), (second, version), *_ = HEADERS
    assert client_of({second: "b", version: "2", first: "a"}) == ("a", "")


@pytest.mark.parametrize(
    "text", ["", " web", "w" * 65, 'a"b', "a\nb", "jürgen", "a{b}", "x=1", "a\x00", "a,b"]
)
def test_what_is_no_name_of_a_program_is_not_repeated(text: str) -> None:
    assert client_of({HEADERS[0][0]: text, HEADERS[0][1]: text}) == ("", "")


def test_browsers_may_send_the_headers_that_clients_send_by_themselves() -> None:
    """Apollo's client and Hive's; the third pair is of servers."""
    assert {name for pair in HEADERS[:2] for name in pair} <= set(CORS_HEADERS)
