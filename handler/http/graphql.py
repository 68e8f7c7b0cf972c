"""Stage 1, GraphQL over HTTP: HttpRequest -> GraphqlRequest.

Source: https://http-spec.graphql.org/September2026/#sec-Request
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from msgspec import Struct, field

from handler.http.body import read_json, shown
from handler.http.errors import (
    BodyError,
    BodySizeError,
    CrossSiteError,
    MediaTypeError,
    MethodError,
    ParameterError,
    UrlSizeError,
)
from handler.http.event import HttpRequest
from handler.http.media import JSON, parse_media_type
from handler.http.options import HttpSettings
from handler.http.surface import METHODS, PARAMETERS

_NOTHING: Final = dict.fromkeys(PARAMETERS)  # what is absent counts as null
_parts = itemgetter("query", "documentId", "operationName", "variables", "extensions")
_SHA256 = "sha256:"  # prefix of the identifiers that the specification knows

# Headers that a browser sends to another origin only after a preflight that allows them. The first
# is the one that the specification names; clients send the others, too.
PREFLIGHT_HEADERS = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-requested-with",
)
# Media types that need no preflight: https://fetch.spec.whatwg.org/#cors-safelisted-request-header
_SIMPLE_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


class GraphqlRequest(Struct, frozen=True, kw_only=True):
    """A well-formed GraphQL-over-HTTP request, whose document has not been read yet.

    It has a document, an identifier of a persisted document, or both.

    >>> http = HttpRequest(method="GET", query={"query": "{ __typename }"})
    >>> parse_request(http, JSON, HttpSettings()).document
    '{ __typename }'
    """

    document: str = ""  # empty if it was not sent
    document_id: str | None = None  # without the prefix `sha256:`
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    media_type: str = JSON  # of the response, as negotiated
    http: HttpRequest


def parse_request(http: HttpRequest, media_type: str, settings: HttpSettings) -> GraphqlRequest:
    """Read the parameters from the URL of a GET or HEAD, or from the body of a POST.

    ``media_type``: of the response, as negotiated. Raises ``HttpError`` or ``ParameterError``, and
    nothing else whatever the request holds.
    """
    if http.method not in METHODS:
        raise MethodError(f"The method {shown(http.method)} is not supported; use POST or GET")
    if settings.csrf_guard:
        _refuse_cross_site(http)
    read = _from_body if http.method == "POST" else _from_url
    given = _parts({**_NOTHING, **read(http, settings)})
    document, document_id, operation_name, variables, extensions = given
    extensions = {} if extensions is None else _object(extensions, "extensions")
    if document_id is not None or extensions:
        document_id = _document_id(document_id, extensions)
    return GraphqlRequest(
        document=_document(document, document_id),
        document_id=document_id,
        operation_name=None if operation_name is None else _operation_name(operation_name),
        variables={} if variables is None else _object(variables, "variables"),
        extensions=extensions,
        media_type=media_type,
        http=http,
    )


def require_query(request: GraphqlRequest, operation_kind: str) -> None:
    """Refuse to run anything but a query for a GET; ``operation_kind`` as written in the document.

    Raises ``MethodError``. To be called before validation, whose error for a schema without
    mutations has the status 200 under ``application/json``.
    Source: https://http-spec.graphql.org/September2026/#sec-GET
    """
    if operation_kind != "query" and request.http.method != "POST":
        raise MethodError(
            f"A {request.http.method} request runs queries only, not a {operation_kind}; use POST",
            allow="POST",
        )


def _refuse_cross_site(http: HttpRequest) -> None:
    if any(name in http.headers for name in PREFLIGHT_HEADERS):
        return
    if http.method == "POST":
        media = parse_media_type(http.headers.get("content-type", ""))
        if media is not None and media.name not in _SIMPLE_TYPES:
            return
    raise CrossSiteError(
        "A page of another site could have sent this request; send the header "
        "GraphQL-Require-Preflight with any value, or a POST of the type application/json"
    )


# ----------------------------------------------------------------------- body and URL


def _from_body(http: HttpRequest, settings: HttpSettings) -> Mapping[str, Any]:
    content_type = http.headers.get("content-type")
    if content_type != JSON:
        _check_content_type(content_type)
    if "content-encoding" in http.headers:
        _check_encoding(http.headers["content-encoding"].strip().lower(), http.body)
    if len(http.body) > settings.max_body_bytes:
        raise BodySizeError(
            f"The body has {len(http.body)} bytes; the limit is {settings.max_body_bytes}"
        )
    if http.body[:1] != b"{" and not http.body.strip():
        raise BodyError("The body is empty; it must hold a JSON object with the entry query")
    body = read_json(http.body, what="The body", max_depth=settings.max_json_depth)
    if type(body) is dict:
        return body
    if isinstance(body, list):
        raise ParameterError("Batches are not supported: send one JSON object, not an array")
    raise ParameterError(f"The body must be a JSON object, got {_kind(body)}")


def _check_content_type(content_type: str | None) -> None:
    media = parse_media_type(content_type or "")
    accepts = {"accept-post": JSON}
    if media is None or media.name != JSON:
        found = f"got {shown(content_type)}" if content_type else "and it has to be sent"
        raise MediaTypeError(f"The Content-Type must be {JSON}, {found}", headers=accepts)
    if not media.is_utf8:
        charset = shown(media.parameters["charset"])
        raise MediaTypeError(f"The charset must be utf-8, got {charset}", headers=accepts)


def _check_encoding(encoding: str, body: bytes) -> None:
    # API Gateway decompresses these two; whether it removes the header is not documented.
    is_unpacked = encoding in ("gzip", "deflate") and body.lstrip().startswith(b"{")
    if encoding not in ("identity", "") and not is_unpacked:
        raise MediaTypeError(
            f"The Content-Encoding {shown(encoding)} is not supported; send the body as it is",
            headers={"accept-encoding": "identity"},
        )


def _from_url(http: HttpRequest, settings: HttpSettings) -> Mapping[str, Any]:
    texts = {name: http.query[name] for name in PARAMETERS if http.query.get(name)}
    size = 0
    for name, text in texts.items():
        if name in http.repeated:
            raise ParameterError(f"The parameter {name} is given twice")
        try:
            size += len(text.encode())
        except UnicodeEncodeError as exc:
            raise BodyError(f"The parameter {name} is not valid UTF-8") from exc
    if size > settings.max_body_bytes:
        raise UrlSizeError(
            f"The parameters have {size} bytes; the limit is {settings.max_body_bytes}"
        )
    parameters: dict[str, Any] = dict(texts)
    for name in ("variables", "extensions"):
        if name in texts:
            parameters[name] = read_json(
                texts[name].encode(),
                what=f"The parameter {name}",
                max_depth=settings.max_json_depth,
            )
    return parameters


# ------------------------------------------------------------------------- parameters


def _document_id(given: object, extensions: Mapping[str, Any]) -> str | None:
    """The identifier of a persisted document: ``documentId``, or Apollo's extension.

    A ``documentId`` that is null or empty counts as absent.

    Sources: https://github.com/graphql/graphql-over-http/blob/persisted-documents/spec/Appendix%20A%20--%20Persisted%20Documents.md
    and https://github.com/apollographql/apollo-link-persisted-queries#protocol
    """
    if given is not None and not isinstance(given, str):
        raise ParameterError(f"The parameter documentId must be a string, got {_kind(given)}")
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return given.removeprefix(_SHA256) if given else None
    if given:
        raise ParameterError("Send documentId or extensions.persistedQuery, not both")
    if not isinstance(persisted, dict):
        raise ParameterError(
            f"The extension persistedQuery must be an object, got {_kind(persisted)}"
        )
    if persisted.get("version") != 1:
        raise ParameterError("Unsupported persisted query version; it must be 1")
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str) or not digest:
        raise ParameterError("The extension persistedQuery must have a text as sha256Hash")
    return digest


def _document(document: object, document_id: str | None) -> str:
    """The text of the document; ``""`` where an identifier replaces it.

    Beside an identifier null and an empty text count as absent: clients send either, and a URL
    knows no null.
    """
    if type(document) is str and document:
        return document
    if document in (None, "") and document_id is not None:
        return ""
    if document is None:
        raise ParameterError("The parameter query is missing: it holds the document")
    if document == "":
        raise ParameterError("The parameter query is empty: it holds the document")
    raise ParameterError(f"The parameter query must be a string, got {_kind(document)}")


def _operation_name(name: object) -> str | None:
    if type(name) is str:
        return name or None  # some clients send ""
    raise ParameterError(f"The parameter operationName must be a string, got {_kind(name)}")


def _object(value: object, name: str) -> dict[str, Any]:
    if type(value) is dict:
        return value
    raise ParameterError(f"The parameter {name} must be an object, got {_kind(value)}")


def _kind(value: object) -> str:
    """The type of a JSON value, for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
