"""Rows chosen and sorted by the first of several rows that they lead to, on a real server.

What is expected comes from SQL that is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import Principal
from tests.apis import Api, open_api
from tests.callers import token
from tests.integration.servers import fetch_rows, fresh_database, run_script

SDL = """
type Query @public {
  owners(
    where: OwnerFilter, sort: [OwnerSort!], first: Int, after: String, last: Int, before: String
  ): OwnerConnection!
  pets(where: PetFilter): [Pet!]!
}
type Owner @public {
  ownerId: ID! @column(integer: true)
  newest: Pet @filterable @sortable @orderBy(fields: ["born DESC"])
  heavy(least: Int = 5 @filter(field: "weight", operator: GREATER_OR_EQUAL)): Pet
    @filterable @sortable @orderBy(fields: ["petId"])
  club: Club @filterable @sortable @relation(through: {table: "members"})
    @orderBy(fields: ["edge.since"])
  pets: [Pet!]! @filterable
}
type Pet @public @rowAccess(field: "seen", claim: "seen", unlessScopes: [["all"]]) {
  petId: ID! @column(integer: true)
  born: Int
  seen: String!
  weight: Int @filterable @sortable
  double: Int @expression(sql: "{weight} * 2") @sortable
  kind: Kind @filterable @sortable
  owner: Owner @filterable
}
type Kind @public { kindId: ID! @column(integer: true) name: String! @filterable @sortable }
type Member @public @key(fields: "ownerId clubId") {
  ownerId: ID! @column(integer: true)
  clubId: ID! @column(integer: true)
  since: Int!
}
type Club @public { clubId: ID! @column(integer: true) name: String! @filterable @sortable }
"""
TABLES = (
    "CREATE TABLE owners (owner_id INT PRIMARY KEY)",
    "CREATE TABLE kinds (kind_id INT PRIMARY KEY, name VARCHAR(9) NOT NULL)",
    "CREATE TABLE clubs (club_id INT PRIMARY KEY, name VARCHAR(9) NOT NULL)",
    "CREATE TABLE members (owner_id INT NOT NULL, club_id INT NOT NULL, since INT NOT NULL,"
    " PRIMARY KEY (owner_id, club_id), KEY (club_id, owner_id))",
    "CREATE TABLE pets (pet_id INT PRIMARY KEY, owner_id INT, born INT, weight INT, kind_id INT,"
    " seen VARCHAR(3) CHARACTER SET utf8mb4 NOT NULL, KEY (owner_id, born, pet_id))",
    "INSERT INTO owners VALUES " + ", ".join(f"({n})" for n in range(1, 13)),
    "INSERT INTO kinds VALUES (1, 'cat'), (2, 'dog')",
    "INSERT INTO clubs VALUES (1, 'c'), (2, 'a'), (3, 'b')",
    "INSERT INTO members VALUES "
    + ", ".join(f"({n}, {c}, {n * c * 7 % 5})" for n in range(1, 9) for c in (1, 2, 3)),
    "INSERT INTO pets VALUES "
    + ", ".join(
        f"({n}, {n * 5 % 11 or 'NULL'}, {('NULL', 3, 1, 3)[n % 4]},"
        f" {('NULL', 9, 2, 5, 7)[n % 5]}, {('NULL', 1, 2)[n % 3]}, '{'ab'[n // 2 % 2]}')"
        for n in range(1, 31)
    ),
)
ALL, SOME = token("all", "all").principal, token("a", seen="a").principal
CALLERS = [pytest.param(ALL, "TRUE", id="all"), pytest.param(SOME, "p.seen = 'a'", id="some")]


def newest(what: str, seen: str) -> str:
    return (
        f"(SELECT {what} FROM pets p LEFT JOIN kinds k ON k.kind_id = p.kind_id"
        f" WHERE p.owner_id = o.owner_id AND {seen} ORDER BY p.born DESC, p.pet_id DESC LIMIT 1)"
    )


def heavy(what: str, seen: str) -> str:
    return (
        f"(SELECT {what} FROM pets p LEFT JOIN kinds k ON k.kind_id = p.kind_id"
        f" WHERE p.owner_id = o.owner_id AND p.weight >= 5 AND {seen} ORDER BY p.pet_id LIMIT 1)"
    )


CLUB = (
    "(SELECT c.name FROM clubs c JOIN members m ON m.club_id = c.club_id"
    " WHERE m.owner_id = o.owner_id ORDER BY m.since, c.club_id LIMIT 1)"
)


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("pets")
    (folder / "pets.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, Path(folder)) as found:
            yield found


def rows(api: Api, query: str) -> list[str]:
    return [str(row[0]) for row in fetch_rows(api.engine.settings.database_url, query)]


@pytest.mark.parametrize(("caller", "seen"), CALLERS)
@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("newest: {weight: {gt: 4}}", f"{newest('p.weight', '{seen}')} > 4"),
        ("newest: {weight: {isNull: true}}", f"{newest('p.weight IS NULL', '{seen}')} = 1"),
        (
            "not: {newest: {weight: {gt: 4}}}",
            f"COALESCE({newest('p.weight', '{seen}')}, 0) <= 4",
        ),
        ('newest: {kind: {name: {eq: "dog"}}}', f"{newest('k.name', '{seen}')} = 'dog'"),
        ("newest: {}", f"{newest('p.pet_id', '{seen}')} > 0"),
        ("heavy: {weight: {lt: 8}}", f"{heavy('p.weight', '{seen}')} < 8"),
        ('club: {name: {in: ["a", "c"]}}', f"{CLUB} IN ('a', 'c')"),
        (
            'or: [{club: {name: {eq: "b"}}}, {heavy: {kind: {name: {eq: "cat"}}}}]',
            f"({CLUB} = 'b' OR {heavy('k.name', '{seen}')} = 'cat')",
        ),
    ],
)
def test_rows_are_chosen_by_the_first_row(
    api: Api, where: str, condition: str, caller: Principal, seen: str
) -> None:
    document = f"{{ owners(where: {{{where}}}, first: 50) {{ nodes {{ ownerId }} totalCount }} }}"
    found = api.run(document, principal=caller).data["owners"]
    wanted = condition.replace("{seen}", seen)
    expected = rows(api, f"SELECT o.owner_id FROM owners o WHERE {wanted} ORDER BY o.owner_id")
    assert [each["ownerId"] for each in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)


def test_a_related_row_is_chosen_by_its_first_row(api: Api) -> None:
    found = api.run(
        "{ pets(where: {owner: {newest: {weight: {eq: 9}}}}) { petId } }", principal=ALL
    )
    condition = f"{newest('p.weight', 'TRUE')} = 9"
    expected = rows(
        api,
        "SELECT x.pet_id FROM pets x JOIN owners o ON o.owner_id = x.owner_id"
        f" WHERE {condition} ORDER BY x.pet_id",
    )
    assert expected
    assert [each["petId"] for each in found.data["pets"]] == expected


@pytest.mark.parametrize(("caller", "seen"), CALLERS)
@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("{newest: {weight: ASC}}", f"{newest('p.weight', '{seen}')}, o.owner_id"),
        ("{newest: {double: DESC}}", f"{newest('p.weight', '{seen}')} DESC, o.owner_id DESC"),
        ("{heavy: {kind: {name: DESC}}}", f"{heavy('k.name', '{seen}')} DESC, o.owner_id DESC"),
        (
            "{club: {name: ASC}}, {newest: {kind: {name: DESC}}}",
            f"{CLUB}, {newest('k.name', '{seen}')} DESC, o.owner_id DESC",
        ),
    ],
)
def test_pages_go_on_in_the_order_of_the_first_row(
    api: Api, sort: str, order: str, caller: Principal, seen: str
) -> None:
    document = f"""query Q($first: Int, $after: String, $last: Int, $before: String) {{
      owners(sort: [{sort}], first: $first, after: $after, last: $last, before: $before) {{
        nodes {{ ownerId }}
        pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"""
    wanted = order.replace("{seen}", seen)
    expected = rows(api, f"SELECT o.owner_id FROM owners o ORDER BY {wanted}")
    found: list[str] = []
    after, more = None, True
    while more:
        page = api.run(document, {"first": 5, "after": after}, principal=caller).data["owners"]
        found += [each["ownerId"] for each in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == expected
    found, before, more = [], None, True
    while more:
        page = api.run(document, {"last": 5, "before": before}, principal=caller).data["owners"]
        found = [each["ownerId"] for each in page["nodes"]] + found
        before, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert found == expected
