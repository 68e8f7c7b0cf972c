"""The example's four tables, lines of orders for them, and what the ingest has made of these."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest

from handler.jobs.ingest import InputMapping, Report, ingest
from handler.jobs.migrate import migrate
from handler.stores.url import DatabaseUrl
from tests.integration.servers import MIGRATIONS, ORDERS, fetch_rows

TABLES = ("customers", "products", "orders", "order_items")


@pytest.fixture
def shop(database: DatabaseUrl) -> DatabaseUrl:
    """The four tables, empty."""
    asyncio.run(migrate(database, MIGRATIONS))
    return database


def dump(url: DatabaseUrl) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the four tables."""
    return {table: sorted(fetch_rows(url, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def order_line(order: int | str, product: str = "p", **values: object) -> dict[str, object]:
    return {"orderId": order, "customerId": "c", "productId": product, "price": 5} | values


def jsonl(records: Iterable[dict[str, object]]) -> io.BytesIO:
    return io.BytesIO("\n".join(map(json.dumps, records)).encode())


def load(
    url: DatabaseUrl,
    records: Iterable[dict[str, object]],
    mapping: InputMapping = ORDERS,
    **options: Any,
) -> Report:
    return asyncio.run(ingest(url, jsonl(records), mapping, **options))


def items(url: DatabaseUrl) -> list[tuple[object, ...]]:
    return fetch_rows(
        url, "SELECT order_id, order_item_id, product_id FROM order_items ORDER BY 1, 2"
    )
