"""One SDL over tables in other conventions: it says them once, and nothing for each table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aurora_graphql.check.compare import check
from aurora_graphql.dev.servers import MariaDb
from handler.stores.deadline import Deadline
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

# No @table, no @column, no @relation, no connection, edge or page info.
SDL = """
type Query {
  film(filmId: ID!): Film
  films(first: Int, after: String): FilmConnection!
  actors(lastName: String, first: Int, after: String): ActorConnection!
}
type Film @public {
  filmId: ID! @column(integer: true)
  title: String!
  rentalRate: Decimal
  length2: Int
  castings(first: Int, after: String): FilmActorConnection!
}
type Actor @public {
  actorId: ID! @column(integer: true)
  firstName: String!
  lastName: String!
  castings: [FilmActor!]!
  castingCount: Int! @count(of: "castings")
}
type FilmActor @public @key(fields: "filmId actorId") {
  filmId: ID! @column(integer: true)
  actorId: ID! @column(integer: true)
  film: Film!
  actor: Actor!
}
"""
# What is said, and the names of three tables and some columns.
CASES = {
    "usual": (
        "",
        ("films", "actors", "film_actors"),
        ("film_id", "actor_id", "title", "rental_rate", "length2", "first_name", "last_name"),
    ),
    "singular": (
        "extend schema @conventions(tableNames: SINGULAR)",
        ("film", "actor", "film_actor"),
        ("film_id", "actor_id", "title", "rental_rate", "length2", "first_name", "last_name"),
    ),
    "prefix": (
        'extend schema @conventions(tablePrefix: "oc_", tableNames: SINGULAR)',
        ("oc_film", "oc_actor", "oc_film_actor"),
        ("film_id", "actor_id", "title", "rental_rate", "length2", "first_name", "last_name"),
    ),
    "camel": (
        "schema @conventions(tableCase: CAMEL_CASE, columnCase: CAMEL_CASE) { query: Query }",
        ("films", "actors", "filmActors"),
        ("filmId", "actorId", "title", "rentalRate", "length2", "firstName", "lastName"),
    ),
    "pascal": (
        "extend schema"
        " @conventions(tableNames: SINGULAR, tableCase: PASCAL_CASE, columnCase: PASCAL_CASE)",
        ("Film", "Actor", "FilmActor"),
        ("FilmId", "ActorId", "Title", "RentalRate", "Length2", "FirstName", "LastName"),
    ),
    "camel-columns-only": (
        "extend schema @conventions(columnCase: CAMEL_CASE)",
        ("films", "actors", "film_actors"),
        ("filmId", "actorId", "title", "rentalRate", "length2", "firstName", "lastName"),
    ),
}
DOCUMENT = """{
  film(filmId: 2) { title rentalRate length2 }
  films(first: 1) { totalCount nodes { title castings(first: 1) {
    totalCount edges { node { actor { lastName castingCount } } } pageInfo { hasNextPage } } } }
  actors(lastName: "CHASE") { edges { node { firstName castings { film { title } } } } }
}"""
DATA = {
    "film": {"title": "ACE GOLDFINGER", "rentalRate": "4.99", "length2": 48},
    "films": {
        "totalCount": 2,
        "nodes": [
            {
                "title": "ACADEMY DINOSAUR",
                "castings": {
                    "totalCount": 2,
                    "edges": [{"node": {"actor": {"lastName": "GUINESS", "castingCount": 1}}}],
                    "pageInfo": {"hasNextPage": True},
                },
            }
        ],
    },
    "actors": {
        "edges": [
            {
                "node": {
                    "firstName": "ED",
                    "castings": [
                        {"film": {"title": "ACADEMY DINOSAUR"}},
                        {"film": {"title": "ACE GOLDFINGER"}},
                    ],
                }
            }
        ]
    },
}


@pytest.fixture(scope="module", params=CASES)
def api(
    request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    said, (film, actor, cast), names = CASES[request.param]
    film_id, actor_id, title, rate, length, first, last = names
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "types.graphql").write_text(SDL)
    (folder / "conventions.graphql").write_text(said)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            f"CREATE TABLE `{film}` ({film_id} INT PRIMARY KEY, {title} VARCHAR(99) NOT NULL,"
            f" {rate} DECIMAL(4, 2), {length} INT)",
            f"CREATE TABLE `{actor}` ({actor_id} INT PRIMARY KEY, {first} VARCHAR(45) NOT NULL,"
            f" {last} VARCHAR(45) NOT NULL, KEY ({last}, {actor_id}))",
            f"CREATE TABLE `{cast}` ({film_id} INT, {actor_id} INT,"
            f" PRIMARY KEY ({film_id}, {actor_id}), KEY ({actor_id}, {film_id}))",
            f"INSERT INTO `{film}` VALUES (1, 'ACADEMY DINOSAUR', 0.99, 86),"
            " (2, 'ACE GOLDFINGER', 4.99, 48)",
            f"INSERT INTO `{actor}` VALUES (1, 'PENELOPE', 'GUINESS'), (3, 'ED', 'CHASE')",
            f"INSERT INTO `{cast}` VALUES (1, 1), (1, 3), (2, 3)",
        )
        with open_api(url, folder) as opened:
            yield opened


def test_tables_answer_in_every_convention(api: Api) -> None:
    assert api.run(DOCUMENT).data == DATA


def test_check_knows_the_convention(api: Api) -> None:
    checked = api.loop.run_until_complete(check(api.engine.model, api.database, Deadline.after(30)))
    assert [str(each) for each in checked.findings] == []
