"""Groups where edges are: changes of clocks, spellings of texts, nulls, labels, pages, callers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aurora_graphql.dev.servers import DatabaseServer
from handler.access.principal import CallerKind, Principal
from handler.model.time_spans import FIRST_YEAR, LAST_YEAR, offsets_of
from tests.apis import Api, open_api
from tests.integration.servers import connect, fresh_database, run_script
from tests.reference_groups import first_day

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Monrovia",
)
SPANS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_TYPES = "\n".join(
    f'type By{span.title()}{number} @aggregate(of: "Visit") @public {{\n'
    f'  first: Date @group(field: "at", by: {span}, zone: "{zone}")\n  n: Int! @count\n}}'
    for number, zone in enumerate(ZONES)
    for span in SPANS
)
_FIELDS = "\n".join(
    f"by{span.title()}{number}: [By{span.title()}{number}!]! @page(maximum: 100000)"
    for number in range(len(ZONES))
    for span in SPANS
)
SDL = f"""
type Query {{
  {_FIELDS}
  byWord(having: ByWordFilter, first: Int, after: String): ByWordConnection!
  byTag: [ByTag!]!
  sorted(sort: [ByWordSort!], first: Int): [ByWord!]!
  secretive: [BySecret!]!
  owned(where: VisitFilter): [ByOwner!]!
  byPlace(where: VisitFilter): [ByPlace!]!
  places: PlaceConnection!
  visits(where: VisitFilter, first: Int): VisitConnection!
}}
extend type VisitConnection {{
  words: [WordFacet!]! @facet(ownFilter: false)
  chosenWords(first: Int): [WordFacet!]! @facet
}}
type WordFacet @aggregate(of: "Visit") @public {{ word: String @group n: Int! @count }}
{_TYPES}
type Visit @public @rowAccess(field: "owner", claim: "owner", unlessScopes: [["all"]]) {{
  visitId: ID! @column(integer: true)
  at: DateTime
  word: String @filterable
  tag: Tag
  weight: Float
  secret: Int @requiresScopes(scopes: [["secrets"]])
  owner: String
  place: Place
}}
type Place @public {{ placeId: ID! @column(integer: true) name: String! byOwner: [ByOwner!]!
  owners(first: Int): [ByOwner!]! visits(first: Int): VisitConnection! }}
