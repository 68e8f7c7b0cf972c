"""Which requests are answered at once, and which are GraphQL."""

from __future__ import annotations

from handler.answer import Answer
from handler.errors import ClientError
from handler.http import media, surface
from handler.http.cors import preflight_headers
from handler.http.errors import HttpError, NotAcceptableError, NotFoundError
from handler.http.event import HttpRequest, is_warm_up, parse_event
from handler.http.graphql import GraphqlRequest, parse_request
from handler.http.options import HttpSettings
from handler.http.response import ProxyResponse, build_response, encode_response

# The first is for a client that takes any.
_OFFERS = (media.JSON, media.GRAPHQL_RESPONSE)
_UNKNOWN = HttpRequest(method="POST")  # for an event that cannot be read


def receive(event: object, settings: HttpSettings) -> GraphqlRequest | ProxyResponse:
    """The GraphQL request of an event, or the finished response to any other event.

    Finished here: calls that keep an environment warm, preflights, health checks, GraphiQL's page
    and files, and every request that GraphQL over HTTP refuses. Raises nothing.
    """
    try:
        http = parse_event(event)
    except HttpError as error:
        if is_warm_up(event):
            return encode_response(
                204, b"", content_type=media.JSON, http=_UNKNOWN, settings=settings
            )
        return _refuse(error, _UNKNOWN, media.JSON, settings)
    if http.method == "OPTIONS":
        headers = preflight_headers(http, settings)
        return encode_response(
            204, b"", content_type=media.JSON, http=http, settings=settings, headers=headers
        )
    reading = http.method in ("GET", "HEAD")
    # A custom domain may add a base path in front.
    if reading and http.path.endswith(surface.HEALTH_PATH):
        return _read(b'{"status":"ok"}', media.JSON, http, settings)
    if reading and settings.graphiql and surface.GRAPHIQL_PREFIX in http.path:
        return _file(http, settings)
    offers = (*_OFFERS, media.HTML) if reading and settings.graphiql else _OFFERS
    media_type = media.negotiate(http.headers.get("accept"), offers)
    if media_type == media.HTML:
        from handler.http import graphiql  # late: in production there is none

        policy = {"content-security-policy": graphiql.CONTENT_SECURITY_POLICY}
        return _read(graphiql.HTML, media.HTML, http, settings, policy)
    try:
        if media_type is None and http.method in surface.METHODS:
            raise NotAcceptableError(
                f"The Accept header must allow {media.GRAPHQL_RESPONSE} or {media.JSON} in utf-8"
            )
        return parse_request(http, media_type or media.JSON, settings)
    except ClientError as error:
        return _refuse(error, http, media_type or media.JSON, settings)


def _file(http: HttpRequest, settings: HttpSettings) -> ProxyResponse:
    """The response to a request for one of GraphiQL's files."""
    from handler.http import graphiql  # late: in production there is none

    name = http.path.rpartition(surface.GRAPHIQL_PREFIX)[2]
    found = graphiql.read_file(settings.graphiql_dir, name)
    if found is None:
        return _refuse(NotFoundError("GraphiQL has no such file"), http, media.JSON, settings)
    headers = {"cache-control": "no-cache", "etag": found.tag}  # revalidated each time
    if http.headers.get("if-none-match") == found.tag:
        return encode_response(
            304, b"", content_type="", http=http, settings=settings, headers=headers
        )
    return _read(found.content, found.media_type, http, settings, headers)


def _refuse(
    error: ClientError, http: HttpRequest, media_type: str, settings: HttpSettings
) -> ProxyResponse:
    return build_response(
        Answer.refused(error), http=http, media_type=media_type, settings=settings
    )


def _read(
    body: bytes,
    content_type: str,
    http: HttpRequest,
    settings: HttpSettings,
    headers: dict[str, str] | None = None,
) -> ProxyResponse:
    response = encode_response(
        200, body, content_type=content_type, http=http, settings=settings, headers=headers
    )
    if http.method == "HEAD":
        response["body"], response["isBase64Encoded"] = "", False
    return response
