"""Errors that HTTP itself has a status for, raised before any GraphQL is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from handler.errors import ClientError

METHODS = "GET, HEAD, POST, OPTIONS"


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
    """Readable, but not a well-formed GraphQL-over-HTTP request: 400, or 422 in the newer edition.

    ``code`` is ``BAD_REQUEST`` unless a protocol on top of GraphQL has a code of its own.
    """

    def __init__(self, message: str, *, code: str = ClientError.code) -> None:
        super().__init__(message)
        self.code = code


class CrossSiteError(HttpError):
    """A request that a page of another site could have caused, while the guard is on."""

    code = "CSRF_PREVENTED"
    status = 403


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
