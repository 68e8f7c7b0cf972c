"""The check of link tables: that they exist, tell pairs apart, and have their indexes."""

from __future__ import annotations

import pytest

from handler.stores.url import DatabaseUrl
from tests.handler.compiler.plans import Compiler
from tests.integration.servers import run_script
from tests.integration.test_check import MANY, checked

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
            " that a row may stand in the list twice, and pages may skip rows or repeat them"
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
            "no index, reads up to 10,000,000 rows -> CREATE INDEX `film_actor_by_film_id` ON"
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
