"""Lists through a link table, sorted by the link's own columns and by the rows', as one asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.errors import InputError
from tests.apis import Api, open_api
from tests.callers import token
from tests.integration.servers import fetch_rows, fresh_database, run_script

SDL = """
type Query @public { courses: [Course!]! course(courseId: ID!): Course }
type Course @public {
  courseId: ID! @column(integer: true)
  students(
    sort: [SeatEdgeSort!], first: Int, after: String, last: Int, before: String
  ): SeatConnection! @relation(through: {table: "seats"})
}
type Student @public {
  studentId: ID! @column(integer: true)
  name: String @sortable
  town: Town @sortable
}
type Town @public { townId: ID! @column(integer: true) name: String! @sortable }
type SeatEdge {
  node: Student!
  cursor: String!
  grade: Grade @sortable
  points: Float @sortable
  half: Float @expression(sql: "{points} / 2") @sortable @requiresScopes(scopes: [["halves"]])
  row: Int @column(name: "row_number")
}
enum Grade { GOOD @value(column: "good") BAD @value(column: "bad") FAIR @value(column: "fair") }
"""
TABLES = (
    "CREATE TABLE courses (course_id INT PRIMARY KEY)",
    "CREATE TABLE towns (town_id INT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE students (student_id INT PRIMARY KEY, name VARCHAR(20), town_id INT)",
    "CREATE TABLE seats (course_id INT NOT NULL, student_id INT NOT NULL,"
    " grade ENUM('good', 'bad', 'fair'), points FLOAT, `row_number` INT,"
    " PRIMARY KEY (course_id, student_id), KEY (student_id, course_id))",
    "INSERT INTO courses VALUES (1), (2), (3)",
    "INSERT INTO towns VALUES (1, 'Ulm'), (2, 'Aix')",
    "INSERT INTO students VALUES "
    + ", ".join(
        f"({n}, {('NULL', chr(39) + 'b' + chr(39), chr(39) + 'a' + chr(39))[n % 3]},"
        f" {('NULL', 1, 2)[n % 3]})"
        for n in range(1, 13)
    ),
    "INSERT INTO seats VALUES "
    + ", ".join(
        f"({c}, {n}, {('NULL', 3, 2, 1)[n * c % 4]},"
        f" {('NULL', 0.1, 1.5, 0.7, 2)[(n + c) % 5]}, {n})"
        for c in (1, 2)
        for n in range(1, 13)
    ),
)
# By the key that callers write: the SQL of what it sorts by.
KEYS = {
    "grade: ASC": "s.grade",
    "points: DESC": "s.points DESC",
    "half: ASC": "s.points / 2",
    "node: {name: DESC}": "t.name DESC",
    "node: {town: {name: ASC}}": "w.name",
}
CALLER = token("me", "halves").principal


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("seats")
    (folder / "seats.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, Path(folder)) as found:
            yield found


def expected(api: Api, course: int, keys: tuple[str, ...]) -> list[str]:
    direction = " DESC" if "DESC" in keys[-1] else ""
    order = ", ".join([*(KEYS[key] for key in keys), f"t.student_id{direction}"])
    rows = fetch_rows(
        api.engine.settings.database_url,
        "SELECT t.student_id FROM seats s JOIN students t ON t.student_id = s.student_id"
        f" LEFT JOIN towns w ON w.town_id = t.town_id WHERE s.course_id = {course}"
        f" ORDER BY {order}",
    )
    return [str(row[0]) for row in rows]


def _ids(page: Any) -> list[str]:
    return [edge["node"]["studentId"] for edge in page["edges"]]


@pytest.mark.parametrize("keys", list(permutations(KEYS, 2)), ids=" then ".join)
def test_pages_go_on_in_the_order_of_the_link_and_of_the_row(
    api: Api, keys: tuple[str, ...]
) -> None:
    sort = ", ".join(f"{{{key}}}" for key in keys)
    whole = f"""{{ courses {{ students(sort: [{sort}], first: 50) {{
      edges {{ node {{ studentId }} }} }} }} }}"""
    courses = api.run(whole, principal=CALLER).data["courses"]
    wanted = [expected(api, course, keys) for course in (1, 2, 3)]
    assert [_ids(each["students"]) for each in courses] == wanted
    document = f"""query Q($first: Int, $after: String, $last: Int, $before: String) {{
      course(courseId: 1) {{
        students(sort: [{sort}], first: $first, after: $after, last: $last, before: $before) {{
          edges {{ cursor node {{ studentId }} }} pageInfo {{ startCursor endCursor }}
    }} }} }}"""
    found: list[str] = []
    after = None
    while len(found) < len(wanted[0]):
        answer = api.run(document, {"first": 5, "after": after}, principal=CALLER)
        page = answer.data["course"]["students"]
        found += _ids(page)
        after = page["pageInfo"]["endCursor"]
    assert found == wanted[0]
    found, before = [], None
    while len(found) < len(wanted[0]):
        answer = api.run(document, {"last": 5, "before": before}, principal=CALLER)
        page = answer.data["course"]["students"]
        found = _ids(page) + found
        before = page["pageInfo"]["startCursor"]
    assert found == wanted[0]


def test_a_key_of_the_link_needs_what_its_field_needs(api: Api) -> None:
    document = "{ course(courseId: 1) { students(sort: [{half: ASC}]) { totalCount } } }"
    body = api.run(document, principal=token("me").principal).body
    assert [each["code"] for each in body["errors"]] == ["FORBIDDEN"]


def test_a_key_stands_once(api: Api) -> None:
    document = """{ course(courseId: 1) {
      students(sort: [{node: {name: ASC}}, {node: {name: DESC}}]) { totalCount } } }"""
    with pytest.raises(InputError, match="sort names name twice; leave the second one out"):
        api.run(document, principal=CALLER)
