"""The check of lists over several tables: an index for each, and columns that sort alike."""

from __future__ import annotations

from pathlib import Path

from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked, checked_operations, model_of
from tests.integration.servers import run_script

SDL = """
type Query { events(where: EventFilter, first: Int, after: String): EventConnection!
  @orderBy(fields: ["title"]) }
interface Event { title: String! at: DateTime @filterable(operators: [EQUAL]) }
type Call implements Event { callId: ID! @column(integer: true) title: String! at: DateTime }
type Visit implements Event { visitId: ID! @column(integer: true) title: String! at: DateTime }
"""
CALLS = """CREATE TABLE calls (call_id INT PRIMARY KEY, at DATETIME, title VARCHAR(40) NOT NULL
 COLLATE utf8mb4_bin, KEY by_time (at, call_id), KEY by_title (title, call_id))"""
VISITS = """CREATE TABLE visits (visit_id INT PRIMARY KEY, at DATETIME, title VARCHAR(40) NOT NULL
 COLLATE {collation}{indexes})"""
INDEXES = ", KEY by_time (at, visit_id), KEY by_title (title, visit_id)"


def said(database: DatabaseUrl, collation: str, indexes: str) -> list[str]:
    visits = VISITS.format(collation=collation, indexes=indexes)
    run_script(database, CALLS, visits, "SELECT 1")
    found = checked(model_of(SDL), database, MANY).findings
    return [f"{each.severity.value}: {each.name}: {each.table}" for each in found]


def test_tables_alike_with_indexes_are_right(database: DatabaseUrl) -> None:
    assert said(database, "utf8mb4_bin", INDEXES) == []


def test_the_table_without_an_index_is_named(database: DatabaseUrl) -> None:
    found = said(database, "utf8mb4_bin", "")
    assert [each for each in found if "unproved" not in each] == [
        "error: index: Query.events: visits",
        "error: index: EventFilter(at): visits",
    ]


def test_texts_that_sort_otherwise_are_an_error(database: DatabaseUrl) -> None:
    found = said(database, "utf8mb4_general_ci", INDEXES)
    assert found == ["error: order: Query.events(title): calls"]


def test_a_known_operation_is_looked_at_in_each_table(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    run_script(database, CALLS, VISITS.format(collation="utf8mb4_bin", indexes=""))
    (tmp_path / "operations").mkdir()
    (tmp_path / "a.graphql").write_text(SDL)
    document = "query Q { events(first: 3) { totalCount nodes { title } } }"
    (tmp_path / "operations" / "q.graphql").write_text(document)
    found = checked_operations(tmp_path, database, MANY)
    told = [f"{each.severity.value} {each.about}: {each.table}" for each in found]
    assert told == ["error Q Query.events: visits"]
