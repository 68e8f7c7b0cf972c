"""The same answers by resolvers: one loader for each level, shared by the engines that need them.

A loader collects the keys that the siblings of one level ask for and fetches them by one statement.
Parents are dicts by GraphQL names, which these engines read without a resolver for each leaf.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from benchmarks.handwritten import OrderCursors, in_list

Node: TypeAlias = dict[str, Any]
K = TypeVar("K")
V = TypeVar("V")

_LINE_TOTAL = "ROUND(quantity * unit_price * (1 - discount), 2)"


class Loader(Generic[K, V]):
    """Keys of one level -> one call of ``fetch``. Made for one request, so it also remembers."""

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._fetch = fetch
        self._known: dict[K, asyncio.Future[V]] = {}
        self._waiting: list[K] = []
        self._running: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> asyncio.Future[V]:
        """The value of one key, once the level's statement has answered."""
        known = self._known.get(key)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._dispatch)  # behind all siblings that are ready now
        self._waiting.append(key)
        future = self._known[key] = loop.create_future()
        return future

    def _dispatch(self) -> None:
        keys, self._waiting = self._waiting, []
        task = asyncio.ensure_future(self._answer(keys))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, keys: Sequence[K]) -> None:
        try:
            found = await self._fetch(keys)
            for key in keys:
                self._known[key].set_result(found[key])
        except Exception as error:
            for key in keys:
                if not self._known[key].done():
                    self._known[key].set_exception(error)


