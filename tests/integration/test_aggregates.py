"""``@min``, ``@max`` and ``@avg`` on a real server, over columns of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.model.column import Column
from handler.scalars import COLUMNS
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.domains.database import insert_rows
from tests.domains.oddities.rows import ROWS, SQL_MODE
from tests.integration.servers import fresh_database, run_script

ODDITIES = Path(__file__).parents[1] / "domains" / "oddities"
MODEL = build_model(load_schema(ODDITIES / "sdl"))
COLUMN_FIELDS = {
    name: column.scalar
    for name, column in MODEL.tables["Oddity"].of_kind(Column).items()
    if COLUMNS[column.scalar].has_order
}
ROW_FIELDS = "\n".join(
    f"""
  {name}List: [Oddity!]! @relation(columns: ["odd_id"], references: ["parent_id"])
    @orderBy(fields: ["{name}"])
  {name}Min: {scalar} @min(of: "children", field: "{name}")
  {name}Max: {scalar} @max(of: "children", field: "{name}")
"""
    for name, scalar in COLUMN_FIELDS.items()
)


@pytest.fixture(scope="module")
def oddities(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """All rows belong to that of key 42; of those of 7, which has none, all columns are NULL."""
    folder = tmp_path_factory.mktemp("sdl")
    sdl = (ODDITIES / "sdl" / "oddities.graphql").read_text()
    opening = '  children: [Oddity!]! @relation(columns: ["odd_id"], references: ["parent_id"])'
    assert opening in sdl
    (folder / "a.graphql").write_text(sdl.replace(opening, opening + ROW_FIELDS))
    with fresh_database(mariadb) as url:
        run_script(url, (ODDITIES / "tables.sql").read_text())
        insert_rows(url, ROWS, SQL_MODE)
        run_script(
            url,
            "UPDATE oddities SET parent_id = 42",
            "INSERT INTO oddities (odd_id, parent_id) VALUES (7, NULL), (8, 7)",
        )
        with open_api(url, folder) as api:
            yield api


@pytest.mark.parametrize("name", COLUMN_FIELDS)
def test_least_and_greatest_are_the_ends_of_the_list(oddities: Api, name: str) -> None:
    """Where an end cannot be shown, neither can the list's."""

    def ask(selected: str) -> Any:
        return oddities.run(f"{{ oddity(oddId: 42) {{ {selected} }} }}").body["data"]["oddity"]

    rows = ask(f"{name}List {{ oddId {name} }}")[f"{name}List"]
    is_zero = name in ("day", "moment", "momentDay")  # shown as null, wherever it is sorted
    # A NULL and what cannot be shown look alike; the only NULLs are those of row 42.
    ends = [
        row[name] for row in rows if row[name] is not None or not (is_zero or row["oddId"] == "42")
    ]
    found = ask(f"{name}Min {name}Max")
    assert (found[f"{name}Min"], found[f"{name}Max"]) == (ends[0], ends[-1])
    assert len(ends) >= 4


@pytest.mark.parametrize("odd_id", [7, 8])
def test_nothing_is_null(oddities: Api, odd_id: int) -> None:
    """Of no rows, and of rows without values."""
    selected = " ".join(f"{name}Min {name}Max" for name in COLUMN_FIELDS if name != "oddId")
    answer = oddities.run(f"{{ oddity(oddId: {odd_id}) {{ {selected} }} }}")
    assert "errors" not in answer.body
    assert set(answer.data["oddity"].values()) == {None}


# ------------------------------------------------------------------------------ own tables

