"""The check of link tables: that they exist, tell pairs apart, and have their indexes."""

from __future__ import annotations

import pytest

from aurora_graphql.check.finding import Severity
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked, model_of
from tests.handler.compiler.plans import Compiler
from tests.integration.servers import run_script

SDL = """
type Query { films: [Film!]! }
type Film @table(name: "film") {
  filmId: ID! @column(integer: true)
  actors: [Actor!]! @relation(through: {table: "film_actor"})
  lead: Actor @relation(through: {table: "leads"})
}
type Actor @table(name: "actor") { actorId: ID! @column(integer: true) }
"""
TABLES = {
    "film": "CREATE TABLE film (film_id INT PRIMARY KEY)",
    "actor": "CREATE TABLE actor (actor_id INT PRIMARY KEY)",
    "film_actor": "CREATE TABLE film_actor (film_id INT NOT NULL, actor_id INT NOT NULL,"
    " PRIMARY KEY (film_id, actor_id))",
    "leads": "CREATE TABLE leads (film_id INT PRIMARY KEY, actor_id INT NOT NULL)",
}


def said(database: DatabaseUrl, **changed: str) -> list[str]:
    """What the check says of the tables, some made otherwise."""
    run_script(database, *(script for script in (TABLES | changed).values() if script))
    found = checked(Compiler.of(SDL).model, database, MANY)
    assert len({each.name for each in found.findings}) == len(found.findings)
    assert not any(each.name.endswith(" (2)") for each in found.findings)
    return [" -> ".join((each.message, *each.remedies)) for each in found.findings]


def test_links_that_fit(database: DatabaseUrl) -> None:
    assert said(database) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {"film_actor": ""},
            "Film.actors leads through table 'film_actor', which does not exist (there are:"
            " actor, film, leads); add a migration, or name another with"
            " @relation(through: {table: ...})",
            id="no-table",
        ),
        pytest.param(
            {
                "film_actor": "CREATE TABLE film_actor (film INT NOT NULL, actor_id INT NOT NULL,"
                " PRIMARY KEY (film, actor_id))"
            },
            "Film.actors needs column 'film_id' of 'film_actor', which does not exist",
            id="no-column-here",
        ),
        pytest.param(
            {
                "film_actor": "CREATE TABLE film_actor (film_id INT NOT NULL, actor INT NOT NULL,"
                " PRIMARY KEY (film_id, actor))"
            },
            "Film.actors needs column 'actor_id' of 'film_actor', which does not exist",
            id="no-column-there",
        ),
        pytest.param(
            {
                "film_actor": "CREATE TABLE film_actor (film_id INT NOT NULL, actor_id INT NOT"
                " NULL, KEY (film_id, actor_id))"
            },
            "Film.actors leads through 'film_actor', where (film_id, actor_id) is not unique, so"
            " that a row may stand in the list twice, and pages may skip rows or repeat them;"
            " where it shall, name the columns of a key: through: {key: [...]}"
            " -> CREATE UNIQUE INDEX `film_actor_film_id_actor_id_unique` ON `film_actor`"
            " (`film_id`, `actor_id`);",
            id="pairs-may-stand-twice",
        ),
        pytest.param(
            {
                "leads": "CREATE TABLE leads (film_id INT NOT NULL, actor_id INT NOT NULL,"
                " PRIMARY KEY (film_id, actor_id))"
            },
            "Film.lead leads through 'leads', where (film_id) is not unique, so that one row may"
            " lead to several -> CREATE UNIQUE INDEX `leads_film_id_unique` ON `leads`"
            " (`film_id`);",
            id="one-row-may-be-several",
        ),
        pytest.param(
            {
                "film_actor": "CREATE TABLE film_actor (film_id INT NOT NULL, actor_id VARCHAR(9)"
                " NOT NULL, PRIMARY KEY (film_id, actor_id))"
            },
            "Film.actors compares film_actor.actor_id (varchar(9) utf8mb4_unicode_ci) with"
            " actor.actor_id (int(11)), which no index serves; make them alike",
            id="other-type",
        ),
        pytest.param(
            {
                "film_actor": "CREATE TABLE film_actor (film_id INT NOT NULL, actor_id INT NOT"
                " NULL, PRIMARY KEY (actor_id, film_id))"
            },
            "no index, reads about 10,000,000 rows -> CREATE INDEX `film_actor_by_film_id` ON"
            " `film_actor` (`film_id`);",
            id="no-index-from-here",
        ),
    ],
)
def test_says_what_a_link_table_lacks(
    database: DatabaseUrl, changed: dict[str, str], expected: str
) -> None:
    found = [each.replace("(int)", "(int(11))") for each in said(database, **changed)]
    assert any(expected in each for each in found), found


