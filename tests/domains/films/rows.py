"""Links with everything that goes wrong: NULLs, equal values, both ends missing, pairs twice."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.domains.database import RawRow, Tables

NAMES = ("Ada", "ada", "Bo", "Bo'); --", "Çelik", "50%", "🎉", "")
PARTS = ("Hero", "hero", "Villain", "🎉 Guest", "", None, None)
ACTORS = ("a1", "A1", "a2", "a3", "b", "ä", "c1", "c2", "c3", "c4", "c5", "c6")
HALLS = (("DE", 1), ("DE", 2), ("de", 1), ("JP", 1), ("JP", -7))


def films_rows(seed: int = 7) -> Tables:
    """The same rows for the same seed."""
    chance = random.Random(seed)
    films = [
        {
            "film_id": number,
            "title": chance.choice(NAMES),
            "minutes": chance.choice([None, 0, 90, 90, 2**31 - 1]),
        }
        for number in (*range(1, 13), 40)  # the last without any link
    ]
    actors = [
        {
            "actor_id": name,
            "last_name": chance.choice(NAMES),
            "born": chance.choice([None, date(1950, 1, 1), date(1960, 5, 5)]),
        }
        for name in ACTORS
    ]
    pairs = {(chance.randrange(1, 15), chance.choice([*ACTORS, "gone"])) for _ in range(100)}
    parts = [
        {
            "film_id": film,
            "actor_id": actor,
            "billing": chance.choice([None, 1, 1, 2, 3]),
            "part": chance.choice(PARTS),
            "fee": chance.choice([None, Decimal("0.00"), Decimal("10.50"), Decimal("-3.25")]),
            "signed": chance.choice([None, datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 5)]),
            "kind": chance.choice(["l", "x"]),
        }
        for film, actor in sorted(pairs)
    ]
    halls = [
        {"country": country, "number": number, "seats": chance.choice([None, 10, 200])}
        for country, number in HALLS
    ]
    shows = []
    for number in range(1, 90):
        country, hall = chance.choice([*HALLS, *HALLS, ("DE", 9), (None, 1)])
        shows.append(
            {
                "show_id": number if number % 9 else 2**53 + number,
                "film": chance.choice([None, *range(1, 8), 99]),
                "hall_country": country,
                "hall_number": hall,
                "starts": chance.choice(
                    [None, *(datetime(2026, 1, 1) + timedelta(hours=n) for n in range(3))]
                ),
                "sold": chance.randrange(3),
            }
        )
    friends = [
        {"one": one, "other": other, "since": chance.choice([None, date(2000, 2, 29)])}
        for one, other in sorted(
            {(chance.choice([*ACTORS, "gone"]), chance.choice(ACTORS)) for _ in range(50)}
        )
    ]
    agents = [
        {"client": actor, "agent": chance.choice([None, "gone", *ACTORS])} for actor in ACTORS[::2]
    ]
    return {
        "films": films,
        "actors": actors,
        "credits": parts,
        "halls": halls,
        "shows": shows,
        "friends": friends,
        "agents": agents,
    }


def films_pools() -> dict[str, list[Any]]:
    """Values for filters of the films, found and not."""
    return {
        "Film.filmId": [*range(1, 16), "40", "1a"],
        "Entry.caption": [*NAMES, "DE", "jp", "a", "\U0001f389"],
        "Actor.actorId": [*ACTORS, "gone", ""],
        "Actor.lastName": [*NAMES, "a"],
        "Actor.born": ["1950-01-01", "1960-05-05", "2000-01-01"],
        "Actor.edge.billing": [1, 2, 3, 4],
        "Actor.edge.signed": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000005Z"],
        "Actor.edge.kind": ["LEAD", "EXTRA"],
        "Actor.edge.label": ["Hero 100% l", "hero 100% l", "x"],
        "Actor.edge.fee": ["0.00", "10.5", "-3.25"],
        "Actor.edge.since": ["2000-02-29", "1999-01-01"],
        "Actor.edge.part": ["", "H", "h", "🎉", "Hero!"],
        "Hall.caption": ["DE", "x"],
        "Hall.country": ["DE", "de", "JP", "x"],
        "Hall.number": [1, 2, -7],
        "Hall.edge.sold": [0, 1, 5],
        "Hall.edge.starts": ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"],
    }


def label(row: RawRow) -> str | None:
    """Python for the expression of a credit."""
    return None if row["edge.part"] is None else f"{row['edge.part']} 100% {row['edge.kind']}"
