"""The budget of one request: rows and bytes, counted as they arrive.

The cost of an operation is computed from the list sizes in the SDL. Where they are wrong this
budget ends the request, so that it does not harm others.
"""

from __future__ import annotations

import math

from msgspec import Struct

from handler.errors import BudgetError

# What a value of a row takes in memory beside its own bytes: an object and the reference to it.
VALUE_BYTES = 40


class RequestBudget(Struct):
    """What one request may read and write, over all its statements.

    ``bytes_max`` bounds the rows that are read, as memory holds them, and the JSON that is written
    from them, each on its own.
    """

    rows_max: float = math.inf
    bytes_max: float = math.inf
    rows: int = 0
    row_bytes: int = 0
    statements: int = 0  # that were sent

    @property
    def rows_left(self) -> float:
        """The number of rows that may still be read."""
        left = self.rows_max - self.rows
        return left if left > 0 else 0

    def check(self) -> None:
        """Raise ``BudgetError`` if the budget is exceeded."""
        if self.rows > self.rows_max:
            raise BudgetError(
                f"The request reads more than {self.rows_max} rows, the most that one request may:"
                f" some list is longer than its cost says. Ask for smaller pages or fewer lists",
                extensions={"limit": self.rows_max},
            )
        if self.row_bytes > self.bytes_max:
            raise BudgetError(
                f"The rows of the request have more than {self.bytes_max} bytes, the most that one"
                f" request may read. Ask for smaller pages, or for fewer or shorter fields",
                extensions={"limit": self.bytes_max},
            )

    def check_written(self, size: int) -> None:
        """Raise ``BudgetError`` if JSON of so many bytes exceeds the budget."""
        if size > self.bytes_max:
            raise BudgetError(
                f"The answer takes more than {self.bytes_max} bytes, the most that one request may"
                f" write. Ask for smaller pages, fewer fields, or fewer ways there and back",
                extensions={"limit": self.bytes_max},
            )
