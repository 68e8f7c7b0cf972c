"""The floor of Python: one statement for each request, its answer turned into JSON in one pass.

Nothing is checked and nothing is kept: no rows, no dictionaries, no errors. The server quotes texts
and writes the instants, so that a value costs a slice of the buffer. No API could be written so; it
shows what is left for one that is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from benchmarks.handwritten import OrderCursors
from benchmarks.measure import Call

_CHUNK_BYTES = 1 << 20
_INSTANT = "DATE_FORMAT(o.ordered_at, '\"%Y-%m-%dT%H:%i:%sZ\"')"

_PRODUCT = """
SELECT JSON_QUOTE(product_id), JSON_QUOTE(product_name) FROM products WHERE product_id = '11'"""
_ORDER = f"""
SELECT JSON_QUOTE(o.order_id), {_INSTANT}, JSON_QUOTE(c.name),
  i.quantity, i.unit_price, JSON_QUOTE(p.product_name)
FROM orders o JOIN customers c ON c.customer_id = o.customer_id
  JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id
WHERE o.order_id = '10248' ORDER BY i.order_item_id"""
# In this order of tables, which MariaDB does not choose for as few rows.
_TEN = f"""
SELECT STRAIGHT_JOIN JSON_QUOTE(o.order_id), {_INSTANT}, i.quantity, JSON_QUOTE(p.product_name)
FROM (SELECT order_id, ordered_at FROM orders WHERE customer_id = 'QUICK'
  ORDER BY ordered_at DESC, order_id DESC LIMIT 10) o
  JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id
ORDER BY o.ordered_at DESC, o.order_id DESC, i.order_item_id"""
_HUNDRED = f"""
SELECT STRAIGHT_JOIN JSON_QUOTE(o.order_id), {_INSTANT}, JSON_QUOTE(c.name),
  i.quantity, JSON_QUOTE(p.product_name)
FROM (SELECT order_id, ordered_at, customer_id FROM orders
  ORDER BY ordered_at DESC, order_id DESC LIMIT 101) o
  JOIN customers c ON c.customer_id = o.customer_id
  JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id
ORDER BY o.ordered_at DESC, o.order_id DESC, i.order_item_id"""


class OnePass:
    """A method for each request, over one open connection of aiomysql."""

    def __init__(self, connection: Any, cursors: OrderCursors) -> None:
        self._reader = connection._reader
        self._writer = connection._writer
        self._cursors = cursors

    def call(self, name: str) -> Call:
        """The call for a request by its name."""
        calls: dict[str, Callable[[], Awaitable[bytes]]] = {
            "product": self.product,
            "order": self.order,
            "ten": self.ten,
            "ten_variables": self.ten,
            "hundred": self.hundred,
        }
        return calls[name]

    async def product(self) -> bytes:
        """One product."""
        row = _rows(await self._ask(_PRODUCT), 2)[0]
        return b'{"data":{"product":{"productId":%b,"productName":%b}}}' % row

    async def order(self) -> bytes:
        """One order with its customer and its items."""
        rows = _rows(await self._ask(_ORDER), 6)
        items = b",".join(
            [b'{"quantity":%b,"unitPrice":"%b","product":{"productName":%b}}' % r[3:] for r in rows]
        )
        return (
            b'{"data":{"order":{"orderId":%b,"orderedAt":%b,"customer":{"name":%b},"items":[%b]}}}'
            % (*rows[0][:3], items)
        )

    async def ten(self) -> bytes:
        """The newest orders of a customer with their items."""
        nodes: list[bytes] = []
        last: bytes | None = None
        for order_id, ordered_at, quantity, name in _rows(await self._ask(_TEN), 4):
            item = b'{"quantity":%b,"product":{"productName":%b}}' % (quantity, name)
            if order_id == last:
                nodes[-1] += b"," + item
            else:
                last = order_id
                nodes += [b'{"orderId":%b,"orderedAt":%b,"items":[' % (order_id, ordered_at) + item]
        return b'{"data":{"orders":{"nodes":[%b]}}}' % b"]},".join([*nodes, b""])[:-1]

    async def hundred(self) -> bytes:
        """The newest orders with customer and items."""
        nodes: list[bytes] = []
        ids, instants = [b""], [b""]
        for order_id, at, customer, quantity, name in _rows(await self._ask(_HUNDRED), 5):
            item = b'{"quantity":%b,"product":{"productName":%b}}' % (quantity, name)
            if order_id == ids[-1]:
                nodes[-1] += b"," + item
            else:
                ids += [order_id]
                instants += [at]
                head = b'{"orderId":%b,"orderedAt":%b,"customer":{"name":%b},"items":['
                nodes += [head % (order_id, at, customer) + item]
        end = self._cursors.write(
            datetime.fromisoformat(instants[100].decode()[1:-2]), ids[100].decode()[1:-1]
        )
        return b'{"data":{"orders":{"nodes":[%b],"pageInfo":%b}}}' % (
            b"]},".join([*nodes[:100], b""])[:-1],
            b'{"hasNextPage":%b,"endCursor":"%b"}'
            % (b"true" if nodes[100:] else b"false", end.encode()),
        )

    async def _ask(self, statement: str) -> bytes:
        """All packets of the answer, to its last one."""
        text = b"\x03" + statement.encode()
        self._writer.write(len(text).to_bytes(3, "little") + b"\0" + text)
        answer: bytes = await self._reader.read(_CHUNK_BYTES)
        while answer[-9:-6] != b"\x05\0\0" or answer[-5] != 0xFE:
            answer += await self._reader.read(_CHUNK_BYTES)
        return answer


def _rows(answer: bytes, columns: int) -> list[tuple[bytes, ...]]:
    """The values of each row. No text here is longer than 250 bytes, and none is NULL."""
    at = 0
    for _ in range(columns + 2):  # their number, each of them, the end of them
        at += 4 + answer[at] + (answer[at + 1] << 8)
    rows: list[tuple[bytes, ...]] = []
    while answer[at + 4] != 0xFE:
        at += 4
        row: tuple[bytes, ...] = ()
        for _ in range(columns):
            end = at + 1 + answer[at]
            row += (answer[at + 1 : end],)
            at = end
        rows += [row]
    return rows
