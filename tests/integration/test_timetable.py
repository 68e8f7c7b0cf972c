"""UUIDs over texts and over bytes, and times: keys, orders, cursors, filters and relations."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pymysql.cursors import DictCursor

from aurora_graphql.check.finding import Severity
from aurora_graphql.dev.servers import MariaDb
from handler.compiler.cursor import VERSION, fingerprint
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.checked import MANY, checked, model_of
from tests.domains.database import insert_rows
from tests.domains.timetable import resolvers
from tests.domains.timetable.rows import OPERATORS, TRAINS, timetable_rows
from tests.integration.servers import connect, fresh_database, is_mysql, run_script
from tests.stored_values import seconds

TIMETABLE = Path(__file__).parents[1] / "domains" / "timetable"
SDL = (TIMETABLE / "sdl" / "timetable.graphql").read_text()


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(url, *(TIMETABLE / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, timetable_rows())
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl) -> Iterator[Api]:
    with open_api(url, TIMETABLE / "sdl") as api:
        yield api


def names(found: Any) -> list[str]:
    return [node["name"] for node in found["nodes"]]


def by(key: Callable[[Any], Any], field: str, nodes: list[dict[str, Any]]) -> list[str]:
    """The names of rows in the order of a field and of their key, NULL first."""
    ordered = sorted(
        nodes,
        key=lambda n: (n[field] is not None, n[field] and key(n[field]), n["trainId"]),
    )
    return [node["name"] for node in ordered]


# ------------------------------------------------------------------------------ one value


def test_a_uuid_is_shown_in_small_letters_whatever_holds_it(api: Api) -> None:
    shown = api.run("{ trains { nodes { trainId } } operators { nodes { operatorId } } }").data
    assert [node["trainId"] for node in shown["trains"]["nodes"]] == sorted(TRAINS)
    assert [node["operatorId"] for node in shown["operators"]["nodes"]] == sorted(OPERATORS)


@pytest.mark.parametrize("write", [str.lower, str.upper, str.title])
def test_a_uuid_is_found_in_any_letters(api: Api, write: Callable[[str], str]) -> None:
    document = """query ($t: UUID!, $ts: [UUID!], $o: UUID!, $os: [UUID!]) {
      train(trainId: $t) { trainId } trains(ids: $ts) { totalCount nodes { trainId } }
      operator(operatorId: $o) { operatorId } operators(ids: $os) { nodes { operatorId } } }"""
    given = {
        "t": write(TRAINS[2]),
        "ts": [write(TRAINS[1]), TRAINS[4]],
        "o": write(OPERATORS[0]),
        "os": [write(OPERATORS[0])],
    }
    assert api.run(document, given).data == {
        "train": {"trainId": TRAINS[2]},
        "trains": {"totalCount": 2, "nodes": [{"trainId": TRAINS[1]}, {"trainId": TRAINS[4]}]},
        "operator": {"operatorId": OPERATORS[0]},
        "operators": {"nodes": [{"operatorId": OPERATORS[0]}]},
    }


@pytest.mark.parametrize(
    "given", ["", "x", TRAINS[1].replace("-", ""), f"{{{TRAINS[1]}}}", f"{TRAINS[1]} ", 7]
)
def test_what_is_no_uuid_is_refused(api: Api, given: Any) -> None:
    answer = api.run("query ($t: UUID!) { train(trainId: $t) { trainId } }", {"t": given})
    (error,) = answer.body["errors"]
    assert "UUID needs a string such as" in error["message"]


def test_a_time_is_shown_by_the_digits_that_it_has(api: Api) -> None:
    shown = api.run("{ departures { nodes { departs takes } } }").data["departures"]["nodes"]
    assert {node["departs"] for node in shown} == {
        "-838:59:59", "-01:30:00", "00:00:00", "08:05:00", "24:10:00", "838:59:59",
    }  # fmt: skip
    assert {node["takes"] for node in shown} == {
        None, "-838:59:59", "-00:00:00.5", "00:00:00.000001", "00:30:00.5", "01:00:00", "838:59:59",
    }  # fmt: skip


def test_rows_stand_in_the_order_of_their_times(api: Api) -> None:
    whole = api.run("{ trains { nodes { trainId name departs takes } } }").data["trains"]["nodes"]
    found = api.run("{ departures { nodes { name } } durations { nodes { name } } }").data
    assert names(found["departures"]) == by(seconds, "departs", whole)
    timed = [node for node in whole if node["takes"] is not None]
    assert names(found["durations"]) == by(seconds, "takes", timed)  # of its default argument


@pytest.mark.parametrize(
    ("argument", "given", "holds"),
    [
        ("departs", "08:05:00.000000", lambda s: s == 8 * 3600 + 300),
        ("departs", "008:05:00", lambda s: s == 8 * 3600 + 300),
        ("departs", "08:05:00.4", lambda s: False),
        ("departs", "08:05:00.6", lambda s: False),
        ("from", "08:05:00", lambda s: s >= 8 * 3600 + 300),
        ("from", "08:04:59.4", lambda s: s >= 8 * 3600 + 300),
        ("from", "08:05:00.000001", lambda s: s > 8 * 3600 + 300),
        ("below", "08:05:00.4", lambda s: s <= 8 * 3600 + 300),
        ("below", "-01:30:00", lambda s: s < -5400),
        ("below", "-01:29:59.5", lambda s: s <= -5400),
        ("from", "-01:30:00.5", lambda s: s >= -5400),
        ("from", "-00:00:00.4", lambda s: s >= 0),
        ("from", "838:59:59", lambda s: s == 3020399),
    ],
)
def test_a_time_cuts_between_what_is_shown(
    api: Api, argument: str, given: str, holds: Callable[[Any], bool]
) -> None:
    whole = api.run("{ departures { nodes { name departs } } }").data["departures"]["nodes"]
    expected = [node["name"] for node in whole if holds(seconds(node["departs"]))]
    found = api.run(
        f"query ($t: Time) {{ departures({argument}: $t) {{ totalCount nodes {{ name }} }} }}",
        {"t": given},
    ).data["departures"]
    assert (names(found), found["totalCount"]) == (expected, len(expected))


@pytest.mark.parametrize(
    "given",
    ["8:05:00", "08:05", "08:60:00", "08:05:60", "839:00:00", "-838:59:59.1", "08:05:00.1234567",
     "08:05:00Z", "", " 08:05:00", 80500],
)  # fmt: skip
def test_what_is_no_time_is_refused(api: Api, given: Any) -> None:
    answer = api.run("query ($t: Time) { departures(departs: $t) { totalCount } }", {"t": given})
    (error,) = answer.body["errors"]
    assert 'Time needs a string such as "08:30:00"' in error["message"]


# -------------------------------------------------------------------------------- cursors

LISTS = (
    "trains", "tokens", "departures", "durations", "operators", "openings", "stops", "seals",
    "daily",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("size", [1, 3])
def test_pages_are_the_whole_list_cut_there_and_back(api: Api, name: str, size: int) -> None:
    rows = "node { __typename }"
    whole = api.run(f"{{ {name} {{ edges {{ cursor {rows} }} }} }}").data[name]["edges"]
    assert len(whole) > 3
    assert len({edge["cursor"] for edge in whole}) == len(whole)
    for first, after, more in (("first", "after", "Next"), ("last", "before", "Previous")):
        pages: list[Any] = []
        cursor = None
        while True:
            page = api.run(
                f"query ($n: Int, $c: String) {{ {name}({first}: $n, {after}: $c) {{"
                f" edges {{ cursor {rows} }} pageInfo {{ has{more}Page startCursor endCursor }} }}"
                " }",
                {"n": size, "c": cursor},
            ).data[name]
            pages = pages + page["edges"] if first == "first" else page["edges"] + pages
            if not page["pageInfo"][f"has{more}Page"]:
                break
            cursor = page["pageInfo"]["endCursor" if first == "first" else "startCursor"]
        assert pages == whole, first


def test_a_cursor_of_a_joined_row_serves_in_every_list_of_its_type(api: Api) -> None:
    nodes = api.run("{ trains { nodes { trainId next { trainId cursor } } } }").data["trains"]
    for node in nodes["nodes"]:
        if node["next"] is not None:
            after = api.run(
                "query ($c: String) { trains(after: $c, first: 1) { nodes { trainId } } }",
                {"c": node["next"]["cursor"]},
            ).data["trains"]["nodes"]
            later = [key for key in sorted(TRAINS) if key > node["next"]["trainId"]]
            assert [row["trainId"] for row in after] == later[:1]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        pytest.param("trains", ["x"], id="no-uuid"),
        pytest.param("trains", ["'; DROP TABLE trains"], id="injection"),
        pytest.param("trains", [TRAINS[1].replace("-", "")], id="without-hyphens"),
        pytest.param("departures", ["8 o'clock", TRAINS[1]], id="no-time"),
        pytest.param("departures", ["839:00:00", TRAINS[1]], id="too-long"),
    ],
)
def test_a_forged_cursor_is_refused(api: Api, name: str, parts: list[str]) -> None:
    order = api.plan(f"{{ {name} {{ totalCount nodes {{ name }} }} }}").batches[0].order
    content = orjson.dumps([VERSION, fingerprint(f"Query.{name}", order), *parts])
    cursor = urlsafe_b64encode(content).rstrip(b"=").decode()
    answer = api.run(f"query ($c: String) {{ {name}(after: $c) {{ totalCount }} }}", {"c": cursor})
    (error,) = answer.body["errors"]
    assert error["message"] == "the cursor is not one of this list; take one from its last answer"


# ------------------------------------------------------------------------------- relations


def test_relations_lead_through_texts_and_through_bytes(api: Api) -> None:
    document = """{ trains { nodes { trainId operatorId nextId countStops
      operator { operatorId } next { trainId } before { nodes { trainId } }
      stops { nodes { trainId arrives train { trainId } } } } }
      operators { nodes { operatorId countTrains trains { nodes { operatorId } } } } }"""
    answer = api.run(document)
    assert len(answer.statements) == 5
    tables = timetable_rows()
    nodes = answer.data["trains"]["nodes"]
    assert [node["trainId"] for node in nodes] == sorted(TRAINS)
    for node in nodes:
        known = node["operatorId"] in OPERATORS
        assert node["operator"] == ({"operatorId": node["operatorId"]} if known else None)
        assert node["next"] == (node["nextId"] and {"trainId": node["nextId"]})
        before = sorted(each["trainId"] for each in nodes if each["nextId"] == node["trainId"])
        assert [each["trainId"] for each in node["before"]["nodes"]] == before
        stops = [
            s for s in tables["stops"] if s["train_id"].hex() == node["trainId"].replace("-", "")
        ]
        assert node["countStops"] == len(stops)
        assert [stop["train"]["trainId"] for stop in node["stops"]["nodes"]] == (
            [node["trainId"]] * len(stops)
        )
    for operator in answer.data["operators"]["nodes"]:
        owned = [node for node in nodes if node["operatorId"] == operator["operatorId"]]
        assert operator["countTrains"] == len(owned)
        assert operator["trains"]["nodes"] == [{"operatorId": operator["operatorId"]}] * len(owned)


def test_a_key_of_a_uuid_and_a_time_is_looked_up(api: Api) -> None:
    stops = api.run("{ stops { nodes { trainId arrives place } } }").data["stops"]["nodes"]
    for stop in stops[:5]:
        found = api.run(
            "query ($t: UUID!, $a: Time!) { stop(trainId: $t, arrives: $a) { place } }",
            {"t": stop["trainId"].upper(), "a": stop["arrives"]},
        )
        assert found.data == {"stop": {"place": stop["place"]}}


def test_executor_gives_the_same_answer(api: Api) -> None:
    document = """{ durations(first: 5, takesTo: "01:00:00") { edges { cursor node { trainId takes
      departs token operator { operatorId opens } stops(first: 1) { nodes { arrives } } } } } }"""
    assert api.run_by_executor(document).text == api.run(document).text


# ------------------------------------------------------------------------------- resolvers

UNKNOWN = "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"


@pytest.fixture(scope="module")
def by_python(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The same API with functions that name trains (by bytes) and operators (by texts)."""
    head = "type Query @public {"
    sdl = f"{SDL}\nunion Given = Train | Operator\n".replace(head, head + resolvers.SDL)
    for name in ("Operator", "Train"):
        head = f"type {name} @public"
        sdl = sdl.replace(f"{head} @key", f'{head} @table(name: "{name.lower()}s") @key')
    folder = tmp_path_factory.mktemp("by_python")
    (folder / "timetable.graphql").write_text(sdl)
    with open_api(url, folder, resolvers=resolvers.__name__) as api:
        yield api


