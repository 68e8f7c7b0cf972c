"""What one request does in the database: for how long, and under which name it is seen there."""

from __future__ import annotations

from msgspec import Struct


class Meter(Struct):
    """Carried by the deadline of a request, and filled in while it is answered.

    ``comment``: a comment of SQL that every statement of the request carries, so that the server's
    lists of statements name the operation; see ``handler.sql.comment``. It is not part of the text
    that statements are told apart by.
    """

    comment: bytes = b""
    database_s: float = 0.0  # while at least one statement was under way, its connection included
    computing_s: float = 0.0  # of an answer that the cache did not have
    cache_s: float = 0.0  # in the cache, or waiting for another request to make the same answer
    _under_way: int = 0
    _since_s: float = 0.0

    def begin(self, now_s: float) -> None:
        """A statement is about to be sent; ``now_s``: of the monotonic clock."""
        if not self._under_way:
            self._since_s = now_s
        self._under_way += 1

    def end(self, now_s: float) -> None:
        """It has been answered, or has failed."""
        self._under_way -= 1
        if not self._under_way:
            self.database_s += now_s - self._since_s
