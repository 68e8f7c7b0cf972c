"""Stage 7: an answer becomes status, headers and body of the gateway's response.

The one place that masks errors: a ``ClientError`` is shown as it is; every other error becomes the
generic message and the code of its class, with the request id that its log line has.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypedDict

import orjson

from handler.answer import Answer, GraphqlError, Lifetime, Quota, tag_of
from handler.errors import (
    AccessError,
    ClientError,
    DeadlineError,
    HandlerError,
    LimitError,
    Location,
    RateLimitedError,
    UpstreamError,
)
from handler.http import surface
from handler.http.cors import cors_headers, varies_by_origin
from handler.http.errors import HttpError, ParameterError
from handler.http.event import HttpRequest
from handler.http.media import JSON, accepts_gzip
from handler.http.options import HttpSettings
from handler.http.quota import quota_headers

# Level 1 makes 49 KB into 7.0 KB in 0.15 ms; level 6 needs 0.33 ms for 5.4 KB.
_GZIP_LEVEL = 1

# On every response. They are data: not to be framed, sniffed, or to load anything. The policy for
# resources of other origins does not concern requests that CORS allows.
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


def build_response(
    answer: Answer, *, http: HttpRequest, media_type: str, settings: HttpSettings
) -> ProxyResponse:
    """The response for an answer; ``media_type``: the negotiated one.

    One that is too large for Lambda is replaced by an error that names size and limit.
    """
    limit = settings.max_response_bytes
    try:
        response = _respond(answer, http, media_type, settings)
        body = response["body"]
        # No character takes more than four bytes, so mostly none is looked at.
        if 4 * len(body) > limit and (size := _size(body)) > limit:
            raise _too_large(size, limit)
    except LimitError as too_large:
        response = _respond(Answer.refused(too_large), http, media_type, settings)
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
    vary: Sequence[str] = (),
) -> ProxyResponse:
    """A response with its headers, compressed where that pays.

    ``headers`` replace the usual ones; the answer depends on the headers of the request in
    ``vary``, too. Raises ``LimitError`` for a body that is larger than the limit as it is.
    """
    all_headers = dict(_SECURITY_HEADERS)
    if "origin" in http.headers:
        all_headers |= cors_headers(http, settings)
    if body:
        all_headers["content-type"] = f"{content_type}; charset=utf-8"
    request_id = http.request_id
    if request_id and request_id.isascii() and request_id.isprintable():
        all_headers["x-request-id"] = request_id
    by_origin = ("origin",) if settings.cors_origins and varies_by_origin(settings) else ()
    by_encoding: Sequence[str] = ()
    size = len(body)
    compressed = False
    if settings.gzip_min_bytes is not None:
        by_encoding = ("accept-encoding",)
        compressed = size >= settings.gzip_min_bytes and accepts_gzip(
            http.headers.get("accept-encoding")
        )
    if compressed:
        import gzip  # late: it takes time, and some clients accept none

        all_headers["content-encoding"] = "gzip"
        # Without a time in gzip's header equal answers are equal bytes.
        body = base64.b64encode(gzip.compress(body, _GZIP_LEVEL, mtime=0))
        size = len(body)
    if size > settings.max_response_bytes:
        raise _too_large(size, settings.max_response_bytes)
    if headers:
        all_headers |= headers
    return ProxyResponse(
        statusCode=status,
        headers=all_headers,
        multiValueHeaders={"vary": ["accept", *by_origin, *by_encoding, *vary]},
        body=body.decode(),
        isBase64Encoded=compressed,
    )


def _too_large(size: int, limit: int) -> LimitError:
    return LimitError(
        f"The answer has {size} bytes; the limit is {limit}. "
        "Ask for fewer rows or fields, or accept gzip"
    )


def encode_answer(answer: Answer, *, request_id: str, max_errors: int) -> bytes:
    """The body of the response: ``errors`` before ``data``, as the specification advises."""
    if answer.data is not None and not answer.errors and not answer.extensions:
        return b'{"data":%b}' % answer.data
    parts: list[bytes] = []  # joined once: an answer may have many bytes
    extensions = dict(answer.extensions or {})
    if answer.errors:
        shown = answer.errors[:max_errors]
        errors = orjson.dumps([_entry(error, request_id) for error in shown], default=str)
        parts += (b',"errors":', errors)
        if len(shown) < len(answer.errors):
            extensions["omittedErrors"] = len(answer.errors) - len(shown)
    if answer.data is not None:
        parts += (b',"data":', answer.data)
    if extensions:
        parts += (b',"extensions":', orjson.dumps(extensions, default=str))
    parts[0] = b"{" + parts[0][1:]
    return b"".join((*parts, b"}"))


def _respond(
    answer: Answer, http: HttpRequest, media_type: str, settings: HttpSettings
) -> ProxyResponse:
    status = 200 if answer.data is not None else _status(answer, media_type)
    headers: dict[str, str] = {}
    for error in answer.errors:
        if isinstance(error.cause, HttpError):
            headers |= error.cause.headers
        elif isinstance(error.cause, RateLimitedError):
            headers["retry-after"] = str(error.cause.retry_after_s)
            headers |= quota_headers(Quota(error.cause.limit, error.cause.used))
    if answer.quota is not None:
        headers |= quota_headers(answer.quota)
    body = encode_answer(answer, request_id=http.request_id, max_errors=settings.max_errors)
    vary: Sequence[str] = ()
    if answer.lifetime is not None:
        headers["cache-control"] = _cache_control(answer.lifetime, is_shared=answer.is_shared)
        headers["age"] = str(int(answer.age_s))
        if http.method in ("GET", "HEAD"):  # what was posted is not asked for by its tag
            # Weak, because the compressed body means the same and has other bytes.
            named = tag_of(body) if answer.extensions else answer.tag or tag_of(answer.data or b"")
            tag = f'W/"{named}"'
            headers["etag"] = tag
            if _matches(http.headers.get("if-none-match"), tag):
                status, body = 304, b""
        if not answer.is_shared:
            # Two people may share a browser, and must not get each other's answers from its cache.
            vary = ("authorization",)
    return encode_response(
        status,
        body,
        content_type=media_type,
        http=http,
        settings=settings,
        headers=headers,
        vary=vary,
    )


@lru_cache  # of as many as the SDL has lifetimes
def _cache_control(lifetime: Lifetime, *, is_shared: bool) -> str:
    """Source: https://www.rfc-editor.org/rfc/rfc9111.html and rfc5861"""
    text = f"{'public' if is_shared else 'private'}, max-age={math.ceil(lifetime.max_age_s)}"
    if stale_s := int(lifetime.stale_s):
        text += f", stale-while-revalidate={stale_s}"
    if error_s := int(lifetime.error_s):
        text += f", stale-if-error={error_s}"
    return text


