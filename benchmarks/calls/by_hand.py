"""The yardstick: a function for each request, on aiomysql and orjson, with no GraphQL in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import orjson

from benchmarks.handwritten import OrderCursors, in_list
from benchmarks.measure import Call

_JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z

_PRODUCT = "SELECT product_id, product_name FROM products WHERE product_id = %s"
_ORDER = """
SELECT o.order_id, o.ordered_at, c.name
FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id WHERE o.order_id = %s"""
_ITEMS_OF_ONE = """
SELECT i.quantity, i.unit_price, p.product_name
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id = %s ORDER BY i.order_item_id"""
_TEN = """
SELECT order_id, ordered_at FROM orders WHERE customer_id = %s
ORDER BY ordered_at DESC, order_id DESC LIMIT %s"""
_ITEMS = """
SELECT i.order_id, i.quantity, p.product_name
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id IN %s ORDER BY i.order_id, i.order_item_id"""
_HUNDRED = """
SELECT o.order_id, o.ordered_at, c.name
FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT %s"""


class ByHand:
    """A method for each request; ``call`` gives it by the request's name."""

    def __init__(self, pool: Any, cursors: OrderCursors) -> None:
        self._pool = pool
        self._cursors = cursors

    def call(self, name: str) -> Call:
        """The call for a request by its name."""
        calls: dict[str, Callable[[], Awaitable[bytes]]] = {
            "product": lambda: self.product("11"),
            "order": lambda: self.order("10248"),
            "ten": lambda: self.ten("QUICK", 10),
            "ten_variables": lambda: self.ten("QUICK", 10),
            "hundred": lambda: self.hundred(100),
        }
        return calls[name]

    async def product(self, product_id: str) -> bytes:
        """One product."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_PRODUCT, (product_id,))
            rows = await cursor.fetchall()
        product = {"productId": rows[0][0], "productName": rows[0][1]} if rows else None
        return _body({"product": product})

    async def order(self, order_id: str) -> bytes:
        """One order with its customer and its items."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_ORDER, (order_id,))
            rows = await cursor.fetchall()
            await cursor.execute(_ITEMS_OF_ONE, (order_id,))
            lines = await cursor.fetchall()
        order = None
        if rows:
            order = {
                "orderId": rows[0][0],
                "orderedAt": rows[0][1],
                "customer": {"name": rows[0][2]},
                "items": [
                    {"quantity": quantity, "unitPrice": price, "product": {"productName": name}}
                    for quantity, price, name in lines
                ],
            }
        return _body({"order": order})

    async def ten(self, customer_id: str, first: int) -> bytes:
        """The newest orders of a customer with their items."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_TEN, (customer_id, first))
            orders = await cursor.fetchall()
            items = await self._items(cursor, orders)
        nodes = [
            {"orderId": order_id, "orderedAt": ordered_at, "items": items[order_id]}
            for order_id, ordered_at in orders
        ]
        return _body({"orders": {"nodes": nodes}})

    async def hundred(self, first: int) -> bytes:
        """The newest orders with customer and items."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_HUNDRED, (first + 1,))
            found = await cursor.fetchall()
            orders: Sequence[tuple[str, datetime, str]] = found[:first]
            items = await self._items(cursor, orders)
        nodes = [
            {
                "orderId": order_id,
                "orderedAt": ordered_at,
                "customer": {"name": name},
                "items": items[order_id],
            }
            for order_id, ordered_at, name in orders
        ]
        end = self._cursors.write(orders[-1][1], orders[-1][0]) if orders else None
        page_info = {"hasNextPage": len(found) > first, "endCursor": end}
        return _body({"orders": {"nodes": nodes, "pageInfo": page_info}})

    async def _items(self, cursor: Any, orders: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
        items: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in orders}
        await cursor.execute(_ITEMS % in_list(orders), list(items))
        for order_id, quantity, name in await cursor.fetchall():
            items[order_id].append({"quantity": quantity, "product": {"productName": name}})
        return items


def _body(data: dict[str, Any]) -> bytes:
    return orjson.dumps({"data": data}, option=_JSON)