def test_remedies_mend_what_is_missing(database: DatabaseUrl) -> None:
    bare = "(film_id INT NOT NULL, actor_id INT NOT NULL)"
    found = said(
        database, film_actor=f"CREATE TABLE film_actor {bare}", leads=f"CREATE TABLE leads {bare}"
    )
    run_script(database, *(each.partition(" -> ")[2] for each in found))
    assert checked(Compiler.of(SDL).model, database, MANY).findings == ()


EDGES = """
type Query { films: [Film!]! }
type Film @table(name: "film") {
  filmId: ID! @column(integer: true)
  cast(first: Int, order: CastOrder, role: String @filter(field: "edge.role", operator: PREFIX)):
    CastConnection! @relation(through: {table: "film_actor"})
  shows(first: Int): ShowConnection! @relation(through: {table: "shows", key: ["show_id"]})
}
enum CastOrder { BILLED @orderBy(fields: ["edge.billing"]) LIKED @orderBy(fields: ["edge.liked"]) }
type Actor @table(name: "actor") { actorId: ID! @column(integer: true) }
type CastEdge {
  node: Actor! cursor: String! billing: Int! role: String liked: Float kind: Kind gone: Int
  half: Int @expression(sql: "NOSUCH({billing})")
}
enum Kind { LEAD }
type ShowEdge { node: Actor! cursor: String! showId: ID! @column(integer: true) }
"""


def test_fields_of_edges_orders_and_keys_are_looked_up_in_the_link_table(
    database: DatabaseUrl,
) -> None:
    run_script(
        database,
        *(TABLES[name] for name in ("film", "actor")),
        "CREATE TABLE film_actor (film_id INT NOT NULL, actor_id INT NOT NULL, billing BIGINT NULL,"
        " role VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, liked FLOAT,"
        " kind ENUM('LEAD', 'EXTRA'), PRIMARY KEY (film_id, actor_id))",
        "CREATE TABLE shows (show_id INT NOT NULL, film_id INT NOT NULL, actor_id INT NOT NULL,"
        " KEY (film_id, actor_id, show_id))",
    )
    found = [str(each) for each in checked(Compiler.of(EDGES).model, database, MANY).findings]
    expected = (
        "CastEdge.billing must not be null, but film_actor.billing may be NULL",
        "CastEdge.billing is an Int, but film_actor.billing is bigint",
        "CastEdge.gone is read from column 'gone', which 'film_actor' does not have",
        "CastEdge.kind: Kind has no name for 'EXTRA' of film_actor.kind",
        "Film.cast(role:) finds by the beginning of film_actor.role",
        "index: Film.cast: no index (ordered by edge.billing, actorId, or edge.liked, actorId)",
        "CREATE INDEX `film_actor_by_film_id_billing_actor_id` ON `film_actor` (`film_id`,"
        " `billing`, `actor_id`);",
        "Film.shows leads through 'shows', where (show_id) is not unique, so that pages may skip"
        " rows or repeat them",
    )
    assert {each: sum(each in line for line in found) for each in expected} == dict.fromkeys(
        expected, 1
    ), found
    run_script(database, "ALTER TABLE film_actor ADD gone INT")
    found = [str(each) for each in checked(Compiler.of(EDGES).model, database, MANY).findings]
    assert any("CastEdge.half" in each for each in found), found


def test_columns_of_two_collations_are_refused_and_said_to_find_other_rows(
    database: DatabaseUrl,
) -> None:
    run_script(
        database,
        "CREATE TABLE codes (code VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"
        " PRIMARY KEY)",
        "CREATE TABLE uses (use_id INT PRIMARY KEY, code VARCHAR(9) CHARACTER SET ascii NOT NULL,"
        " KEY (code))",
    )
    sdl = (
        "type Query { code(code: String!): Code }"
        ' type Code @key(fields: "code") { code: String!'
        ' uses: [Use!]! @relation(columns: ["code"], references: ["code"]) }'
        " type Use { useId: Int! code: String! }"
    )
    found = checked(model_of(sdl), database, MANY).of(Severity.ERROR)
    assert [each.message for each in found] == [
        "Code.uses compares codes.code (varchar(9) utf8mb4_bin) with uses.code (varchar(9)"
        " ascii_general_ci), which no index serves, and of which a list and a count may find other"
        " rows; make them alike"
    ]
