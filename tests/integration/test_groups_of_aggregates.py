"""Values of groups that are made of an aggregate of each row, on a real server.

What is expected comes from SQL that is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import Principal
from handler.errors import SchemaError
from tests.apis import Api, open_api
from tests.callers import token
from tests.handler.compiler.plans import Compiler
from tests.integration.servers import fetch_rows, fresh_database, run_script

SDL = """
type Query {
  byTown(where: ShopFilter, having: ByTownFilter): [ByTown!]! @public
  bySize: [BySize!]! @orderBy(fields: ["sold DESC"]) @public
}
type Shop @public {
  shopId: ID! @column(integer: true)
  town: String @filterable
  sales(open: Boolean = false): [Sale!]!
  sold: Int! @count(of: "sales")
  taken: Decimal! @sum(of: "sales", field: "price")
  dearest: Decimal @max(of: "sales", field: "price")
}
type Sale @authenticated @rowAccess(field: "seller", claim: "seller", unlessScopes: [["all"]]) {
  saleId: ID! @column(integer: true)
  shopId: ID! @column(integer: true)
  shop: Shop
  seller: String!
  open: Boolean!
  price: Decimal! @requiresScopes(scopes: [["prices"]])
}
type ByTown @aggregate(of: "Shop") @public {
  town: String @group
  shops: Int! @count
  sold: BigInt! @sum(field: "sold") @filterable
  mean: Decimal @avg(field: "sold")
  taken: Decimal! @sum(field: "taken")
  dearest: Decimal @max(field: "dearest")
}
type BySize @aggregate(of: "Sale") @authenticated {
  open: Boolean! @group
  sold: BigInt! @sum(field: "shop.sold")
}
"""
TABLES = (
    "CREATE TABLE shops (shop_id INT PRIMARY KEY, town VARCHAR(9))",
    "CREATE TABLE sales (sale_id INT PRIMARY KEY, shop_id INT NOT NULL, open TINYINT(1) NOT NULL,"
    " seller VARCHAR(3) CHARACTER SET utf8mb4 NOT NULL, price DECIMAL(6,2) NOT NULL,"
    " KEY (shop_id))",
    "INSERT INTO shops VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, NULL), (5, 'b'), (6, 'c')",
    "INSERT INTO sales VALUES "
    + ", ".join(
        f"({n}, {n * 7 % 5 + 1}, {n % 3 == 0:d}, '{'xy'[n % 2]}', {n}.25)" for n in range(25)
    ),
)
ALL = token("all", "all", "prices").principal
SOME = token("x", "prices", seller="x").principal


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("shops")
    (folder / "shops.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, Path(folder)) as found:
            yield found


def rows(api: Api, query: str) -> list[Any]:
    return [list(row) for row in fetch_rows(api.engine.settings.database_url, query)]


@pytest.mark.parametrize(("caller", "seen"), [(ALL, "TRUE"), (SOME, "seller = 'x'")])
def test_what_is_made_of_each_row_is_made_of_rows_that_a_caller_sees(
    api: Api, caller: Principal, seen: str
) -> None:
    document = "{ byTown { town shops sold mean taken dearest } }"
    found = api.run(document, principal=caller).data["byTown"]
    own = f"FROM sales WHERE shop_id = s.shop_id AND open = 0 AND {seen}"
    expected = rows(
        api,
        "SELECT town, COUNT(*), SUM(n), AVG(n), SUM(t), MAX(d) FROM (SELECT town,"
        f" (SELECT COUNT(*) {own}) n, (SELECT COALESCE(SUM(price), 0) {own}) t,"
        f" (SELECT MAX(price) {own}) d FROM shops s) each_one GROUP BY town ORDER BY town",
    )
    numbers = ("sold", "mean", "taken", "dearest")
    given = [[e["town"], e["shops"], *(number(e[name]) for name in numbers)] for e in found]
    assert given == [[town, shops, *map(number, more)] for town, shops, *more in expected]


def number(found: Any) -> float | None:
    return None if found is None else float(found)


def test_groups_are_chosen_and_sorted_by_it(api: Api) -> None:
    document = (
        '{ byTown(where: {town: {in: ["a", "b"]}}, having: {sold: {gt: "6"}}) { town sold } }'
    )
    found = api.run(document, principal=ALL).data["byTown"]
    whole = api.run("{ byTown { town sold } }", principal=ALL).data["byTown"]
    assert found == [e for e in whole if e["town"] in ("a", "b") and int(e["sold"]) > 6]
    assert found != whole
    by_size = api.run("{ bySize { open sold } }", principal=ALL).data["bySize"]
    own = "SELECT COUNT(*) FROM sales i WHERE i.shop_id = s.shop_id AND i.open = 0"
    expected = rows(
        api,
        f"SELECT s.open, SUM(({own})) n FROM sales s GROUP BY s.open ORDER BY n DESC, s.open DESC",
    )
    assert [[e["open"], int(e["sold"])] for e in by_size] == [
        [bool(is_open), int(sold)] for is_open, sold in expected
    ]


def test_it_needs_what_the_aggregate_needs(api: Api) -> None:
    document = "{ byTown { shops sold taken } }"
    body = api.run(document, principal=token("y", seller="y").principal).body
    assert {error["path"][-1] for error in body["errors"]} == {"taken"}
    body = api.run("{ byTown { shops sold } }", principal=Principal.anonymous()).body
    assert {error["code"] for error in body["errors"]} == {"UNAUTHENTICATED"}


def test_a_required_argument_is_given_by_nobody() -> None:
    sdl = SDL.replace(
        'sold: Int! @count(of: "sales")', 'sold(open: Boolean!): Int! @count(of: "sales")'
    )
    with pytest.raises(SchemaError, match="'sold' has the required argument 'open', which nobody"):
        Compiler.of(sdl)