@pytest.mark.parametrize(
    ("field", "key", "known"),
    [("givenTrains", "trainId", TRAINS), ("givenOperators", "operatorId", OPERATORS)],
    ids=["bytes", "text"],
)
def test_a_function_names_rows_by_uuids_in_any_letters(
    by_python: Api, field: str, key: str, known: list[str]
) -> None:
    written = [*known, *map(str.upper, known), known[2].title(), known[2]]
    rows = by_python.run(
        f"query ($k: [String]!) {{ {field}(keys: $k) {{ {key} name }} }}", {"k": written}
    )
    expected = [*known, *known, known[2], known[2]]
    assert [row[key] for row in rows.data[field]] == expected
    assert [int(row["name"].split()[1]) for row in rows.data[field]] == (
        [known.index(each) for each in expected]
    )
    assert len(rows.statements) == 1


@pytest.mark.parametrize("field", ["givenTrains", "givenOperators"], ids=["bytes", "text"])
def test_what_a_function_gives_that_is_the_key_of_no_row_is_null(
    by_python: Api, field: str
) -> None:
    known = TRAINS[1] if field == "givenTrains" else OPERATORS[1]
    nothing = [
        UNKNOWN, "", "x", known.replace("-", ""), f"{{{known}}}", f"{known} ", f"{known}0",
        "'; DROP TABLE trains", "\u0661" * 36, None,
    ]  # fmt: skip
    answer = by_python.run(
        f"query ($k: [String]!) {{ {field}(keys: $k) {{ name }} }}", {"k": [*nothing, known]}
    )
    assert answer.data[field] == [None] * len(nothing) + [{"name": answer.data[field][-1]["name"]}]
    (none_of_them,) = by_python.run(
        f"query ($k: [String]!) {{ {field}(keys: $k) {{ name }} }}", {"k": ["x"]}
    ).data.values()
    assert none_of_them == [None]


