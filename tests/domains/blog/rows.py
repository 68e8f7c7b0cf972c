"""Rows that conditions hide beside rows that they show, and first rows that are equal or none."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.domains.database import Tables

USERS = ("ann", "Ann", "bo", "cy", "di")
TITLES = ("Ada", "ada", "Bo'); --", "50%", "🎉", "")
TIMES = (None, datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 5), datetime(2026, 2, 1))


def blog_rows(seed: int = 3) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)
    users = [
        {
            "user_id": name,
            "team": "blue" if name in ("ann", "cy") else "red",
            "gone": int(name == "di"),
        }
        for name in USERS
    ]
    entries = [
        {
            "entry_id": number,
            "kind": chance.choice([*["post"] * 5, "page", "page", "note", "home"]),
            "user_id": chance.choice([None, "nobody", *USERS, *USERS]),
            "parent_id": chance.choice([None, *range(1, 42)]),
            "title": chance.choice(TITLES),
            "state": chance.choice(["draft", "live", "live"]),
            "place": chance.choice([None, 1, 1, 2, 3, 2**31 - 1]),
            "price": chance.choice([None, Decimal("0.00"), Decimal("9.50"), Decimal("9.51")]),
            "deleted_at": chance.choice([*[None] * 4, datetime(2020, 1, 1)]),
        }
        for number in range(1, 41)
    ]
    comments = [
        {
            "comment_id": number,
            "subject_kind": chance.choice(["post", "post", "page", "film"]),
            "subject_id": chance.randrange(1, 43),
            "text": chance.choice(TITLES),
            "score": chance.choice([None, 0.1, 1.5, 2.25]),
            "written_at": chance.choice(TIMES),
        }
        for number in range(1, 160)
    ]
    tags = [{"tag_id": number, "name": chance.choice(TITLES)} for number in range(1, 10)]
    pairs = {(chance.randrange(1, 42), chance.randrange(1, 11)) for _ in range(180)}
    links = [
        {
            "entry_id": entry,
            "tag_id": tag,
            "weight": chance.choice([None, 1, 2, 2, 3, 4]),
            "hidden": chance.choice([0, 0, 1]),
        }
        for entry, tag in sorted(pairs)
    ]
    texts = [
        {"entry_id": entry, "language_id": language, "body": chance.choice(TITLES)}
        for entry in range(1, 41)
        for language in (1, 2, 3)
        if chance.random() < 0.6
    ]
    attributes = [
        {"entry_id": entry, "name": name, "value": chance.choice([None, "red", "blue"])}
        for entry in range(1, 41)
        for name in ("colour", "size")
        if chance.random() < 0.6
    ]
    return {
        "users": users,
        "entries": entries,
        "comments": comments,
        "tags": tags,
        "entry_tags": links,
        "texts": texts,
        "attributes": attributes,
    }


def blog_pools() -> dict[str, list[Any]]:
    """Values for filters of the blog, found and not."""
    return {
        "Post.postId": [*range(1, 42), "x"],
        "Page.pageId": [*range(1, 42), "x"],
        "Post.title": [*TITLES, "a"],
        "Page.title": [*TITLES, "a"],
        "Post.state": ["DRAFT", "LIVE"],
        "Post.place": [1, 2, 3, 7],
        "User.team": ["red", "blue", ""],
        "Comment.text": [*TITLES, "a"],
        "Comment.subjectKind": ["post", "page", "film", "x"],
        "Tag.name": [*TITLES, "a"],
        "Text.languageId": [1, 2, 3, 9],
        "Text.body": [*TITLES, "a"],
        "Attribute.value": ["red", "blue", "x"],
    }
