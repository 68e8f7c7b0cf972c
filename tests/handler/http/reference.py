"""The HTTP stages around ``graphql-core``, so that whole exchanges can be tested without ours."""

from __future__ import annotations

import gzip
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import graphql
import orjson

from handler.answer import Answer, GraphqlError
from handler.errors import (
    ClientError,
    DocumentSyntaxError,
    InputError,
    Location,
    OperationNameError,
    RequestError,
    ValidationError,
)
from handler.http.graphql import GraphqlRequest, require_query
from handler.http.options import HttpSettings
from handler.http.response import ProxyResponse, build_response
from handler.http.routing import receive

SCHEMA = graphql.build_schema(
    """
    type Query { hello(name: String!): String, broken: String, strict: String! }
    type Mutation { touch: Boolean }
    """
)


class Resolvers:
    """The root value."""

    def hello(self, _info: graphql.GraphQLResolveInfo[Any], name: str) -> str:
        return f"Hello {name}"

    def broken(self, _info: graphql.GraphQLResolveInfo[Any]) -> str:
        raise LookupError("SELECT password FROM users -- on db.internal:3306")

    def strict(self, _info: graphql.GraphQLResolveInfo[Any]) -> str:
        raise ClientError("This field is out of order")


@dataclass(frozen=True)
class ClientResponse:
    """A response as a client sees it, after the gateway."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def content_type(self) -> str:
        return self.headers["content-type"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.json["errors"]]


def exchange(event: object, settings: HttpSettings | None = None) -> ClientResponse:
    """Send an event through the stages and read the response as the gateway does."""
    settings = settings or HttpSettings()
    received = receive(event, settings)
    if isinstance(received, GraphqlRequest):
        response = build_response(
            run(received), http=received.http, media_type=received.media_type, settings=settings
        )
    else:
        response = received
    return unpack(response)


def unpack(response: ProxyResponse) -> ClientResponse:
    """Undo Base64 and compression, and join the headers."""
    body = response["body"].encode()
    if response["isBase64Encoded"]:
        body = b64decode(response["body"])
    if response["headers"].get("content-encoding") == "gzip" and body:
        body = gzip.decompress(body)
    several = {name: ", ".join(values) for name, values in response["multiValueHeaders"].items()}
    return ClientResponse(response["statusCode"], response["headers"] | several, body)


def run(request: GraphqlRequest) -> Answer:
    """Parse, validate and execute."""
    try:
        document = graphql.parse(request.document)
    except graphql.GraphQLSyntaxError as error:
        return Answer.refused(DocumentSyntaxError(error.message, locations=_locations(error)))
    operation = graphql.get_operation_ast(document, request.operation_name)
    if operation is None:
        return Answer.refused(OperationNameError("Which operation?"))
    try:
        require_query(request, operation.operation.value)
    except ClientError as refusal:
        return Answer.refused(refusal)
    invalid = graphql.validate(SCHEMA, document)
    if invalid:
        errors = [ValidationError(e.message, locations=_locations(e)) for e in invalid]
        return Answer.refused(RequestError(errors))
    result = graphql.execute_sync(
        SCHEMA, document, Resolvers(), None, request.variables, request.operation_name
    )
    ran = result.data is not None or any(error.path for error in result.errors or ())
    if not ran:
        return Answer.refused(RequestError([InputError(e.message) for e in result.errors or ()]))
    return Answer(
        orjson.dumps(result.data),
        [
            GraphqlError(
                error.original_error or error,
                path=tuple(error.path or ()),
                locations=tuple(_locations(error)),
            )
            for error in result.errors or ()
        ],
    )


def _locations(error: graphql.GraphQLError) -> list[Location]:
    return [Location(at.line, at.column) for at in error.locations or ()]
