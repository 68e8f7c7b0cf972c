"""What is known of one request once it has been answered: all that is ever told of it.

It is filled in on the request's way. The log line of production is made from it, and so is the line
that the local server prints. It holds no document, variable, row, parameter, token or header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field


class RequestRecord(Struct, kw_only=True):
    """One request. ``source``, ``statements`` and ``rows``: of its answer, if one was made."""

    request_id: str
    operation: str = ""  # the name that the document gives it, which the client chooses
    source: str = "off"  # where the answer was found, see `handler.answer.Source`
    statements: int = 0  # sent to the database
    rows: int = 0  # read from it
    status: int = 0
    codes: Sequence[str] = ()  # of the errors, each once; nothing else of them
    duration_s: float = 0.0
    body_bytes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)  # of the cache, of documents, by name
    cache_failure: str = ""  # why the cache has failed, if it has; the text is of our making

    def took(self, errors: Sequence[BaseException]) -> None:
        """Keep the codes of the errors."""
        self.codes = sorted({str(getattr(error, "code", "INTERNAL")) for error in errors})
