from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.answer import Answer, GraphqlError, Lifetime, tag_of
from handler.errors import (
    AccessError,
    ClientError,
    DeadlineError,
    DocumentSyntaxError,
    HandlerError,
    InputError,
    LimitError,
    Location,
    RequestError,
    SchemaError,
    UpstreamError,
    ValidationError,
)
from handler.http.errors import BodySizeError, EventError, MethodError, ParameterError
from handler.http.event import HttpRequest
from handler.http.media import GRAPHQL_RESPONSE, JSON
from handler.http.options import LAMBDA_RESPONSE_BYTES, HttpSettings
from handler.http.response import (
    ProxyResponse,
    build_response,
    encode_answer,
)
from tests.handler.http.reference import unpack

SECRET = "SELECT password FROM users -- at db.internal:3306, aurora/secret"
REQUEST = HttpRequest(method="POST", request_id="r-1")


def respond(
    answer: Answer,
    http: HttpRequest = REQUEST,
    media_type: str = GRAPHQL_RESPONSE,
    settings: HttpSettings | None = None,
) -> ProxyResponse:
    return build_response(
        answer, http=http, media_type=media_type, settings=settings or HttpSettings()
    )


def encode(answer: Answer, *, max_errors: int = 50) -> bytes:
    return encode_answer(answer, request_id="r-1", max_errors=max_errors)


# ------------------------------------------------------------------------------------- the body


def test_data_goes_out_as_it_came() -> None:
    assert encode(Answer(b"<not even JSON>")) == b'{"data":<not even JSON>}'


def test_errors_come_before_data_and_extensions_last() -> None:
    answer = Answer(
        b'{"a":null}',
        [GraphqlError(ClientError("No"), path=("a", 0, "b"), locations=(Location(1, 3),))],
        extensions={"cost": 7},
    )
    assert encode(answer) == (
        b'{"errors":[{"message":"No","locations":[{"line":1,"column":3}],"path":["a",0,"b"],'
        b'"extensions":{"code":"BAD_REQUEST"}}],"data":{"a":null},"extensions":{"cost":7}}'
    )


def test_a_request_error_has_no_data_and_no_path() -> None:
    error = ValidationError("Unknown field", locations=[Location(2, 5)], extensions={"field": "x"})
    assert encode(Answer.refused(error)) == (
        b'{"errors":[{"message":"Unknown field","locations":[{"line":2,"column":5}],'
        b'"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","field":"x"}}]}'
    )


def test_several_request_errors_stand_side_by_side() -> None:
    answer = Answer.refused(RequestError([ValidationError("One"), InputError("Two")]))
    assert [error["message"] for error in orjson.loads(encode(answer))["errors"]] == ["One", "Two"]


def test_null_data_is_data() -> None:
    answer = Answer(b"null", [GraphqlError(ClientError("No"), path=("a",))])
    assert orjson.loads(encode(answer))["data"] is None


def test_an_outcome_without_data_says_why() -> None:
    with pytest.raises(ValueError, match="needs errors"):
        Answer(None)


def test_errors_are_capped_and_the_rest_counted() -> None:
    errors = [GraphqlError(ClientError(str(n))) for n in range(9)]
    answer = Answer(b"{}", errors, extensions={"cost": 1})
    body = orjson.loads(encode(answer, max_errors=2))
    assert [error["message"] for error in body["errors"]] == ["0", "1"]
    assert body["extensions"] == {"cost": 1, "omittedErrors": 7}
    assert "omittedErrors" not in orjson.loads(encode(answer, max_errors=9))["extensions"]


def test_a_message_with_a_lone_surrogate_can_be_written() -> None:
    answer = Answer.refused(ClientError("No \ud800 here"))
    assert orjson.loads(encode(answer))["errors"][0]["message"] == "No ? here"


# -------------------------------------------------------------------------------- the entity tag


GET = HttpRequest(method="GET", request_id="r-1")


