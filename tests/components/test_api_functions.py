"""The API's functions: what they are told, and what they cannot be told."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from components.api_settings import ApiSettings, FunctionSettings
from components.archive import ArchiveError
from components.data_settings import Road
from tests.components.api_tiers import (
    API_SECRET,
    ARGS,
    FUNCTION,
    MASTER_SECRET,
    build,
    environment,
    rules_of,
)
from tests.components.surroundings import LOCATION, example_archive
from tests.components.test_function import policy

pytestmark = pytest.mark.slow

OF_RDS = f"Amazon RDS {LOCATION.region} Root CA RSA2048 G1"


def test_network_without_an_endpoint_of_secrets_manager_is_refused() -> None:
    network = dataclasses.replace(ARGS.network, endpoint_security_group_id=None)
    with pytest.raises(ValueError, match="must name the group of an endpoint of Secrets Manager"):
        dataclasses.replace(ARGS, network=network)


def test_environment_of_graphql() -> None:
    found = environment(build(), "t-graphql")
    assert re.fullmatch("[0-9a-f]{12}", found.pop("RELEASE"))
    assert found == {
        "LOG_LEVEL": "INFO",
        "STAGE": "dev",
        "SDL_DIR": "sdl",
        "MIGRATIONS_DIR": "migrations",
        "CACHE_URL": "rediss://cache.example:6379",
        "CACHE_USER": "api",
        "CACHE_AUTH": "iam",
        "CACHE_CA_FILE": "rds-ca.pem",
        "CACHE_CLUSTER": "true",
        "DATABASE_HOST": "proxy.example",
        "DATABASE_READER_HOST": "proxy-ro.example",
        "DATABASE_PORT": "3306",
        "DATABASE_NAME": "app",
        "DATABASE_USER": "api",
        "DATABASE_AUTH": "iam",
        "DATABASE_CA_FILE": "rds-ca.pem",
        "REQUEST_TIMEOUT_S": "15",
        "TRACING": "xray",
        "INTROSPECTION": "off",
        "GRAPHIQL": "off",
        "CORS_ORIGINS": "",
        "GZIP_MIN_BYTES": "off",
    }


def test_an_api_without_traces_makes_no_spans() -> None:
    api = dataclasses.replace(ARGS.api, tracing=False)
    assert "TRACING" not in environment(build(dataclasses.replace(ARGS, api=api)), "t-graphql")


def test_the_api_alone_counts_the_listed_operations() -> None:
    api = dataclasses.replace(ARGS.api, operation_metrics=("Orders", "Order"))
    graph = build(dataclasses.replace(ARGS, api=api))
    assert environment(graph, "t-graphql")["OPERATION_METRICS"] == "Orders,Order"
    for name in ("t-migrate", "t-ingest-function", "t-authorizer"):
        assert "OPERATION_METRICS" not in environment(graph, name)


def test_the_api_is_told_of_a_database_that_may_pause() -> None:
    """Migrate and ingest wait for any database, for as long as they may run."""
    database = dataclasses.replace(ARGS.database, may_pause=True)
    graph = build(dataclasses.replace(ARGS, database=database))
    assert environment(graph, "t-graphql")["DATABASE_MAY_PAUSE"] == "on"
    for name in ("t-migrate", "t-ingest-function"):
        assert "DATABASE_MAY_PAUSE" not in environment(graph, name)


def test_environment_of_the_authorizer() -> None:
    assert environment(build(), "t-authorizer") == {
        "LOG_LEVEL": "INFO",
        "STAGE": "dev",
        "AUTH_ISSUERS": "https://issuer.example/",
        "AUTH_AUDIENCE": "shop",
        "AUTH_ANONYMOUS": "off",
    }


def test_chosen_variables_reach_the_functions_that_read_them() -> None:
    function = FunctionSettings(variables=("DOCUMENT_COST_MAX=8000", "AUTH_CLAIMS=customer_id,a=b"))
    graph = build(dataclasses.replace(ARGS, function=function))
    for name in ("t-graphql", "t-migrate", "t-ingest-function"):
        variables = environment(graph, name)
        assert variables["DOCUMENT_COST_MAX"] == "8000"
        assert variables["AUTH_CLAIMS"] == "customer_id,a=b"
    authorizer = environment(graph, "t-authorizer")
    assert authorizer["AUTH_CLAIMS"] == "customer_id,a=b"
    assert "DOCUMENT_COST_MAX" not in authorizer


def test_variable_that_the_archive_does_not_read_is_refused() -> None:
    function = FunctionSettings(variables=("DOCUMENT_COST=1",))
    with pytest.raises(ValueError, match=r"DOCUMENT_COST, .* did you mean DOCUMENT_COST_MAX\?"):
        dataclasses.replace(ARGS, function=function)


def test_archive_that_is_prepared_for_these_variables_is_taken() -> None:
    function = FunctionSettings(variables=("PAGE_SIZE_MAX=20",))
    prepared = ({"PAGE_SIZE_MAX": None}, {"PAGE_SIZE_MAX": "20"})
    archive = dataclasses.replace(example_archive(), prepared=prepared)
    assert dataclasses.replace(ARGS, archive=archive, function=function).archive is archive


def test_archive_that_is_prepared_for_other_variables_is_refused() -> None:
    archive = dataclasses.replace(example_archive(), prepared=({"PAGE_SIZE_MAX": "20"},))
    with pytest.raises(
        ArchiveError, match=r"is prepared for PAGE_SIZE_MAX=20: run aurora-graphql package"
    ):
        dataclasses.replace(ARGS, archive=archive)


@pytest.mark.parametrize(
    ("authorities", "cache", "road", "message"),
    [
        pytest.param((), True, "proxy", "holds no certificates", id="none"),
        pytest.param(("Amazon Root CA 1",), True, "proxy", "of RDS in eu-central-1", id="no-rds"),
        pytest.param((OF_RDS,), False, "proxy", "of Amazon Trust Services", id="proxy"),
        pytest.param((OF_RDS,), False, "proxy-iam", "of Amazon Trust Services", id="proxy-by-iam"),
        pytest.param((OF_RDS,), True, "cluster", "of Amazon Trust Services", id="cache"),
        pytest.param((OF_RDS,), False, "cluster", "", id="cluster-alone"),
    ],
)
def test_archive_must_know_whom_the_functions_meet(
    authorities: tuple[str, ...], *, cache: bool, road: Road, message: str
) -> None:
    changes: dict[str, Any] = {
        "archive": dataclasses.replace(example_archive(), authorities=authorities),
        "database": dataclasses.replace(ARGS.database, road=road),
        "cache": ARGS.cache if cache else None,
    }
    if not message:
        assert dataclasses.replace(ARGS, **changes).archive.authorities == authorities
        return
    with pytest.raises(ArchiveError, match=message):
        dataclasses.replace(ARGS, **changes)


def test_graphiql_needs_an_archive_that_holds_it() -> None:
    api = ApiSettings(graphiql=True, introspection=True, anonymous=True, authorizer_cache_s=0)
    with pytest.raises(ArchiveError, match=r"holds no GraphiQL: run aurora-graphql package"):
        dataclasses.replace(ARGS, api=api)
    archive = dataclasses.replace(ARGS.archive, graphiql=True)
    graph = build(dataclasses.replace(ARGS, api=api, archive=archive))
    assert environment(graph, "t-graphql")["GRAPHIQL"] == "on"
    body = json.loads(graph.named("t-gateway-api").inputs["body"])
    assert "/graphiql/{file}" in body["paths"]


def test_headers_that_pages_may_send_are_those_of_handler_and_gateway() -> None:
    archive = dataclasses.replace(ARGS.archive, variables=("CORS_HEADERS",))
    function = FunctionSettings(variables=("CORS_HEADERS=x-mine",))
    api = dataclasses.replace(ARGS.api, cors_origins=("https://shop.example",))
    graph = build(dataclasses.replace(ARGS, api=api, archive=archive, function=function))
    preflight = json.loads(graph.named("t-gateway-api").inputs["body"])["paths"]["/"]["options"]
    sent = preflight["x-amazon-apigateway-integration"]["responses"]["default"][
        "responseParameters"
    ]
    assert sent["method.response.header.Access-Control-Allow-Headers"] == "'x-mine'"
    assert environment(graph, "t-graphql")["CORS_HEADERS"] == "x-mine"


def test_static_keys_reach_the_authorizer_alone_and_are_secret_in_the_state() -> None:
    key = f"till={'0' * 64} orders:read"
    api = dataclasses.replace(ARGS.api, static_keys=(key, f"b={'1' * 64}"))
    graph = build(dataclasses.replace(ARGS, api=api))
    assert environment(graph, "t-authorizer")["AUTH_API_KEYS"] == f"{key},b={'1' * 64}"
    assert "environment" in graph.named("t-authorizer", FUNCTION).secret_inputs
    for name in ("t-graphql", "t-migrate", "t-ingest-function"):
        assert "AUTH_API_KEYS" not in environment(graph, name)


def test_resolvers_are_those_of_the_archive() -> None:
    archive = dataclasses.replace(ARGS.archive, resolvers="shop.resolvers")
    graph = build(dataclasses.replace(ARGS, archive=archive))
    assert environment(graph, "t-graphql")["RESOLVERS"] == "shop.resolvers"
    assert "RESOLVERS" not in environment(build(), "t-graphql")


def test_answers_are_never_base64_which_the_gateway_would_hand_on_as_text() -> None:
    """The gateway turns Base64 into bytes for binary media types only, and there are none."""
    for compression_bytes in (1024, -1):
        api = dataclasses.replace(ARGS.api, compression_bytes=compression_bytes)
        graph = build(dataclasses.replace(ARGS, api=api))
        rest_api = graph.named("t-gateway-api", "aws:apigateway/restApi:RestApi").inputs
        assert "binaryMediaTypes" not in rest_api
        assert "x-amazon-apigateway-binary-media-types" not in rest_api["body"]
        assert environment(graph, "t-graphql")["GZIP_MIN_BYTES"] == "off"


def test_environment_of_the_migration() -> None:
    assert environment(build(), "t-migrate") == {
        "LOG_LEVEL": "INFO",
        "STAGE": "dev",
        "SDL_DIR": "sdl",
        "MIGRATIONS_DIR": "migrations",
        "DATABASE_HOST": "writer.example",
        "DATABASE_PORT": "3306",
        "DATABASE_NAME": "app",
        "DATABASE_AUTH": "secret",
        "DATABASE_SECRET_ARN": MASTER_SECRET,
        "DATABASE_API_SECRET_ARN": API_SECRET,
        "DATABASE_API_USER": "api",
        "DATABASE_FORMER_API_USERS": "api_before",
        "DATABASE_INGEST_USER": "api_write",
        "DATABASE_CA_FILE": "rds-ca.pem",
    }


def test_without_a_password_the_migration_gets_none() -> None:
    database = dataclasses.replace(ARGS.database, api_secret_arn=None)
    graph = build(dataclasses.replace(ARGS, database=database))
    assert "DATABASE_API_SECRET_ARN" not in environment(graph, "t-migrate")
    assert policy(graph, "t-migrate-policy")["ReadSecrets"]["Resource"] == [MASTER_SECRET]


def test_without_a_cache_nothing_speaks_of_one() -> None:
    graph = build(dataclasses.replace(ARGS, cache=None))
    for name in ("t-graphql", "t-ingest-function"):
        assert not [key for key in environment(graph, name) if key.startswith("CACHE")]
        assert "cache" not in rules_of(graph, name)
        assert [one.name for one in graph.resources if one.name.startswith(f"{name}-cache")] == []


def test_snapstart_of_an_old_python_is_refused() -> None:
    changes: dict[str, Any] = {
        "function": FunctionSettings(cold_start="snapstart"),
        "archive": example_archive(runtime="python3.11"),
    }
    with pytest.raises(ValueError, match=r"functionColdStart snapstart needs python3\.12"):
        dataclasses.replace(ARGS, **changes)
