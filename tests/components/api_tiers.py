"""A tier of the API, and what its graph says of one function."""

from __future__ import annotations

from functools import partial

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_functions import ApiTierArgs
from components.api_settings import ApiSettings
from components.api_tier import ApiTier
from tests.components.surroundings import (
    KEY_ARN,
    LOCATION,
    TAGS,
    example_archive,
    example_cache,
    example_database,
    example_network,
)

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
