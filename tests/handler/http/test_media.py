from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.http.media import (
    GRAPHQL_RESPONSE,
    HTML,
    JSON,
    MediaType,
    accepts_gzip,
    negotiate,
    parse_media_type,
)

OFFERS = (JSON, GRAPHQL_RESPONSE, HTML)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("application/json", MediaType("application/json"), id="plain"),
        pytest.param(" Application/JSON ", MediaType("application/json"), id="case-and-blanks"),
        pytest.param(
            'a/b; Charset="UTF-8" ;q=1',
            MediaType("a/b", {"charset": "UTF-8", "q": "1"}),
            id="parameters",
        ),
        pytest.param(r'a/b;x="q\"; y=1"', MediaType("a/b", {"x": 'q"; y=1'}), id="quoted-pair"),
        pytest.param("a/b;", MediaType("a/b"), id="empty-parameter"),
        pytest.param("a/b;;q=1", MediaType("a/b", {"q": "1"}), id="two-semicolons"),
        pytest.param("", None, id="empty"),
        pytest.param("json", None, id="no-slash"),
        pytest.param("a/b/c", None, id="two-slashes"),
        pytest.param("a/b, c/d", None, id="list"),
        pytest.param("a/b; charset", None, id="no-value"),
        pytest.param('a/b; x="', None, id="quote-without-end"),
        pytest.param("a/b; x=1; X=2", None, id="parameter-twice"),
    ],
)
def test_media_types_are_read(text: str, expected: MediaType | None) -> None:
    assert parse_media_type(text) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, JSON, id="absent"),
        pytest.param("  ", JSON, id="blank"),
        pytest.param("*/*", JSON, id="any"),
        pytest.param("text/*", HTML, id="any-text"),
        pytest.param(BROWSER, HTML, id="browser"),
        pytest.param("application/json;q=0.5, application/graphql-response+json;q=0.6",
                     GRAPHQL_RESPONSE, id="higher-quality"),
        pytest.param(f"{GRAPHQL_RESPONSE}, {JSON}", GRAPHQL_RESPONSE, id="first-of-equals"),
        pytest.param(f"{JSON}, {GRAPHQL_RESPONSE}", JSON, id="first-of-equals-other-way"),
        pytest.param(f"*/*, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE, id="full-name-before-any"),
        pytest.param(f"*/*;q=0.1, {JSON};q=0", GRAPHQL_RESPONSE, id="excluded-from-any"),
        pytest.param(f"*/*, {JSON};q=0.1, text/html;q=0", GRAPHQL_RESPONSE, id="any-beats-low"),
        pytest.param("application/xml, application/*;q=0.2", JSON, id="any-application"),
        pytest.param(f"{JSON}; charset=UTF-8", JSON, id="charset"),
        pytest.param(f"{JSON}; charset=latin1, {GRAPHQL_RESPONSE};q=0.1", GRAPHQL_RESPONSE,
                     id="charset-we-do-not-write"),
        pytest.param(f"multipart/mixed;incrementalSpec=v0.2,{GRAPHQL_RESPONSE},{JSON};q=0.9",
                     GRAPHQL_RESPONSE, id="apollo-client"),
        pytest.param('text/plain; x=", application/json", text/html', HTML, id="comma-in-quotes"),
        pytest.param("application/json;q=high", None, id="quality-not-a-number"),
        pytest.param("application/json;q=1.5", None, id="quality-over-one"),
        pytest.param("application/json;q=0.000", None, id="quality-zero"),
        pytest.param("image/png", None, id="other"),
        pytest.param(",,;;,", None, id="rubbish"),
    ],
)  # fmt: skip
def test_the_type_that_the_client_likes_most_is_chosen(
    accept: str | None, expected: str | None
) -> None:
    assert negotiate(accept, OFFERS) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP;q=0.5, br", True),
        ("x-gzip", True),
        ("*", True),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, gzip;q=0.5", False),
        ("identity, gzip", True),
        ("gzip;q=x", False),
    ],
)
def test_compression_is_used_when_it_is_welcome(header: str | None, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param('"\\"' * 30_000, id="quotes"),
        pytest.param('"\\' * 30_000, id="quotes-without-end"),
        pytest.param("a/b;" + " " * 60_000 + "x", id="blanks"),
        pytest.param("a/b;q" + " " * 60_000, id="blanks-without-value"),
        pytest.param("a/b" + ";" * 60_000, id="semicolons"),
        pytest.param("," * 60_000, id="commas"),
        pytest.param("*/*," * 20_000, id="ranges"),
    ],
)
def test_a_hostile_header_costs_linear_time(hostile: str) -> None:
    started = time.process_time()
    negotiate(hostile, OFFERS)
    parse_media_type(hostile)
    accepts_gzip(hostile)
    assert time.process_time() - started < 1  # about 0.05 s; quadratic would be minutes


@given(st.text(st.sampled_from('aq/*;=,"\\ 01.'), max_size=40) | st.text(max_size=40))
def test_any_header_is_read(text: str) -> None:
    assert negotiate(text, OFFERS) in (*OFFERS, None)
    parse_media_type(text)
    accepts_gzip(text)


@given(
    st.lists(st.tuples(st.sampled_from([*OFFERS, "*/*", "text/*"]), st.integers(0, 10)), min_size=1)
)
def test_no_offer_is_chosen_that_the_client_excludes(ranges: list[tuple[str, int]]) -> None:
    accept = ", ".join(f"{name};q={quality / 10}" for name, quality in ranges)
    chosen = negotiate(accept, OFFERS)
    for offer in OFFERS:
        named = [quality for name, quality in ranges if name == offer]
        if named and named[0] == 0:
            assert chosen != offer
    if chosen is None:
        assert not any(quality > 0 for name, quality in ranges if name == "*/*") or any(
            quality == 0 for _, quality in ranges
        )
