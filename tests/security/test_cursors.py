"""Cursors: one that this list has not given is refused, always in the same words, or harmless.

A cursor is a position and no permit: it is not signed, because whoever forges one can ask for no
row that an honest caller could not page to. It may not break, tell or widen anything.
"""

from __future__ import annotations

import random
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.integration.servers import fresh_database
from tests.security.payloads import PAYLOADS
from tests.security.victims import Victim, make_tables, open_victim
from tests.security.wire import shape

REFUSED = {
    "message": "the cursor is not one of this list; take one from its last answer",
    "locations": [{"line": 1, "column": 30}],
    "extensions": {"code": "BAD_USER_INPUT"},
}
PAGE = "query ($c: String $first: Int){rows(first: $first, after: $c) { nodes { id } totalCount }}"
LISTS = {
    "by key": "{ rows(first: 2) { edges { cursor } } }",
    "by text": "{ rows(first: 2, order: TEXT) { edges { cursor } } }",
    "by number": "{ rows(first: 2, order: NUMBER) { edges { cursor } } }",
}


@pytest.fixture(scope="module")
def victim(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    with fresh_database(mariadb) as url:
        make_tables(url)
        with open_victim(mariadb, url, tmp_path_factory.mktemp("sdl")) as victim:
            yield victim


@pytest.fixture(scope="module")
def known(victim: Victim) -> tuple[set[str], int]:
    """The shapes of a page and of one behind a cursor, and the number of all rows."""
    first, statements = victim.run(PAGE, {"first": 1})
    shapes = {shape(each) for each in statements}
    _, statements = victim.run(PAGE, {"first": 1, "c": cursor_of(victim, "by key")})
    return shapes | {shape(each) for each in statements}, first["data"]["rows"]["totalCount"]


def cursor_of(victim: Victim, name: str) -> str:
    body, _ = victim.run(LISTS[name])
    found: str = body["data"]["rows"]["edges"][1]["cursor"]
    return found


def forge(*parts: object) -> str:
    return urlsafe_b64encode(orjson.dumps(list(parts))).rstrip(b"=").decode()


def is_harmless(
    victim: Victim, cursor: str, known: tuple[set[str], int], *, must_refuse: bool = False
) -> bool:
    """Whether it was refused; if not, it was a position in this list and no more."""
    body, statements = victim.run(PAGE, {"first": 1, "c": cursor})
    if "errors" in body:
        (error,) = body["errors"]
        assert error == REFUSED | {"locations": error["locations"]}, cursor
        assert "data" not in body
        assert statements == []
        return True
    assert not must_refuse, cursor
    assert {shape(each) for each in statements} <= known[0], cursor
    assert body["data"]["rows"]["totalCount"] == known[1]
    assert len(body["data"]["rows"]["nodes"]) <= 1
    return False


def test_ten_thousand_changed_cursors(victim: Victim, known: tuple[set[str], int]) -> None:
    """Bits turned over, characters taken out, put in and swapped, ends cut."""
    chance = random.Random(5)
    genuine = cursor_of(victim, "by key")
    refused = 0
    for _ in range(10_000):
        text = bytearray(genuine.encode())
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))  # never empty
            match chance.randrange(5):
                case 0:
                    text[at] ^= 1 << chance.randrange(7)
                case 1:
                    text = text[:at] + text[at + 1 :] or text
                case 2:
                    text.insert(at, chance.randrange(1, 128))
                case 3:
                    text = text[:at] or text
                case 4:
                    raw = bytearray(urlsafe_b64decode(genuine + "=" * (-len(genuine) % 4)))
                    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
                    text = bytearray(urlsafe_b64encode(bytes(raw)).rstrip(b"="))
        refused += is_harmless(victim, text.decode(), known)
    assert refused > 8_000


@pytest.mark.parametrize("name", ["by text", "by number"])
def test_cursor_of_another_order_is_refused(
    victim: Victim, known: tuple[set[str], int], name: str
) -> None:
    assert is_harmless(victim, cursor_of(victim, name), known, must_refuse=True)


def test_cursor_of_another_api_and_of_another_version_is_refused(
    victim: Victim, known: tuple[set[str], int]
) -> None:
    genuine = orjson.loads(urlsafe_b64decode(cursor_of(victim, "by key") + "=="))
    version, order, *values = genuine
    for forged in (
        forge(version, "00000000", *values),
        forge(version, order.upper() + "0", *values),
        forge(version - 1, order, *values),
        forge(version + 1, order, *values),
        forge(str(version), order, *values),
        forge(True, order, *values),
        forge(float(version), order, *values),
        forge(version, order),
        forge(version, order, *values, "x"),
        forge(version, order, [values]),
        forge(version, order, {"a": 1}),
        forge(version, order, 1),
        forge(version, order, True),
        forge(version),
        forge(),
        urlsafe_b64encode(b"null").decode(),
        urlsafe_b64encode(b'"x"').decode(),
        urlsafe_b64encode(b"[" * 2_000).decode(),
        urlsafe_b64encode(b"9" * 3_000).decode(),
        urlsafe_b64encode(b"[1,NaN]").decode(),
        "",
        " ",
        "=",
        "AAAA" * 1_024,
        "A" * 100_000,
        "\u0130\u0131",
        "\0",
    ):
        assert is_harmless(victim, forged, known, must_refuse=True), forged


def test_forged_values_are_positions_and_no_sql(
    victim: Victim, known: tuple[set[str], int]
) -> None:
    order = orjson.loads(urlsafe_b64decode(cursor_of(victim, "by key") + "=="))[1]
    taken = [text for text in PAYLOADS if not is_harmless(victim, forge(1, order, text), known)]
    assert len(taken) == len(PAYLOADS), "any text may be the id of a row"


@pytest.mark.parametrize("argument", ["after", "before"])
def test_cursor_of_no_number_is_refused_where_numbers_are_ordered(
    victim: Victim, argument: str
) -> None:
    size = "first" if argument == "after" else "last"
    document = (
        f"query ($c: String) {{ rows(order: NUMBER, {size}: 1, {argument}: $c) {{ totalCount }} }}"
    )
    version, order, *_ = orjson.loads(urlsafe_b64decode(cursor_of(victim, "by number") + "=="))
    texts = [text for text in PAYLOADS if not re.fullmatch(r"-?[0-9]+", text)]
    texts += ["1e9", "0x1", " 1", "1 ", "+1", "\u0661", "1_0", "01", "-", "", "9" * 30]
    for text in texts:
        forged = forge(version, order, text, "a", "b")
        body, statements = victim.run(document, {"c": forged})
        assert [each["message"] for each in body["errors"]] == [REFUSED["message"]], text
        assert statements == []


def test_what_a_refusal_says_does_not_depend_on_why(victim: Victim) -> None:
    said: set[bytes] = set()
    genuine: Any = orjson.loads(urlsafe_b64decode(cursor_of(victim, "by key") + "=="))
    for forged in ("x", forge(2, *genuine[1:]), forge(1, "0" * 8, "a"), forge(*genuine, "a")):
        body, _ = victim.run(PAGE, {"first": 1, "c": forged})
        said.add(orjson.dumps(body))
    assert len(said) == 1