def test_a_function_names_rows_by_uuids_of_python(by_python: Api) -> None:
    answer = by_python.run(
        """query ($t: [UUID!]!, $o: [UUID!]!) { givenPythonKeys(trains: $t, operators: $o) {
        __typename ... on Train { trainId } ... on Operator { operatorId } } }""",
        {"t": [TRAINS[-1].upper(), UNKNOWN, TRAINS[3]], "o": [OPERATORS[3], UNKNOWN]},
    )
    assert answer.data["givenPythonKeys"] == [
        {"__typename": "Train", "trainId": TRAINS[-1]},
        None,
        {"__typename": "Train", "trainId": TRAINS[3]},
        {"__typename": "Operator", "operatorId": OPERATORS[3]},
        None,
    ]
    assert len(answer.statements) == 2


def test_a_function_that_gives_no_key_is_at_fault(by_python: Api) -> None:
    answer = by_python.run("{ keyless { name } }")
    assert answer.body["data"] == {"keyless": None}
    (error,) = answer.body["errors"]
    assert (error["code"], error["path"]) == ("INTERNAL", ["keyless"])


def test_a_function_is_given_times_and_uuids_as_texts_of_one_form(by_python: Api) -> None:
    answer = by_python.run(
        """query ($i: UUID!, $t: [Time]) {
        argumentsAsPython(time: "-008:05:00.500000", id: $i, times: $t) }""",
        {"i": UNKNOWN.upper(), "t": ["-00:00:00.0", None]},
    )
    assert answer.data["argumentsAsPython"] == repr(
        {"time": "-08:05:00.5", "id": UNKNOWN, "times": ["00:00:00", None]}
    )


