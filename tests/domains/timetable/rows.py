"""Keys and times at their edges."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tests.domains.database import Tables

OPERATORS = [str(uuid5(NAMESPACE_URL, f"operator {number}")) for number in range(4)]
# The least and the greatest, two that differ in a byte that is no text, one that is all letters.
TRAINS = [
    "00000000-0000-0000-0000-000000000000",
    "41424344-4546-4748-494a-4b4c4d4e4f50",
    "61626364-6566-6768-696a-6b6c6d6e6f70",
    "80000000-0000-7000-8000-0000000000fe",
    "80000000-0000-7000-8000-0000000000ff",
    *(str(uuid5(NAMESPACE_URL, f"train {number}")) for number in range(6)),
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
]
DEPARTS = ["00:00:00", "08:05:00", "08:05:00", "-01:30:00", "24:10:00", "838:59:59", "-838:59:59"]
TAKES = [None, "00:00:00.000001", "838:59:59", "-838:59:59", "00:30:00.5", "-00:00:00.5"]
TAKES.append("01:00:00")

SEALS = [None, b"", b"\0", b"ab", b"ab\0", b"ab ", b"AB", b"\xff\xfe\x80"]
DAYS = [None, "", "sun", "mon", "sun,mon", "on demand,Mon", "sun,mon,on demand,Mon"]


def timetable_rows() -> Tables:
    """Operators with and without trains, trains in circles, stops of some."""
    trains = [
        {
            "train_id": UUID(key).bytes,
            "operator_id": [*OPERATORS[:3], None, str(UUID(int=7))][number % 5],
            "next_id": None if number % 4 == 3 else UUID(TRAINS[(number * 5) % 12]).bytes,
            "token": None if number % 3 == 2 else UUID(TRAINS[number // 3]).bytes,
            "name": f"Train {number}",
            "departs": DEPARTS[number % 7],
            "takes": TAKES[number % 7],
            "seal": SEALS[number % 8],
            "days": DAYS[number % 7],
        }
        for number, key in enumerate(TRAINS)
    ]
    stops = [
        {"train_id": UUID(key).bytes, "arrives": f"{hour:02}:30:00.{hour:03}", "place": f"P{hour}"}
        for number, key in enumerate(TRAINS)
        for hour in range(0, 4 * (number % 3), 2)
    ]
    return {
        "operators": [
            {"operator_id": key, "name": f"Operator {number}", "opens": opens}
            for number, (key, opens) in enumerate(
                zip(OPERATORS, [None, "06:00:00", "06:00:00", "23:59:59"], strict=True)
            )
        ],
        "trains": trains,
        "stops": stops,
    }


def timetable_pools() -> dict[str, list[Any]]:
    """Values for filters of the timetable, found and not."""
    times = [*DEPARTS, *(text for text in TAKES if text), "838:59:58.999999", "00:00:00.5"]
    keys = [*TRAINS, *(key.upper() for key in TRAINS[2:5]), str(UUID(int=7))]
    return {
        "Operator.operatorId": [*OPERATORS, OPERATORS[0].upper(), *keys[:2]],
        "Operator.opens": ["06:00:00", "006:00:00.0", "23:59:59"],
        "Train.trainId": keys,
        "Train.operatorId": [*OPERATORS, OPERATORS[0].upper()],
        "Train.token": keys,
        "Train.departs": times,
        "Train.takes": times,
        "Train.seal": [b64encode(seal or b"").decode() for seal in (*SEALS, b"a", b"ab\0\0")],
        "Train.days": ["SUNDAY", "MONDAY", "ON_DEMAND", "Mon"],
        "Stop.trainId": keys,
        "Stop.arrives": ["00:30:00", "02:30:00.002", "04:30:00.004", "04:30:00.0041"],
    }
