"""The check of views, which have no indexes: keys as they are said, and the server's plans."""

from __future__ import annotations

import pytest

from aurora_graphql.check.finding import Finding, Kind, Severity
from handler.stores.url import DatabaseUrl
from tests.checked import checked, model_of
from tests.integration.servers import run_script

SDL = """
type Query {
  people(city: String, first: Int): [Person!]!
  person(personId: ID!): Person
  cities(order: CityOrder): [City!]!
}
enum CityOrder { NAME @orderBy(fields: ["name"]) }
type Person @table(name: "people") {
  personId: ID! @column(integer: true)
  name: String!
  shown: String!
  city: String
}
type City @table(name: "cities") @key(fields: "name") { name: String! people: BigInt! }
"""
TABLES = (
    "CREATE TABLE persons (person_id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) NOT NULL,"
    " city VARCHAR(40) COLLATE utf8mb4_bin NOT NULL, KEY (city, person_id))",
    "CREATE VIEW people AS SELECT person_id, name, NULLIF(name, 'nobody') AS shown, city"
    " FROM persons WHERE city <> ''",
    "CREATE VIEW cities AS SELECT city AS name, COUNT(*) AS people FROM persons GROUP BY city",
)
TEN = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(10))


@pytest.fixture
def views(database: DatabaseUrl) -> DatabaseUrl:
    run_script(database, *TABLES)
    return database


def fill(url: DatabaseUrl, factor: int) -> None:
    """So many thousand people in a hundred cities."""
    tables = ", ".join(f"({TEN}) t{n}" for n in range(3))
    some = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(factor))
    run_script(
        url,
        "INSERT INTO persons (name, city) SELECT CONCAT('p', t0.n), CONCAT('c', t1.n, t2.n)"
        f" FROM {tables}, ({some}) f",
        "ANALYZE TABLE persons",
    )


def found(url: DatabaseUrl) -> list[Finding]:
    return list(checked(model_of(SDL), url).findings)


def test_views_pass(views: DatabaseUrl) -> None:
    fill(views, 1)
    told = found(views)
    assert [str(each) for each in told if each.severity is not Severity.NOTE] == []
    assert {each.kind for each in told} <= {Kind.INDEX}


def test_a_key_that_two_rows_of_a_view_share_is_an_error(views: DatabaseUrl) -> None:
    fill(views, 1)
    run_script(
        views,
        "CREATE OR REPLACE VIEW people AS SELECT p.person_id, p.name, p.name AS shown, p.city"
        " FROM persons p JOIN (SELECT 1 UNION ALL SELECT 2) twice",
    )
    (told,) = [each for each in found(views) if each.kind is Kind.KEY]
    assert (told.severity, told.message, told.remedies) == (
        Severity.ERROR,
        "the key (person_id) of Person: two rows of the view 'people' have the same",
        (),
    )


def test_a_null_of_a_view_is_an_error_where_some_row_has_one(views: DatabaseUrl) -> None:
    fill(views, 1)
    run_script(views, "INSERT INTO persons (name, city) VALUES ('nobody', 'nowhere')")
    (told,) = [each for each in found(views) if each.kind is Kind.NULL]
    assert (told.about, told.severity) == ("Person.shown", Severity.ERROR)
    assert told.message.endswith("may be NULL (there are such rows); take the ! away")


def test_what_a_view_reads_in_whole_weighs_as_much(views: DatabaseUrl) -> None:
    """Groups are made before any of them is looked for; a view of plain rows has their indexes."""
    fill(views, 12)
    by_name = {each.name: each for each in found(views)}
    assert by_name["index: Query.cities"].severity is Severity.WARNING
    assert by_name["index: Query.cities"].remedies == ()
    assert "index: Query.people(city)" not in by_name
    assert "index: Query.person" not in by_name


def test_a_view_that_is_broken_is_no_end_of_the_check(views: DatabaseUrl) -> None:
    run_script(views, "ALTER TABLE persons DROP COLUMN city")
    told = found(views)
    assert any(each.table in ("people", "cities") for each in told)
