"""Lists sorted by keys of the caller's choice, paged through both ways, on both servers.

Every value stands in several rows or in none, so that pages end between equal ones. What is
expected comes from SQL that is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.integration.servers import fetch_rows, fresh_database, run_script

TABLES = (
    """CREATE TABLE countries (country_id INT PRIMARY KEY, name VARCHAR(20) NULL,
       size ENUM('small', 'large', 'big') NOT NULL)""",
    """CREATE TABLE customers (customer_id INT PRIMARY KEY,
       name VARCHAR(20) CHARACTER SET utf8mb4 NULL, country_id INT NULL,
       rating FLOAT NULL, weight DECIMAL(8,2) NULL)""",
    """CREATE TABLE orders (order_id INT PRIMARY KEY, customer_id INT NULL, placed DATE NULL,
       net INT NOT NULL, parts INT NOT NULL, KEY (customer_id))""",
    """CREATE TABLE lines (line_id INT PRIMARY KEY, order_id INT NOT NULL, amount DECIMAL(8,2) NULL,
       ratio FLOAT NULL, state ENUM('sent', 'open', 'lost') NULL, gone TINYINT NOT NULL,
       KEY (order_id))""",
)
DATES = ("NULL", "'2024-01-01'", "'2024-01-03'", "'2024-01-02'")
NAMES = ("NULL", "'b'", "'B'", "'a'", "'%s'", "''")
ROWS = (
    "INSERT INTO countries VALUES (1, 'X', 'big'), (2, NULL, 'small'), (3, 'A', 'large')",
    "INSERT INTO customers VALUES "
    + ", ".join(
        f"({n}, {NAMES[n % 6]}, {('NULL', '1', '2', '3', '9')[n % 5]}, "
        f"{('NULL', '0.1', '1.1', '3e7')[n % 4]}, {('NULL', '1', '-0.5')[n % 3]})"
        for n in range(1, 13)
    ),
    "INSERT INTO orders VALUES "
    + ", ".join(
        f"({n}, {n % 15 or 'NULL'}, {DATES[n % 4]}, {n % 5}, {(2, 7, 3)[n % 3]})" for n in range(40)
    ),
    "INSERT INTO `lines` VALUES "
    + ", ".join(
        f"({n}, {n * 7 % 40}, {('NULL', '1.10', '2.00', '0.33')[n % 4]}, "
        f"{('NULL', '0.1', '0.2')[n % 3]}, {('NULL', 1, 2, 3)[n // 2 % 4]}, {n % 6 == 0:d})"
        for n in range(70)
    ),
)
SDL = """
type Query @public {
  orders(sort: [OrderSort!], first: Int, after: String, last: Int, before: String): OrderConnection!
  named(by: OrderBy, first: Int, after: String): OrderConnection!
  plain(sort: [OrderSort!]): [Order!]! @orderBy(fields: ["customer.name DESC", "total"])
  customers(sort: [CustomerSort!]): [Customer!]!
}
enum OrderBy {
  NAME @orderBy(fields: ["customer.name DESC", "share"])
  TOTAL @orderBy(fields: ["total DESC", "placed"])
}
type Country @public { countryId: Int! name: String @sortable size: Size! @sortable }
enum Size { SMALL @value(column: "small") BIG @value(column: "big") LARGE @value(column: "large") }
type Customer @public {
  customerId: Int!
  name: String @sortable
  country: Country @sortable
  rating: Float @sortable
  label: String @expression(sql: "COALESCE({name}, 'none')") @sortable
  orders(sort: [OrderSort!], first: Int, after: String, last: Int, before: String): OrderConnection!
  orderCount: Int! @count(of: "orders") @sortable
}
type Order @public {
  orderId: Int!
  customer: Customer @sortable
  placed: Date @sortable
  net: Int! @sortable
  share: Decimal! @expression(sql: "{net} / {parts}") @sortable
  lines(gone: Boolean = false, state: State): [Line!]!
  lineCount: Int! @count(of: "lines") @sortable
  every(gone: Boolean): Int! @count(of: "lines") @sortable
  total: Decimal! @sum(of: "lines", field: "amount") @sortable
  mean: Decimal @avg(of: "lines", field: "amount") @sortable
  most: Float @max(of: "lines", field: "ratio") @sortable
  state: State @min(of: "lines", field: "state") @sortable
}
enum State { SENT @value(column: "sent") OPEN @value(column: "open") LOST @value(column: "lost") }
type Line @public {
  lineId: Int! amount: Decimal ratio: Float state: State gone: Boolean!
}
"""
LINES = "FROM `lines` l WHERE l.order_id = o.order_id"
SHOWN = f"{LINES} AND l.gone = 0"
# By the text of a sort key: the SQL of the same.
KEYS = {
    "placed": "o.placed",
    "net": "o.net",
    "share": "(o.net / o.parts)",
    "lineCount": f"(SELECT COUNT(*) {SHOWN})",
    "every": f"(SELECT COUNT(*) {LINES})",
    "total": f"(SELECT COALESCE(SUM(l.amount), 0) {SHOWN})",
    "mean": f"(SELECT AVG(l.amount) {SHOWN})",
    "most": f"(SELECT MAX(l.ratio) {SHOWN})",
    "state": f"(SELECT MIN(l.state + 0) {SHOWN})",
    "customer.name": "c.name",
    "customer.rating": "c.rating",
    "customer.label": "IF(c.customer_id IS NULL, NULL, COALESCE(c.name, 'none'))",
    "customer.orderCount": "IF(c.customer_id IS NULL, NULL,"
    " (SELECT COUNT(*) FROM orders i WHERE i.customer_id = c.customer_id))",
    "customer.country.name": "d.name",
    "customer.country.size": "d.size",
}
FROM = """FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id
          LEFT JOIN countries d ON d.country_id = c.country_id"""
AGGREGATES = "lineCount every total mean most state customer { orderCount }"
PAGE = "nodes { orderId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Any]]:
    folder: Path = tmp_path_factory.mktemp("sorts")
    (folder / "test.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            *(text.replace("CREATE TABLE lines", "CREATE TABLE `lines`") for text in TABLES),
            *ROWS,
        )
        with open_api(url, folder) as opened:
            yield opened, url


def key_of(name: str, direction: str) -> dict[str, Any]:
    found: Any = direction
    for part in reversed(name.split(".")):
        found = {part: found}
    return found  # type: ignore[no-any-return]


def in_order(url: Any, terms: list[tuple[str, str]], where: str = "TRUE") -> list[Any]:
    """The keys of all orders, as the server sorts them."""
    by = [f"{KEYS[name]} {direction}" for name, direction in terms]
    by.append(f"o.order_id {terms[-1][1]}")
    rows = fetch_rows(url, f"SELECT o.order_id {FROM} WHERE {where} ORDER BY {', '.join(by)}")
    return [row[0] for row in rows]


SORTS = [
    *([(name, direction)] for name in KEYS for direction in ("ASC", "DESC")),
    *(
        [(one, "ASC"), (other, "DESC")]
        for one, other in [*permutations(["customer.name", "total", "share", "net"], 2)]
    ),
    [("customer.country.size", "DESC"), ("state", "ASC"), ("most", "DESC")],
    [("net", "DESC"), ("customer.country.name", "ASC"), ("placed", "ASC")],
]


@pytest.mark.parametrize("terms", SORTS, ids=lambda terms: "-".join(f"{n}.{d}" for n, d in terms))
def test_pages_give_every_row_once_in_the_order_of_the_server(
    api: tuple[Api, Any], terms: list[tuple[str, str]]
) -> None:
    asked, url = api
    expected = in_order(url, terms)
    sort = [key_of(*term) for term in terms]
    for backward in (False, True):
        for size in (3, 7):
            window = "last: $n, before: $c" if backward else "first: $n, after: $c"
            # What is sorted by may be shown as well, and then it is selected once.
            shown = PAGE.replace("orderId", f"orderId {AGGREGATES}") if size == 7 else PAGE
            document = f"query($n: Int, $c: String, $s: [OrderSort!]) {{ orders(sort: $s, {window}) {{ {shown} }} }}"  # noqa: E501
            found: list[int] = []
            cursor = None
            for _ in range(len(expected)):
                page = asked.run(document, {"n": size, "c": cursor, "s": sort}).data["orders"]
                rows = [node["orderId"] for node in page["nodes"]]
                found = rows + found if backward else found + rows
                info = page["pageInfo"]
                has_more = len(found) < len(expected)
                ends = ("hasPreviousPage", "hasNextPage")
                assert [info[each] for each in ends] == (
                    [has_more, cursor is not None] if backward else [cursor is not None, has_more]
                )
                cursor = info["startCursor" if backward else "endCursor"]
                if not has_more:
                    break
            assert found == expected, (backward, size)


@pytest.mark.parametrize("terms", SORTS[-14:], ids=str)
def test_pages_of_many_parents_are_sorted_alike(
    api: tuple[Api, Any], terms: list[tuple[str, str]]
) -> None:
    asked, url = api
    sort = [key_of(*term) for term in terms]
    document = f"""query($s: [OrderSort!]) {{ customers {{ customerId
      orders(sort: $s, first: 2) {{ {PAGE} }} last: orders(sort: $s, last: 1) {{ {PAGE} }} }} }}"""
    for customer in asked.run(document, {"s": sort}).data["customers"]:
        of = f"o.customer_id = {customer['customerId']}"
        expected = in_order(url, terms, of)
        assert [each["orderId"] for each in customer["orders"]["nodes"]] == expected[:2]
        assert [each["orderId"] for each in customer["last"]["nodes"]] == expected[-1:]
        assert customer["orders"]["pageInfo"]["hasNextPage"] == (len(expected) > 2)


def test_declared_orders_and_those_of_the_list_name_the_same_keys(api: tuple[Api, Any]) -> None:
    asked, url = api
    document = """query($c: String, $d: String) {
      name: named(by: NAME, first: 9, after: $c) { nodes { orderId } pageInfo { endCursor } }
      total: named(by: TOTAL, first: 9, after: $d) { nodes { orderId } pageInfo { endCursor } }
      plain { orderId } none: plain(sort: []) { orderId } null: plain(sort: null) { orderId }
    }"""
    first = asked.run(document).data
    ends = {
        "c": first["name"]["pageInfo"]["endCursor"],
        "d": first["total"]["pageInfo"]["endCursor"],
    }
    second = asked.run(document, ends).data

    def keys(name: str) -> list[int]:
        return [each["orderId"] for page in (first, second) for each in page[name]["nodes"]]

    assert keys("name") == in_order(url, [("customer.name", "DESC"), ("share", "ASC")])[:18]
    assert keys("total") == in_order(url, [("total", "DESC"), ("placed", "ASC")])[:18]
    own = in_order(url, [("customer.name", "DESC"), ("total", "ASC")])
    for name in ("plain", "none", "null"):
        assert [each["orderId"] for each in first[name]] == own


def test_keys_may_be_variables_in_every_place(api: tuple[Api, Any]) -> None:
    asked, url = api
    expected = in_order(url, [("customer.name", "DESC"), ("net", "ASC")])
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("", "[{customer: {name: DESC}}, {net: ASC}]", {}),
        ("$s: [OrderSort!]", "$s", {"s": [{"customer": {"name": "DESC"}}, {"net": "ASC"}]}),
        ("$s: [OrderSort!] = [{customer: {name: DESC}}, {net: ASC}]", "$s", {}),
        ("$k: OrderSort!", "[$k, {net: ASC}]", {"k": {"customer": {"name": "DESC"}}}),
        ("$k: CustomerSort!", "[{customer: $k}, {net: ASC}]", {"k": {"name": "DESC"}}),
        ("$d: SortDirection!", "[{customer: {name: $d}}, {net: ASC}]", {"d": "DESC"}),
    ]
    for declared, written, given in cases:
        head = f"query({declared})" if declared else "query"
        found = asked.run(f"{head} {{ plain(sort: {written}) {{ orderId }} }}", given).data["plain"]
        assert [each["orderId"] for each in found] == expected, written


def test_one_key_needs_no_list_and_a_list_absent_or_null_is_the_order_by_default(
    api: tuple[Api, Any],
) -> None:
    asked, url = api
    document = "query($s: [OrderSort!]) { orders(sort: $s, first: 40) { nodes { orderId } } }"
    by_net = in_order(url, [("net", "DESC")])
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"s": {"net": "DESC"}}, by_net),
        ({"s": [{"net": "DESC"}]}, by_net),
        ({"s": []}, list(range(40))),
        ({"s": None}, list(range(40))),
        ({}, list(range(40))),
    ]
    for given, expected in cases:
        found = asked.run(document, given).data["orders"]["nodes"]
        assert [each["orderId"] for each in found] == expected, given
