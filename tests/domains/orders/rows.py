"""Orders with broken references, equal times, returns, and names of every kind."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal

from tests.domains.database import Tables

NAMES = (
    "Tea",
    "tea",
    "TEA",
    "Pâté",
    "pate",
    "Queso",
    "Çay",
    "大豆",
    "🎉",
    "🎊",
    "50% Mix",
    "x_y",
    "O'Neil",
)


def order_rows(seed: int = 5) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)
    people = ["VINET", "vinet", "1", "10", "2", "O'Neil", "大", "85123A"]
    goods = ["notebook", "11", "2", "🎉", "Back\\slash", "85123A", "85123a", "x y"]
    identifiers = [str(number) for number in range(1, 31)]
    times = [
        None,
        datetime(1996, 7, 4),
        datetime(1996, 7, 4),
        datetime(2026, 11, 23, 8, 30, 0, 123456),
    ]
    customers = [
        {
            "customer_id": person,
            "name": chance.choice([None, *NAMES]),
            "country": chance.choice([None, "France", "日本"]),
        }
        for person in people
    ]
    products = [
        {
            "product_id": product,
            "product_name": chance.choice(NAMES),
            "price": chance.choice(
                [Decimal("0.0000"), Decimal("19.9900"), Decimal("123456789012345.6789")]
            ),
        }
        for product in goods
    ]
    orders = [
        {
            "order_id": identifier,
            "order_ref": chance.choice([f"NW-{identifier}", "same", "🎉"]),
            "ordered_at": chance.choice(times),
            "customer_id": chance.choice([*people, *people, "nobody"]),
        }
        for identifier in identifiers
    ]
    items = [
        {
            "order_id": identifier,
            "order_item_id": number,
            "product_id": chance.choice([*goods, *goods, "gone"]),
            "quantity": chance.choice([1, 12, -3, 0]),
            "unit_price": chance.choice(
                [Decimal("19.9900"), Decimal("0.0050"), Decimal("14.0000")]
            ),
            "discount": chance.choice([Decimal("0.0000"), Decimal("0.2500"), Decimal("1.0000")]),
        }
        for identifier in [*identifiers[:-4], "lost"]
        for number in range(1, chance.choice([2, 2, 4, 7]))
    ]
    return {"customers": customers, "products": products, "orders": orders, "order_items": items}
