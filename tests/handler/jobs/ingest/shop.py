"""The order tables as the database has them, and the mapping that feeds them."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import msgspec

from handler.jobs.ingest.catalog import ColumnType, TableType
from handler.jobs.ingest.line import LineReader, build_layout
from handler.jobs.ingest.mapping import Dialect, InputMapping
from tests.integration.servers import ORDERS


def varchar(limit: int, *, null: bool = False, words: str = "utf8mb4_bin") -> ColumnType:
    return ColumnType(
        kind="varchar",
        text=f"varchar({limit})",
        characters=limit,
        collation=words,
        is_nullable=null,
    )


def decimal(precision: int, scale: int, *, has_default: bool = False) -> ColumnType:
    return ColumnType(
        kind="decimal",
        text=f"decimal({precision},{scale})",
        precision=precision,
        scale=scale,
        is_nullable=False,
        has_default=has_default,
    )


def whole(kind: str, *, text: str = "") -> ColumnType:
    return ColumnType(kind=kind, text=text or kind, is_nullable=False)


INSTANT: Final = ColumnType(kind="datetime", text="datetime(6)")
NAME: Final = varchar(255, null=True, words="utf8mb4_unicode_ci")
ID: Final = varchar(64)

TYPES: Final = {
    "customers": TableType(
        {
            "customer_id": ID,
            "name": NAME,
            "country": varchar(100, null=True, words="utf8mb4_unicode_ci"),
        },
        [("customer_id",)],
    ),
    "products": TableType(
        {
            "product_id": ID,
            "product_name": varchar(255, words="utf8mb4_unicode_520_ci"),
            "price": decimal(19, 4),
        },
        [("product_id",)],
    ),
    "orders": TableType(
        {
            "order_id": ID,
            "order_ref": varchar(64, words="utf8mb4_unicode_ci"),
            "ordered_at": INSTANT,
            "customer_id": ID,
        },
        [("order_id",)],
    ),
    "order_items": TableType(
        {
            "order_id": ID,
            "order_item_id": whole("int", text="int(10) unsigned"),
            "product_id": ID,
            "quantity": whole("int", text="int(11)"),
            "unit_price": decimal(19, 4),
            "discount": decimal(5, 4, has_default=True),
        },
        [("order_id", "order_item_id")],
    ),
}
NAMES: Final = (
    *("customerId", "customerName", "country", "productId", "productName", "today", "orderId"),
    *("orderRef", "orderedAt", "orderItemId", "quantity", "price", "discount"),
)


def mapping_of(
    columns: dict[str, str] | None = None, defaults: dict[str, str] | None = None, **dialect: Any
) -> InputMapping:
    """The mapping of orders with some settings of its own."""
    return dataclasses.replace(
        ORDERS,
        columns=columns or {},
        defaults=defaults or {},
        dialect=msgspec.structs.replace(Dialect(), **dialect),
    )


def reader_of(mapping: InputMapping = ORDERS) -> LineReader:
    return LineReader(build_layout(mapping, TYPES), mapping)


def read(mapping: InputMapping = ORDERS, /, **values: object) -> dict[str, Any]:
    """The values of a line by their names; ``today`` is what a product costs."""
    return dict(zip(NAMES, reader_of(mapping).read(values), strict=True))
