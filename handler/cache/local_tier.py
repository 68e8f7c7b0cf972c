"""The answers of the last seconds in this process: no round trip, and no word of a write.

Off unless it is given a time. That long an answer may be older than the shared cache would allow
after a write, because nobody tells this process; so seconds are meant, not minutes.
"""

from __future__ import annotations

from collections.abc import Callable

from cachetools import LRUCache
from msgspec.structs import replace

from handler.answer import Answer

MAX_BYTES = 8_000_000
ANSWER_BYTES = 1_000  # of an answer beside its text: key, numbers, its place in here


class LocalTier:
    """Answers by their keys, ``max_bytes`` in all; the least recently used ones go first."""

    def __init__(
        self, life_s: float, clock: Callable[[], float], max_bytes: int = MAX_BYTES
    ) -> None:
        self.life_s = life_s
        self.clock = clock
        self._answers: LRUCache[str, tuple[Answer, float]] = LRUCache(max_bytes, _size)

    def find(self, key: str) -> Answer | None:
        """The answer with its age of now; None for none that is young enough."""
        try:
            found, put_at_s = self._answers[key]
        except KeyError:
            return None
        passed_s = self.clock() - put_at_s
        age_s = found.age_s + passed_s
        if not 0 <= passed_s < self.life_s or age_s >= _max_age_s(found):
            del self._answers[key]
            return None
        return replace(found, age_s=age_s, source="local")

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer, unless it is too large or too old already."""
        known = (answer, self.clock())
        is_large = _size(known) > self._answers.maxsize // 8
        if not is_large and answer.age_s < _max_age_s(answer) and self.life_s > 0:
            self._answers[key] = known


def _size(known: tuple[Answer, float]) -> int:
    return len(known[0].data or b"") + ANSWER_BYTES


def _max_age_s(answer: Answer) -> float:
    return answer.lifetime.max_age_s if answer.lifetime else 0.0
