"""The answers of the last seconds in this process: no round trip, and no word of a write.

Off unless it is given a time. That long an answer may be older than the shared cache would allow
after a write, because nobody tells this process; so seconds are meant, not minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from handler.cache.entry import Kept
from handler.records import dataclass, field, replace

MAX_BYTES = 8_000_000
ANSWER_BYTES = 1_000  # of an answer beside its text: key, numbers, its place in here


@dataclass
class LocalTier:
    """A few answers; those that were used least recently go first."""

    life_s: float
    clock: Callable[[], float]
    max_bytes: int = MAX_BYTES
    _answers: OrderedDict[str, tuple[Kept, float]] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def find(self, digest: str) -> Kept | None:
        """The answer with its age of now; None for none that is young enough."""
        known = self._answers.get(digest)
        if known is None:
            return None
        found, put_at_s = known
        passed_s = self.clock() - put_at_s
        age_s = found.age_s + passed_s
        if not 0 <= passed_s < self.life_s or age_s >= found.max_age_s:
            self._drop(digest)
            return None
        self._answers.move_to_end(digest)
        return replace(found, age_s=age_s, state="local")

    def put(self, digest: str, found: Kept) -> None:
        """Keep an answer, unless it is too large or too old already."""
        size = len(found.data) + ANSWER_BYTES
        if size > self.max_bytes // 8 or found.age_s >= found.max_age_s or self.life_s <= 0:
            return
        self._drop(digest)
        self._answers[digest] = (found, self.clock())
        self._bytes += size
        while self._bytes > self.max_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, digest: str) -> None:
        dropped = self._answers.pop(digest, None)
        if dropped is not None:
            self._bytes -= len(dropped[0].data) + ANSWER_BYTES