def _matches(condition: str | None, tag: str) -> bool:
    """Source: https://www.rfc-editor.org/rfc/rfc9110.html#name-if-none-match"""
    if condition is None:
        return False
    wanted = [part.strip() for part in condition.split(",")]
    return "*" in wanted or any(
        part.removeprefix("W/") == tag.removeprefix("W/") for part in wanted
    )


def _status(answer: Answer, media_type: str) -> int:
    """Of an answer without data.

    Source: https://graphql.github.io/graphql-over-http/draft/#sec-Status-Codes
    The draft that clients and the reference audits (npm ``graphql-http``) follow. The statuses 422
    and 294 of the edition of September 2026 meet the same requirements; no client asks for them.
    """
    causes = [error.cause for error in answer.errors]
    masked = next((cause for cause in causes if not isinstance(cause, ClientError)), None)
    match masked or causes[0]:
        case HttpError() as refusal:
            return refusal.status
        case ParameterError():
            return 400
        case RateLimitedError():
            return 429  # under every media type: what repeats requests reads no body
        case ClientError() if media_type == JSON:
            return 200  # the request is well formed, and no proxy made this response
        case AccessError():
            return 403
        case ClientError():
            return 400
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
        # The message may quote the client, and orjson refuses lone surrogates.
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


def _size(body: str) -> int:
    """Bytes of the body in the function's result: a JSON string, in which quotes are escaped.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    return len(body.encode()) + body.count('"') + body.count("\\")