enum Tag {{ LOW @value(column: "low") HIGH @value(column: "high") MID @value(column: "mid") }}
type ByWord @aggregate(of: "Visit") @public {{
  word: String @group @filterable @sortable
  n: Int! @count @filterable @sortable
  least: Tag @min(field: "tag")
  greatest: Tag @max(field: "tag")
  lightest: Float @min(field: "weight")
  secrets: Int @max(field: "secret") @filterable @sortable
}}
type ByTag @aggregate(of: "Visit") @public {{ tag: Tag @group n: Int! @count }}
type BySecret @aggregate(of: "Visit") @public {{ secret: Int @group n: Int! @count }}
type ByPlace @aggregate(of: "Visit") @public {{
  place: String @group(field: "place.name")
  n: Int! @count
}}
type ByOwner @aggregate(of: "Visit") @public {{
  owner: String @group
  place: String @group(field: "place.name")
  n: Int! @count
}}
"""


def moments() -> Iterator[datetime]:
    """A second before, at and after each change of clocks of two centuries, and some at random."""
    for zone in ZONES:
        for start in offsets_of(zone).starts:
            change = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=start - 62_167_219_200)
            for shift in (-1, 0, 1):
                yield change + timedelta(seconds=shift)
            for hours in (-30, -7, 5, 17):
                yield change + timedelta(hours=hours)


MOMENTS = sorted(set(moments()))


@pytest.fixture(scope="module")
def api(mariadb: DatabaseServer) -> Iterator[Api]:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE visits (visit_id INT AUTO_INCREMENT PRIMARY KEY, at DATETIME(6) NULL,"
            " word VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,"
            " tag ENUM('low', 'mid', 'high') NULL, weight FLOAT NULL, secret INT NULL,"
            " owner VARCHAR(9) COLLATE utf8mb4_bin NULL, place_id INT NULL)"
            " DEFAULT CHARACTER SET utf8mb4",
            "CREATE TABLE places (place_id INT PRIMARY KEY, name VARCHAR(9) NOT NULL)",
            "INSERT INTO places VALUES (1, 'inn'), (2, 'pub')",
            "INSERT INTO visits (word, tag, weight, secret, owner, place_id) VALUES"
            " ('straße', 'low', 1.1, 1, 'ann', 1), ('STRASSE', 'high', 0.1, 2, 'bob', 1),"
            " ('Strasse', 'mid', NULL, NULL, 'ann', 2), ('b', NULL, NULL, 3, 'ann', NULL),"
            " ('B ', 'low', 2.5, NULL, 'bob', NULL), (NULL, 'high', NULL, 4, NULL, 2),"
            " ('', 'mid', 16777217, 4, 'ann', 1)",
        )
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO visits (at) VALUES (%s)",
                [(f"{moment:%Y-%m-%d %H:%M:%S}.5",) for moment in MOMENTS],
            )
        with open_api(url, _sdl(mariadb)) as opened:
            yield opened


def _sdl(server: DatabaseServer) -> Any:
    folder = server.directory / "groups_sdl"
    folder.mkdir(exist_ok=True)
    (folder / "groups.graphql").write_text(SDL)
    return folder


@pytest.mark.parametrize("number", range(len(ZONES)), ids=ZONES)
@pytest.mark.parametrize("span", SPANS)
def test_a_span_of_time_is_the_calendars_of_its_zone(api: Api, number: int, span: str) -> None:
    """Around every change of its clocks, and around those of the others."""
    found = api.run(f"{{ groups: by{span.title()}{number} {{ first n }} }}").data["groups"]
    zone = ZONES[number]
    expected = Counter(first_day(f"{m:%Y-%m-%d %H:%M:%S}", span, zone) for m in MOMENTS)
    assert found[0] == {"first": None, "n": 7}  # those without a time
    assert {each["first"]: each["n"] for each in found[1:]} == expected
    assert [each["first"] for each in found[1:]] == sorted(expected)


def test_offsets_hold_between_all_changes() -> None:
    for zone in (*ZONES, "Africa/Casablanca", "Europe/London", "America/Caracas", "UTC"):
        found, clocks = offsets_of(zone), ZoneInfo(zone)
        edges = [0, *found.starts, 10**12]
        at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
        while at.year < LAST_YEAR:
            seconds = int(at.timestamp()) + 62_167_219_200
            number = next(n for n, edge in enumerate(edges[1:]) if seconds < edge)
            offset = at.astimezone(clocks).utcoffset()
            assert offset is not None
            assert found.seconds[number] == round(offset.total_seconds()), (zone, at)
            at += timedelta(days=3, hours=5)


def test_texts_that_compare_as_equal_are_one_group_shown_by_its_first_spelling(api: Api) -> None:
    answer = api.run("{ byWord { nodes { word n least greatest lightest } } }")
    assert answer.data["byWord"]["nodes"] == [
        {
            "word": None,
            "n": 1 + len(MOMENTS),
            "least": "HIGH",
            "greatest": "HIGH",
            "lightest": None,
        },
        {"word": "", "n": 1, "least": "MID", "greatest": "MID", "lightest": 16777216.0},
        {"word": "B ", "n": 2, "least": "LOW", "greatest": "LOW", "lightest": 2.5},
        {"word": "STRASSE", "n": 3, "least": "LOW", "greatest": "HIGH", "lightest": 0.1},
    ]


def test_pages_of_groups_have_each_once_whatever_their_spelling(api: Api) -> None:
    words, after, seen = [], None, 0
    while seen < 9:
        answer = api.run(
            "query ($after: String) { byWord(first: 1, after: $after)"
            " { totalCount nodes { word } pageInfo { hasNextPage endCursor } } }",
            {"after": after},
        ).data["byWord"]
        assert answer["totalCount"] == 4
        words += [node["word"] for node in answer["nodes"]]
        seen += 1
        if not answer["pageInfo"]["hasNextPage"]:
            break
        after = answer["pageInfo"]["endCursor"]
    assert words == [None, "", "B ", "STRASSE"]


@pytest.mark.parametrize(
    ("having", "expected"),
    [
        ('{word: {eq: "straße"}}', ["STRASSE"]),
        ('{word: {gt: "b"}}', ["STRASSE"]),
        ("{word: {isNull: true}}", [None]),
        ("{n: {in: [2, 3]}}", ["B ", "STRASSE"]),
        ('{or: [{n: {eq: 1}}, {word: {startsWith: "s"}}]}', ["", "STRASSE"]),
        ("{not: {n: {lt: 3}}}", [None, "STRASSE"]),
        ("{n: {in: []}}", []),
    ],
)
def test_having_chooses_by_keys_and_values(api: Api, having: str, expected: list[Any]) -> None:
    found = api.run(f"{{ byWord(having: {having}) {{ totalCount nodes {{ word }} }} }}").data
    assert [each["word"] for each in found["byWord"]["nodes"]] == expected
    assert found["byWord"]["totalCount"] == len(expected)


def test_labels_are_in_the_order_of_their_column(api: Api) -> None:
    found = api.run("{ byTag { tag n } }").data["byTag"]
    assert [each["tag"] for each in found] == [None, "LOW", "MID", "HIGH"]


def caller(*scopes: str, **claims: str) -> Principal:
    return Principal(
        kind=CallerKind.TOKEN,
        subject="s",
        issuer="i",
        scopes=frozenset(scopes),
        claims=claims,
    )


def test_groups_are_of_the_rows_that_a_caller_sees(api: Api) -> None:
    asked = "{ owned { owner place n } places { nodes { name byOwner { owner n } } } }"
    assert api.run(asked, principal=caller(owner="ann")).data == {
        "owned": [
            {"owner": "ann", "place": None, "n": 1},
            {"owner": "ann", "place": "inn", "n": 2},
            {"owner": "ann", "place": "pub", "n": 1},
        ],
        "places": {
            "nodes": [
                {"name": "inn", "byOwner": [{"owner": "ann", "n": 2}]},
                {"name": "pub", "byOwner": [{"owner": "ann", "n": 1}]},
            ]
        },
    }
    assert api.run("{ owned { n } byWord { totalCount } }", principal=caller()).data == {
        "owned": [],
        "byWord": {"totalCount": 0},
    }


def test_rows_are_counted_by_what_they_lead_to(api: Api) -> None:
    """Where that is all, they are counted first for each row that they lead to."""
    assert api.run("{ byPlace { place n } }").data["byPlace"] == [
        {"place": None, "n": 2 + len(MOMENTS)},
        {"place": "inn", "n": 3},
        {"place": "pub", "n": 2},
    ]
    assert api.run("{ byPlace { place n } }", principal=caller(owner="ann")).data["byPlace"] == [
        {"place": None, "n": 1},
        {"place": "inn", "n": 2},
        {"place": "pub", "n": 1},
    ]


def test_the_first_groups_below_several_rows_are_those_of_each(api: Api) -> None:
    places = api.run("{ places { nodes { name owners(first: 1) { owner n } } } }").data["places"]
    assert places["nodes"] == [
        {"name": "inn", "owners": [{"owner": "ann", "n": 2}]},
        {"name": "pub", "owners": [{"owner": None, "n": 1}]},
    ]


FACETS = """{ visits(where: {word: {in: ["b", ""]}}, first: 1) {
  totalCount words { word n } chosenWords(first: 2) { word n } nodes { visitId secret } } }"""
CHOSEN = [{"word": "", "n": 1}, {"word": "B ", "n": 2}]


def test_a_facet_is_of_all_rows_of_its_list_and_may_leave_out_its_own_filter(api: Api) -> None:
    page = api.run(FACETS).data["visits"]
    every = [{"word": None, "n": 1 + len(MOMENTS)}, *CHOSEN, {"word": "STRASSE", "n": 3}]
    assert page == {
        "totalCount": 3,
        "words": every,
        "chosenWords": CHOSEN,
        "nodes": [{"visitId": "4", "secret": 3}],
    }


def test_a_facet_of_a_relation_is_of_the_rows_of_each_parent(api: Api) -> None:
    asked = "{ places { nodes { visits(first: 1) { totalCount words { word n } } } } }"
    assert [each["visits"] for each in api.run(asked).data["places"]["nodes"]] == [
        {"totalCount": 3, "words": [{"word": "", "n": 1}, {"word": "STRASSE", "n": 2}]},
        {"totalCount": 2, "words": [{"word": None, "n": 1}, {"word": "Strasse", "n": 1}]},
    ]


def test_a_facet_is_answered_beside_an_error_of_the_page(api: Api) -> None:
    """And is of the rows that the caller sees."""
    body = api.run(FACETS, principal=caller(owner="ann")).body
    assert [each["message"] for each in body["errors"]] == ["You may not read Visit.secret."]
    assert body["data"]["visits"] == {
        "totalCount": 2,
        "words": [{"word": "", "n": 1}, {"word": "b", "n": 1}, {"word": "Strasse", "n": 2}],
        "chosenWords": [{"word": "", "n": 1}, {"word": "b", "n": 1}],
        "nodes": [{"visitId": "4", "secret": None}],
    }


def test_a_kept_answer_ends_with_a_write_to_what_a_facet_reads(api: Api) -> None:
    plan = api.plan("{ places { nodes { name } } visits { words { n } } }")
    assert {rows.table.name for rows in plan.all_read()} == {"places", "visits"}


def test_a_key_that_a_caller_may_not_read_closes_the_groups(api: Api) -> None:
    answer = api.run("{ secretive { n } }", principal=caller("all"))
    assert [each["message"] for each in answer.body["errors"]] == [
        "You may not read Query.secretive."
    ]
    assert api.run("{ secretive { n } }", principal=caller("all", "secrets")).data["secretive"]


def test_a_value_of_what_a_caller_may_not_read_is_forbidden_alone(api: Api) -> None:
    asked = "{ byWord(first: 2) { nodes { n secrets } } }"
    answer = api.run(asked, principal=caller("all"))
    assert [each["n"] for each in answer.body["data"]["byWord"]["nodes"]] == [1 + len(MOMENTS), 1]
    assert {each["message"] for each in answer.body["errors"]} == {
        "You may not read ByWord.secrets."
    }
    seen = api.run(asked, principal=caller("all", "secrets")).data["byWord"]["nodes"]
    assert [each["secrets"] for each in seen] == [4, 4]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            "{ byWord(having: {not: {secrets: {gt: 1}}}) { totalCount } }",
            "You may not read Query.byWord.",
        ),
        ("{ sorted(sort: [{secrets: ASC}]) { n } }", "You may not read Query.sorted."),
    ],
)
def test_what_a_caller_may_not_read_neither_chooses_nor_sorts_groups(
    api: Api, asked: str, told: str
) -> None:
    answer = api.run(asked, principal=caller("all"))
    assert [each["message"] for each in answer.body["errors"]] == [told]
    assert "errors" not in api.run(asked, principal=caller("all", "secrets")).body


def test_groups_are_sorted_by_keys_and_values(api: Api) -> None:
    found = api.run("{ sorted(sort: [{n: DESC}, {word: ASC}], first: 3) { word n } }").data
    assert found["sorted"] == [
        {"word": None, "n": 1 + len(MOMENTS)},
        {"word": "STRASSE", "n": 3},
        {"word": "B ", "n": 2},
    ]


def test_a_list_of_groups_is_one_statement(api: Api) -> None:
    assert len(api.run("{ byTag { tag n } }").statements) == 1
    assert len(api.run("{ places { nodes { byOwner { n } } } }").statements) == 2
