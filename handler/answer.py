"""The answer to one request: one type from the engine through the response cache to HTTP.

    engine            rows become ``data`` and ``errors``; the plan's policy gives the lifetime
    response cache    gives the same answer again, with its age and where it was found
    http/response     writes status, headers and body from it

It stands beside ``errors`` because all of these rooms hand it on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from handler.errors import Location, RequestError

Path: TypeAlias = tuple[str | int, ...]
Source: TypeAlias = Literal["local", "hit", "stale", "coalesced", "miss", "bypass", "off"]

CACHED: frozenset[Source] = frozenset(("local", "hit", "stale", "coalesced"))
NEGATIVE_MAX_AGE_S = 5  # of an answer that says that something does not exist

TAG_BYTES = 12


def tag_of(data: bytes) -> str:
    """What names these bytes in an entity tag.

    By SHA-256, which is the fastest that names them surely: processors have instructions for it, so
    that 60 KB take 0.03 to 0.09 ms, and BLAKE2 twice as long or more.
    """
    return sha256(data).hexdigest()[: 2 * TAG_BYTES]


class GraphqlError(Struct, frozen=True):
    """One entry of ``errors``: what went wrong, and for a field's error where in the answer.

    >>> GraphqlError(StoredValueError("..."), ("orders", 0, "total"), (Location(1, 12),))
    """

    cause: Exception
    path: Path | None = None
    locations: tuple[Location, ...] = ()  # by default those that the cause knows


class Lifetime(Struct, frozen=True):
    """For how long an answer may be given again, in seconds since it was computed.

    Source: https://www.rfc-editor.org/rfc/rfc9111.html and rfc5861
    """

    max_age_s: float
    stale_s: float = 0  # longer than max_age_s, while another request computes it anew
    error_s: float = 0  # longer than max_age_s, while it cannot be computed anew

    @property
    def total_s(self) -> float:
        """After that the answer is of no use at all."""
        return self.max_age_s + max(self.stale_s, self.error_s)

    def of_nothing(self) -> Lifetime:
        """Where something that was asked for does not exist: it may come to be, any moment."""
        return Lifetime(min(self.max_age_s, NEGATIVE_MAX_AGE_S))


class Quota(Struct, frozen=True):
    """A caller's budget for a minute, and what is used of it now, in the units of cost."""

    limit: int
    used: int


class Answer(Struct, frozen=True):
    """What came of a request.

    ``data`` is finished JSON, ``b"null"`` included, and is never parsed again; ``None`` means that
    nothing ran, and then ``errors`` says why. ``lifetime`` is ``None`` if the answer may not be
    given again: it has errors, or the SDL does not allow it.

    >>> Answer(b'{"shop":{"name":"Chai"}}', lifetime=Lifetime(60))
    >>> Answer.refused(LimitError("The document has 900 tokens; the limit is 800."))
    """

    data: bytes | None
    errors: Sequence[GraphqlError] = ()
    lifetime: Lifetime | None = None
    is_shared: bool = True  # HTTP caches may give it to other callers
    age_s: float = 0.0
    source: Source = "off"  # where it was found; "miss", "bypass", "off": it was computed
    statements: int = 0  # that were sent to the database for it
    rows: int = 0  # that were read from the database for it
    extensions: Mapping[str, Any] | None = None
    quota: Quota | None = None  # of the caller, where it has paid for this
    tag: str = ""  # ``tag_of`` its data, where that is known from when it was kept

    def __post_init__(self) -> None:
        if self.data is None and not self.errors:
            raise ValueError("an answer without data needs errors")

    @classmethod
    def refused(cls, error: Exception) -> Answer:
        """Nothing ran, because of ``error``; a ``RequestError`` stands for each of its errors."""
        several = error.errors if isinstance(error, RequestError) else ()
        return cls(None, [GraphqlError(cause) for cause in several or (error,)])
