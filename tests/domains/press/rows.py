"""Rows of three tenants and of nobody, of each kind, with and without what they lead to."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.domains.database import Tables

TENANTS = ("red", "red", "blue", "Red", "none")
WORDS = ("tea", "queso", "mix", "neil", "harbour", "the", "mi", "que-so")
KINDS = ("article", "article", "article", "advert", "draft", None)


def press_rows(seed: int = 24) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)

    def words() -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))

    desks = [
        {
            "desk_id": number,
            "tenant": chance.choice(TENANTS),
            "name": words(),
            "budget": chance.choice([None, 0, 10, 20, 500]),
        }
        for number in range(1, 10)
    ]
    writers = [
        {"writer_id": number, "name": words(), "desk_id": chance.choice([None, *range(1, 11)])}
        for number in range(1, 11)
    ]
    items = [
        {
            "item_id": number,
            "kind": chance.choice(KINDS),
            "title": words(),
            "body": chance.choice([None, words(), words()]),
            "desk_id": chance.choice([None, *range(1, 11)]),
            "writer_id": chance.choice([None, *range(1, 12)]),
            "owner": chance.choice(["ann", "bob", "Ann", None]),
            "year": chance.choice([None, 2023, 2024, 2025]),
            "made_on": chance.choice(
                [None, *(date(2026, 1, 1) + timedelta(days=day) for day in range(9))]
            ),
            "price": chance.choice([None, Decimal(chance.randrange(2000)) / 4]),
        }
        for number in range(1, 71)
    ]
    notes = [
        {
            "item_id": item,
            "number": number,
            "tenant": chance.choice(TENANTS),
            "stars": chance.choice([None, 1, 2, 3, 4, 5]),
            "text": chance.choice([None, "", words()]),
        }
        for item in range(1, 73)
        for number in range(1, 1 + chance.randrange(4))
    ]
    tags = [{"tag_id": number, "name": words()} for number in range(1, 7)]
    links = [
        {
            "item_id": item,
            "tag_id": tag,
            "tenant": chance.choice(TENANTS),
            "weight": chance.randrange(5),
        }
        for item in range(1, 72)
        for tag in chance.sample(range(1, 8), k=chance.randrange(4))
    ]
    return {
        "desks": desks,
        "writers": writers,
        "items": items,
        "notes": notes,
        "tags": tags,
        "item_tags": links,
    }


def press_pools() -> dict[str, list[Any]]:
    """Values for arguments by their scalar, found and not."""
    return {
        "ID": ["1", "3", "7", "red", "ann"],
        "Int": [2, 2024, 10],
        "String": ["tea", "queso mix", "m"],
        "Date": ["2026-01-04"],
        "Decimal": ["100", "250.5"],
    }