class Shop:
    """The loaders of one request over a pool of aiomysql."""

    def __init__(self, pool: Any, cursors: OrderCursors, loader: Any = Loader) -> None:
        """``loader`` makes a loader of a method; engines that have their own give it."""
        self._pool = pool
        self._cursors = cursors
        self.customers: Loader[str, Node] = loader(self._customers)
        self.products: Loader[str, Node] = loader(self._products)
        self.items: Loader[str, list[Node]] = loader(self._items)
        self.sums: Loader[str, tuple[int, str]] = loader(self._sums)
        self.order_counts: Loader[str, int] = loader(self._order_counts)
        self.pages: Loader[tuple[str, int], Node] = loader(self._pages)

    async def order(self, order_id: str) -> Node | None:
        """One order, or None."""
        rows = await self._rows(
            "SELECT order_id, order_ref, ordered_at, customer_id FROM orders WHERE order_id = %s",
            (order_id,),
        )
        return _order(rows[0]) if rows else None

    async def orders(self, first: int) -> Node:
        """The newest orders."""
        rows = await self._rows(
            "SELECT order_id, order_ref, ordered_at, customer_id FROM orders"
            " ORDER BY ordered_at DESC, order_id DESC LIMIT %s",
            (first + 1,),
        )
        return self._connection(rows, first)

    async def customer_page(self, first: int) -> Node:
        """Customers by their id."""
        rows = await self._rows(
            "SELECT customer_id, name, country FROM customers ORDER BY customer_id LIMIT %s",
            (first + 1,),
        )
        nodes = [_customer(row) for row in rows[:first]]
        return {"nodes": nodes, "pageInfo": {"hasNextPage": len(rows) > first, "endCursor": None}}

    def _connection(self, rows: Sequence[tuple[Any, ...]], first: int) -> Node:
        shown = rows[:first]
        end = self._cursors.write(shown[-1][2], shown[-1][0]) if shown else None
        page_info = {"hasNextPage": len(rows) > first, "endCursor": end}
        return {"nodes": [_order(row) for row in shown], "pageInfo": page_info}

    async def _customers(self, ids: Sequence[str]) -> Mapping[str, Node]:
        rows = await self._rows(
            f"SELECT customer_id, name, country FROM customers WHERE customer_id IN {in_list(ids)}",
            ids,
        )
        return {row[0]: _customer(row) for row in rows}

    async def _products(self, ids: Sequence[str]) -> Mapping[str, Node]:
        rows = await self._rows(
            "SELECT product_id, product_name, price FROM products"
            f" WHERE product_id IN {in_list(ids)}",
            ids,
        )
        return {
            product_id: {
                "productId": product_id,
                "productName": name,
                "price": float(price),
                "exactPrice": price,
            }
            for product_id, name, price in rows
        }

    async def _items(self, order_ids: Sequence[str]) -> Mapping[str, list[Node]]:
        items: dict[str, list[Node]] = {order_id: [] for order_id in order_ids}
        for order_id, number, quantity, unit_price, total, product_id in await self._rows(
            f"SELECT order_id, order_item_id, quantity, unit_price, {_LINE_TOTAL}, product_id"
            f" FROM order_items WHERE order_id IN {in_list(order_ids)}"
            " ORDER BY order_id, order_item_id",
            order_ids,
        ):
            items[order_id].append(
                {
                    "orderItemId": str(number),
                    "quantity": quantity,
                    "unitPrice": unit_price,
                    "lineTotal": total,
                    "product_id": product_id,
                }
            )
        return items

    async def _sums(self, order_ids: Sequence[str]) -> Mapping[str, tuple[int, str]]:
        rows = await self._rows(
            f"SELECT order_id, COUNT(*), SUM({_LINE_TOTAL}) FROM order_items"
            f" WHERE order_id IN {in_list(order_ids)} GROUP BY order_id",
            order_ids,
        )
        return dict.fromkeys(order_ids, (0, "0")) | {
            order_id: (count, total) for order_id, count, total in rows
        }

    async def _order_counts(self, customer_ids: Sequence[str]) -> Mapping[str, int]:
        rows = await self._rows(
            "SELECT customer_id, COUNT(*) FROM orders"
            f" WHERE customer_id IN {in_list(customer_ids)} GROUP BY customer_id",
            customer_ids,
        )
        return dict.fromkeys(customer_ids, 0) | dict(rows)

    async def _pages(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Node]:
        one = (
            "(SELECT order_id, order_ref, ordered_at, customer_id FROM orders"
            " WHERE customer_id = %s ORDER BY ordered_at DESC, order_id DESC LIMIT %s)"
        )
        parameters = [value for key, first in keys for value in (key, first + 1)]
        rows: dict[str, list[tuple[Any, ...]]] = {key: [] for key, _ in keys}
        for row in await self._rows(" UNION ALL ".join([one] * len(keys)), parameters):
            rows[row[3]].append(row)
        return {(key, first): self._connection(rows[key], first) for key, first in keys}

    async def _rows(self, statement: str, parameters: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(statement, parameters)
            rows: Sequence[tuple[Any, ...]] = await cursor.fetchall()
            return rows


def _order(row: tuple[Any, ...]) -> Node:
    order_id, order_ref, ordered_at, customer_id = row
    return {
        "orderId": order_id,
        "orderRef": order_ref,
        "orderedAt": f"{ordered_at.isoformat()}Z",
        "customer_id": customer_id,
    }


def _customer(row: tuple[Any, ...]) -> Node:
    customer_id, name, country = row
    return {"customerId": customer_id, "name": name, "country": country}


async def _item_count(shop: Shop, order: Node, arguments: Node) -> int:
    return (await shop.sums.load(order["orderId"]))[0]


async def _total(shop: Shop, order: Node, arguments: Node) -> str:
    return (await shop.sums.load(order["orderId"]))[1]


# What a field of a type needs beyond its parent's dict.
RESOLVERS: Mapping[tuple[str, str], Callable[[Shop, Node, Node], Awaitable[Any]]] = {
    ("Query", "order"): lambda shop, _, given: shop.order(given["orderId"]),
    ("Query", "orders"): lambda shop, _, given: shop.orders(given["first"]),
    ("Query", "customers"): lambda shop, _, given: shop.customer_page(given["first"]),
    ("Customer", "orders"): lambda shop, customer, given: shop.pages.load(
        (customer["customerId"], given["first"])
    ),
    ("Customer", "orderCount"): lambda shop, customer, _: shop.order_counts.load(
        customer["customerId"]
    ),
    ("Order", "customer"): lambda shop, order, _: shop.customers.load(order["customer_id"]),
    ("Order", "items"): lambda shop, order, _: shop.items.load(order["orderId"]),
    ("Order", "itemCount"): _item_count,
    ("Order", "total"): _total,
    ("OrderItem", "product"): lambda shop, item, _: shop.products.load(item["product_id"]),
}
