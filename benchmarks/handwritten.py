"""The yardstick: one function per document, on aiomysql and orjson, with no GraphQL in it.

Written to be quick without being odd: as few statements as the documents allow and the joins that
MariaDB answers soonest, tuple cursors, dicts, one ``orjson.dumps``. Money arrives as text, because
the answers want it exact, and building ``Decimal`` would only cost time. Each function answers the
bytes of the whole response body.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import aiomysql
import orjson
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, through

from benchmarks.measure import Call

if TYPE_CHECKING:  # peers/python has no packages of the handler
    from handler.stores.url import DatabaseUrl

_CONVERSIONS = {**conversions, FIELD_TYPE.NEWDECIMAL: through}
_JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z

_LINE_TOTAL = "ROUND(i.quantity * i.unit_price * (1 - i.discount), 2)"

_ORDERS = """
SELECT o.order_id, o.order_ref, o.ordered_at, c.customer_id, c.name, c.country
FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT %s"""
_ITEMS = f"""
SELECT i.order_id, i.order_item_id, i.quantity, i.unit_price, {_LINE_TOTAL},
  p.product_id, p.product_name, p.price
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id IN %s ORDER BY i.order_id, i.order_item_id"""

_ORDER = """
SELECT o.order_id, o.order_ref, o.ordered_at, c.customer_id, c.name, c.country
FROM orders o JOIN customers c ON c.customer_id = o.customer_id WHERE o.order_id = %s"""

_CUSTOMERS = "SELECT customer_id, name FROM customers ORDER BY customer_id LIMIT %s"
_ORDERS_OF_ONE = """
(SELECT customer_id, order_id, ordered_at FROM orders
WHERE customer_id = %s ORDER BY ordered_at DESC, order_id DESC LIMIT %s)"""
_ITEMS_SHORT = f"""
SELECT i.order_id, i.quantity, {_LINE_TOTAL}, p.product_name
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id IN %s ORDER BY i.order_id, i.order_item_id"""

_TOTALS = f"""
SELECT o.order_id,
  (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.order_id),
  (SELECT COALESCE(SUM({_LINE_TOTAL}), 0) FROM order_items i WHERE i.order_id = o.order_id),
  c.customer_id, (SELECT COUNT(*) FROM orders r WHERE r.customer_id = c.customer_id)
FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT %s"""


@asynccontextmanager
async def open_pool(url: DatabaseUrl) -> AsyncIterator[Any]:
    """A pool of aiomysql as the compiled API has one: four connections, each commits by itself."""
    pool = await aiomysql.create_pool(
        minsize=1,
        maxsize=4,
        host=url.host,
        port=url.port,
        unix_socket=url.unix_socket,
        user=url.user,
        password=url.password,
        db=url.database,
        charset="utf8mb4",
        autocommit=True,
        conv=_CONVERSIONS,
    )
    try:
        yield pool
    finally:
        pool.close()
        await pool.wait_closed()


def in_list(values: Collection[object]) -> str:
    """A placeholder for each, because aiomysql 0.3.2 takes no lists as parameters."""
    return f"({', '.join(['%s'] * len(values))})"


class OrderCursors:
    """Writes cursors of the list of orders as the API does, whose bytes have to be met."""

    def __init__(self, example: str) -> None:
        """``example``: any cursor of that list; its first parts are the same in all of them."""
        self.head = orjson.loads(urlsafe_b64decode(example + "=" * (-len(example) % 4)))[:2]

    def write(self, ordered_at: datetime, order_id: str) -> str:
        """The position of one order."""
        values = [*self.head, f"{ordered_at:%Y-%m-%d %H:%M:%S.%f}", order_id]
        return urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


class Handwritten:
    """A method for each document."""

    def __init__(self, pool: Any, cursors: OrderCursors) -> None:
        self._pool = pool
        self._cursors = cursors

    def call(self, name: str, variables: Mapping[str, Any]) -> Call:
        """The call for a document by its name."""
        methods: dict[str, Callable[..., Awaitable[bytes]]] = {
            "page": self.page,
            "lookup": self.lookup,
            "nested": self.nested,
            "totals": self.totals,
        }
        return partial(methods[name], *variables.values())

    async def page(self, first: int) -> bytes:
        """The orders with customer, items and products."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_ORDERS, (first + 1,))
            orders = await cursor.fetchall()
            has_more = len(orders) > first
            orders = orders[:first]
            await cursor.execute(_ITEMS % in_list(orders), [row[0] for row in orders])
            lines = await cursor.fetchall()
        items: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in orders}
        for order_id, number, quantity, unit_price, total, product_id, name, price in lines:
            items[order_id].append(
                {
                    "orderItemId": str(number),
                    "quantity": quantity,
                    "unitPrice": unit_price,
                    "lineTotal": total,
                    "product": {
                        "productId": product_id,
                        "productName": name,
                        "price": float(price),
                        "exactPrice": price,
                    },
                }
            )
        nodes = [
            {
                "orderId": order_id,
                "orderRef": order_ref,
                "orderedAt": ordered_at,
                "customer": {"customerId": customer_id, "name": name, "country": country},
                "items": items[order_id],
            }
            for order_id, order_ref, ordered_at, customer_id, name, country in orders
        ]
        end = self._cursors.write(orders[-1][2], orders[-1][0]) if orders else None
        return _body({"orders": _connection(nodes, {"hasNextPage": has_more, "endCursor": end})})

    async def lookup(self, order_id: str) -> bytes:
        """One order with its customer."""
        rows = await self._all(_ORDER, (order_id,))
        order = None
        if rows:
            order_id, order_ref, ordered_at, customer_id, name, country = rows[0]
            order = {
                "orderId": order_id,
                "orderRef": order_ref,
                "orderedAt": ordered_at,
                "customer": {"customerId": customer_id, "name": name, "country": country},
            }
        return _body({"order": order})

    async def nested(self, customers: int, orders: int) -> bytes:
        """A page of customers, each with a page of orders, each with its items."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_CUSTOMERS, (customers,))
            people = await cursor.fetchall()
            union = " UNION ALL ".join([_ORDERS_OF_ONE] * len(people))
            await cursor.execute(union, [v for row in people for v in (row[0], orders + 1)])
            placed = await cursor.fetchall()
            orders_of: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in people}
            items: dict[str, list[dict[str, Any]]] = {}
            for customer_id, order_id, ordered_at in placed:
                items[order_id] = []
                order = {"orderId": order_id, "orderedAt": ordered_at, "items": items[order_id]}
                orders_of[customer_id].append(order)
            shown = [each["orderId"] for page in orders_of.values() for each in page[:orders]]
            await cursor.execute(_ITEMS_SHORT % in_list(shown), shown)
            for order_id, quantity, total, name in await cursor.fetchall():
                items[order_id].append(
                    {"quantity": quantity, "lineTotal": total, "product": {"productName": name}}
                )
        nodes = [
            {
                "customerId": customer_id,
                "name": name,
                "orders": _connection(
                    orders_of[customer_id][:orders],
                    {"hasNextPage": len(orders_of[customer_id]) > orders},
                ),
            }
            for customer_id, name in people
        ]
        return _body({"customers": {"nodes": nodes}})

    async def totals(self, first: int) -> bytes:
        """Counts and sums of a page of orders."""
        nodes = [
            {
                "orderId": order_id,
                "itemCount": items,
                "total": total,
                "customer": {"customerId": customer_id, "orderCount": orders},
            }
            for order_id, items, total, customer_id, orders in await self._all(_TOTALS, (first,))
        ]
        return _body({"orders": {"nodes": nodes}})

    async def _all(self, statement: str, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(statement, parameters)
            rows: Sequence[tuple[Any, ...]] = await cursor.fetchall()
            return rows


def _connection(nodes: list[dict[str, Any]], page_info: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": nodes, "pageInfo": page_info}


def _body(data: dict[str, Any]) -> bytes:
    return orjson.dumps({"data": data}, option=_JSON)
