"""The gateway: what is deployed when, and what its stage logs, limits and lets in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_settings import ApiSettings
from components.definition import (
    DefinitionOptions,
    Targets,
    build_definition,
    definition_sha256,
    encode_definition,
)
from components.gateway import Gateway, GatewayArgs
from components.surface import build_surface
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.weaknesses import weaknesses

ARGS = GatewayArgs(
    settings=ApiSettings(),
    location=LOCATION,
    timeout_s=15,
    graphql_invoke_arn="arn:graphql",
    graphql_function_name="graphql-1a2b3c4",
    authorizer_invoke_arn="arn:authorizer",
    authorizer_function_name="authorizer-1a2b3c4",
    alias_name="live",
    key_arn=KEY_ARN,
    tags=TAGS,
)


DOMAIN = {"domain_name": "api.shop.example", "hosted_zone_id": "Z1"}


def build(**changes: Any) -> Graph:
    """The gateway with these settings, outputs known."""
    settings = ApiSettings(**changes)
    endpoints = ("vpce-1",) if settings.endpoint_type == "private" else ()
    args = dataclasses.replace(ARGS, settings=settings, vpc_endpoint_ids=endpoints)
    return declare(partial(Gateway, "g", args))


def triggers(graph: Graph) -> Mapping[str, str]:
    found: Mapping[str, str] = graph.named("g-deployment").inputs["triggers"]
    return found


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Gateway, "g", ARGS))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:Gateway", "g"),
        ("aws:apigateway/account:Account", "g-account"),
        ("aws:apigateway/deployment:Deployment", "g-deployment"),
        ("aws:apigateway/methodSettings:MethodSettings", "g-limits"),
        ("aws:apigateway/restApi:RestApi", "g-api"),
        ("aws:apigateway/stage:Stage", "g-stage"),
        ("aws:cloudwatch/logGroup:LogGroup", "g-access-log"),
        ("aws:cloudwatch/logGroup:LogGroup", "g-error-log"),
        ("aws:iam/role:Role", "g-log-role"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "g-log-policy"),
        ("aws:lambda/permission:Permission", "g-calls-authorizer"),
        ("aws:lambda/permission:Permission", "g-calls-graphql"),
    ]
    assert weaknesses(graph) == {}


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        pytest.param(
            {"firewall": True},
            [
                ("aurora-graphql:index:Firewall", "g-firewall"),
                ("aws:cloudwatch/logGroup:LogGroup", "g-firewall-log"),
                ("aws:wafv2/webAcl:WebAcl", "g-firewall-acl"),
                ("aws:wafv2/webAclAssociation:WebAclAssociation", "g-firewall-association"),
                (
                    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
                    "g-firewall-logging",
                ),
            ],
            id="firewall",
        ),
        pytest.param(
            {"key_names": ("shop",)},
            [
                ("aurora-graphql:index:UsagePlan", "g-plan"),
                ("aws:apigateway/apiKey:ApiKey", "g-plan-shop"),
                ("aws:apigateway/usagePlan:UsagePlan", "g-plan-plan"),
                ("aws:apigateway/usagePlanKey:UsagePlanKey", "g-plan-shop-member"),
            ],
            id="keys",
        ),
        pytest.param(
            DOMAIN,
            [
                ("aurora-graphql:index:Domain", "g-domain"),
                ("aws:acm/certificate:Certificate", "g-domain-certificate"),
                ("aws:acm/certificateValidation:CertificateValidation", "g-domain-validation"),
                ("aws:apigateway/basePathMapping:BasePathMapping", "g-domain-mapping"),
                ("aws:apigateway/domainName:DomainName", "g-domain-name"),
                ("aws:route53/record:Record", "g-domain-proof"),
                ("aws:route53/record:Record", "g-domain-record"),
            ],
            id="domain",
        ),
    ],
)
def test_options_add_their_resources(changes: dict[str, Any], added: list[tuple[str, str]]) -> None:
    graph = build(**changes)
    plain = set(build().types_and_names())
    assert [pair for pair in graph.types_and_names() if pair not in plain] == added
    assert weaknesses(graph) == {}


def test_api_is_its_definition() -> None:
    options = DefinitionOptions(
        surface=build_surface({}, graphiql=False),
        cors_origins=(),
        authorizer_cache_s=300,
        anonymous=False,
        api_keys=False,
        timeout_s=15,
    )
    targets = Targets(graphql_uri="arn:graphql", authorizer_uri="arn:authorizer")
    graph = build()
    assert graph.named("g-api").inputs["body"] == encode_definition(
        build_definition(options, targets)
    )
    assert triggers(graph) == {
        "definition": definition_sha256(options),
        "graphql": "arn:graphql",
        "authorizer": "arn:authorizer",
        "endpoint_type": "regional",
        "default_endpoint": "open",
        "compression_bytes": "1024",
    }


def test_hash_of_the_definition_is_known_in_a_first_preview() -> None:
    args = dataclasses.replace(ARGS)
    known = declare(partial(Gateway, "g", args))
    unknown = declare(partial(Gateway, "g", args), outputs_known=False)
    assert triggers(known)["definition"] == triggers(unknown)["definition"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cors_origins": ("*",)}, id="cors"),
        pytest.param({"authorizer_cache_s": 0}, id="authorizer-cache"),
        pytest.param({"anonymous": True, "authorizer_cache_s": 0}, id="anonymous"),
        pytest.param({"key_names": ("shop",)}, id="keys"),
        pytest.param({"endpoint_type": "private"}, id="private"),
        pytest.param({"endpoint_type": "edge"}, id="edge"),
        pytest.param({"compression_bytes": -1}, id="compression"),
        pytest.param(DOMAIN, id="domain"),
        pytest.param(
            {"introspection": True, "graphiql": True, "anonymous": True, "authorizer_cache_s": 0},
            id="graphiql",
        ),
    ],
)
def test_what_callers_meet_only_after_a_deployment_is_deployed(changes: dict[str, Any]) -> None:
    assert triggers(build(**changes)) != triggers(build())


def test_a_domain_added_later_closes_the_default_endpoint_by_a_deployment() -> None:
    before, after = triggers(build()), triggers(build(**DOMAIN))
    assert {key for key in after if after[key] != before.get(key)} == {"default_endpoint"}
    graph = build(**DOMAIN)
    assert graph.named("g-api").inputs["disableExecuteApiEndpoint"] is True
    assert waits_for(graph, graph.named("g-deployment"), graph.named("g-api"))


def test_another_endpoint_of_a_private_api_is_a_deployment_with_its_policy() -> None:
    def private(endpoint: str) -> Mapping[str, str]:
        settings = ApiSettings(endpoint_type="private")
        args = dataclasses.replace(ARGS, settings=settings, vpc_endpoint_ids=(endpoint,))
        return triggers(declare(partial(Gateway, "g", args)))

    before, after = private("vpce-1"), private("vpce-2")
    assert {key for key in after if after[key] != before[key]} == {"policy"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"throttle_rate": 7, "throttle_burst": 8}, id="throttling"),
        pytest.param({"cache_size_gb": 0.5, "cache_ttl_s": 9}, id="cache"),
        pytest.param({"log_retention_days": 7}, id="retention"),
        pytest.param({"tracing": False}, id="tracing"),
        pytest.param({"firewall": True}, id="firewall"),
        pytest.param({"stage_name": "v2"}, id="stage"),
        pytest.param({"introspection": True}, id="handler-only"),
    ],
)
def test_other_change_is_not_deployed(changes: dict[str, Any]) -> None:
    assert triggers(build(**changes)) == triggers(build())


def test_new_code_behind_the_alias_is_not_a_deployment() -> None:
    graph = build()
    assert graph.named("g-deployment").property_dependencies["triggers"] == frozenset()


def test_deployment_is_of_the_api_and_the_stage_of_the_deployment() -> None:
    graph = build()
    assert waits_for(graph, graph.named("g-deployment"), graph.named("g-api"))
    assert waits_for(graph, graph.named("g-stage"), graph.named("g-deployment"))


def test_stage_logs_and_traces() -> None:
    graph = build()
    stage = graph.named("g-stage").inputs
    access = json.loads(stage["accessLogSettings"]["format"])
    assert stage["accessLogSettings"]["destinationArn"].endswith(":log-group:g-access-log-1a2b3c4")
    assert stage["xrayTracingEnabled"] is True
    assert stage["cacheClusterEnabled"] is False
    assert {"requestId", "status", "responseLatencyMs", "integrationLatencyMs"} <= set(access)
    assert not any("authorizer.claims" in value or "query" in value for value in access.values())


def test_error_log_is_ours_before_api_gateway_makes_its_own() -> None:
    graph = build(stage_name="v2")
    group = graph.named("g-error-log")
    api_id = graph.exports or graph.component_outputs[graph.named("g").urn]["api_id"]
    assert group.inputs["name"] == f"API-Gateway-Execution-Logs_{api_id}/v2"
    assert group.inputs["kmsKeyId"] == KEY_ARN
    assert waits_for(graph, graph.named("g-stage"), group)
    assert waits_for(graph, graph.named("g-stage"), graph.named("g-account"))


def test_every_method_is_throttled_and_measured_and_logs_no_body() -> None:
    graph = build(throttle_rate=7.5, throttle_burst=8, cache_size_gb=1.6, cache_ttl_s=9)
    assert graph.named("g-limits").inputs["methodPath"] == "*/*"
    assert graph.named("g-limits").inputs["settings"] == {
        "metricsEnabled": True,
        "loggingLevel": "ERROR",
        "dataTraceEnabled": False,
        "throttlingRateLimit": 7.5,
        "throttlingBurstLimit": 8,
        "cachingEnabled": True,
        "cacheTtlInSeconds": 9,
        "cacheDataEncrypted": True,
        "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITHOUT_RESPONSE_HEADER",
    }
    assert graph.named("g-stage").inputs["cacheClusterSize"] == "1.6"


def test_health_is_asked_anew_where_answers_are_cached() -> None:
    limits = build(cache_size_gb=0.5).named("g-health-limits").inputs
    assert limits["methodPath"] == "health/GET"
    assert limits["settings"]["cachingEnabled"] is False
    assert limits["settings"]["throttlingRateLimit"] == ApiSettings.throttle_rate
    typ = "aws:apigateway/methodSettings:MethodSettings"
    assert [each.name for each in build().of_type(typ)] == ["g-limits"]


def test_only_this_api_may_call_and_only_the_alias() -> None:
    graph = build()
    api_id = graph.component_outputs[graph.named("g").urn]["api_id"]
    execution = f"arn:aws:execute-api:eu-central-1:123456789012:{api_id}"
    for name, function, path in (
        ("g-calls-graphql", "graphql-1a2b3c4", "/live/*/*"),
        ("g-calls-authorizer", "authorizer-1a2b3c4", "/authorizers/*"),
    ):
        assert dict(graph.named(name).inputs) == {
            "action": "lambda:InvokeFunction",
            "function": function,
            "qualifier": "live",
            "principal": "apigateway.amazonaws.com",
            "sourceArn": execution + path,
        }


def test_role_of_the_account_is_left_alone_where_another_stack_has_it() -> None:
    names = [resource.name for resource in build(account_log_role=False).resources]
    assert "g-account" not in names
    assert "g-log-role" not in names


@pytest.mark.parametrize(("size", "written"), [(1024, "1024"), (0, "0"), (-1, None)])
def test_compression_begins_at_a_size_or_never(size: int, written: str | None) -> None:
    api = build(compression_bytes=size).named("g-api")
    assert api.inputs.get("minimumCompressionSize") == written


def test_private_api_is_bound_to_its_endpoints() -> None:
    graph = build(endpoint_type="private")
    api = graph.named("g-api").inputs
    assert api["endpointConfiguration"] == {"types": "PRIVATE", "vpcEndpointIds": ["vpce-1"]}
    doors = graph.named("g-doors")
    assert triggers(graph)["policy"] == doors.inputs["policy"]
    assert waits_for(graph, graph.named("g-deployment"), doors)
    api_id = graph.component_outputs[graph.named("g").urn]["api_id"]
    everything = {
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": f"arn:aws:execute-api:eu-central-1:123456789012:{api_id}/*",
    }
    written = hashlib.sha256(api["body"].encode()).hexdigest()[:16]
    assert json.loads(doors.inputs["policy"])["Statement"] == [
        {
            "Sid": f"Body{written}",
            "Effect": "Allow",
            **everything,
            "Condition": {"StringEquals": {"aws:SourceVpce": ["vpce-1"]}},
        },
        {
            "Effect": "Deny",
            **everything,
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1"]}},
        },
    ]
    assert weaknesses(graph) == {}


def test_policy_of_a_private_api_is_written_again_after_another_definition() -> None:
    """API Gateway drops it with the body that it belonged to, and the provider says nothing.

    https://github.com/pulumi/pulumi-aws/issues/4296
    """
    before = build(endpoint_type="private")
    after = build(endpoint_type="private", cors_origins=("https://shop.example",))
    former, policy = (graph.named("g-doors").inputs["policy"] for graph in (before, after))
    assert former != policy
    assert waits_for(after, after.named("g-doors"), after.named("g-api"))
    assert build(endpoint_type="private").named("g-doors").inputs["policy"] == former


def test_public_api_has_no_policy() -> None:
    assert build().of_type("aws:apigateway/restApiPolicy:RestApiPolicy") == []


def test_private_api_without_endpoint_is_refused() -> None:
    settings = ApiSettings(endpoint_type="private")
    with pytest.raises(ValueError, match="needs at least one of vpc_endpoint_ids, got none"):
        dataclasses.replace(ARGS, settings=settings)
    with pytest.raises(ValueError, match="belong to a private API, not a regional one"):
        dataclasses.replace(ARGS, vpc_endpoint_ids=("vpce-1",))


def test_custom_domain_is_the_only_door() -> None:
    graph = build(**DOMAIN)
    assert graph.named("g-api").inputs["disableExecuteApiEndpoint"] is True
    assert graph.component_outputs[graph.named("g").urn]["url"] == "https://api.shop.example/"
    assert build().named("g-api").inputs["disableExecuteApiEndpoint"] is False


def test_two_gateways_live_in_one_stack(declared: Declare) -> None:
    def two() -> None:
        Gateway("a", ARGS)
        Gateway("b", dataclasses.replace(ARGS, settings=ApiSettings(account_log_role=False)))

    names = [(resource.typ, resource.name) for resource in declared(two).resources]
    assert len(names) == len(set(names)) == 21


def test_access_log_names_no_person_and_repeats_nothing_that_a_caller_wrote() -> None:
    """Of the caller only his address, his program and the identifier of his API key."""
    written = json.loads(
        declare(partial(Gateway, "g", ARGS)).named("g-stage").inputs["accessLogSettings"]["format"]
    )
    told = {value.removeprefix("$context.") for value in written.values()}
    assert {each for each in told if each.startswith(("authorizer.", "identity."))} == {
        "authorizer.latency",
        "authorizer.status",
        "identity.apiKeyId",
        "identity.sourceIp",
        "identity.userAgent",
    }
    assert not [value for value in written.values() if not value.startswith("$context.")]


def test_role_of_all_logs_stays_when_the_stack_goes() -> None:
    graph = declare(partial(Gateway, "g", ARGS))
    kept = {one.name for one in graph.resources if one.retain_on_delete}
    assert kept == {"g-account", "g-log-policy", "g-log-role"}
