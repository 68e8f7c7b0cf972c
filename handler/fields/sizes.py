"""How large the objects of an answer are, while they are made: in JSON and in memory."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from handler.stores.request_budget import VALUE_BYTES, RequestBudget

# Measured with tracemalloc: an object, one of its members, a list, and an error with its path.
OBJECT_BYTES, MEMBER_BYTES, LIST_BYTES, ERROR_BYTES = 250, 40, 60, 400
PENDING_BYTES = 350
MEMORY_FACTOR = 6  # bytes of memory for each byte of JSON that a request may write


class TreeSize(Struct):
    """What the objects of one request's answer come to: bytes of JSON, and of memory.

    Objects take many times the memory of their JSON.
    """

    budget: RequestBudget
    json_bytes: int = 0
    memory_bytes: int = 0

    def add(self, json_bytes: int, memory_bytes: int) -> None:
        """Raise ``BudgetError`` as soon as it is more than the request may write."""
        self.json_bytes += json_bytes
        self.memory_bytes += memory_bytes
        self.check()

    def check(self) -> None:
        """Raise ``BudgetError`` if it is more already."""
        self.budget.check_written(max(self.json_bytes, self.memory_bytes // MEMORY_FACTOR))


def memory_of(value: Any) -> int:
    """Bytes of a value that waits for a resolver."""
    return 2 * VALUE_BYTES + (len(value) if isinstance(value, str) else 0)
