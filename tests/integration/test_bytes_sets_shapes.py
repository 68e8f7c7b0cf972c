"""Bytes as keys, arguments, cursors and columns of relations; labels of a SET; places on a map."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.resolvers.registry import ResolverContext
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import fetch_rows, fresh_database, is_mysql, run_script

SDL = """
type Query @public {
  thing(code: Bytes!): Thing
  things(
    codes: [Bytes!] @filter(field: "code"), content: Bytes
    above: Bytes @filter(field: "content", operator: GREATER)
    not: Bytes @filter(field: "content", operator: NOT_EQUAL)
    color: Color @filter(field: "colors", operator: HAS)
    text: String @filter(field: "texts", operator: HAS)
    latin: String @filter(field: "latins", operator: HAS)
    without: Boolean @filter(field: "colors", operator: IS_NULL)
    placed: Boolean @filter(field: "place", operator: IS_NULL)
    orderBy: ThingOrder, first: Int, after: String, last: Int, before: String
  ): ThingConnection!
  given(codes: [String]!): [Thing]! @resolver
}
enum ThingOrder {
  CONTENT @orderBy(fields: ["content"])
  LONG @orderBy(fields: ["long DESC"])
  COLORS @orderBy(fields: ["colors"])
}
enum Color { RED @value(column: "red") GREEN @value(column: "gr een") ITS @value(column: "it's") }
type Thing @public @table(name: "things") @key(fields: "code") {
  code: Bytes!
  aboveCode: Bytes
  content: Bytes
  long: Bytes
  colors: [Color!]
  texts: [String!]! @column(name: "labels")
  latins: [String!]
  place: GeoJSON
  outline: GeoJSON @expression(sql: "COALESCE({place}, {place})")
  above: Thing @relation(columns: ["above_code"], references: ["code"])
  below: [Thing!]! @relation(columns: ["code"], references: ["above_code"])
}
"""
CODES = [b"\0\0\0\0", b"ab\0\0", b"zz\0a", b"\xff\xfe\0\x01"]


async def given(parent: Any, arguments: Mapping[str, Any], context: ResolverContext) -> list[Any]:
    """Things by texts and by bytes."""
    return [{"code": code} for code in (*arguments["codes"], CODES[1], bytearray(CODES[2]))]


RESOLVERS = {"Query.given": given}


def b64(value: bytes) -> str:
    return b64encode(value).decode()


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        point = "ST_GeomFromText('POINT(13.4 52.5)')"
        if is_mysql(url):  # latitude first in, longitude first out
            point = "ST_GeomFromText('POINT(52.5 13.4)', 4326)"
        run_script(
            url,
            "CREATE TABLE things (code BINARY(4) PRIMARY KEY, above_code BINARY(4),"
            " content VARBINARY(40), `long` LONGBLOB, colors SET('it''s', 'red', 'gr een'),"
            " labels SET('', 'b', 'é', 'A') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
            " latins SET('a', 'ä') CHARACTER SET latin1, place POINT,"
            " KEY (content), KEY (above_code), KEY (colors))",
            "INSERT INTO things VALUES"
            f" (X'00000000', NULL, '', '', 'red', 'b', 'a', {point}),"
            " (_binary 'ab', X'00000000', 'ab', REPEAT(X'00FF', 70000), 7, 15, 3, NULL),"
            " (X'7a7a0061', X'61620000', NULL, NULL, NULL, 'A,b', NULL, NULL),"
            " (X'fffe0001', X'61620000', X'ff00', X'80', '', '', 'ä', NULL)",
        )
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("things")
    (folder / "a.graphql").write_text(
        SDL.replace("given(codes: [String]!): [Thing]! @resolver", "")
    )
    with open_api(url, folder) as api:
        yield api


def codes(found: Any) -> list[str]:
    return [node["code"] for node in found["nodes"]]


def of(*numbers: int) -> list[str]:
    return [b64(CODES[number]) for number in numbers]


def test_everything_is_shown(api: Api) -> None:
    document = """{ things { nodes { code content colors texts latins place outline
      above { code } below { code } } } }"""
    answer = api.run(document)
    assert answer.data["things"]["nodes"] == [
        {
            "code": "AAAAAA==", "content": "", "colors": ["RED"], "texts": ["b"], "latins": ["a"],
            "place": {"type": "Point", "coordinates": [13.4, 52.5]},
            "outline": {"type": "Point", "coordinates": [13.4, 52.5]},
            "above": None, "below": [{"code": "YWIAAA=="}],
        },
        {
            "code": "YWIAAA==", "content": "YWI=", "colors": ["ITS", "RED", "GREEN"],
            "texts": ["b", "é", "A"], "latins": ["a", "ä"], "place": None, "outline": None,
            "above": {"code": "AAAAAA=="}, "below": [{"code": "enoAYQ=="}, {"code": "//4AAQ=="}],
        },
        {
            "code": "enoAYQ==", "content": None, "colors": None, "texts": ["b", "A"],
            "latins": None, "place": None, "outline": None, "above": {"code": "YWIAAA=="},
            "below": [],
        },
        {
            "code": "//4AAQ==", "content": "/wA=", "colors": [], "texts": [], "latins": ["ä"],
            "place": None, "outline": None, "above": {"code": "YWIAAA=="}, "below": [],
        },
    ]  # fmt: skip
    assert api.run_by_executor(document).text == answer.text


@pytest.mark.parametrize(
    ("code", "found"),
    [*((code, True) for code in CODES), (b"ab", False), (b"ab\0\0\0", False), (b"", False)],
)
def test_a_key_is_looked_up_byte_by_byte(api: Api, code: bytes, found: bool) -> None:
    answer = api.run("query ($c: Bytes!) { thing(code: $c) { code } }", {"c": b64(code)})
    assert answer.data == {"thing": {"code": b64(code)} if found else None}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('content: ""', of(0)),
        ('content: "YWI="', of(1)),
        ('content: "YWIA"', []),
        ('above: "YWI="', of(3)),
        ('not: "YWI="', of(0, 3)),
        ('codes: ["YWIAAA==", "//4AAQ==", "YWI="]', of(1, 3)),
        ("color: ITS", of(1)),
        ("color: RED", of(0, 1)),
        ('text: "b"', of(0, 1, 2)),
        ('text: "b,A"', []),
        ('text: "a"', []),
        ('text: "é"', of(1)),
        ('latin: "ä"', of(1, 3)),
        ('latin: "日"', []),
        ("without: true", of(2)),
        ("without: false", of(0, 1, 3)),
        ("placed: false", of(0)),
    ],
)
def test_arguments_choose_rows(api: Api, arguments: str, expected: list[str]) -> None:
    document = f"{{ things({arguments}) {{ totalCount nodes {{ code }} }} }}"
    found = api.run(document).data["things"]
    assert (codes(found), found["totalCount"]) == (expected, len(expected))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", of(0, 1, 2, 3)),
        ("orderBy: CONTENT", of(2, 0, 1, 3)),
        ("orderBy: COLORS", of(2, 3, 0, 1)),
    ],
)
@pytest.mark.parametrize("size", [1, 3])
def test_pages_are_the_list_cut(api: Api, order: str, expected: list[str], size: int) -> None:
    for first, after, more in (("first", "after", "Next"), ("last", "before", "Previous")):
        found: list[str] = []
        place = None
        while True:
            page = api.run(
                f"query ($c: String) {{ things({first}: {size}, {after}: $c, {order}) {{"
                f" nodes {{ code }} pageInfo {{ has{more}Page startCursor endCursor }} }} }}",
                {"c": place},
            ).data["things"]
            found = found + codes(page) if first == "first" else codes(page) + found
            if not page["pageInfo"][f"has{more}Page"]:
                break
            place = page["pageInfo"]["endCursor" if first == "first" else "startCursor"]
        assert found == expected


def test_long_bytes_go_out_whole_and_not_into_cursors(api: Api, url: DatabaseUrl) -> None:
    shown = api.run("{ things { nodes { long } } }").data["things"]["nodes"]
    stored = fetch_rows(url, "SELECT `long` FROM things ORDER BY code")
    assert [node["long"] for node in shown] == [
        b64(value) if isinstance(value, bytes) else None for (value,) in stored
    ]
    answer = api.run("{ things(orderBy: LONG) { edges { cursor node { code } } } }")
    assert [error["message"] for error in answer.body["errors"]] == [
        "a cursor cannot hold the value that is stored"
    ]


@pytest.mark.parametrize("wrong", ["YWI", "YWJ=", "-_-_", "YWI=\n", " YWI=", "====", 7, ["YWI="]])
def test_what_is_no_base64_is_refused(api: Api, wrong: Any) -> None:
    answer = api.run("query ($c: Bytes!) { thing(code: $c) { code } }", {"c": wrong})
    (error,) = answer.body["errors"]
    assert 'Bytes needs a string of Base64 such as "SGVsbG8="' in error["message"]


def test_an_argument_beyond_a_statement_is_a_limit(api: Api) -> None:
    answer = api.run("query ($c: Bytes) { things(content: $c) { totalCount } }",
                     {"c": b64(b"x" * 70_000)})  # fmt: skip
    (error,) = answer.body["errors"]
    assert error["code"] == "LIMIT_EXCEEDED"


def test_a_function_names_rows_by_bytes_and_by_base64(
    url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("given")
    (folder / "a.graphql").write_text(SDL)
    with open_api(url, folder, resolvers=__name__) as api:
        answer = api.run(
            "query ($c: [String]!) { given(codes: $c) { code colors } }",
            {"c": [b64(CODES[0]), "no", None, b64(b"ab")]},
        )
    assert [thing and thing["code"] for thing in answer.data["given"]] == [
        *of(0), None, None, None, *of(1, 2),
    ]  # fmt: skip
