"""What the gateway of one machine and the deployed stack have to say alike."""

from __future__ import annotations

import json

import pytest

from aurora_graphql.dev.lambda_run import AUTHORIZER_MEMORY_MB, LambdaOptions
from aurora_graphql.gateway.authorizer import TIMEOUT_S as AUTHORIZER_S
from aurora_graphql.gateway.coding import PACKED_BYTES_MIN
from aurora_graphql.gateway.refusals import HEADERS, Refusal
from components import api_functions
from components.api_settings import ApiSettings, FunctionSettings
from components.definition import DefinitionOptions
from components.surface import GATEWAY_ERRORS, GATEWAY_HEADERS, build_surface
from handler.http.event import HttpRequest
from handler.http.options import HttpSettings
from handler.http.response import encode_response


@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_is_the_deployed_one(refusal: Refusal) -> None:
    status, code, message = GATEWAY_ERRORS[refusal.name]
    assert refusal.status == status
    assert json.loads(refusal.body("r-1")) == {
        "errors": [{"message": message, "extensions": {"code": code, "requestId": "r-1"}}]
    }


def test_the_gateway_has_the_security_headers_of_the_function() -> None:
    """All but the policy for contents, which API Gateway cannot write with quotes in it."""
    assert HEADERS == GATEWAY_HEADERS
    asked = HttpRequest(method="GET")
    answer = encode_response(200, b"", content_type="", http=asked, settings=HttpSettings())
    theirs = {name.lower(): text for name, text in GATEWAY_HEADERS.items()}
    policy = "content-security-policy"
    assert theirs | {policy: answer["headers"][policy]} == answer["headers"]


def test_the_limits_are_those_of_a_stack_without_settings() -> None:
    options = LambdaOptions()
    assert (options.throttle_rate, options.throttle_burst) == (
        ApiSettings.throttle_rate,
        ApiSettings.throttle_burst,
    )
    assert options.authorizer_cache_s == ApiSettings.authorizer_cache_s
    assert ApiSettings.compression_bytes == PACKED_BYTES_MIN
    assert (options.timeout_s, options.memory_mb) == (
        FunctionSettings.timeout_s,
        FunctionSettings.memory_mb,
    )
    assert (AUTHORIZER_S, AUTHORIZER_MEMORY_MB) == (
        api_functions.AUTHORIZER_TIMEOUT_S,
        api_functions.AUTHORIZER_MEMORY_MB,
    )


@pytest.mark.parametrize("timeout_s", [1, 15, 28, 29])
def test_the_gateway_waits_as_long_as_the_deployed_one(timeout_s: int) -> None:
    deployed = DefinitionOptions(
        surface=build_surface({}, graphiql=False),
        cors_origins=(),
        authorizer_cache_s=0,
        anonymous=True,
        api_keys=False,
        timeout_s=timeout_s,
    )
    assert LambdaOptions(timeout_s=timeout_s).gateway_timeout_s * 1000 == deployed.timeout_ms
