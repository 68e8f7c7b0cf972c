"""The answers of the last seconds in this process: no round trip, and no word of a write.

Off unless it is given a time. That long an answer may be older than the shared cache would allow
after a write, because nobody tells this process; so seconds are meant, not minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """An answer that was ``age_s`` old at ``put_at_s``."""

    data: bytes
    age_s: float
    max_age_s: float
    put_at_s: float


@dataclass
class LocalTier:
    """A few answers; those that were used least recently go first."""

    life_s: float
    clock: Callable[[], float]
    max_bytes: int = MAX_BYTES
    _answers: OrderedDict[str, LocalAnswer] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def find(self, digest: str) -> LocalAnswer | None:
        """The answer with its age of now; None for none that is young enough."""
        found = self._answers.get(digest)
        if found is None:
            return None
        now = self.clock()
        passed_s = now - found.put_at_s
        age_s = found.age_s + passed_s
        if not 0 <= passed_s < self.life_s or age_s >= found.max_age_s:
            self._drop(digest)
            return None
        self._answers.move_to_end(digest)
        return LocalAnswer(found.data, age_s, found.max_age_s, now)

    def put(self, digest: str, data: bytes, age_s: float, max_age_s: float) -> None:
        """Keep an answer, unless it is too large or too old already."""
        if len(data) > self.max_bytes // 8 or age_s >= max_age_s or self.life_s <= 0:
            return
        self._drop(digest)
        self._answers[digest] = LocalAnswer(data, age_s, max_age_s, self.clock())
        self._bytes += len(data)
        while self._bytes > self.max_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, digest: str) -> None:
        dropped = self._answers.pop(digest, None)
        if dropped is not None:
            self._bytes -= len(dropped.data)