# ----------------------------------------------------------------------------- the database


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (f'trains(trainId: "{TRAINS[3]}")', "PRIMARY"),
        (f'trains(ids: ["{TRAINS[3]}", "{TRAINS[4]}"])', "PRIMARY"),
        (f'trains(idAbove: "{TRAINS[9]}")', "PRIMARY"),
        (f'tokens(token: "{TRAINS[0]}")', "token"),
        (f'operators(ids: ["{OPERATORS[0]}"])', "PRIMARY"),
        ('departures(departs: "24:10:00")', "departs"),
        ('departures(below: "-01:30:00.5")', "departs"),
        ('durations(takesIn: ["01:00:00", "00:30:00.5"])', "takes"),
    ],
)
def test_an_index_finds_what_an_argument_asks_for(
    api: Api, url: DatabaseUrl, asked: str, key: str
) -> None:
    (statement,) = api.run(f"{{ {asked} {{ nodes {{ name }} }} }}").statements
    text = statement.text.replace(" k WHERE", f" k FORCE INDEX (`{key}`) WHERE")
    with connect(url) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {text}", statement.parameters)
        (row,) = [row for row in cursor.fetchall() if row["table"] == "k"]
    assert (row["key"], row["type"] in ("const", "ref", "range")) == (key, True), row


