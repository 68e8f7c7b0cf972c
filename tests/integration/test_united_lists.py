"""Lists of an interface or a union over several tables, on a real server: each page of each order
is what one gets who merges the rows of all tables by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import Principal
from handler.sql.rowset import RowSet
from tests.apis import Api, open_api
from tests.callers import token as named_token
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  calls(after: String, first: Int): [Call!]! @public
  events(
    customerId: ID
    from: DateTime @filter(field: "at", operator: GREATER_OR_EQUAL)
    states: [State!] @filter(field: "state")
    where: EventFilter
    by: EventBy
    first: Int after: String last: Int before: String offset: Int
  ): EventConnection! @page(maximumOffset: 100) @public
  sorted(sort: [EventSort!], first: Int, after: String): EventConnection! @public
  small: [Event!]! @where(field: "size", operator: LESS, value: 1.0) @public
  all: [Event!]! @page(maximum: 5) @public
  latest(customerId: ID): Event @orderBy(fields: ["at DESC"]) @public
  found(text: String! @filter(operator: MATCH), first: Int, after: String): FoundConnection!
    @orderBy(fields: ["relevance(text) DESC"]) @public
  titled(text: String! @filter(operator: MATCH, fields: ["title"]), first: Int): [Found!]! @public
  named(title: String): [Found!]! @orderBy(fields: ["title DESC"]) @public
}
enum EventBy {
  TIME @orderBy(fields: ["at"])
  NEWEST @orderBy(fields: ["at DESC"])
  STATE @orderBy(fields: ["state", "at DESC"])
  TITLE @orderBy(fields: ["title DESC"])
  SIZE @orderBy(fields: ["size"])
  DOUBLE @orderBy(fields: ["double"])
}
enum State { OPEN @value(column: "open") DONE @value(column: "done") LATE @value(column: "late") }
interface Event {
  at: DateTime @filterable @sortable
  state: State! @filterable @sortable
  title: String! @filterable @sortable
  size: Float @filterable
  double: Int
  customerId: ID! @filterable
  customer: Customer
}
union Found = Call | Visit
type Call implements Event @searchable(fields: ["title"]) @public {
  callId: ID! @column(integer: true)
  position: String! @cursor
  at: DateTime @column(name: "called_at")
  state: State!
  title: String!
  size: Float @column(name: "minutes")
  double: Int @expression(sql: "{call_id} * 2")
  customerId: ID!
  customer: Customer
}
type Visit implements Event @key(fields: "room number") @searchable(fields: ["title", "note"])
  @public {
  room: String!
  number: Int!
  at: DateTime @column(name: "came_at")
  state: State!
  title: String!
  note: String @requiresScopes(scopes: [["notes"]])
  size: Float
  double: Int @expression(sql: "{number} + {number}")
  customerId: ID!
  customer: Customer
}
type Letter implements Event @key(fields: "code") @requiresScopes(scopes: [["letters"]])
  @rowAccess(field: "customerId", claim: "customer") {
  code: ID!
  at: DateTime @column(name: "sent_at")
  state: State!
  title: String! @column(name: "subject")
  size: Float @column(name: "grams")
  double: Int @column(name: "pages")
  customerId: ID!
  customer: Customer
}
type Customer @public { customerId: ID! name: String! }
"""
TABLES = [
    "CREATE TABLE customers (customer_id VARCHAR(10) PRIMARY KEY, name VARCHAR(20) NOT NULL)"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE calls (call_id INT PRIMARY KEY, called_at DATETIME,"
    " state ENUM('open', 'done', 'late') NOT NULL, title VARCHAR(40) NOT NULL, minutes FLOAT,"
    " customer_id VARCHAR(10) NOT NULL, KEY (called_at, call_id), FULLTEXT KEY words (title))"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE visits (room VARCHAR(5) NOT NULL, number INT NOT NULL, came_at DATETIME,"
    " state ENUM('open', 'done', 'late') NOT NULL, title VARCHAR(40) NOT NULL,"
    " note VARCHAR(40), size FLOAT, customer_id VARCHAR(10) NOT NULL, PRIMARY KEY (room, number),"
    " KEY (came_at, room, number), FULLTEXT KEY words (title, note), FULLTEXT KEY one (title))"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE letters (code VARCHAR(10) PRIMARY KEY, sent_at DATETIME,"
    " state ENUM('open', 'done', 'late') NOT NULL, subject VARCHAR(40) NOT NULL,"
    " grams FLOAT, pages INT NOT NULL, customer_id VARCHAR(10) NOT NULL, KEY (sent_at, code))"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "INSERT INTO customers VALUES ('a', 'Ann'), ('b', 'Bob')",
]
STATES = ("open", "done", "late")
NAMES = {"open": "OPEN", "done": "DONE", "late": "LATE"}
# Of each row: type, key, time (hours of one day), state, title, size, what is twice, customer.
Event = tuple[str, tuple[Any, ...], int | None, str, str, float | None, int, str]


def _rows() -> list[Event]:
    hours = [3, 1, None, 3, 2, 1, None, 3, 5]
    titles = ["tea", "Tea", "a cup of tea", "milk", "tea and milk"]
    sizes = [0.1, 1.5, None, 0.7, 2.25, 1e-3]
    found: list[Event] = []
    for number in range(9):
        common = (hours[number], STATES[number % 3], titles[number % 5], sizes[number % 6])
        found.append(("Call", (number + 1,), *common, 2 * (number + 1), "ab"[number % 2]))
    for number in range(7):
        common = (hours[number + 2], STATES[number % 2], titles[-number % 5], sizes[-number % 6])
        room = "xyX"[number % 3]
        found.append(("Visit", (room, number), *common, 2 * number, "ab"[number % 2]))
    for number in range(6):
        common = (hours[number], STATES[-number % 3], titles[number % 4], sizes[number % 5])
        found.append(("Letter", (f"l{number}",), *common, 3 * number, "ab"[number % 2]))
    return found


ROWS = _rows()


def _insert(row: Event) -> str:
    kind, key, hour, state, title, size, double, customer = row
    at = "NULL" if hour is None else f"'2024-05-01 0{hour}:00:00'"
    grams = "NULL" if size is None else repr(size)
    keys = ", ".join(map(repr, key))
    match kind:
        case "Call":
            values = f"{keys}, {at}, '{state}', '{title}', {grams}, '{customer}'"
        case "Visit":
            values = f"{keys}, {at}, '{state}', '{title}', 'milk {key[1]}', {grams}, '{customer}'"
        case _:
            values = f"{keys}, {at}, '{state}', '{title}', {grams}, {double}, '{customer}'"
    return f"INSERT INTO {kind.lower()}s VALUES ({values})"


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("united")
    (folder / "events.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES, *map(_insert, ROWS))
        with open_api(url, folder) as found:
            yield found


SHOWN = """
  __typename at state title size double customer { name }
  ... on Call { callId } ... on Visit { room number note } ... on Letter { code }
"""


def shown(row: Event, **others: Any) -> dict[str, Any]:
    """A row as SHOWN shows it."""
    kind, key, hour, state, title, size, double, customer = row
    own: dict[str, dict[str, Any]] = {
        "Call": {"callId": str(key[0])},
        "Visit": {"room": key[0], "number": key[-1], "note": f"milk {key[-1]}"},
        "Letter": {"code": key[0]},
    }
    return {
        "__typename": kind,
        "at": None if hour is None else f"2024-05-01T0{hour}:00:00Z",
        "state": NAMES[state],
        "title": title,
        "size": size,
        "double": double,
        "customer": {"name": {"a": "Ann", "b": "Bob"}[customer]},
        **own[kind],
        **others,
    }


def _null_first(value: Any) -> tuple[bool, Any]:
    return (value is not None, 0 if value is None else value)


Key = Callable[[Event], Any]
BY: dict[str, list[tuple[Key, bool]]] = {
    "TIME": [(lambda row: _null_first(row[2]), False)],
    "NEWEST": [(lambda row: _null_first(row[2]), True)],
    "STATE": [(lambda row: STATES.index(row[3]), False), (lambda row: _null_first(row[2]), True)],
    "TITLE": [(lambda row: row[4], True)],
    "SIZE": [(lambda row: _null_first(row[5]), False)],
    "DOUBLE": [(lambda row: row[6], False)],
}


def ordered(rows: Sequence[Event], terms: Sequence[tuple[Key, bool]]) -> list[Event]:
    """By the terms, and by the type and the key in the direction of the last of these."""
    down = bool(terms) and terms[-1][1]
    found = sorted(rows, key=lambda row: (row[0], row[1]), reverse=down)
    for key, descending in reversed(terms):
        found.sort(key=key, reverse=descending)
    return found


def token(scopes: str = "", **claims: str) -> Principal:
    """A caller with these scopes and claims."""
    return named_token("me", *scopes.split(), **claims).principal


@pytest.mark.parametrize("size", [1, 2, 5, 50])
@pytest.mark.parametrize("by", list(BY))
def test_pages_forward_and_backward_are_the_merged_rows(api: Api, by: str, size: int) -> None:
    expected = [shown(row) for row in ordered(ROWS, BY[by])]
    expected = [each for each in expected if each["__typename"] != "Letter"]
    document = f"""query Q($after: String, $before: String, $first: Int, $last: Int) {{
      events(by: {by}, first: $first, after: $after, last: $last, before: $before) {{
        totalCount
        edges {{ cursor node {{ {SHOWN} }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }}"""
    caller = token(scopes="notes")
    found: list[Any] = []
    after = None
    while True:
        page = api.run(document, {"first": size, "after": after}, principal=caller).data["events"]
        assert page["totalCount"] == len(expected)
        assert page["pageInfo"]["hasPreviousPage"] is (len(found) > 0)
        found += [edge["node"] for edge in page["edges"]]
        assert page["pageInfo"]["hasNextPage"] is (len(found) < len(expected))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == expected
    found = []
    before = None
    while True:
        page = api.run(document, {"last": size, "before": before}, principal=caller).data["events"]
        assert page["pageInfo"]["hasNextPage"] is (len(found) > 0)
        found = [edge["node"] for edge in page["edges"]] + found
        assert page["pageInfo"]["hasPreviousPage"] is (len(found) < len(expected))
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert found == expected


def test_a_page_between_two_cursors_and_one_by_number(api: Api) -> None:
    document = """query Q($after: String, $before: String, $first: Int, $offset: Int) {
      events(by: TIME, first: $first, after: $after, before: $before, offset: $offset) {
        edges { cursor node { __typename at } } pageInfo { hasNextPage hasPreviousPage } totalPages
      }
    }"""
    whole = api.run(document, {"first": 50}, principal=token()).data["events"]["edges"]
    cursors = [edge["cursor"] for edge in whole]
    for low, high in ((0, 5), (3, 4), (6, 13), (5, 5), (9, 2)):
        given = {"after": cursors[low], "before": cursors[high], "first": 3}
        page = api.run(document, given, principal=token()).data["events"]
        assert page["edges"] == whole[low + 1 : high][:3]
    for offset in (0, 1, 7, 15, 16, 40):
        page = api.run(document, {"first": 4, "offset": offset}, principal=token()).data["events"]
        assert page["edges"] == whole[offset : offset + 4]
        assert page["totalPages"] == 4
        assert page["pageInfo"]["hasPreviousPage"] is (offset > 0)


@pytest.mark.parametrize(
    ("arguments", "passes"),
    [
        ('customerId: "a"', lambda row: row[7] == "a"),
        ('from: "2024-05-01T03:00:00Z"', lambda row: (row[2] or 0) >= 3),
        ("states: [DONE, LATE]", lambda row: row[3] != "open"),
        ("states: []", lambda row: False),
        ('where: {title: {contains: "tea"}}', lambda row: "tea" in row[4]),
        (
            "where: {or: [{at: {isNull: true}}, {size: {gt: 1.0}}], not: {state: {eq: OPEN}}}",
            lambda row: (row[2] is None or (row[5] or 0) > 1) and row[3] != "open",
        ),
        (
            'where: {customerId: {in: ["b"]}, state: {ne: LATE}}',
            lambda row: row[7] == "b" and row[3] != "late",
        ),
    ],
)
def test_filters_choose_among_the_rows_of_all_types(
    api: Api, arguments: str, passes: Callable[[Event], bool]
) -> None:
    caller = token(scopes="notes letters", customer="a")
    document = f"{{ events({arguments}, by: NEWEST) {{ nodes {{ {SHOWN} }} totalCount }} }}"
    answer = api.run(document, principal=caller)
    assert api.run_by_executor(document, principal=caller).body == answer.body
    own = [row for row in ROWS if row[0] != "Letter" or row[7] == "a"]
    expected = [shown(row) for row in ordered(own, BY["NEWEST"]) if passes(row)]
    assert answer.data["events"] == {"nodes": expected, "totalCount": len(expected)}
    assert len(answer.statements) <= 5  # the page, the count, a statement for each type


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (token(scopes="notes"), lambda row: row[0] != "Letter"),
        (token(scopes="notes letters"), lambda row: row[0] != "Letter"),
        (
            token(scopes="notes letters", customer="b"),
            lambda row: row[0] != "Letter" or row[7] == "b",
        ),
    ],
)
def test_rules_of_each_type_hold_for_its_rows(
    api: Api, caller: Principal, sees: Callable[[Event], bool]
) -> None:
    document = f"""query Q($after: String) {{
      sorted(sort: [{{state: DESC}}, {{title: ASC}}], first: 4, after: $after) {{
        nodes {{ {SHOWN} }} totalCount pageInfo {{ endCursor hasNextPage }}
      }} }}"""
    terms: list[tuple[Key, bool]] = [
        (lambda row: STATES.index(row[3]), True),
        (lambda row: row[4], False),
    ]
    expected = [shown(row) for row in ordered([r for r in ROWS if sees(r)], terms)]
    found: list[Any] = []
    after, more = None, True
    while more:
        page = api.run(document, {"after": after}, principal=caller).data["sorted"]
        assert page["totalCount"] == len(expected)
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == expected


def test_plain_lists_and_the_first_row(api: Api) -> None:
    caller = token(scopes="letters", customer="a")
    own = [row for row in ROWS if row[0] != "Letter" or row[7] == "a"]
    answer = api.run(
        """{ small { __typename size } latest(customerId: "a") { __typename at }
        named { ... on Call { title } ... on Visit { title } } }""",
        principal=caller,
    )
    by_type = ordered(own, [])
    first = ordered([row for row in own if row[7] == "a"], BY["NEWEST"])[0]
    assert answer.data == {
        "small": [
            {"__typename": row[0], "size": row[5]}
            for row in by_type
            if row[5] is not None and row[5] < 1
        ],
        "latest": {"__typename": first[0], "at": f"2024-05-01T0{first[2]}:00:00Z"},
        "named": [{"title": row[4]} for row in ordered(ROWS, BY["TITLE"]) if row[0] != "Letter"],
    }


def test_the_position_of_a_row_is_that_by_its_key(api: Api) -> None:
    """It serves in the lists of its type, as that of a row that was looked up."""
    document = "{ events(by: TIME, first: 30) { nodes { ... on Call { callId position } } } }"
    nodes = api.run(document, principal=token()).data["events"]["nodes"]
    calls = [node for node in nodes if node]
    assert len(calls) == 9
    for call in calls:
        after = "query Q($after: String) { calls(after: $after, first: 1) { callId } }"
        found = api.run(after, {"after": call["position"]}, principal=token()).data["calls"]
        expected = int(call["callId"]) + 1
        assert found == ([{"callId": str(expected)}] if expected < 10 else [])


def test_words_are_found_in_all_types_by_how_well_they_fit(api: Api) -> None:
    document = """query Q($text: String!, $after: String, $first: Int) {
      found(text: $text, first: $first, after: $after) {
        edges { cursor node { __typename ... on Call { callId } ... on Visit { room number } } }
        totalCount pageInfo { hasNextPage }
      } }"""
    caller = token("notes")
    whole = api.run(document, {"text": "tea milk", "first": 50}, principal=caller).data["found"]
    words = {"tea", "milk"}
    calls = [r for r in ROWS if r[0] == "Call" and words & {*r[4].split()}]
    expected = {("Call", str(row[1][0])) for row in calls}
    expected |= {("Visit", f"{r[1][0]}{r[1][1]}") for r in ROWS if r[0] == "Visit"}
    nodes = [edge["node"] for edge in whole["edges"]]
    assert whole["totalCount"] == len(nodes) == len(expected)
    assert {
        (n["__typename"], n.get("callId") or f"{n['room']}{n['number']}") for n in nodes
    } == expected
    found: list[Any] = []
    after, more = None, True
    while more:
        given = {"text": "tea milk", "first": 3, "after": after}
        page = api.run(document, given, principal=caller).data["found"]
        found += page["edges"]
        after, more = page["edges"][-1]["cursor"], page["pageInfo"]["hasNextPage"]
    assert found == whole["edges"]


def test_a_search_needs_what_its_fields_need(api: Api) -> None:
    document = '{ found(text: "tea", first: 1) { totalCount } }'
    body = api.run(document, principal=token()).body
    assert [each["code"] for each in body["errors"]] == ["FORBIDDEN"]
    titled = api.run('{ titled(text: "cup", first: 9) { __typename } }', principal=token()).data
    expected = [row[0] for row in ordered(ROWS, []) if "cup" in row[4] and row[0] != "Letter"]
    assert [each["__typename"] for each in titled["titled"]] == expected


def test_a_list_over_its_maximum_is_an_error(api: Api) -> None:
    body = api.run("{ all { __typename } }", principal=token()).body
    assert [each["message"] for each in body["errors"]] == [
        "Query.all holds more than 5 rows, the most that this list may give; "
        "ask for a narrower list"
    ]


@pytest.mark.parametrize("cursor", ["x", "WzEsIjAwMDAwMDAwIl0"])
def test_a_cursor_of_no_such_list_is_refused(api: Api, cursor: str) -> None:
    other = api.run("{ sorted(first: 1) { pageInfo { endCursor } } }", principal=token()).data
    for given in (cursor, other["sorted"]["pageInfo"]["endCursor"]):
        body = api.run(
            "query Q($after: String) { events(after: $after) { totalCount nodes { at } } }",
            {"after": given},
            principal=token(),
        ).body
        assert [each["code"] for each in body["errors"]] == ["BAD_USER_INPUT"]


def test_each_page_is_one_statement_and_one_for_each_type_on_it(api: Api) -> None:
    answer = api.run(
        "{ events(by: TIME, first: 30) { nodes { __typename title customer { name } } } }",
        principal=token("letters", customer="a"),
    )
    tables = [each.text.partition(" FROM ")[2][:12] for each in answer.statements]
    assert tables == ["((SELECT 0 A", "`calls` t0 L", "`letters` t0", "`visits` t0 "]
    typed = api.run("{ events(first: 30) { nodes { __typename } } }", principal=token())
    assert len(typed.statements) == 1


def test_a_row_that_goes_between_the_statements_is_looked_for_again(api: Api) -> None:
    document = (
        "{ events(by: TIME, first: 2) { nodes { __typename title } pageInfo { hasNextPage } } }"
    )
    before = api.run(document, principal=token()).data
    database = api.database
    fetch = database.fetch
    gone: list[Any] = []

    async def fetch_late(statement: Any, deadline: Any) -> Any:
        if "`calls` t0" in statement.text and not gone:
            gone.append(statement)
            found = await fetch(statement, deadline)
            return RowSet(found.kinds, [[] for _ in found.columns])
        return await fetch(statement, deadline)

    database.fetch = fetch_late  # type: ignore[method-assign]  # as if a row were deleted
    try:
        assert api.run(document, principal=token()).data == before
    finally:
        database.fetch = fetch  # type: ignore[method-assign]  # put back
    assert len(gone) == 1
