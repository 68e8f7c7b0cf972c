"""``make check`` of ``@where`` and of first rows: columns, values, and the indexes they need."""

from __future__ import annotations

import pytest

from aurora_graphql.check.finding import Severity
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked
from tests.handler.compiler.plans import Compiler
from tests.integration.servers import run_script

TABLE = """
CREATE TABLE notes (
  note_id INT NOT NULL PRIMARY KEY,
  kind ENUM('a', 'b') NOT NULL,
  place VARCHAR(3) NOT NULL,
  user_id INT NOT NULL,
  deleted_at DATETIME NULL,
  KEY by_user (user_id, place, note_id) {more}
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
"""
USERS = "CREATE TABLE users (user_id INT NOT NULL PRIMARY KEY) ENGINE = InnoDB"
SDL = """
type Query {{ notes(first: Int): [Note!]! @public {query} users: [User!]! @public }}
type Note @public {said} {{
  noteId: ID! @column(integer: true) kind: Kind place: String! deletedAt: DateTime
}}
type User @public {{ userId: ID! @column(integer: true)
  {field}
}}
enum Kind {{ A @value(column: "a") C @value(column: "c") }}
"""


def found(
    database: DatabaseUrl, said: str = "", query: str = "", field: str = "", more: str = ""
) -> list[tuple[str, str, Severity]]:
    """Name, message and severity of what is found about conditions, in large tables."""
    run_script(database, TABLE.format(more=more), USERS)
    model = Compiler.of(SDL.format(said=said, query=query, field=field)).model
    findings = checked(model, database, MANY).findings
    return [
        (each.name, each.message, each.severity)
        for each in findings
        if "@where" in each.name + each.message or "User." in each.name
    ]


@pytest.mark.parametrize(
    ("said", "name", "message"),
    [
        pytest.param(
            'column: "type", value: "a"',
            "missing: type Note (@where type)",
            "type Note: @where compares column 'type', which 'notes' does not have; it has "
            "note_id, kind, place, user_id, deleted_at",
            id="no-column",
        ),
        pytest.param(
            'column: "user_id", value: "7"',
            "type: type Note (@where user_id)",
            "type Note: @where compares notes.user_id, which is int, with a String; write a value "
            "of its type, or give it a field and name that",
            id="another-type",
        ),
        pytest.param(
            'field: "kind", value: C',
            "filter: type Note (@where kind)",
            "type Note: @where compares notes.kind with 'c', which enum('a','b') "
            "utf8mb4_general_ci cannot hold; name a value that some row may have",
            id="no-label",
        ),
        pytest.param(
            'field: "place", operator: IN, value: ["abc", "abcd"]',
            "filter: type Note (@where place)",
            "type Note: @where compares notes.place with 'abcd', which varchar(3) "
            "utf8mb4_general_ci cannot hold; name a value that some row may have",
            id="too-long",
        ),
    ],
)
def test_a_value_that_no_row_can_have_is_told(
    database: DatabaseUrl, said: str, name: str, message: str
) -> None:
    told = found(database, f"@where({said})")
    plain = [(each, text.replace("int(11)", "int"), how) for each, text, how in told]
    assert (name, message, Severity.ERROR) in plain


def test_a_kind_of_rows_needs_an_index_that_begins_with_it(database: DatabaseUrl) -> None:
    (told,) = found(database, '@where(field: "kind", value: A)')
    name, message, severity = told
    assert (name, severity) == ("index: Query.notes", Severity.ERROR)
    assert message.startswith("no index (by @where kind ordered by noteId), reads about ")


def test_an_index_serves_a_kind_of_rows(database: DatabaseUrl) -> None:
    more = ", KEY by_kind (kind, note_id)"
    assert found(database, '@where(field: "kind", value: A)', more=more) == []


def test_what_is_true_of_most_rows_is_a_note(database: DatabaseUrl) -> None:
    told = found(database, '@where(field: "deletedAt", operator: IS_NULL, value: true)')
    assert told == [
        (
            "index: type Note (@where deletedAt)",
            "no index has deleted_at, so that the rows which @where leaves out are read; where "
            "they are many, let the indexes of lists begin with it",
            Severity.NOTE,
        )
    ]


@pytest.mark.parametrize(
    ("field", "more", "names"),
    [
        pytest.param(
            'notes: [Note!]! @where(field: "kind", value: A)',
            "",
            ["index: User.notes"],
            id="a-list-of-some",
        ),
        pytest.param(
            'notes: [Note!]! @where(field: "kind", value: A)',
            ", KEY by_kind (user_id, kind, note_id)",
            [],
            id="with-its-index",
        ),
        pytest.param(
            'first: Note @orderBy(fields: ["place"])', "", [], id="the-first-by-the-index"
        ),
        pytest.param(
            'last: Note @orderBy(fields: ["deletedAt DESC"])',
            "",
            ["index: User.last"],
            id="the-first-by-none",
        ),
    ],
)
def test_a_relation_needs_an_index_with_its_conditions_and_order(
    database: DatabaseUrl, field: str, more: str, names: list[str]
) -> None:
    assert [name for name, _, _ in found(database, field=field, more=more)] == names
