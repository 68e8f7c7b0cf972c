"""One value everywhere: what is shown, what an argument takes, where a cursor goes on.

A table whose columns hold what old tables hold; every field of it in every use.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from pymysql.cursors import DictCursor

from aurora_graphql.dev.servers import MariaDb
from handler.compiler.cursor import VERSION, fingerprint
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.callers import token
from tests.domains.database import insert_rows
from tests.domains.oddities.rows import ROWS, SQL_MODE
from tests.integration.servers import connect, fresh_database, run_script
from tests.stored_values import seconds

ODDITIES = Path(__file__).parents[1] / "domains" / "oddities"


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(url, (ODDITIES / "tables.sql").read_text())
        insert_rows(url, ROWS, SQL_MODE)
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl) -> Iterator[Api]:
    with open_api(url, ODDITIES / "sdl") as api:
        yield api


# Field -> its scalar, and by what its shown values compare; None: by a collation, so not here.
FIELDS: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "padded": ("Int", None),
    "price": ("Decimal", Decimal),
    "year": ("Int", int),
    "single": ("Float", float),
    "ratio": ("Float", float),
    "flag": ("Boolean", bool),
    "switch": ("Boolean", None),
    "mask": ("BigInt", None),
    "big": ("BigInt", int),
    "wide": ("BigInt", None),
    "exact": ("Decimal", Decimal),
    "day": ("Date", str),
    "moment": ("DateTime", str),
    "momentDay": ("Date", str),
    "instant": ("DateTime", None),
    "instantDay": ("Date", str),
    "stamp": ("DateTime", None),
    "stampDay": ("Date", str),
    "opens": ("String", seconds),
    "narrow": ("String", None),
    "latin": ("String", None),
}
RANGES: dict[str, Callable[[Any, Any], bool]] = {
    "Below": lambda shown, given: shown < given,
    "To": lambda shown, given: shown <= given,
    "Above": lambda shown, given: shown > given,
    "From": lambda shown, given: shown >= given,
}
by_field = pytest.mark.parametrize("field", FIELDS)
BY_KEY = ["0", "1", "2", "3", "42", "123456", "1234567"]


def root(field: str) -> str:
    return f"by{field[0].upper()}{field[1:]}"


def shown(api: Api, field: str) -> dict[str, Any]:
    """What a list of all rows shows, by key."""
    found = api.run(f"{{ oddities(first: 50) {{ nodes {{ oddId value: {field} }} }} }}")
    return {node["oddId"]: node["value"] for node in found.data["oddities"]["nodes"]}


def chosen(api: Api, field: str, argument: str, kind: str, given: Any) -> list[str]:
    """The keys that one argument finds, by a variable and by a literal."""
    name = root(field)
    found = api.run(
        f"query($v: {kind}) {{ {name}({argument}: $v, first: 50)"
        " { nodes { oddId } totalCount } }",
        {"v": given},
    ).data[name]
    literal = orjson.dumps(given).decode()
    assert (
        api.run(
            f"{{ {name}({argument}: {literal}, first: 50) {{ nodes {{ oddId }} totalCount }} }}"
        ).data[name]
        == found
    )
    keys = sorted((node["oddId"] for node in found["nodes"]), key=int)
    assert found["totalCount"] == len(keys)
    return keys


@by_field
def test_what_is_shown_is_what_an_argument_finds(api: Api, field: str) -> None:
    kind, _ = FIELDS[field]
    values = shown(api, field)
    for given in {value for value in values.values() if value is not None}:
        expected = [key for key, value in values.items() if value == given]
        assert chosen(api, field, field, kind, given) == expected, given
        assert chosen(api, field, f"{field}In", f"[{kind}!]", [given]) == expected, given
    given = [value for value in values.values() if value is not None]
    expected = [key for key, value in values.items() if value is not None]
    assert chosen(api, field, f"{field}In", f"[{kind}!]", given) == expected


@pytest.mark.parametrize("field", [name for name, (_, key) in FIELDS.items() if key])
def test_ranges_cut_between_what_is_shown(api: Api, field: str) -> None:
    kind, key = FIELDS[field]
    assert key is not None
    values = {name: value for name, value in shown(api, field).items() if value is not None}
    for given in set(values.values()):
        for end, holds in RANGES.items():
            expected = [name for name, each in values.items() if holds(key(each), key(given))]
            assert chosen(api, field, f"{field}{end}", kind, given) == expected, (end, given)


@by_field
def test_pages_by_every_column_are_whole(api: Api, field: str) -> None:
    name = root(field)
    whole = api.run(f"{{ {name}(first: 50) {{ nodes {{ oddId }} }} }}").data[name]["nodes"]
    assert sorted((node["oddId"] for node in whole), key=int) == BY_KEY
    for size, after, first in ((2, "after", "first"), (3, "before", "last")):
        pages: list[Any] = []
        cursor = None
        while True:
            found = api.run(
                f"query($n: Int, $c: String) {{ {name}({first}: $n, {after}: $c) {{ edges {{"
                " cursor node { oddId } } pageInfo { hasNextPage hasPreviousPage } } }",
                {"n": size, "c": cursor},
            ).data[name]
            nodes = [edge["node"] for edge in found["edges"]]
            pages = pages + nodes if first == "first" else nodes + pages
            if not found["pageInfo"]["hasNextPage" if first == "first" else "hasPreviousPage"]:
                break
            cursor = found["edges"][-1 if first == "first" else 0]["cursor"]
        assert pages == whole, first


@by_field
def test_an_index_finds_what_an_argument_asks_for(api: Api, url: DatabaseUrl, field: str) -> None:
    """Whatever a comparison is written as."""
    if field == "switch":
        return  # half of the rows: the server prefers to read them all
    kind, _ = FIELDS[field]
    given = next(value for value in shown(api, field).values() if value is not None)
    name = root(field)
    asked = f"query($v: {kind}) {{ {name}({field}: $v) {{ nodes {{ oddId }} }} }}"
    (statement,) = api.run(asked, {"v": given}).statements
    column = {"momentDay": "moment", "instantDay": "instant", "stampDay": "stamp"}.get(field, field)
    alias = "k" if "`oddities` k" in statement.text else "t0"  # of a page that is found whole
    table = f"`oddities` {alias}"
    text = statement.text.replace(table, f"{table} FORCE INDEX ({column})")
    with connect(url) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {text}", statement.parameters)
        (row,) = [row for row in cursor.fetchall() if row["table"] == alias]
    assert row["type"] in ("ref", "range"), row
    assert row["key"] == column


# ------------------------------------------------------------------------------ what is shown


def test_numbers_are_shown_as_numbers(api: Api) -> None:
    answer = api.run(
        "{ oddities(first: 4) { nodes { oddId padded price year flag switch mask wide big } } }"
    )
    keys = ("oddId", "padded", "price", "year", "flag", "switch", "mask", "wide", "big")
    assert [tuple(node[key] for key in keys) for node in answer.data["oddities"]["nodes"]] == [
        ("0", 0, "0.00", 0, False, False, "0", "0", "0"),
        ("1", 42, "1.50", 1901, True, True, "1", "1", "1"),
        ("2", 99999, "999999.99", 2001, True, False, "257", "2147483648", "9223372036854775808"),
        ("3", 7, "0.05", 2155, True, True, "511", "4294967295", "18446744073709551615"),
    ]


def test_float_shows_the_number_that_is_stored(api: Api) -> None:
    assert list(shown(api, "single").values()) == [
        0.0, 11111.11, 16777216.0, 0.1, 3.4028235e38, -0.3333333, 1.4013e-45,
    ]  # fmt: skip
    assert list(shown(api, "ratio").values()) == [
        0.0, 11111.11, 16777217.0, 0.1, 1e300, -0.3333333333333333, 2.2250738585072014e-308,
    ]  # fmt: skip


def test_a_float_is_found_by_what_is_shown_and_by_nothing_beside_it(api: Api) -> None:
    for given, expected in ((11111.11, ["1"]), (11111.1, []), (11111.1103515625, []), (1e39, [])):
        assert chosen(api, "single", "single", "Float", given) == expected
    all_but = ["0", "1", "2", "3", "123456", "1234567"]
    assert chosen(api, "single", "singleBelow", "Float", 3.4028235e38) == all_but
    assert chosen(api, "single", "singleBelow", "Float", 1e39) == [
        "0",
        "1",
        "2",
        "3",
        "42",
        *all_but[4:],
    ]
    assert chosen(api, "single", "singleAbove", "Float", 11111.1103) == ["2", "42"]
    assert chosen(api, "single", "singleAbove", "Float", 11111.109) == ["1", "2", "42"]


def test_relations_lead_through_padded_keys(api: Api) -> None:
    answer = api.run(
        "{ oddities(first: 5) { nodes { oddId children { oddId parent { oddId } } countLatin } } }"
    )
    assert [
        (node["oddId"], [child["oddId"] for child in node["children"]], node["countLatin"])
        for node in answer.data["oddities"]["nodes"]
    ] == [
        ("0", ["1", "2", "3"], 3),
        ("1", ["123456", "1234567"], 2),
        ("2", [], 0),
        ("3", [], 0),
        ("42", ["42"], 1),
    ]


@pytest.mark.parametrize("given", ["42", "1234567", "0"])
def test_look_up_by_a_padded_key(api: Api, given: str) -> None:
    assert api.run("query($i: ID!) { oddity(oddId: $i) { oddId } }", {"i": given}).data == {
        "oddity": {"oddId": given}
    }
    padded = api.run("query($i: ID!) { oddity(oddId: $i) { oddId } }", {"i": f"000{given}"})
    assert padded.data == {"oddity": None}


# -------------------------------------------------------------------------------- dates


def test_dates_that_are_none_are_null(api: Api) -> None:
    answer = api.run("{ oddities(first: 4) { nodes { day moment momentDay } } }")
    assert [list(node.values()) for node in answer.data["oddities"]["nodes"]] == [
        [None, None, None],
        ["2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01"],
        ["2020-01-02", "2020-01-01T23:59:59Z", "2020-01-01"],
        [None, None, None],
    ]


def test_without_the_directive_a_date_that_is_none_is_an_error_of_its_field(api: Api) -> None:
    answer = api.run("{ oddity(oddId: 3) { bareDay } }")
    assert answer.body["data"] == {"oddity": {"bareDay": None}}
    assert [(error["code"], error["path"]) for error in answer.body["errors"]] == [
        ("STORED_VALUE", ["oddity", "bareDay"])
    ]


def test_a_day_is_whole_and_ends(api: Api) -> None:
    """The shown day of a moment, at both of its ends."""
    assert chosen(api, "instantDay", "instantDay", "Date", "2020-01-01") == ["0", "1"]
    assert chosen(api, "instantDay", "instantDayTo", "Date", "2020-01-01") == [
        "0", "1", "123456", "1234567",
    ]  # fmt: skip
    assert chosen(api, "instantDay", "instantDayAbove", "Date", "9999-12-31") == []
    assert chosen(api, "momentDay", "momentDayIn", "[Date!]", ["2020-01-01", "9999-12-31"]) == [
        "1", "2", "123456",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "kind", "given"),
    [("moment", "DateTime", "2020-01-01T00:00:00.4Z"), ("opens", "String", "10:00:00.4")],
)
def test_no_row_has_parts_of_a_second_that_its_column_has_not(
    api: Api, field: str, kind: str, given: str
) -> None:
    assert chosen(api, field, field, kind, given) == []
    assert chosen(api, field, f"{field}In", f"[{kind}!]", [given]) == []


# ------------------------------------------------------------ texts that no such column holds


@pytest.mark.parametrize(
    ("field", "given"),
    [
        pytest.param("narrow", "🍣", id="beyond-the-first-plane"),
        pytest.param("narrow", "?🍣", id="beside-one-that-fits"),
        pytest.param("latin", "日本", id="another-script"),
        pytest.param("latin", "a\\'日", id="in-hexadecimal"),
        pytest.param("opens", "nonsense", id="no-time"),
        pytest.param("opens", "0", id="what-sql-reads-as-a-time"),
        pytest.param("opens", "900:00:00", id="too-long-a-time"),
        pytest.param("dayText", "nonsense", id="no-date"),
        pytest.param("dayText", "2020-02-31", id="impossible-date"),
        pytest.param("dayText", "2020-01-01 00:00:00", id="more-than-a-date"),
    ],
)
def test_no_row_has_what_its_column_cannot_hold(api: Api, field: str, given: str) -> None:
    assert chosen(api, field, field, "String", given) == []
    assert chosen(api, field, f"{field}In", "[String!]", [given]) == []
    some = next(value for value in shown(api, field).values() if value)
    assert chosen(api, field, f"{field}In", "[String!]", [given, some]) == chosen(
        api, field, field, "String", some
    )


@pytest.mark.parametrize(("field", "given"), [("narrow", "🍣"), ("latin", "日本")])
@pytest.mark.parametrize("end", RANGES)
def test_nothing_is_before_or_after_what_a_column_cannot_hold(
    api: Api, field: str, given: str, end: str
) -> None:
    name = root(field)
    answer = api.run(
        f"query($v: String) {{ {name}({field}{end}: $v) {{ nodes {{ oddId }} }} }}", {"v": given}
    )
    assert [(error["code"], error["message"]) for error in answer.body["errors"]] == [
        (
            "BAD_USER_INPUT",
            f"Query.{name}: argument '{field}{end}' has a character that {field} cannot hold, so "
            f"no row comes before or after it; leave the character out",
        )
    ]


def test_a_cursor_with_what_a_column_cannot_hold_is_none_of_the_list(api: Api) -> None:
    order = api.plan("{ byLatin { nodes { oddId } } }").batches[0].order
    parts = [VERSION, fingerprint("Query.byLatin", order), "日本", "1"]
    forged = urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()
    answer = api.run(
        "query($c: String) { byLatin(first: 2, after: $c) { nodes { oddId } } }", {"c": forged}
    )
    assert [(error["code"], error["message"]) for error in answer.body["errors"]] == [
        ("BAD_USER_INPUT", "the cursor is not one of this list; take one from its last answer")
    ]


@pytest.mark.parametrize("year", [1, 20, 99])
def test_a_year_of_two_digits_is_no_year_of_this_century(api: Api, year: int) -> None:
    assert chosen(api, "year", "year", "Int", year) == []
    assert chosen(api, "year", "yearIn", "[Int!]", [0, year, 2001]) == ["0", "2"]
    assert chosen(api, "year", "yearBelow", "Int", year) == ["0"]
    assert chosen(api, "year", "yearFrom", "Int", year) == ["1", "2", "3", "123456", "1234567"]


# -------------------------------------------------------------- values that no answer can show


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("text", ["2"], id="string"),
        pytest.param('"text"', [], id="string-with-quotes"),
        pytest.param("🍣'\\", [], id="string-that-needs-care"),
        pytest.param({}, ["123456"], id="empty-object"),
        pytest.param([], ["1234567"], id="empty-list"),
        pytest.param(0, ["0"], id="number"),
        pytest.param(False, [], id="false-is-no-zero"),
        pytest.param({"b": [1, "é"], "a": None}, ["42"], id="members-in-another-order"),
        pytest.param({"b": ["é", 1], "a": None}, [], id="items-in-another-order"),
    ],
)
def test_json_finds_the_same_json(api: Api, given: Any, expected: list[str]) -> None:
    asked = "query($j: JSON, $all: [JSON!]) { one: byDocument(document: $j) { nodes { oddId } }"
    answer = api.run(
        asked + " all: byDocument(documentIn: $all) { nodes { oddId } } }",
        {"j": given, "all": [given, "neither"]},
    )
    nodes = [{"oddId": key} for key in expected]
    assert answer.data == {"one": {"nodes": nodes}, "all": {"nodes": nodes}}


def test_json_keeps_every_digit(api: Api) -> None:
    text = api.run("{ oddities(first: 4) { nodes { document } } }").text
    stored = [row["document"].replace(" ", "") for row in ROWS["oddities"][:4]]
    nodes = ",".join(f'{{"document":{each}}}' for each in stored)
    assert text.decode() == f'{{"oddities":{{"nodes":[{nodes}]}}}}'


@pytest.mark.parametrize(
    ("field", "odd_id", "message"),
    [
        ("wideInt", 3, "Int cannot represent the value that is stored"),
        ("sumWide", 0, "Int cannot represent the value that is stored"),
        ("sumBig", 0, "BigInt cannot represent the value that is stored"),
        ("state", 2, "the enum has no name for the value that is stored"),
        ("state", 3, "the enum has no name for the value that is stored"),
    ],
)
def test_a_value_beyond_its_type_is_an_error_of_its_field(
    api: Api, field: str, odd_id: int, message: str
) -> None:
    answer = api.run(f"{{ oddity(oddId: {odd_id}) {{ oddId {field} }} }}")
    assert [
        (error["code"], error["message"], error["path"]) for error in answer.body["errors"]
    ] == [("STORED_VALUE", message, ["oddity", field])]


def test_the_catalogue_is_asked_once(url: DatabaseUrl) -> None:
    """And not at all by what does not depend on it."""
    with open_api(url, ODDITIES / "sdl") as api:
        asked: list[str] = []
        inner = api.database.fetch

        async def fetch(statement: Any, deadline: Any) -> Any:
            asked.append(statement.text)
            return await inner(statement, deadline)

        api.database.fetch = fetch  # type: ignore[method-assign]
        api.run("{ oddities { nodes { oddId latin } } byDay(first: 1) { nodes { day } } }")
        assert not [text for text in asked if "information_schema" in text]
        for _ in range(3):
            api.run('{ byDay(day: "2020-01-01") { nodes { single } } }')
        assert len([text for text in asked if "information_schema" in text]) == 1


# -------------------------------------------------------------------------------------- claims

GUARDED = """
type Query @public { rows: [Row!]! }
type Row @public @table(name: "oddities") @key(fields: "oddId")
  @rowAccess(field: "FIELD", claim: "mine") {
  oddId: ID! @column(integer: true)
  padded: Int
  latin: String
  narrow: String
  day: String
}
"""


@pytest.mark.parametrize(
    ("field", "claim", "expected"),
    [
        pytest.param("latin", "a", ["123456"], id="letters-that-the-column-has"),
        pytest.param("latin", "日本", [], id="characters-that-it-lacks"),
        pytest.param("latin", "?", ["3"], id="what-a-lost-character-becomes"),
        pytest.param("narrow", "🍣", [], id="beyond-the-first-plane"),
        pytest.param("padded", "42", ["1"], id="number-of-a-padded-column"),
        pytest.param("padded", "00042", [], id="digits-that-it-displays"),
        pytest.param("padded", "42x", [], id="what-sql-reads-as-the-number"),
        pytest.param("day", "nonsense", [], id="no-date"),
        pytest.param("day", "2020-01-01", ["1"], id="date"),
    ],
)
def test_a_claim_shows_the_rows_that_have_just_this_value(
    url: DatabaseUrl, tmp_path: Path, field: str, claim: str, expected: list[str]
) -> None:
    (tmp_path / "guarded.graphql").write_text(GUARDED.replace("FIELD", field))
    caller = token("one", mine=claim)
    with open_api(url, tmp_path) as api:
        answer = api.run("{ rows { oddId } }", principal=caller.principal)
    assert [row["oddId"] for row in answer.data["rows"]] == expected
