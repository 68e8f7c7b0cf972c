"""What is known of one request once it has been answered: all that is ever told of it.

It is filled in on the request's way. The log line of production is made from it, and so is the line
that the local server prints. It holds no document, variable, row, parameter, token or person, and
of the headers only by which program names itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

FORMAT: Final = 2  # of the line; 1 had no operation. A field more is no new format
MOST_NAME: Final = 100  # characters of the name of an operation
MOST_PLACES: Final = 5  # of errors in one line
MOST_LOOKED_AT: Final = 100  # an answer may have one in each row


class ErrorPlace(Struct, frozen=True):
    """One error of an answer. Nothing else is told of it, because its text may repeat values."""

    code: str
    path: str = ""  # names of the fields that lead to it, joined by dots; no alias, no number
    cause: str = ""  # the class of the exception behind it, where the code does not say it


class RequestRecord(Struct, kw_only=True):
    """One request. ``source``, ``statements`` and ``rows``: of its answer, if one was made."""

    request_id: str  # of API Gateway, as in its access log
    invocation_id: str = ""  # of Lambda
    trace_id: str = ""
    start: str = "warm"  # what this environment did before: see ``handler.observe.starts``
    operation: str = ""  # the name that the document gives it, which the client chooses
    operation_hash: str = ""  # of the document without its literals, and of the name
    client: str = ""  # the program that asks, as it names itself
    client_version: str = ""
    caller: str = ""  # a kind of caller, see `handler.access.principal`; never who it is
    cost: float = 0.0  # computed before it runs
    cost_limit: float = 0.0  # of this caller for one operation
    source: str = "off"  # where the answer was found, see `handler.answer.Source`
    statements: int = 0  # sent to the database
    rows: int = 0  # read from it
    status: int = 0
    codes: Sequence[str] = ()  # of all errors, each once
    errors: Sequence[ErrorPlace] = ()  # of the first of them
    duration_s: float = 0.0
    database_s: float = 0.0  # while at least one statement was under way
    cache_s: float = 0.0  # in the cache, or waiting for another request that makes the answer
    body_bytes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)  # of the cache, of documents, by name
    cache_failure: str = ""  # why the cache has failed, if it has; the text is of our making

    def took(
        self,
        errors: Sequence[tuple[BaseException, Sequence[str | int] | None]],
        name_of: Callable[[Sequence[str | int]], str] | None = None,
    ) -> None:
        """Keep codes and places of errors, of each place one.

        ``errors``: each with its path in the answer; ``name_of``: what to call a path.
        """
        self.codes = sorted({_code(error) for error, _ in errors})
        places: dict[ErrorPlace, None] = {}
        for error, path in errors[:MOST_LOOKED_AT]:
            name = name_of(path) if name_of and path else ""
            inner = error.__cause__
            cause = "" if inner is None else type(inner).__name__
            places[ErrorPlace(_code(error), name, cause)] = None
        self.errors = [*places][:MOST_PLACES]


def _code(error: BaseException) -> str:
    return str(getattr(error, "code", "INTERNAL"))
