"""Errors that HTTP itself has a status for, raised before any GraphQL is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from handler.errors import ClientError
from handler.http import surface

METHODS = ", ".join((*surface.METHODS, "OPTIONS"))


class HttpError(ClientError):
    """Refused with this status, whatever media type the answer has."""

    status = 400

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})


class EventError(HttpError):
    """The function was called with something other than a REST proxy event."""

    code = "UNKNOWN_EVENT"


class BodyError(HttpError):
    """The body, or a parameter that holds JSON, cannot be read."""


class DepthError(HttpError):
    """The JSON of the request is nested too deep."""

    code = "LIMIT_EXCEEDED"


class ParameterError(ClientError):
    """Readable, but not a well-formed GraphQL-over-HTTP request; 400 under every media type."""


class UnknownHashError(HttpError):
    """A hash for which no document is known: the client sends both next time.

    Clients go by message and code. The status is that of Apollo's servers, since some clients read
    no body of another one: this is a step of the protocol rather than a failure.
    """

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 200

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class NoHashesError(HttpError):
    """A hash, where documents have to be sent: the client stops sending hashes."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    status = 200  # see above

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class NotListedError(HttpError):
    """A document that is not on the list; the same words for all of them."""

    code = "PERSISTED_QUERY_NOT_IN_LIST"
    status = 403

    def __init__(self) -> None:
        super().__init__("This API runs the operations of its list only, and this is none of them")


class ExpiredError(HttpError):
    """What the caller has shown was good when it was looked at, and is no longer.

    API Gateway sends the header on as ``x-amzn-remapped-www-authenticate``; the status stays.
    Source: https://www.rfc-editor.org/rfc/rfc6750.html#section-3
    """

    code = "UNAUTHENTICATED"
    status = 401

    def __init__(self) -> None:
        challenge = 'Bearer error="invalid_token", error_description="The token has expired"'
        super().__init__(
            "The token has expired; get another one.", headers={"www-authenticate": challenge}
        )


class CrossSiteError(HttpError):
    """A request that a page of another site could have caused, while the guard is on."""

    code = "CSRF_PREVENTED"
    status = 403


class NotFoundError(HttpError):
    """There is nothing at this path."""

    code = "NOT_FOUND"
    status = 404


class MethodError(HttpError):
    """The method is not served, or not for this operation."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, *, allow: str = METHODS) -> None:
        super().__init__(message, headers={"allow": allow})  # RFC 9110: a 405 must name them


class NotAcceptableError(HttpError):
    """None of the media types that the client accepts can be written."""

    code = "NOT_ACCEPTABLE"
    status = 406


class BodySizeError(HttpError):
    """The body is larger than the limit."""

    code = "LIMIT_EXCEEDED"
    status = 413


class UrlSizeError(HttpError):
    """The query component of the URL is larger than the limit; a POST may hold more."""

    code = "LIMIT_EXCEEDED"
    status = 414


class MediaTypeError(HttpError):
    """The body's media type, charset or encoding cannot be read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
