"""Errors with an HTTP status of their own, raised before the document is read."""

from __future__ import annotations

from collections.abc import Mapping

from handler.errors import ClientError
from handler.http import surface

METHODS = ", ".join((*surface.METHODS, "OPTIONS"))


class HttpError(ClientError):
    """A request that is refused with this status under every media type of the response."""

    status = 400

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})


class EventError(HttpError):
    """The event of the function is no REST proxy event."""

    code = "UNKNOWN_EVENT"


class BodyError(HttpError):
    """The body, or a parameter that holds JSON, cannot be read."""


class DepthError(HttpError):
    """The JSON of the request is nested deeper than the limit."""

    code = "LIMIT_EXCEEDED"


class ParameterError(ClientError):
    """Readable, but not a well-formed GraphQL-over-HTTP request; 400 under every media type."""


class UnknownHashError(HttpError):
    """No document is known for this hash; the client repeats the request with both.

    Clients read message and code. The status is that of Apollo's servers, because some clients
    ignore the body of any other: it is a step of the protocol of persisted queries, no failure.
    """

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 200

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class NoHashesError(HttpError):
    """Persisted queries are off; the client stops sending hashes."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    status = 200  # see above

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class NotListedError(HttpError):
    """The document is not on the allow-list; the message is the same for all of them."""

    code = "PERSISTED_QUERY_NOT_IN_LIST"
    status = 403

    def __init__(self) -> None:
        super().__init__("This API runs the operations of its list only, and this is none of them")


class ExpiredError(HttpError):
    """The caller's token has expired since the authorizer accepted it.

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
    """A page of another site could have caused the request, while the CSRF guard is on."""

    code = "CSRF_PREVENTED"
    status = 403


class NotFoundError(HttpError):
    """No file of this name."""

    code = "NOT_FOUND"
    status = 404


class MethodError(HttpError):
    """The method is not supported, or not for this kind of operation."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, *, allow: str = METHODS) -> None:
        super().__init__(message, headers={"allow": allow})  # RFC 9110: a 405 must name them


class NotAcceptableError(HttpError):
    """The API writes none of the media types that the client accepts."""

    code = "NOT_ACCEPTABLE"
    status = 406


class BodySizeError(HttpError):
    """The body is larger than the limit."""

    code = "LIMIT_EXCEEDED"
    status = 413


class UrlSizeError(HttpError):
    """The parameters in the URL are larger than the limit."""

    code = "LIMIT_EXCEEDED"
    status = 414


class MediaTypeError(HttpError):
    """The media type, charset or encoding of the body is not supported."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