SDL = """
type Query @public { shops: [Shop!]! shop(shopId: ID!): Shop }
type Shop @public {
  shopId: ID!
  sales(kind: Kind, soldOn: Date): [Sale!]! @page(maximum: 10)
  kind: Kind @max(of: "sales", field: "kind")
  first(kind: Kind, below: Decimal @filter(field: "price", operator: LESS)): Date
    @min(of: "sales", field: "soldOn")
  average(kind: Kind): Decimal @avg(of: "sales", field: "price")
  averageFloat: Float @avg(of: "sales", field: "price")
  pieces: Float @avg(of: "sales", field: "pieces")
  exactPieces: Decimal @avg(of: "sales", field: "pieces")
  weight: Float @avg(of: "sales", field: "weight")
  reached: Int! @count(of: "sales.shop")
  itself: Int! @count(of: "sales.shop", distinct: "shopId")
}
enum Kind { SMALL @value(column: "small") BIG @value(column: "big") HUGE @value(column: "huge") }
type Sale @public @rowAccess(field: "owner", claim: "owner", unlessScopes: [["all"]]) {
  saleId: ID! shopId: ID! owner: String! kind: Kind soldOn: Date price: Decimal pieces: Int
  weight: Float shop: Shop
}
"""
ALL = Principal(kind=CallerKind.TOKEN, subject="x", scopes=frozenset({"all"}))
ANN = Principal(kind=CallerKind.TOKEN, subject="x", claims={"owner": "ann"})
NOBODY = Principal(kind=CallerKind.TOKEN, subject="x")


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE shops (shop_id INT PRIMARY KEY)",
            "CREATE TABLE sales (sale_id INT PRIMARY KEY, shop_id INT, owner VARCHAR(9)"
            " COLLATE utf8mb4_bin NOT NULL, kind ENUM('small', 'big', 'huge'), sold_on DATE,"
            " price DECIMAL(8, 2), pieces INT, weight DOUBLE, KEY (shop_id, sale_id))",
            "INSERT INTO shops VALUES (1), (2), (3)",
            "INSERT INTO sales VALUES"
            " (1, 1, 'ann', 'small', '2020-01-02', 1.00, 1, 0.5),"
            " (2, 1, 'ann', 'big', '2020-01-01', 1.00, 2, 0.25),"
            " (3, 1, 'bob', 'huge', '2019-01-01', 0.05, 2, NULL),"
            " (4, 2, 'bob', NULL, NULL, NULL, NULL, NULL)",
        )
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "a.graphql").write_text(SDL)
    with open_api(url, folder) as api:
        yield api


NONE = dict.fromkeys(
    ("kind", "first", "average", "averageFloat", "pieces", "exactPieces", "weight")
)


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        pytest.param(
            ALL,
            {
                "kind": "HUGE",  # by its place; as texts, small is the greatest
                "first": "2019-01-01",
                "average": "0.683333",
                "averageFloat": 2.05 / 3,
                "pieces": 5 / 3,
                "exactPieces": "1.6667",
                "weight": 0.375,
            },
            id="all",
        ),
        pytest.param(
            ANN,
            {
                "kind": "BIG",
                "first": "2020-01-01",
                "average": "1.000000",
                "averageFloat": 1.0,
                "pieces": 1.5,
                "exactPieces": "1.5000",
                "weight": 0.375,
            },
            id="own",
        ),
        pytest.param(NOBODY, NONE, id="nobody"),
    ],
)
def test_made_of_the_rows_that_the_caller_sees(
    api: Api, caller: Any, expected: dict[str, Any]
) -> None:
    answer = api.run(f"{{ shops {{ {' '.join(expected)} }} }}", principal=caller)
    assert answer.data == {"shops": [expected, NONE, NONE]}
    by_executor = api.run_by_executor(f"{{ shops {{ {' '.join(expected)} }} }}", principal=caller)
    assert by_executor.body == answer.body


def test_arguments_choose_the_rows(api: Api) -> None:
    document = """query($kind: Kind, $below: Decimal) { shop(shopId: 1) {
      a: first(below: $below) b: first(kind: $kind) c: first(kind: SMALL, below: "0.50")
      d: average(kind: SMALL) e: average } }"""
    answer = api.run(document, {"below": "2.00", "kind": "BIG"}, principal=ALL)
    assert answer.data["shop"] == {
        "a": "2019-01-01",
        "b": "2020-01-01",
        "c": None,
        "d": "1.000000",
        "e": "0.683333",
    }


@pytest.mark.parametrize(
    ("caller", "expected"), [(ALL, [(3, 1), (1, 1), (0, 0)]), (ANN, [(2, 1), (0, 0), (0, 0)])]
)
def test_a_row_counts_as_often_as_it_is_reached(
    api: Api, caller: Principal, expected: list[tuple[int, int]]
) -> None:
    shops = api.run("{ shops { reached itself } }", principal=caller).data["shops"]
    assert [(each["reached"], each["itself"]) for each in shops] == expected
