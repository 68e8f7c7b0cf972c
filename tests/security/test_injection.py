"""SQL injection: whatever a caller writes, wherever, no statement gets another shape by it.

The statements are read on the wire, by a tokenizer that knows nothing of how they are written.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.handler.http.events import GRAPHQL_RESPONSE, get_event, proxy_event
from tests.integration.servers import fetch_rows, fresh_database, is_mysql, run_script
from tests.security.payloads import PAYLOADS, SWALLOWING
from tests.security.victims import Victim, make_tables, open_victim
from tests.security.wire import NotOursError, shape

# Wherever any text is good. One statement for each field, and one for the notes of its rows.
TEXTS = """
query Texts($a: ID! = "x", $s: String, $l: [ID!], $t: [String!], $j: JSON) {
  row(id: $a) { id text notes { id body } noteCount }
  byId: rows(id: $a, first: 2) { nodes { id } }
  byIds: rows(ids: $l, first: 2) { nodes { id } }
  byText: rows(text: $s, first: 2) {
    nodes { id text shouted notes(body: $s) { body row { id } } page(first: 1) { totalCount } }
  }
  byTexts: rows(texts: $t, first: 2) { totalCount }
  byPrefix: rows(prefix: $s, first: 1) { nodes { id notes(bodyPrefix: $s) { id } } totalCount }
  from: rows(from: $s, upTo: $s, first: 2) { nodes { text } }
  between: rows(after_: $s, to: $s, order: NUMBER, last: 2) { nodes { text } }
  byNumber: rows(number: $a, first: 2) { nodes { id } }
  byJson: rows(extra: $j, first: 2) { nodes { id } }
}
"""

# Wherever a text has to be of a form: what the argument is, and a value that fits.
TYPED = {
    "count": ("Int", 7),
    "big": ("BigInt", "7"),
    "amount": ("Decimal", "7.5"),
    "ratio": ("Float", 7.5),
    "isSet": ("Boolean", True),
    "day": ("Date", "2020-01-01"),
    "at": ("DateTime", "2020-01-01T00:00:00Z"),
    "kind": ("Kind", "GOOD"),
    "kinds": ("[Kind!]", ["GOOD", "BAD"]),
    "order": ("RowOrder", "NUMBER"),
    "first": ("Int", 1),
    "last": ("Int", 1),
    "after": ("String", None),
    "before": ("String", None),
}

HEADERS = ("Authorization", "X-Api-Key", "Origin", "If-None-Match", "X-Request-Id", "traceparent")


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        make_tables(url)
        yield url


@pytest.fixture(scope="module")
def victim(
    mariadb: MariaDb, url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Victim]:
    with open_victim(mariadb, url, tmp_path_factory.mktemp("sdl")) as victim:
        yield victim
    counts = fetch_rows(url, "SELECT (SELECT COUNT(*) FROM `rows`), (SELECT COUNT(*) FROM notes)")
    assert counts == [(len(PAYLOADS), len(PAYLOADS))]


def everywhere(text: str) -> dict[str, object]:
    return {"a": text, "s": text, "l": [text, "r1", text], "t": [text], "j": {text: [text]}}


def shapes(statements: list[bytes]) -> set[str]:
    return {shape(each) for each in statements}


def harmless_shapes(victim: Victim) -> set[str]:
    """Every shape that the document has: rows found and not, numbers and none."""
    known: set[str] = set()
    for text in ("r1", "x", "1", "plain", PAYLOADS[0]):
        body, statements = victim.run(TEXTS, everywhere(text))
        assert "errors" not in body, body
        known |= shapes(statements)
    return known


def graphql_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) >= 300


def test_payloads_in_variables_change_no_shape(victim: Victim) -> None:
    known = harmless_shapes(victim)
    for text in PAYLOADS:
        body, statements = victim.run(TEXTS, everywhere(text))
        assert "errors" not in body, (text, body)
        assert len(statements) >= 9
        assert shapes(statements) <= known, text
        found = body["data"]
        assert [row["text"] for row in found["byText"]["nodes"]] == [text]
        assert [row["notes"] for row in found["byText"]["nodes"]] == [
            [{"body": text, "row": {"id": f"r{PAYLOADS.index(text)}"}}]
        ]
        assert found["row"] is None
        assert found["byId"]["nodes"] == []
        assert found["from"]["nodes"] == [{"text": text}]
        assert found["between"]["nodes"] == []
        assert found["byPrefix"]["totalCount"] == sum(each.startswith(text) for each in PAYLOADS)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(graphql_string, id="string"),
        pytest.param(lambda text: '"""' + text.replace('"""', '\\"""') + ' """', id="block string"),
        pytest.param(lambda text: f'"{text}"', id="pasted without an escape"),
    ],
)
def test_payloads_in_literals_change_no_shape(victim: Victim, write: Callable[[str], str]) -> None:
    known = harmless_shapes(victim)
    ran = 0
    for text in PAYLOADS[::2]:
        literal = write(text)
        document = TEXTS.replace('$a: ID! = "x"', f"$a: ID! = {literal}").replace(
            "$s: String", f"$s: String = {literal}"
        )
        document = document.replace("(id: $a, first", f"(id: {literal}, first").replace(
            "(prefix: $s", f"(prefix: {literal}"
        )
        lists = {name: value for name, value in everywhere(text).items() if name in "ltj"}
        body, statements = victim.run(document, lists)
        assert shapes(statements) <= known, literal
        ran += "errors" not in body
    assert ran > 0


@pytest.mark.parametrize("argument", TYPED)
def test_payloads_for_typed_arguments_are_refused(victim: Victim, argument: str) -> None:
    """As a variable, as a literal, and pasted in as it is; also where cursors belong."""
    kind, fitting = TYPED[argument]
    opened = "" if argument in ("first", "last") else ", first: 1"
    opened = ", last: 1" if argument == "before" else opened
    by_variable = f"query ($v: {kind}) {{ rows({argument}: $v{opened}) {{ nodes {{ id }} }} }}"
    body, statements = victim.run(by_variable, {"v": fitting})
    assert "errors" not in body, body
    known = shapes(statements)
    assert known
    for text in PAYLOADS:
        wrapped = [text] if argument == "kinds" else text
        attempts = (
            victim.run(by_variable, {"v": wrapped}),
            victim.run(
                f"{{ rows({argument}: {graphql_string(text)}{opened}) {{ nodes {{ id }} }} }}"
            ),
            victim.run(f"{{ rows({argument}: {text}{opened}) {{ nodes {{ id }} }} }}"),
        )
        for number, (body, statements) in enumerate(attempts):
            assert shapes(statements) <= known, (argument, text)
            # One is a number. Pasted in, a few are values, or end the document as GraphQL.
            if number < 2 and not (argument in ("amount", "big") and text.lstrip("-").isdecimal()):
                assert not statements, (argument, text)
                assert body["errors"], (argument, text)


def test_payloads_in_names_and_around_the_document_change_no_shape(victim: Victim) -> None:
    plain = "query Plain { rows(first: 1) { nodes { id text } totalCount } }"
    known = shapes(victim.run(plain)[1])
    for text in PAYLOADS[::2]:
        headers = dict.fromkeys(HEADERS, text)
        headers |= {"Accept": GRAPHQL_RESPONSE, "Content-Type": "application/json"}
        attempts = [
            victim.run(plain, operationName=text),
            victim.run(plain, {text: text}),
            victim.run(plain, extensions={text: text}),
            victim.run(
                f"query Plain {{ {text}: rows(first: 1) {{ nodes {{ id text }} totalCount }} }}"
            ),
            victim.run(f"query {text} {{ rows(first: 1) {{ nodes {{ id text }} totalCount }} }}"),
            victim.run(f"{{ rows({text}: 1) {{ nodes {{ {text} }} totalCount }} }}"),
            victim.run(f"query Plain @a(b: {graphql_string(text)}) {{ rows {{ totalCount }} }}"),
            victim.ask(proxy_event(headers=headers, body={"query": plain})),
            victim.ask(get_event(accept=GRAPHQL_RESPONSE, query=plain, operationName=text)),
            victim.ask(get_event(accept=GRAPHQL_RESPONSE, query=plain, **{text: text})),
        ]
        for _, statements in attempts:
            assert shapes(statements) <= known, text


MODES = (
    "",
    "NO_BACKSLASH_ESCAPES",
    "ANSI_QUOTES",
    "ANSI,NO_BACKSLASH_ESCAPES",
    "ORACLE,PIPES_AS_CONCAT",
)
MODES_OF_MYSQL = (*MODES[:-1], "PIPES_AS_CONCAT")


CHARSETS = ("utf8mb4", "gbk", "big5", "sjis", "cp932", "euckr", "latin1")


@contextlib.contextmanager
def odd_server(url: DatabaseUrl, charset: str) -> Iterator[DatabaseUrl]:
    """An account for which the server takes all texts for ones of that character set at first."""
    before = fetch_rows(url, "SELECT @@global.sql_mode, @@global.init_connect")
    user = f"reader_{charset}"
    try:
        run_script(
            url,
            f"CREATE USER {user}@localhost",
            f"GRANT SELECT ON `{url.database}`.* TO {user}@localhost",
            f"SET GLOBAL init_connect = 'SET NAMES {charset}'",  # for all but administrators
        )
        yield replace(url, user=user)
    finally:
        run_script(
            url,
            f"SET GLOBAL init_connect = '{before[0][1]}'",
            f"SET GLOBAL sql_mode = '{before[0][0]}'",
            f"DROP USER IF EXISTS {user}@localhost",
        )


@pytest.mark.parametrize(
    ("charset", "payloads"),
    [
        ("gbk", (*PAYLOADS[::12], *SWALLOWING)),
        *(pytest.param(each, PAYLOADS, marks=pytest.mark.nightly) for each in CHARSETS),
    ],
)
def test_no_mode_or_charset_of_the_server_reads_a_payload_as_sql(
    mariadb: MariaDb,
    url: DatabaseUrl,
    tmp_path_factory: pytest.TempPathFactory,
    charset: str,
    payloads: Sequence[str],
) -> None:
    with odd_server(url, charset) as account:
        for mode in MODES_OF_MYSQL if is_mysql(url) else MODES:
            run_script(url, f"SET GLOBAL sql_mode = '{mode}'")
            with open_victim(mariadb, account, tmp_path_factory.mktemp("sdl")) as victim:
                known = harmless_shapes(victim)
                for text in payloads:
                    body, statements = victim.run(TEXTS, everywhere(text))
                    assert shapes(statements) <= known, (mode, text)
                    assert "errors" not in body, (mode, text, body)
                    assert [row["text"] for row in body["data"]["byText"]["nodes"]] == [text]
                    assert body["data"]["between"]["nodes"] == []


@pytest.mark.parametrize("text", ["\ud800", "a\udfff' OR 1=1 -- "])
def test_half_a_character_is_refused_and_sent_nowhere(victim: Victim, text: str) -> None:
    body, statements = victim.run(
        "query ($s: String) { rows(text: $s) { totalCount } }", {"s": text}
    )
    assert "errors" in body
    assert statements == []


@pytest.mark.parametrize(
    "raw", [b"\xff' OR 1=1", b"\xc0\xa7", b"\xe7\xb8", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"]
)
def test_bytes_that_are_no_utf_8_are_refused(victim: Victim, raw: bytes) -> None:
    body = b'{"query": "query ($s: String) { row(id: $s) { id } }", "variables": {"s": "'
    event = proxy_event(headers={"Content-Type": "application/json"})
    event |= {"body": base64.b64encode(body + raw + b'"}}').decode(), "isBase64Encoded": True}
    answer, statements = victim.ask(event)
    assert answer["errors"][0]["message"].startswith("The body is not valid UTF-8")
    assert statements == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 -- a",
        "SELECT 1 /* a */",
        "SELECT 1 # a",
        "SELECT 1; SELECT 2",
        "SELECT 'a",
        "SELECT 'a\\' OR 1=1 -- '",
        'SELECT "a"',
        "SELECT @@version",
    ],
)
def test_the_tokenizer_sees_what_is_not_ours(text: str) -> None:
    with pytest.raises(NotOursError):
        shape(text.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT t0.`a` FROM `b` t0 WHERE t0.`c` = 'x'",
         "SELECT t0 . `a` FROM `b` t0 WHERE t0 . `c` = ?"),
        ("SELECT 1 WHERE a IN ('x', 'it''s', -5e0)", "SELECT ? WHERE a IN ( ?+ )"),
        ("SELECT _utf8mb4 X'2727', _binary X''", "SELECT ? , ?"),
        ("SELECT 'a' OR 1=1", "SELECT ? OR ? = ?"),
    ],
)  # fmt: skip
def test_the_tokenizer_leaves_out_values_alone(text: str, expected: str) -> None:
    assert shape(text.encode()) == expected
