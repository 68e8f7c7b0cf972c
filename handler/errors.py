"""Every error raised on purpose, and what a client may see of it.

    HandlerError                 INTERNAL                      client: code and generic message
    |- ClientError               BAD_REQUEST                   client: code and the error's text
    |  |- DocumentSyntaxError    GRAPHQL_PARSE_FAILED          client: code and the error's text
    |  |- ValidationError        GRAPHQL_VALIDATION_FAILED     client: code and the error's text
    |  |- LimitError             LIMIT_EXCEEDED                client: code and the error's text
    |  |  |- BudgetError         LIMIT_EXCEEDED                client: code and the error's text
    |  |- RateLimitedError       RATE_LIMITED                  client: code and the error's text
    |  |- InputError             BAD_USER_INPUT                client: code and the error's text
    |  |- OperationNameError     OPERATION_RESOLUTION_FAILURE  client: code and the error's text
    |  |- AccessError            FORBIDDEN                     client: code and the error's text
    |  |  |- LoginError          UNAUTHENTICATED               client: code and the error's text
    |  |- NullValueError         NULL_VALUE                    client: code and the error's text
    |  |- StoredValueError       STORED_VALUE                  client: code and the error's text
    |- RequestError              INTERNAL                      client: each of the errors in it
    |- UpstreamError             UPSTREAM_FAILED               client: code and generic message
    |  |- DeadlineError          TIMEOUT                       client: code and generic message
    |- ResolverError             INTERNAL                      client: code and generic message
    |- SchemaError               SCHEMA_INVALID                operator, at the start
    |- SettingsError             SETTINGS_INVALID              operator, at the start

The texts of errors that a client sees by code and generic message are in the log, under the id of
the request. ``http/response.py`` is the one place that masks; ``code`` goes out as
``extensions.code``. Rooms have errors of their own below these classes, shown as their parents are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct


class Location(Struct, frozen=True):
    """A place in a document or SDL file; both count from 1."""

    line: int
    column: int


class Hiding:
    """Keeps secrets out of errors and logs: a mixin for a ``msgspec.Struct``.

    ``HIDDEN`` names the fields that its ``repr`` leaves out.
    """

    __slots__ = ()
    __struct_fields__: ClassVar[tuple[str, ...]]
    HIDDEN: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        names = (name for name in self.__struct_fields__ if name not in self.HIDDEN)
        shown = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({', '.join(shown)})"


class HandlerError(Exception):
    """Base of every error raised on purpose. A client may see code and message, nothing else."""

    code = "INTERNAL"
    message = "Internal error"


class ClientError(HandlerError):
    """The request cannot be served as asked; the text is safe to show."""

    code = "BAD_REQUEST"

    def __init__(
        self,
        message: str,
        *,
        locations: Sequence[Location] = (),
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.locations = tuple(locations)
        self.extensions = dict(extensions or {})


class DocumentSyntaxError(ClientError):
    """The document is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"


class ValidationError(ClientError):
    """The document does not fit the schema."""

    code = "GRAPHQL_VALIDATION_FAILED"


class LimitError(ClientError):
    """A limit of the server; the text names the limit and the value found."""

    code = "LIMIT_EXCEEDED"


class BudgetError(LimitError):
    """The request is over its budget of rows or bytes: all of it ends, whatever is there."""


class RateLimitedError(ClientError):
    """The caller has used up its budget for now; ``retry_after_s`` is when to try again."""

    code = "RATE_LIMITED"

    def __init__(self, *, cost: int, limit: int, used: int, retry_after_s: int) -> None:
        super().__init__(
            f"The operation takes up to {cost}, and {used} of the budget of {limit} a minute are"
            f" used; try again in {retry_after_s} s.",
            extensions={
                "cost": cost,
                "limit": limit,
                "used": used,
                "retryAfterS": retry_after_s,
            },
        )
        self.limit = limit
        self.used = used
        self.retry_after_s = retry_after_s


class InputError(ClientError):
    """A variable or an argument has a value that its type or the field refuses."""

    code = "BAD_USER_INPUT"


class OperationNameError(ClientError):
    """No operation of that name, or several and no name."""

    code = "OPERATION_RESOLUTION_FAILURE"


class RequestError(HandlerError):
    """Several errors that refuse one request before it runs: the answer carries no ``data``."""

    def __init__(self, errors: Sequence[ClientError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


class AccessError(ClientError):
    """The caller may not do this."""

    code = "FORBIDDEN"


class LoginError(AccessError):
    """Nobody may do this without showing who it is; some who have may."""

    code = "UNAUTHENTICATED"


class NullValueError(ClientError):
    """A null where the schema forbids one."""

    code = "NULL_VALUE"


class StoredValueError(ClientError):
    """A stored value that the field's type cannot hold."""

    code = "STORED_VALUE"


class UpstreamError(HandlerError):
    """Database, cache or deadline failed; ``retryable`` says whether a second try can help."""

    code = "UPSTREAM_FAILED"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class DeadlineError(UpstreamError):
    """The request's budget of time is used up."""

    code = "TIMEOUT"
    message = "The request took longer than its time limit"


class ResolverError(HandlerError):
    """A Python resolver failed, or gave what its field cannot hold; its author has to mend it."""

    def __init__(self, message: str, *, place: str = "") -> None:
        super().__init__(message)
        self.place = place  # of the function, such as "/var/task/shop/resolvers.py:12"


class SchemaError(HandlerError):
    """The SDL cannot be served. Raised at start; names file, line and what to write instead.

    ``excerpt``: the line with carets under the place, given by ``handler.language.files.quoting``.
    """

    code = "SCHEMA_INVALID"

    def __init__(self, text: str, *, file: str = "", location: Location | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.file = file
        self.location = location
        self.excerpt = ""

    def __str__(self) -> str:
        place = self.location
        head = f"{self.file}:{place.line}:{place.column}: " if self.file and place else ""
        tail = f"\n{self.excerpt}" if self.excerpt else ""
        return f"{head}{self.text}{tail}"


class SettingsError(HandlerError):
    """An environment variable has a value that cannot be used; names it and what to write."""

    code = "SETTINGS_INVALID"
