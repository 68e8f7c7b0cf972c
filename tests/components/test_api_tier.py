"""The tier: five functions with their rights, and the order in which a release happens."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pytest

from components.api_settings import ApiSettings, FunctionSettings, IngestSettings
from components.api_tier import ApiTier
from tests.components.api_tiers import (
    API_SECRET,
    ARGS,
    FUNCTION,
    MASTER_SECRET,
    build,
    environment,
    rules_of,
)
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import SUBNET_IDS
from tests.components.test_function import policy
from tests.components.weaknesses import weaknesses

pytestmark = pytest.mark.slow


def test_components_and_functions_are_frozen(declared: Declare) -> None:
    graph = declared(partial(ApiTier, "t", ARGS))
    frozen = [
        pair
        for pair in graph.types_and_names()
        if pair[0].startswith("aurora-graphql:") or pair[0].startswith("aws:lambda/")
    ]
    assert frozen == [
        ("aurora-graphql:index:ApiTier", "t"),
        ("aurora-graphql:index:Bucket", "t-ingest-bucket"),
        ("aurora-graphql:index:Bucket", "t-ingest-bucket-log"),
        ("aurora-graphql:index:Function", "t-authorizer"),
        ("aurora-graphql:index:Function", "t-graphql"),
        ("aurora-graphql:index:Function", "t-ingest-function"),
        ("aurora-graphql:index:Function", "t-migrate"),
        ("aurora-graphql:index:Function", "t-prune-function"),
        ("aurora-graphql:index:Gateway", "t-gateway"),
        ("aurora-graphql:index:IngestStore", "t-ingest"),
        ("aurora-graphql:index:Migration", "t-migration"),
        ("aurora-graphql:index:Pruning", "t-prune"),
        ("aurora-graphql:index:Release", "t-authorizer"),
        ("aurora-graphql:index:Release", "t-graphql"),
        ("aurora-graphql:index:Release", "t-ingest-release"),
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
        ("aws:lambda/invocation:Invocation", "t-graphql-smoke"),
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


def test_new_version_is_published_after_the_migration() -> None:
    """A migration that fails leaves no version behind that nobody asked for."""
    graph = build()
    assert waits_for(graph, graph.named("t-graphql", FUNCTION), graph.named("t-migration-call"))


def test_whatever_publishes_a_version_makes_another_release_of_it() -> None:
    """A version that could not be published is known by that: the one before is of another."""

    def release(**changes: Any) -> str:
        graph = build(dataclasses.replace(ARGS, **changes))
        variables = graph.named("t-graphql", FUNCTION).inputs["environment"]["variables"]
        smoke = json.loads(graph.named("t-graphql-smoke").inputs["input"])
        assert smoke["release"] == variables["RELEASE"]
        return str(variables["RELEASE"])

    releases = [
        release(),
        release(archive=dataclasses.replace(ARGS.archive, sha256="another")),
        release(function=FunctionSettings(generation=2)),
        release(function=FunctionSettings(memory_mb=2048)),
        release(function=FunctionSettings(timeout_s=20)),
        release(function=FunctionSettings(cold_start="snapstart")),
        release(database=dataclasses.replace(ARGS.database, host="other.example")),
    ]
    assert len({*releases}) == len(releases)
    assert release() == releases[0]


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
        "t-ingest-function": {"database": 3306, "s3": 443, "cache": 6379},
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
    graph = build(dataclasses.replace(ARGS, function=FunctionSettings(versions_kept=2)))
    assert json.loads(graph.named("t-prune-call").inputs["input"])["keep"] == 2


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


def test_migration_alone_reads_the_master_secret() -> None:
    graph = build()
    read = policy(graph, "t-migrate-policy")["ReadSecrets"]
    assert read["Resource"] == [MASTER_SECRET, API_SECRET]
    named = {one.name for one in graph.resources if str(MASTER_SECRET) in str(one.inputs)}
    assert named == {"t-migrate", "t-migrate-policy"}


def test_ingest_logs_in_as_its_own_user_at_the_cluster() -> None:
    graph = build()
    (connect,) = policy(graph, "t-ingest-function-database").values()
    assert connect["Resource"] == (
        "arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-1/api_write"
    )
    variables = environment(graph, "t-ingest-function")
    assert variables["DATABASE_HOST"] == "writer.example"
    assert (variables["DATABASE_USER"], variables["DATABASE_AUTH"]) == ("api_write", "iam")
    call = graph.named("t-migration-call").inputs["input"]
    assert json.loads(call)["ingest_user"] == "api_write"  # who makes it
    assert environment(graph, "t-migrate")["DATABASE_INGEST_USER"] == "api_write"


def test_without_ingest_no_account_writes() -> None:
    graph = build(dataclasses.replace(ARGS, ingest=IngestSettings(enabled=False)))
    assert "ingest_user" not in json.loads(graph.named("t-migration-call").inputs["input"])
    assert "DATABASE_INGEST_USER" not in environment(graph, "t-migrate")


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
    outputs = graph.component_outputs[graph.named("t", "aurora-graphql:index:ApiTier").urn]
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


def test_a_stack_may_do_without_the_smoke_test() -> None:
    graph = build(dataclasses.replace(ARGS, function=FunctionSettings(smoke_test=False)))
    assert [one.name for one in graph.resources if "smoke" in one.name] == []
