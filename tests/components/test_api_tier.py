"""The tier: five functions with their rights, and the order in which a release happens."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_functions import ApiTierArgs
from components.api_settings import ApiSettings, FunctionSettings, IngestSettings
from components.api_tier import ApiTier
from components.archive import ArchiveError
from components.data_settings import Road
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import (
    KEY_ARN,
    LOCATION,
    SUBNET_IDS,
    TAGS,
    example_archive,
    example_cache,
    example_database,
    example_network,
)
from tests.components.test_function import policy
from tests.components.weaknesses import weaknesses

pytestmark = pytest.mark.slow

MASTER_SECRET = example_database().master_secret_arn
API_SECRET = example_database().api_secret_arn
ARGS = ApiTierArgs(
    location=LOCATION,
    archive=example_archive(),
    stage="dev",
    key_arn=KEY_ARN,
    network=example_network(),
    database=example_database(),
    cache=example_cache(),
    api=ApiSettings(auth_issuers=("https://issuer.example/",), auth_audience="shop"),
    tags=TAGS,
)
FUNCTION = "aws:lambda/function:Function"

OF_RDS = f"Amazon RDS {LOCATION.region} Root CA RSA2048 G1"


def build(args: ApiTierArgs = ARGS) -> Graph:
    return declare(partial(ApiTier, "t", args))


def environment(graph: Graph, name: str) -> dict[str, str]:
    variables: dict[str, str] = graph.named(name, FUNCTION).inputs["environment"]["variables"]
    return variables


def rules_of(graph: Graph, name: str) -> dict[str, int]:
    """What a function may reach: destination -> port."""
    typ = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    prefix = f"{name}-to-"
    return {
        rule.name.removeprefix(prefix): rule.inputs["fromPort"]
        for rule in graph.of_type(typ)
        if rule.name.startswith(prefix)
    }


def test_network_without_an_endpoint_of_secrets_manager_is_refused() -> None:
    network = dataclasses.replace(ARGS.network, endpoint_security_group_id=None)
    with pytest.raises(ValueError, match="must name the group of an endpoint of Secrets Manager"):
        dataclasses.replace(ARGS, network=network)


def test_components_and_functions_are_frozen(declared: Declare) -> None:
    graph = declared(partial(ApiTier, "t", ARGS))
    frozen = [
        pair
        for pair in graph.types_and_names()
        if pair[0].startswith("aurora-graphql:") or pair[0].startswith("aws:lambda/")
    ]
    assert frozen == [
        ("aurora-graphql:component:ApiTier", "t"),
        ("aurora-graphql:component:Bucket", "t-ingest-bucket"),
        ("aurora-graphql:component:Bucket", "t-ingest-bucket-log"),
        ("aurora-graphql:component:Function", "t-authorizer"),
        ("aurora-graphql:component:Function", "t-graphql"),
        ("aurora-graphql:component:Function", "t-ingest-function"),
        ("aurora-graphql:component:Function", "t-migrate"),
        ("aurora-graphql:component:Function", "t-prune-function"),
        ("aurora-graphql:component:Gateway", "t-gateway"),
        ("aurora-graphql:component:IngestStore", "t-ingest"),
        ("aurora-graphql:component:Migration", "t-migration"),
        ("aurora-graphql:component:Pruning", "t-prune"),
        ("aurora-graphql:component:Release", "t-authorizer"),
        ("aurora-graphql:component:Release", "t-graphql"),
        ("aurora-graphql:component:Release", "t-ingest-release"),
        ("aws:lambda/alias:Alias", "t-authorizer-alias"),
        ("aws:lambda/alias:Alias", "t-graphql-alias"),
        ("aws:lambda/alias:Alias", "t-ingest-release-alias"),
        ("aws:lambda/function:Function", "t-authorizer"),
        ("aws:lambda/function:Function", "t-graphql"),
        ("aws:lambda/function:Function", "t-ingest-function"),
        ("aws:lambda/function:Function", "t-migrate"),
        ("aws:lambda/function:Function", "t-prune-function"),
        (
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
            "t-ingest-retries",
        ),
        ("aws:lambda/invocation:Invocation", "t-migration-call"),
        ("aws:lambda/invocation:Invocation", "t-prune-call"),
        ("aws:lambda/permission:Permission", "t-gateway-calls-authorizer"),
        ("aws:lambda/permission:Permission", "t-gateway-calls-graphql"),
        ("aws:lambda/permission:Permission", "t-ingest-calls"),
    ]
    assert len(graph.resources) == 92


def test_invariants_hold(declared: Declare) -> None:
    graph = declared(partial(ApiTier, "t", ARGS))
    assert weaknesses(graph) == {}


def test_new_version_takes_traffic_after_the_migration() -> None:
    graph = build()
    call = graph.named("t-migration-call")
    for alias in ("t-graphql-alias", "t-ingest-release-alias"):
        assert waits_for(graph, graph.named(alias), call)
    assert waits_for(graph, graph.named("t-gateway-stage"), call)


def test_migration_runs_once_its_function_has_rights_and_roads() -> None:
    graph = build()
    call = graph.named("t-migration-call")
    for name in (
        "t-migrate-policy",
        "t-migrate-to-database",
        "t-migrate-into-database",
        "t-migrate-to-secrets",
        "t-migrate-into-secrets",
    ):
        assert waits_for(graph, call, graph.named(name)), name


def test_migration_waits_for_the_endpoint_of_its_secret() -> None:
    triggers = build().named("t-migration-call").inputs["triggers"]
    assert triggers["secretsmanager"] == "vpce-2"


def test_migration_does_not_wait_for_the_new_version() -> None:
    graph = build()
    call = graph.named("t-migration-call")
    assert not waits_for(graph, call, graph.named("t-graphql", FUNCTION))


def test_each_function_reaches_only_what_it_uses() -> None:
    graph = build()
    assert {
        name: rules_of(graph, name)
        for name in ("t-graphql", "t-authorizer", "t-migrate", "t-ingest-function")
    } == {
        "t-graphql": {"proxy": 3306, "cache": 6379},
        "t-authorizer": {},
        "t-migrate": {"database": 3306, "secrets": 443},
        "t-ingest-function": {"database": 3306, "secrets": 443, "s3": 443, "cache": 6379},
    }


def test_graphql_goes_to_the_proxy_and_writers_to_the_cluster() -> None:
    graph = build()
    groups = {
        name: graph.named(f"{name}-to-{road}").inputs["referencedSecurityGroupId"]
        for name, road in (
            ("t-graphql", "proxy"),
            ("t-migrate", "database"),
            ("t-ingest-function", "database"),
        )
    }
    assert groups == {
        "t-graphql": "sg-proxy",
        "t-migrate": "sg-cluster",
        "t-ingest-function": "sg-cluster",
    }


def test_old_versions_go_once_every_alias_has_moved() -> None:
    graph = build()
    call = graph.named("t-prune-call")
    for alias in ("t-graphql-alias", "t-authorizer-alias", "t-ingest-release-alias"):
        assert waits_for(graph, call, graph.named(alias)), alias
    assert sorted(call.inputs["triggers"]) == ["authorizer", "graphql", "ingest"]
    order = json.loads(call.inputs["input"])
    published = [
        resource.inputs for resource in graph.of_type(FUNCTION) if resource.inputs.get("publish")
    ]
    assert (order["keep"], len(order["functions"])) == (3, len(published))


def test_without_ingest_the_others_are_pruned() -> None:
    graph = build(dataclasses.replace(ARGS, ingest=IngestSettings(enabled=False)))
    assert sorted(graph.named("t-prune-call").inputs["triggers"]) == ["authorizer", "graphql"]


def test_as_many_versions_stay_as_the_settings_say() -> None:
    graph = build(dataclasses.replace(ARGS, function=FunctionSettings(versions_kept=1)))
    assert json.loads(graph.named("t-prune-call").inputs["input"])["keep"] == 1


@pytest.mark.parametrize("rule", ["to", "into"])
def test_road_of_before_it_was_named_so_is_not_made_twice(rule: str) -> None:
    """AWS refuses a second rule of the same groups and port; as an alias it stays the first."""
    (former,) = build().named(f"t-graphql-{rule}-proxy").aliases
    assert former == f"t-graphql-{rule}-database"
    assert build().named(f"t-migrate-{rule}-database").aliases == ()


def test_authorizer_and_pruning_stand_outside_the_network() -> None:
    graph = build()
    assert "vpcConfig" not in graph.named("t-authorizer", FUNCTION).inputs
    assert "vpcConfig" not in graph.named("t-prune-function", FUNCTION).inputs
    for name in ("t-graphql", "t-migrate", "t-ingest-function"):
        config = graph.named(name, FUNCTION).inputs["vpcConfig"]
        assert config["subnetIds"] == list(SUBNET_IDS)


def test_graphql_may_log_in_as_one_user_of_one_proxy_and_one_cache() -> None:
    graph = build()
    assert policy(graph, "t-graphql-database-proxy") == {
        "ConnectDatabase": {
            "Sid": "ConnectDatabase",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-1/api",
        }
    }
    (connect,) = policy(graph, "t-graphql-cache-serverless").values()
    assert connect["Resource"] == [ARGS.cache.cache_arn, ARGS.cache.user_arn]  # type: ignore[union-attr]  # ARGS has a cache
    assert "ReadSecrets" not in policy(graph, "t-graphql-policy")


@pytest.mark.parametrize("name", ["t-migrate", "t-ingest-function"])
def test_writers_read_their_secrets_and_nothing_else(name: str) -> None:
    graph = build()
    assert policy(graph, f"{name}-policy")["ReadSecrets"]["Resource"] == [MASTER_SECRET, API_SECRET]
    assert [one.name for one in graph.resources if one.name.startswith(f"{name}-database-")] == []


def test_environment_of_graphql() -> None:
    assert environment(build(), "t-graphql") == {
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
        "INTROSPECTION": "off",
        "GRAPHIQL": "off",
        "CORS_ORIGINS": "",
        "GZIP_MIN_BYTES": "off",
    }


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
    with pytest.raises(ArchiveError, match=r"is prepared for PAGE_SIZE_MAX=20: run make package"):
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
    with pytest.raises(ArchiveError, match=r"holds no GraphiQL: run make package"):
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


def test_without_ingest_there_is_no_bucket_and_no_queue() -> None:
    graph = build(dataclasses.replace(ARGS, ingest=IngestSettings(enabled=False)))
    assert graph.of_type("aws:s3/bucket:Bucket") == []
    assert graph.of_type("aws:sqs/queue:Queue") == []


def test_only_graphql_is_kept_warm() -> None:
    function = FunctionSettings(cold_start="snapstart")
    graph = build(dataclasses.replace(ARGS, function=function))
    assert [
        resource.name for resource in graph.of_type(FUNCTION) if "snapStart" in resource.inputs
    ] == ["t-graphql"]


def test_snapstart_of_an_old_python_is_refused() -> None:
    changes: dict[str, Any] = {
        "function": FunctionSettings(cold_start="snapstart"),
        "archive": example_archive(runtime="python3.11"),
    }
    with pytest.raises(ValueError, match=r"functionColdStart snapstart needs python3\.12"):
        dataclasses.replace(ARGS, **changes)


def test_private_api_takes_the_endpoint_and_a_public_one_does_not() -> None:
    private = build(dataclasses.replace(ARGS, api=ApiSettings(endpoint_type="private")))
    assert "vpce-1" in private.named("t-gateway-doors").inputs["policy"]
    assert build().of_type("aws:apigateway/restApiPolicy:RestApiPolicy") == []


def test_private_api_may_name_other_endpoints_instead() -> None:
    settings = ApiSettings(endpoint_type="private", vpc_endpoint_ids=("vpce-9",))
    graph = build(dataclasses.replace(ARGS, api=settings))
    policy = graph.named("t-gateway-doors").inputs["policy"]
    assert "vpce-9" in policy
    assert "vpce-1" not in policy


def test_private_api_without_any_endpoint_is_refused() -> None:
    network = dataclasses.replace(ARGS.network, interface_endpoint_ids={})
    args = dataclasses.replace(ARGS, network=network, api=ApiSettings(endpoint_type="private"))
    with pytest.raises(ValueError, match="needs at least one of vpc_endpoint_ids"):
        build(args)


@pytest.mark.parametrize(
    ("api", "headers"),
    [
        pytest.param(
            ApiSettings(anonymous=True, authorizer_cache_s=0),
            '-H "content-type: application/json"',
            id="anonymous",
        ),
        pytest.param(
            ApiSettings(),
            '-H "content-type: application/json" -H "authorization: Bearer $TOKEN"',
            id="token",
        ),
        pytest.param(
            ApiSettings(key_names=("shop",)),
            '-H "content-type: application/json" -H "authorization: Bearer $TOKEN" '
            '-H "x-api-key: $API_KEY"',
            id="key",
        ),
    ],
)
def test_curl_line_is_ready(api: ApiSettings, headers: str) -> None:
    graph = build(dataclasses.replace(ARGS, api=api))
    outputs = graph.component_outputs[graph.named("t", "aurora-graphql:component:ApiTier").urn]
    assert outputs["curl"] == (
        f"""curl -sS {headers} -d '{{"query":"{{ __typename }}"}}' {outputs["url"]}"""
    )
    body = outputs["curl"].split("'")[1]
    assert json.loads(body) == {"query": "{ __typename }"}


def test_two_tiers_live_in_one_stack(declared: Declare) -> None:
    def two() -> None:
        ApiTier("a", ARGS)
        ApiTier("b", ARGS)

    names = [(resource.typ, resource.name) for resource in declared(two).resources]
    assert len(names) == len(set(names)) == 2 * 92
    assert len(names) == len(set(names)) == 2 * 92
