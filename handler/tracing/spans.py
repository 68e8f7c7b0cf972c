"""The spans of one request: stages and statements, with their times.

Names and attributes follow OpenTelemetry's conventions for GraphQL and databases:
https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/ and
https://opentelemetry.io/docs/specs/semconv/database/database-spans/. No value of a caller or a row
is among them: statements have placeholders for their parameters.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Final

from msgspec import Struct, field

from handler.stores.url import DatabaseUrl

MOST_SQL: Final = 1_000  # characters of a statement
MOST_SPANS: Final = 200  # of one request; a statement more is counted and not kept

Attribute = str | int | float | bool


class Span(Struct):
    """One stage or statement. Times in seconds since 1970; ``error``: the class of an exception."""

    name: str
    began_s: float
    ended_s: float = 0.0
    is_call: bool = False  # to another service: the database, the cache
    attributes: dict[str, Attribute] = field(default_factory=dict)
    error: str = ""

    @property
    def duration_ms(self) -> float:
        """Milliseconds."""
        return (self.ended_s - self.began_s) * 1000


class Trace(Struct):
    """What one request did, in the order in which it began."""

    began_s: float
    spans: list[Span] = field(default_factory=list)
    left_out: int = 0
    clock: Callable[[], float] = time.time

    @contextmanager
    def span(self, name: str, *, is_call: bool = False, **attributes: Attribute) -> Iterator[Span]:
        """A span around what is done within it."""
        found = Span(name, self.clock(), is_call=is_call, attributes=attributes)
        if len(self.spans) < MOST_SPANS:
            self.spans.append(found)
        else:
            self.left_out += 1
        try:
            yield found
        except BaseException as error:
            found.error = type(error).__name__
            raise
        finally:
            found.ended_s = self.clock()

    def statement(
        self, url: DatabaseUrl, text: str, table: str, field: str
    ) -> AbstractContextManager[Span]:
        """A span around a statement.

        ``text``: with placeholders; ``table`` and ``field``: what it is sent for, if that is known.
        """
        about: dict[str, Attribute] = {
            "db.system.name": "mysql",
            "db.namespace": url.database,
            "db.operation.name": "SELECT",
            "db.collection.name": table,
            "db.query.text": text[:MOST_SQL],
            "server.address": url.host,
            "server.port": url.port,
            "graphql.field": field,
        }
        return self.span(f"SELECT {table}".strip(), is_call=True, **about)


TRACE: Final[ContextVar[Trace | None]] = ContextVar("trace", default=None)
"""The trace of the request that runs; None where it is not sampled."""