def test_the_check_finds_nothing_wrong_with_the_domain(url: DatabaseUrl) -> None:
    assert told(url, SDL) == []


def told(url: DatabaseUrl, sdl: str) -> list[str]:
    """What the check says, but for the labels that ``HAS`` finds, which no index serves."""
    messages = [each.message for each in checked(model_of(sdl), url, MANY).of(Severity.ERROR)]
    return [each for each in messages if "what HAS finds" not in each]


def test_a_relation_between_a_text_and_bytes_is_refused_in_words(url: DatabaseUrl) -> None:
    mixed = SDL.replace(
        'operator: Operator @relation(columns: ["operator_id"]',
        'operator: Operator @relation(columns: ["train_id"]',
    )
    assert any(
        said == "Train.operator compares trains.train_id (binary(16)) with operators.operator_id"
        " (char(36) ascii_bin), which no index serves; make them alike"
        for said in told(url, mixed)
    )


def test_a_uuid_over_another_column_is_refused_in_words(url: DatabaseUrl) -> None:
    wrong = SDL.replace("  place: String!", '  place: String!\n  id: UUID @column(name: "place")')
    assert told(url, wrong) == [
        "Stop.id is a UUID, but stops.place is varchar(40), and a UUID needs binary(16),"
        " char(36), uuid, varchar(36); make it String"
    ]


def test_a_uuid_of_mariadb_itself_is_one_too(
    mariadb: MariaDb, url: DatabaseUrl, tmp_path: Path
) -> None:
    if is_mysql(url):
        pytest.skip("a type of MariaDB")
    (tmp_path / "things.graphql").write_text(
        "type Query @public { things(first: Int, after: String, id: UUID): [Thing!]! }\n"
        'type Thing @public @key(fields: "id") { id: UUID! cursor: String! @cursor }'
    )
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE things (id UUID NOT NULL PRIMARY KEY)",
            f"INSERT INTO things VALUES {', '.join(f'({key!r})' for key in TRAINS)}",
        )
        with open_api(url, tmp_path) as api:
            whole = api.run("{ things { id cursor } }").data["things"]
            assert sorted(row["id"] for row in whole) == sorted(TRAINS)
            found = []
            cursor = None
            while page := api.run(
                "query ($c: String) { things(first: 2, after: $c) { id cursor } }", {"c": cursor}
            ).data["things"]:
                found += page
                cursor = page[-1]["cursor"]
            assert found == whole
            one = api.run("query ($i: UUID) { things(id: $i) { id } }", {"i": TRAINS[5].upper()})
            assert one.data == {"things": [{"id": TRAINS[5]}]}
