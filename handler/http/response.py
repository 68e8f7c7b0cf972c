"""Stage 7, the way out: outcome -> status, headers and body of the gateway's response.

The one place that masks: a ``ClientError`` is shown as it is, every other error becomes the
generic message of its class, its code, and the request id under which the log tells the rest.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypedDict

import orjson

from handler.errors import (
    AccessError,
    ClientError,
    DeadlineError,
    DocumentSyntaxError,
    HandlerError,
    LimitError,
    Location,
    RateLimitedError,
    RequestError,
    UpstreamError,
)
from handler.http import surface
from handler.http.cors import cors_headers, varies_by_origin
from handler.http.event import HttpRequest
from handler.http.media import GRAPHQL_RESPONSE, JSON, accepts_gzip
from handler.http.policy import Edition, HttpSettings
from handler.http.refusal import HttpError, ParameterError
from handler.records import dataclass

# Level 1 makes 49 KB into 7.0 KB in 0.15 ms; level 6 needs 0.33 ms for 5.4 KB.
_GZIP_LEVEL = 1

# On every answer. Answers are data: nothing may be loaded by them, framed or guessed from them.
# The policy for resources of other origins does not concern requests that CORS allows.
_SECURITY_HEADERS = {name.lower(): text for name, text in surface.HEADERS.items()} | {
    "content-security-policy": surface.FUNCTION_POLICY
}


class ProxyResponse(TypedDict):
    """What API Gateway expects of a Lambda proxy integration."""

    statusCode: int
    headers: dict[str, str]
    multiValueHeaders: dict[str, list[str]]
    body: str
    isBase64Encoded: bool


@dataclass(frozen=True, slots=True)
class GraphqlError:
    """One entry of ``errors``: what went wrong, and for a field's error where in the answer."""

    cause: Exception
    path: tuple[str | int, ...] | None = None
    locations: tuple[Location, ...] = ()  # by default those that the cause knows


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long an answer without errors may be kept by others, in seconds."""

    max_age_s: int
    stale_s: int
    is_private: bool
    age_s: float = 0.0
    error_s: int = 0

    def headers(self) -> dict[str, str]:
        """Source: https://www.rfc-editor.org/rfc/rfc9111.html and rfc5861"""
        scope = "private" if self.is_private else "public"
        stale = f", stale-while-revalidate={self.stale_s}" if self.stale_s else ""
        stale += f", stale-if-error={self.error_s}" if self.error_s else ""
        return {
            "cache-control": f"{scope}, max-age={self.max_age_s}{stale}",
            "age": str(int(self.age_s)),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request.

    ``data`` is finished JSON, ``b"null"`` included, and is never parsed again; ``None`` means that
    nothing ran, and then ``errors`` says why.
    """

    data: bytes | None
    errors: Sequence[GraphqlError] = ()
    extensions: Mapping[str, Any] | None = None
    freshness: Freshness | None = None  # None: not to be kept

    def __post_init__(self) -> None:
        if self.data is None and not self.errors:
            raise ValueError("an outcome without data needs errors")

    @classmethod
    def refused(cls, error: Exception, extensions: Mapping[str, Any] | None = None) -> Outcome:
        """Nothing ran, because of ``error``; a ``RequestError`` stands for each of its errors."""
        several = error.errors if isinstance(error, RequestError) else ()
        return cls(None, [GraphqlError(cause) for cause in several or (error,)], extensions)


def build_response(
    outcome: Outcome, *, http: HttpRequest, media_type: str, settings: HttpSettings
) -> ProxyResponse:
    """The response for ``outcome``; ``media_type`` is the negotiated one.

    An answer too large for Lambda is replaced by an error that names size and limit.
    """
    limit = settings.max_response_bytes
    try:
        response = _respond(outcome, http, media_type, settings)
        _check_size(_size(response, limit), limit)
    except LimitError as too_large:
        response = _respond(Outcome.refused(too_large), http, media_type, settings)
    if http.method == "HEAD":
        response["body"], response["isBase64Encoded"] = "", False
    return response


def encode_response(
    status: int,
    body: bytes,
    *,
    content_type: str,
    http: HttpRequest,
    settings: HttpSettings,
    headers: Mapping[str, str] | None = None,
) -> ProxyResponse:
    """Put headers around a body and compress it where that pays. ``headers`` replace our own.

    Raises ``LimitError`` for a body that is too large for Lambda as bytes already.
    """
    all_headers = _SECURITY_HEADERS | cors_headers(http, settings)
    if body:
        all_headers["content-type"] = f"{content_type}; charset=utf-8"
    if http.request_id.isascii() and http.request_id.isprintable() and http.request_id:
        all_headers["x-request-id"] = http.request_id
    vary = ["accept"]
    if varies_by_origin(settings):
        vary.append("origin")
    compressed = False
    if settings.gzip_min_bytes is not None:
        vary.append("accept-encoding")
        compressed = len(body) >= settings.gzip_min_bytes and accepts_gzip(
            http.headers.get("accept-encoding")
        )
    if compressed:
        import gzip  # late: a client that knows no gzip does without

        all_headers["content-encoding"] = "gzip"
        # No time of day in the header: equal answers are equal bytes.
        body = base64.b64encode(gzip.compress(body, _GZIP_LEVEL, mtime=0))
    _check_size(len(body), settings.max_response_bytes)
    return ProxyResponse(
        statusCode=status,
        headers=all_headers | dict(headers or {}),
        multiValueHeaders={"vary": vary},
        body=body.decode(),
        isBase64Encoded=compressed,
    )


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise LimitError(
            f"The answer has {size} bytes; the limit is {limit}. "
            "Ask for fewer rows or fields, or accept gzip"
        )


def encode_outcome(outcome: Outcome, *, request_id: str, max_errors: int) -> bytes:
    """The GraphQL response: errors first, where a reader looks; data as it is."""
    parts: list[bytes] = []  # joined once: an answer may have many bytes
    extensions = dict(outcome.extensions or {})
    if outcome.errors:
        shown = outcome.errors[:max_errors]
        errors = orjson.dumps([_entry(error, request_id) for error in shown], default=str)
        parts += (b',"errors":', errors)
        if len(shown) < len(outcome.errors):
            extensions["omittedErrors"] = len(outcome.errors) - len(shown)
    if outcome.data is not None:
        parts += (b',"data":', outcome.data)
    if extensions:
        parts += (b',"extensions":', orjson.dumps(extensions, default=str))
    parts[0] = b"{" + parts[0][1:]
    return b"".join((*parts, b"}"))


def _respond(
    outcome: Outcome, http: HttpRequest, media_type: str, settings: HttpSettings
) -> ProxyResponse:
    status = _status(outcome, media_type, settings.edition)
    if settings.edition is Edition.SEPTEMBER_2026 and status >= 400:
        # Only with this type can a client tell our refusal from that of a proxy in between.
        media_type = GRAPHQL_RESPONSE if status != 406 else JSON
    headers: dict[str, str] = {}
    for error in outcome.errors:
        if isinstance(error.cause, HttpError):
            headers |= error.cause.headers
        elif isinstance(error.cause, RateLimitedError):
            headers["retry-after"] = str(error.cause.retry_after_s)
    body = encode_outcome(outcome, request_id=http.request_id, max_errors=settings.max_errors)
    if outcome.freshness is not None:
        # Weak, because the compressed body means the same and has other bytes.
        tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        headers |= {**outcome.freshness.headers(), "etag": tag}
        if http.method in ("GET", "HEAD") and _matches(http.headers.get("if-none-match"), tag):
            status, body = 304, b""
    response = encode_response(
        status, body, content_type=media_type, http=http, settings=settings, headers=headers
    )
    if outcome.freshness is not None and outcome.freshness.is_private:
        # One browser, two people: what it keeps of the first is not for the second.
        response["multiValueHeaders"]["vary"].append("authorization")
    return response


def _matches(condition: str | None, tag: str) -> bool:
    """Source: https://www.rfc-editor.org/rfc/rfc9110.html#name-if-none-match"""
    if condition is None:
        return False
    wanted = [part.strip() for part in condition.split(",")]
    return "*" in wanted or any(
        part.removeprefix("W/") == tag.removeprefix("W/") for part in wanted
    )


def _status(outcome: Outcome, media_type: str, edition: Edition) -> int:
    newer = edition is Edition.SEPTEMBER_2026
    if outcome.data is not None:
        return 294 if newer and outcome.errors and media_type == GRAPHQL_RESPONSE else 200
    causes = [error.cause for error in outcome.errors]
    masked = next((cause for cause in causes if not isinstance(cause, ClientError)), None)
    match masked or causes[0]:
        case HttpError() as refusal:
            return refusal.status
        case ParameterError():
            return 422 if newer else 400
        case RateLimitedError():
            return 429  # of any type: this is told to those who resend requests, too
        case ClientError() if media_type == JSON and not newer:
            return 200  # well formed, so this answer is the server's and not a proxy's
        case DocumentSyntaxError():
            return 400
        case AccessError():
            return 403
        case ClientError():
            return 422 if newer else 400
        case DeadlineError():
            return 504
        case UpstreamError():
            return 503
        case _:
            return 500


def _entry(error: GraphqlError, request_id: str) -> dict[str, Any]:
    cause = error.cause
    locations: Sequence[Location] = error.locations
    extensions: dict[str, Any]
    if isinstance(cause, ClientError):
        # A client's own text may stand in the message, and orjson writes no lone surrogates.
        message = cause.message.encode("utf-8", "replace").decode()
        locations = locations or cause.locations
        extensions = {"code": cause.code, **cause.extensions}
    else:
        kind = type(cause) if isinstance(cause, HandlerError) else HandlerError
        message = kind.message
        extensions = {"code": kind.code}
        if request_id:
            extensions["requestId"] = request_id
    entry: dict[str, Any] = {"message": message}
    if locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in locations]
    if error.path is not None:
        entry["path"] = error.path
    entry["extensions"] = extensions
    return entry


def _size(response: ProxyResponse, limit: int) -> int:
    """Bytes of the body as Lambda carries it: inside of a JSON string, where quotes are escaped.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    body = response["body"]
    if 4 * len(body) <= limit:  # no character takes more, so no need to look at each
        return len(body)
    return len(body.encode()) + body.count('"') + body.count("\\")