def etag(answer: Answer) -> str:
    return respond(replace(answer, lifetime=Lifetime(60)), GET)["headers"]["etag"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_who_may_ask_for_it_again_gets_a_tag(method: str) -> None:
    """After a POST there is no condition to ask with: RFC 9110, section 13.1.2."""
    answer = Answer(b'{"a":1}', lifetime=Lifetime(60), tag="of-before")
    headers = respond(answer, HttpRequest(method=method, request_id="r-1"))["headers"]
    assert headers["cache-control"] == "public, max-age=60"
    assert headers.get("etag") == (None if method == "POST" else 'W/"of-before"')


def test_an_answer_that_was_kept_with_its_tag_has_the_one_that_it_would_get() -> None:
    answer = Answer(b'{"a":1}')
    assert etag(replace(answer, tag=tag_of(b'{"a":1}'))) == etag(answer)
    assert etag(Answer(b'{"a":2}')) != etag(answer)
    assert etag(replace(answer, tag="of-before")) == 'W/"of-before"'


def test_extensions_have_another_tag_whatever_the_data_has() -> None:
    answer = Answer(b'{"a":1}', tag=tag_of(b'{"a":1}'))
    tags = [etag(replace(answer, extensions=each)) for each in (None, {"cost": 1}, {"cost": 2})]
    assert len(set(tags)) == 3


# ----------------------------------------------------------------------------------- the masking


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        pytest.param(ValueError(SECRET), "Internal error", "INTERNAL", id="bug"),
        pytest.param(KeyError(SECRET), "Internal error", "INTERNAL", id="key"),
        pytest.param(HandlerError(SECRET), "Internal error", "INTERNAL", id="handler"),
        pytest.param(UpstreamError(SECRET), "Internal error", "UPSTREAM_FAILED", id="upstream"),
        pytest.param(
            DeadlineError(SECRET),
            "The request took longer than its time limit",
            "TIMEOUT",
            id="deadline",
        ),
        pytest.param(SchemaError(SECRET), "Internal error", "SCHEMA_INVALID", id="schema"),
    ],
)
@pytest.mark.parametrize("data", [b"null", None])
def test_an_error_not_meant_for_clients_is_masked(
    error: Exception, message: str, code: str, data: bytes | None
) -> None:
    error.__cause__ = RuntimeError(SECRET)
    response = respond(Answer(data, [GraphqlError(error, path=("a",))]))
    assert orjson.loads(response["body"])["errors"] == [
        {"message": message, "path": ["a"], "extensions": {"code": code, "requestId": "r-1"}}
    ]
    for part in ("SELECT", "db.internal", "aurora/secret"):
        assert part not in json.dumps(response)


def test_a_client_error_is_shown_without_its_cause() -> None:
    error = InputError("quantity must be positive")
    error.__cause__ = ValueError(SECRET)
    response = respond(Answer.refused(error))
    assert orjson.loads(response["body"])["errors"] == [
        {"message": "quantity must be positive", "extensions": {"code": "BAD_USER_INPUT"}}
    ]


