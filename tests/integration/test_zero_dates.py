"""Pages by dates that are none: what is shown as null may be NULL or ``0000-00-00``.

Of a ``DATE`` or ``DATETIME`` that is declared ``NOT NULL`` both servers find zeros by ``IS NULL``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import connect, fresh_database

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer

SDL = """
type Query {
  tasks(sort: [TaskSort!], first: Int, after: String, last: Int, before: String): TaskConnection!
  events(first: Int, after: String, last: Int, before: String): EventConnection!
    @orderBy(fields: ["due DESC"])
}
interface Event { due: Date @column(zeroIsNull: true) }
type Task implements Event {
  taskId: Int!
  due: Date @column(zeroIsNull: true) @sortable
  doneAt: DateTime @column(zeroIsNull: true) @sortable
  maybe: Date @column(zeroIsNull: true) @sortable
  owner: Owner @sortable
}
type Owner { ownerId: Int! joined: DateTime @column(zeroIsNull: true) @sortable
  tasks(sort: [TaskSort!], first: Int, after: String): TaskConnection! }
type Holiday implements Event { holidayId: Int! due: Date @column(zeroIsNull: true) }
"""
TABLES = (
    "CREATE TABLE owners (owner_id INT PRIMARY KEY, joined DATETIME NOT NULL)",
    "CREATE TABLE tasks (task_id INT PRIMARY KEY, due DATE NOT NULL, done_at DATETIME NOT NULL,"
    " maybe DATE, owner_id INT, KEY (due), KEY (owner_id, due))",
    "CREATE TABLE holidays (holiday_id INT PRIMARY KEY, due DATE NOT NULL)",
    "INSERT INTO owners VALUES (1, '0000-00-00 00:00:00'), (2, '2026-01-01 08:00:00'),"
    " (3, '0000-00-00 00:00:00')",
    "INSERT INTO holidays VALUES (1, '0000-00-00'), (2, '2026-01-03'), (3, '0000-00-00')",
    *(
        f"INSERT INTO tasks VALUES ({at}, IF({at} % 3, '0000-00-00', '2026-01-01' + INTERVAL {at}"
        f" DAY), IF({at} % 2, '0000-00-00', '2026-01-01' + INTERVAL {at} % 5 HOUR),"
        f" ELT(1 + {at} % 3, NULL, '0000-00-00', '2026-01-02'), NULLIF({at} % 4, 0))"
        for at in range(1, 25)
    ),
)


@pytest.fixture(scope="module")
def url(mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as found:
        with connect(found) as connection, connection.cursor() as cursor:
            cursor.execute("SET sql_mode = ''")  # as old servers are, which take such dates
            for statement in TABLES:
                cursor.execute(statement)
        yield found


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "tasks.graphql").write_text(SDL)
    with open_api(url, folder) as found:
        yield found


def keys(url: DatabaseUrl, statement: str) -> list[int]:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def walked(api: Api, field: str, node: str, *, backwards: bool) -> list[int]:
    """The keys of all rows of a list, by pages of five."""
    size, place = ("last", "before") if backwards else ("first", "after")
    end, more = ("startCursor", "hasPreviousPage") if backwards else ("endCursor", "hasNextPage")
    found: list[int] = []
    at = None
    for _ in range(20):
        page = api.run(
            f"query($at: String) {{ found: {field}{size}: 5, {place}: $at) {{"
            f" nodes {{ {node} }} pageInfo {{ {end} {more} }} }} }}",
            {"at": at},
        ).data["found"]
        here = [next(iter(each.values())) for each in page["nodes"]]
        found = here + found if backwards else found + here
        at = page["pageInfo"][end]
        if not page["pageInfo"][more]:
            return found
    raise AssertionError(f"pages of {field} have no end: {found}")


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("way", ["ASC", "DESC"])
@pytest.mark.parametrize(
    ("key", "term"),
    [
        pytest.param("due: {}", "due", id="date"),
        pytest.param("doneAt: {}", "done_at", id="time"),
        pytest.param("maybe: {}", "maybe", id="date-that-may-be-null"),
        pytest.param("owner: {{joined: {}}}", "joined", id="of-another-row"),
    ],
)
def test_pages_by_zeros_have_each_row_once(
    api: Api, url: DatabaseUrl, key: str, term: str, way: str, *, backwards: bool
) -> None:
    got = walked(api, f"tasks(sort: [{{{key.format(way)}}}], ", "taskId", backwards=backwards)
    assert got == keys(
        url,
        "SELECT task_id FROM tasks LEFT JOIN owners USING (owner_id)"
        f" ORDER BY {term} {way}, task_id {way}",
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_pages_of_several_tables_by_zeros_have_each_row_once(
    api: Api, url: DatabaseUrl, *, backwards: bool
) -> None:
    node = "... on Task { taskId } ... on Holiday { holidayId }"
    assert walked(api, "events(", node, backwards=backwards) == keys(
        url,
        "SELECT id FROM (SELECT 'Task' AS kind, task_id AS id, due FROM tasks UNION ALL"
        " SELECT 'Holiday', holiday_id, due FROM holidays) e ORDER BY due DESC, kind DESC, id DESC",
    )


def test_pages_of_each_parent_by_zeros_have_each_row_once(api: Api, url: DatabaseUrl) -> None:
    (owner,) = [1]
    found: list[int] = []
    at = None
    asked = (
        "query($at: String) { tasks(sort: [{owner: {joined: ASC}}], first: 24) { nodes { owner {"
        " ownerId tasks(sort: [{due: DESC}], first: 2, after: $at) { nodes { taskId }"
        " pageInfo { endCursor hasNextPage } } } } } }"
    )
    for _ in range(9):
        owners = [each["owner"] for each in api.run(asked, {"at": at}).data["tasks"]["nodes"]]
        page = next(each["tasks"] for each in owners if each and each["ownerId"] == owner)
        found += [each["taskId"] for each in page["nodes"]]
        at = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == keys(
        url, f"SELECT task_id FROM tasks WHERE owner_id = {owner} ORDER BY due DESC, task_id DESC"
    )
