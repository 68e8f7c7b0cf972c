"""Rows of every type in one table, and of types that nobody knows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.domains.database import Tables

TITLES = ("About", "about", "News", "Çay", "50%", "🎉", "", "News'); --")
KINDS = ("page", "post", "post", "goods", "goods", "draft", None, "Page")


def site_rows(seed: int = 11) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)
    posts = []
    for number in range(1, 61):
        kind = chance.choice(KINDS)
        is_goods = kind == "goods"
        posts.append(
            {
                "id": number,
                "kind": kind,
                "title": chance.choice(TITLES),
                "published": chance.choice(
                    [None, *(datetime(2026, 1, 1) + timedelta(days=day) for day in range(4))]
                ),
                "author": chance.choice([None, 1, 2, 3, 4, 99]),
                "parent": chance.choice([None, *range(1, 20), 99]),
                "menu_order": chance.randrange(5) if kind == "page" else None,
                "excerpt": chance.choice([None, "a", "b"]) if kind == "post" else None,
                "price": Decimal(chance.randrange(500)) / 4 if is_goods else None,
                "weight": chance.choice([0.1, 0.25, 12.5]) if is_goods else None,
            }
        )
    authors = [
        {"author_id": number, "name": chance.choice(TITLES), "favourite": chance.randrange(1, 70)}
        for number in range(1, 7)
    ]
    comments = [
        {
            "comment_id": number,
            "post": chance.choice([None, *range(1, 62)]),
            "text": chance.choice(TITLES),
        }
        for number in range(1, 121)
    ]
    return {"posts": posts, "authors": authors, "comments": comments}


def site_pools() -> dict[str, list[Any]]:
    """Values for filters, found and not."""
    ids = [*range(1, 30), 99, "7x", "", "gone"]
    times = ["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2030-01-01T00:00:00Z"]
    found: dict[str, list[Any]] = {
        "Post.excerpt": ["a", "b", "", "z"],
        "Page.menuOrder": [0, 1, 2, -1],
        "Author.name": [*TITLES, "none"],
        "Comment.text": [*TITLES, "none"],
    }
    for kind in ("Content", "Hit", "Page", "Post", "Goods"):
        found |= {
            f"{kind}.id": ids,
            f"{kind}.title": [*TITLES, "none"],
            f"{kind}.published": times,
        }
    return found
