"""One order of 942 lines, two hundred of 40, and notes of half a megabyte."""

from __future__ import annotations

from tests.domains.database import Tables

LONG, ORDERS, SHORT = 942, 200, 40
NOTES, NOTE_CHARACTERS = 50, 500_000


def line_rows() -> Tables:
    """Always the same rows."""
    sizes = {1: LONG} | dict.fromkeys(range(2, ORDERS + 2), SHORT)
    return {
        "orders": [{"order_id": order, "name": f"Order {order} " * 10} for order in sizes],
        "lines": [
            {"order_id": order, "line_id": line, "quantity": line % 9, "state": "lost"}
            for order, size in sizes.items()
            for line in range(1, size + 1)
        ],
        "notes": [
            {"note_id": note, "body": f"{note % 10}" * NOTE_CHARACTERS}
            for note in range(1, NOTES + 1)
        ],
    }