def test_without_a_request_id_none_is_named() -> None:
    response = respond(Answer.refused(ValueError("x")), HttpRequest(method="POST"))
    assert orjson.loads(response["body"])["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "x-request-id" not in response["headers"]


# ------------------------------------------------------------------------------------ the status


@pytest.mark.parametrize(
    ("error", "under_json", "under_graphql"),
    [
        pytest.param(DocumentSyntaxError("x"), 200, 400, id="syntax"),
        pytest.param(ValidationError("x"), 200, 400, id="validation"),
        pytest.param(LimitError("x"), 200, 400, id="limit"),
        pytest.param(AccessError("x"), 200, 403, id="access"),
        pytest.param(RequestError([ValidationError("x")]), 200, 400, id="several"),
        pytest.param(ParameterError("x"), 400, 400, id="parameter"),
        pytest.param(BodySizeError("x"), 413, 413, id="size"),
        pytest.param(EventError("x"), 400, 400, id="event"),
        pytest.param(MethodError("x"), 405, 405, id="method"),
        pytest.param(UpstreamError("x"), 503, 503, id="upstream"),
        pytest.param(DeadlineError("x"), 504, 504, id="deadline"),
        pytest.param(ZeroDivisionError("x"), 500, 500, id="bug"),
    ],
)
def test_a_refusal_has_the_status_of_its_error(
    error: Exception, under_json: int, under_graphql: int
) -> None:
    answer = Answer.refused(error)
    assert respond(answer, media_type=JSON)["statusCode"] == under_json
    assert respond(answer)["statusCode"] == under_graphql


def test_a_failure_of_ours_outweighs_a_mistake_of_the_client() -> None:
    mixed = Answer(None, [GraphqlError(ClientError("x")), GraphqlError(UpstreamError("y"))])
    assert respond(mixed, media_type=JSON)["statusCode"] == 503


def test_a_refusal_brings_its_headers() -> None:
    response = respond(Answer.refused(MethodError("x", allow="POST")))
    assert response["headers"]["allow"] == "POST"


# ------------------------------------------------------------------- headers, size, compression


def test_the_request_id_is_a_header() -> None:
    assert respond(Answer(b"{}"))["headers"]["x-request-id"] == "r-1"


@pytest.mark.parametrize("request_id", ["a\r\nset-cookie: x", "é", "\x00", ""])
def test_a_request_id_that_is_no_header_is_left_out(request_id: str) -> None:
    http = HttpRequest(method="POST", request_id=request_id)
    assert "x-request-id" not in respond(Answer(b"{}"), http)["headers"]


ZIPPING = HttpRequest(method="POST", headers={"accept-encoding": "gzip, deflate, br"})
LARGE = b'{"a":"' + "Côte de Blaye ".encode() * 1_000 + b'"}'


def test_a_large_body_is_compressed_for_a_client_that_takes_it() -> None:
    response = respond(Answer(LARGE), ZIPPING)
    assert response["isBase64Encoded"] is True
    assert response["headers"]["content-encoding"] == "gzip"
    assert len(response["body"]) < 500
    assert unpack(response).body == b'{"data":' + LARGE + b"}"
    assert "accept-encoding" in response["multiValueHeaders"]["vary"]


@pytest.mark.parametrize(
    ("data", "http", "settings"),
    [
        pytest.param(LARGE, REQUEST, HttpSettings(), id="not-accepted"),
        pytest.param(b"{}", ZIPPING, HttpSettings(), id="small"),
        pytest.param(LARGE, ZIPPING, HttpSettings(gzip_min_bytes=None), id="switched-off"),
    ],
)
def test_other_bodies_stay_as_they_are(
    data: bytes, http: HttpRequest, settings: HttpSettings
) -> None:
    response = respond(Answer(data), http, settings=settings)
    assert (response["isBase64Encoded"], "content-encoding" in response["headers"]) == (False,) * 2
    assert response["body"].encode() == b'{"data":' + data + b"}"


def test_compression_starts_at_its_setting() -> None:
    settings = HttpSettings(gzip_min_bytes=100)
    data = b'"' + b"a" * 87 + b'"'  # 98 bytes with the entry's name and braces
    assert respond(Answer(data), ZIPPING, settings=settings)["isBase64Encoded"] is False
    longer = b'"' + b"a" * 89 + b'"'
    assert respond(Answer(longer), ZIPPING, settings=settings)["isBase64Encoded"] is True


def test_the_head_of_a_compressed_answer_has_no_body() -> None:
    http = HttpRequest(method="HEAD", headers=ZIPPING.headers)
    head, got = respond(Answer(LARGE), http), respond(Answer(LARGE), ZIPPING)
    assert (head["statusCode"], head["headers"]) == (got["statusCode"], got["headers"])
    assert (head["body"], head["isBase64Encoded"]) == ("", False)


@pytest.mark.parametrize("unit", [b"a", "é".encode(), "😀".encode(), b'\\"', b"\\\\", b'"', b"\\n"])
def test_an_answer_at_the_limit_fits_and_one_over_is_a_clear_error(unit: bytes) -> None:
    """Lambda counts the response as JSON, in which each quote of the body takes two bytes."""
    settings = HttpSettings(max_response_bytes=20_000)

    def written(repeats: int) -> tuple[int, ProxyResponse]:
        response = respond(Answer(b'"' + unit * repeats + b'"'), settings=settings)
        return len(json.dumps(response["body"], ensure_ascii=False).encode()) - 2, response

    repeats, step = 0, 16_384  # the most repeats that fit
    while step:
        if written(repeats + step)[1]["body"].startswith('{"data"'):
            repeats += step
        step //= 2
    size, fits = written(repeats)
    each = written(2)[0] - written(1)[0]
    assert 20_000 - each < size <= 20_000
    assert fits["statusCode"] == 200
    refused = unpack(written(repeats + 1)[1])
    assert (refused.status, refused.codes, list(refused.json)) == (
        400,
        ["LIMIT_EXCEEDED"],
        ["errors"],
    )
    message = refused.json["errors"][0]["message"]
    assert message.startswith(f"The answer has {size + each} bytes; the limit is 20000.")


def test_the_default_limit_leaves_room_for_the_headers_within_the_limit_of_lambda() -> None:
    settings = HttpSettings(cors_origins=("*",))
    http = HttpRequest(method="POST", request_id="r" * 200, headers={"origin": "https://a.example"})
    body_bytes = settings.max_response_bytes - len('{"data":""}') - 4  # each quote counts twice
    response = respond(Answer(b'"' + b"a" * body_bytes + b'"'), http, settings=settings)
    assert response["statusCode"] == 200
    assert len(json.dumps(response).encode()) <= LAMBDA_RESPONSE_BYTES


def test_an_answer_too_large_as_it_is_may_go_out_compressed() -> None:
    data = b'"' + b"a" * 7_000_000 + b'"'
    assert respond(Answer(data))["statusCode"] == 400
    compressed = respond(Answer(data), ZIPPING)
    assert (compressed["statusCode"], compressed["isBase64Encoded"]) == (200, True)


@given(
    messages=st.lists(st.text(st.characters(exclude_categories=())), max_size=3),
    paths=st.lists(st.text() | st.integers(0, 2**31), max_size=3),
    data=st.none() | st.dictionaries(st.text(), st.text() | st.integers(-9, 9)),
)
def test_any_outcome_is_valid_json(
    messages: list[str], paths: list[str | int], data: dict[str, Any] | None
) -> None:
    errors = [GraphqlError(ClientError(message), path=tuple(paths)) for message in messages]
    answer = Answer(orjson.dumps(data), errors)
    answer = orjson.loads(encode(answer))
    assert answer["data"] == data
    assert [error["path"] for error in answer.get("errors", [])] == [paths] * len(messages)
