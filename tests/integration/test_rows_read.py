"""What a page reads of a large table: a small multiple of what it gives, wherever it begins."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection

from aurora_graphql.dev.servers import DatabaseServer
from handler.compiler.cursor import encode_cursor, fingerprint
from handler.jobs.ingest.run import ingest
from handler.jobs.migrate import migrate
from handler.model.lists import Order, RowsField
from handler.model.relations import ToMany
from handler.sql.names import quote
from tests.apis import Answer, Api, open_api
from tests.callers import token
from tests.conftest import SDL
from tests.domains.journal.rows import LARGE_PLACE, journal_statements, numbers
from tests.integration.rows_read import Reading, reading
from tests.integration.servers import (
    MIGRATIONS,
    NORTHWIND,
    ORDERS,
    connect,
    fresh_database,
    run_script,
)

JOURNAL = Path(__file__).parents[1] / "domains" / "journal"
GOLDEN = Path(__file__).parents[1] / "handler" / "golden"
SIZES = [
    pytest.param(20_000, id="20000-rows"),
    pytest.param(100_000, id="100000-rows", marks=pytest.mark.nightly),
]

# The key of a row is found in each range of its page; the row is kept, sorted, read and joined.
MOST_PER_ROW = 15
MOST_PER_SKIPPED = 3  # its key is found, kept and sorted
MOST_BESIDE = 30
MOST_OF_ALL = 5  # of each row that is sorted or grouped without an index


def too_much(found: Reading, skipped: int = 0) -> bool:
    """Whether a statement reads more than it should for what it gives, and for what it skips."""
    most = MOST_PER_ROW * (found.given + 1) + MOST_PER_SKIPPED * skipped + MOST_BESIDE
    return found.read > most


class Large:
    """An API over large tables, and a connection to ask what its statements read."""

    def __init__(self, api: Api, connection: Connection, rows: int) -> None:
        self.api = api
        self.connection = connection
        self.rows = rows
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            self.is_mysql = "MariaDB" not in str(cursor.fetchall())

    def asked(self, document: str, **options: Any) -> tuple[Answer, list[Reading]]:
        """The answer, and what each of its statements read."""
        answer = self.api.run(document, **options)
        return answer, [reading(self.connection, each) for each in answer.statements]

    def places(self, table: str, order: Order, where: str = "TRUE") -> list[tuple[Any, ...]]:
        """The columns of the order of all rows of a list, in that order."""
        names = [quote(term.column.stored_name or "") for term in order]
        terms = [
            name + (" DESC" if term.descending else "")
            for name, term in zip(names, order, strict=True)
        ]
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(names)} FROM {table} WHERE {where} ORDER BY {', '.join(terms)}"
            )
            return list(cursor.fetchall())


def cursor_of(field: str, order: Order, place: Sequence[Any]) -> str:
    """A cursor of the list that a field gives."""
    texts = tuple(None if value is None else str(value).encode() for value in place)
    return encode_cursor(fingerprint(field, order), texts).decode()


# ------------------------------------------------------------------------- a generated set


@pytest.fixture(scope="module", params=SIZES)
def journal(request: pytest.FixtureRequest, mariadb: DatabaseServer) -> Iterator[Large]:
    rows = int(request.param)
    with fresh_database(mariadb) as url:
        run_script(url, *journal_statements(rows))
        with open_api(url, JOURNAL / "sdl") as api, connect(url) as connection:
            yield Large(api, connection, rows)


# Filters, and the same in SQL. Each stands with the orders that an index gives for it.
TIMES = ["OLDEST", "NEWEST"]
CHOSEN: dict[str, tuple[str, str, list[str]]] = {
    "all": ("", "TRUE", ["KEY", "LATEST_KEY", *TIMES, "LABEL", "BEST", "STATE"]),
    "of-a-place": (f"placeId: {LARGE_PLACE}", f"place_id = {LARGE_PLACE}", TIMES),
    "of-a-state": ("state: 1", "state = 1", ["STATE"]),
    "from": ('from: "2020-01-03T00:00:00Z"', "at >= '2020-01-03'", TIMES),
    "to": ('to: "2020-01-04T00:00:00Z"', "at < '2020-01-04'", TIMES),
    "from-to-of-a-place": (
        f'placeId: {LARGE_PLACE}, from: "2020-01-02T00:00:00Z", to: "2020-01-04T00:00:00Z"',
        f"place_id = {LARGE_PLACE} AND at >= '2020-01-02' AND at < '2020-01-04'",
        TIMES,
    ),
    "by-prefix": ('labelPrefix: "m"', "label LIKE 'm%'", ["LABEL"]),
}
LISTS = [
    pytest.param(argument, where, order, id=f"{name}-{order}")
    for name, (argument, where, orders) in CHOSEN.items()
    for order in orders
]
# Most are covered by some index, though by another one than that of the order.
SELECTIONS = [
    "entryId at place { name }",
    "entryId",
    "entryId at score state note",
    "entryId label score place { placeId }",
]
# Cursors by the part of the list's way at which they stand.
CURSORS: list[Mapping[str, float]] = [
    {},
    {"after": 0.02},
    {"after": 0.5},
    {"after": 0.99},
    {"before": 0.02},
    {"before": 0.5},
    {"before": 0.99},
    {"after": 0.3, "before": 0.7},
]
SIZE = 20


@pytest.mark.parametrize(("argument", "where", "order"), LISTS)
def test_pages_of_a_list(journal: Large, argument: str, where: str, order: str) -> None:
    rows = journal.api.engine.model.roots["entries"]
    assert isinstance(rows, RowsField)
    terms = rows.orders[order]
    places = journal.places("entries", terms, where)
    key = [term.column.field for term in terms].index("entryId")
    pages = list(product(("first", "last"), CURSORS, SELECTIONS))
    if journal.rows < 100_000:  # each page with one selection, and each selection with each page
        pages = [page for at, page in enumerate(pages) if at % 4 == at // 4 % 4]
    wrong = []
    for page, cursors, selection in pages:
        at = {name: int(part * len(places)) for name, part in cursors.items()}
        given = [
            f'{name}: "{cursor_of("Query.entries", terms, places[index])}"'
            for name, index in at.items()
        ]
        arguments = ", ".join(
            filter(None, [argument, f"order: {order}", f"{page}: {SIZE}", *given])
        )
        document = (
            f"{{ entries({arguments})"
            f" {{ nodes {{ {selection} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
        )
        answer, readings = journal.asked(document)
        rest = places[at.get("after", -1) + 1 : at.get("before")]
        expected = [row[key] for row in (rest[:SIZE] if page == "first" else rest[-SIZE:])]
        assert [node["entryId"] for node in answer.data["entries"]["nodes"]] == expected
        most = _most_of_a_mixed_order(journal, order, page)
        wrong += [
            (page, cursors, selection, found)
            for found in readings
            if too_much(found) and found.read > most
        ]
    assert wrong == []


def _most_of_a_mixed_order(journal: Large, order: str, page: str) -> float:
    """MySQL sorts a range in whose index some columns ascend and others descend, unless it is
    large: then it takes the index that has them the other way round."""
    return 0.03 * journal.rows if journal.is_mysql and (order, page) == ("BEST", "last") else 0


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_list_from_an_instant(journal: Large, selection: str) -> None:
    """No page: all of its rows are given, which stand at the end of the order."""
    (place,) = journal.places("entries", _order(journal, "OLDEST"))[-200:-199]
    answer, readings = journal.asked(
        f'{{ whole(from: "{place[0].isoformat()}Z") {{ {selection} }} }}'
    )
    assert len(answer.data["whole"]) >= 200
    assert [found for found in readings if too_much(found)] == []


# What is told of the other side stands in the parent's row; there a range that is chosen besides is
# no range of the index, and rows outside of it are read.
TOLD = [
    pytest.param("", "pageInfo { hasNextPage hasPreviousPage }", id="told-of-both-sides"),
    pytest.param(', to: "2020-01-05T00:00:00Z"', "__typename", id="in-a-range"),
]


@pytest.mark.parametrize(("chosen", "told"), TOLD)
@pytest.mark.parametrize("page", ["first", "last"])
@pytest.mark.parametrize("parents", [1, 3])
def test_pages_of_parents(journal: Large, parents: int, page: str, chosen: str, told: str) -> None:
    rows = _entries_of_a_place(journal)
    places = journal.places("entries", rows.order, f"place_id = {LARGE_PLACE}")
    name = "after" if page == "first" else "before"
    for part, selection in product((0.02, 0.5, 0.99), SELECTIONS):
        cursor = cursor_of("Place.entries", rows.order, places[int(part * len(places))])
        _, readings = journal.asked(
            f"{{ places(first: {parents}) {{ nodes {{"
            f' entries({page}: {SIZE}, {name}: "{cursor}"{chosen})'
            f" {{ nodes {{ {selection} }} {told} }} }} }} }}"
        )
        assert len(readings) == 2
        assert [found for found in readings if too_much(found)] == []


def _order(journal: Large, name: str) -> Order:
    rows = journal.api.engine.model.roots["entries"]
    assert isinstance(rows, RowsField)
    return rows.orders[name]


def _entries_of_a_place(journal: Large) -> RowsField:
    field = journal.api.engine.model.tables["Place"].fields["entries"]
    assert isinstance(field, ToMany)
    return field.rows


# ------------------------------------------------------------------------- the golden cases


@pytest.fixture(scope="module", params=SIZES)
def orders(request: pytest.FixtureRequest, mariadb: DatabaseServer) -> Iterator[Large]:
    """The Northwind orders among many more, of the same customers and products."""
    rows = int(request.param)
    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        asyncio.run(ingest(url, NORTHWIND, ORDERS))
        run_script(
            url,
            "INSERT INTO orders SELECT CONCAT('m', LPAD(n, 6, '0')), n,"
            f" TIMESTAMPADD(MINUTE, n * 7919 % {rows} * 10, '1996-07-04'), c.customer_id"
            f" FROM {numbers(rows)} JOIN (SELECT customer_id, ROW_NUMBER() OVER () - 1 AS place"
            " FROM customers) c ON c.place = n % 89",
            "INSERT INTO order_items SELECT order_id, 1, p.product_id, 2, 3.50, 0 FROM orders o"
            " JOIN (SELECT product_id, ROW_NUMBER() OVER () - 1 AS place FROM products) p"
            " ON p.place = o.order_ref % 77 WHERE order_id LIKE 'm%'",
            "ANALYZE TABLE orders, order_items",
        )
        with open_api(url, SDL) as api, connect(url) as connection:
            yield Large(api, connection, rows)


# Of what is counted or summed, all rows are read.
_COUNTED = re.compile(r"\b(totalCount|totalPages|orderCount)( @skip\(\w+: \$\w+\))?")
# A filter input asks for what its caller writes; no index is promised for that.
_FILTER_INPUT = re.compile(r"\bwhere: ")
_SKIPPED = re.compile(r"\boffset: (\d+)")
_LISTS = re.compile(r"\b(orders|products|customers|orderItems)\b")
_CURSORS = {"after": 0.3, "a": 0.3, "before": 0.7, "b": 0.7}


# Whether a caller sees an item is known from its order, and no index has both.
_BY_A_RULE_THROUGH_A_ROW = {"products_with_own_items"}
# What no index has is made for every row of these, and sorted or grouped: `check.toml` accepts it.
# Of a caller with a rule these are its own, which an index finds.
_OWN = "FROM orders WHERE customer_id = 'VINET'"
_OWN_ITEMS = "FROM orders JOIN order_items USING (order_id) WHERE customer_id = 'VINET'"
_OF_ALL_ROWS: dict[str, tuple[str, ...]] = {
    "customers_by_what_they_ordered": ("FROM customers", "FROM orders"),
    "orders_by_their_customers_name_and_total": ("FROM orders", "FROM order_items"),
    "own_orders_by_total_backward": (_OWN, _OWN_ITEMS),
    "revenue_of_the_caller": (_OWN, _OWN_ITEMS),
    "top_products": ("FROM order_items",),
}


def _golden() -> Iterator[Any]:
    for folder in sorted(GOLDEN.iterdir()):
        document = (folder / "request.graphql").read_text()
        is_served = folder.name not in {*_BY_A_RULE_THROUGH_A_ROW, *_OF_ALL_ROWS}
        is_served = is_served and not _FILTER_INPUT.search(document)
        if is_served and _LISTS.search(document):
            yield pytest.param(folder, document, id=folder.name)


@pytest.mark.parametrize(("folder", "document"), list(_golden()))
def test_list_documents_of_the_golden_cases(orders: Large, folder: Path, document: str) -> None:
    """With cursors from the middle; what an offset skips is read, too."""
    _, readings = orders.asked(
        _COUNTED.sub("__typename", document), **_asked(orders, folder, document)
    )
    skipped = max(map(int, _SKIPPED.findall(document)), default=0)
    assert [found for found in readings if too_much(found, skipped)] == []


@pytest.mark.parametrize("name", _OF_ALL_ROWS)
def test_what_no_index_has_is_read_once(orders: Large, name: str) -> None:
    """Each row of what is sorted or grouped, and not those of other callers: read, found in what it
    leads to, kept, sorted and given back."""
    folder = GOLDEN / name
    document = (folder / "request.graphql").read_text()
    answer, readings = orders.asked(document, **_asked(orders, folder, document))
    assert "errors" not in answer.body
    with orders.connection.cursor() as cursor:
        rows = 0
        for each in _OF_ALL_ROWS[name]:
            cursor.execute(f"SELECT COUNT(*) {each}")  # constants
            rows += int(cursor.fetchall()[0][0])
    assert [found for found in readings if found.read > MOST_OF_ALL * rows + MOST_BESIDE] == []


def _asked(orders: Large, folder: Path, document: str) -> dict[str, Any]:
    """The variables of a golden case and its caller; cursors from the middle."""
    file = folder / "variables.json"
    variables = json.loads(file.read_text()) if file.exists() else {}
    for name, part in _CURSORS.items():
        if variables.get(name):
            variables[name] = _middle(orders, document, part)
    caller = folder / "caller.json"
    found = json.loads(caller.read_text()) if caller.exists() else None
    options: dict[str, Any] = {"variables": variables}
    if found:
        options["principal"] = token("reader", *found["scopes"], **found["claims"]).principal
    return options


def _middle(orders: Large, document: str, part: float) -> str:
    """A cursor of the list that the document pages."""
    model = orders.api.engine.model
    if "customers(" in document:
        field = model.tables["Customer"].fields["orders"]
        assert isinstance(field, ToMany)
        name, rows, table = "Customer.orders", field.rows, "orders"
    else:
        table = "products" if "products(" in document else "orders"
        root = model.roots[table]
        assert isinstance(root, RowsField)
        name, rows = f"Query.{table}", root
    places = orders.places(table, rows.order)
    return cursor_of(name, rows.order, places[int(len(places) * part)])
