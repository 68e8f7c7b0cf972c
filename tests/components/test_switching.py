"""Another road to the data: what serves keeps its own until the alias has moved.

Pulumi makes and changes everything first and deletes at the end. So nothing that the serving
version needs may be changed in place: either it stays as it is, or its successor has another name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph, Resource
from tests.components.order import waits_for
from tests.recorded import Recorded

pytestmark = pytest.mark.slow

CLUSTER: Final = {"proxyEnabled": False}
PASSWORD: Final = {"proxyEnabled": True, "proxyAuthentication": "secret"}
IAM: Final = {"proxyEnabled": True, "proxyAuthentication": "iam"}
FIXED: Final = {"cacheMode": "replication-group", "cacheEngineVersion": "8.1"}

SWITCHES: Final = [
    pytest.param(CLUSTER, PASSWORD, id="proxy-with-a-password-on"),
    pytest.param(PASSWORD, CLUSTER, id="proxy-with-a-password-off"),
    pytest.param(CLUSTER, IAM, id="proxy-by-iam-on"),
    pytest.param(IAM, CLUSTER, id="proxy-by-iam-off"),
    pytest.param(PASSWORD, IAM, id="proxy-from-password-to-iam"),
    pytest.param(IAM, PASSWORD, id="proxy-from-iam-to-password"),
]
CACHES: Final = [
    pytest.param({}, FIXED, id="cache-of-a-fixed-size"),
    pytest.param(FIXED, {}, id="cache-by-use"),
    pytest.param({}, {"cacheMode": "none"}, id="cache-off"),
    pytest.param({"cacheMode": "none"}, {}, id="cache-on"),
]

ROAD: Final = (
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:rds/proxy",
    "aws:secretsmanager/",
    "aws:vpc/securityGroup",
    "aws:ec2/securityGroup:",
    "random:",
)
"""Types of what a version in service needs to reach the data and to log in."""

FIXED_NAMES: Final = ("name", "dbProxyName", "dbProxyEndpointName")

WRITERS: Final = ("-migrate-policy", "-ingest-function-policy")
"""Rights of functions that are not in service meanwhile, or do not need what changes."""


def by_urn(graph: Graph) -> dict[str, Resource]:
    return {one.urn: one for one in graph.resources if one.typ.startswith(ROAD)}


def call_of(graph: Graph) -> Mapping[str, Any]:
    (call,) = (one for one in graph.resources if one.name.endswith("-migration-call"))
    return {"input": json.loads(call.inputs["input"]), **call.inputs["triggers"]}


def variables_of(graph: Graph, name: str) -> Mapping[str, Any]:
    (function,) = (
        one for one in graph.of_type("aws:lambda/function:Function") if one.name.endswith(name)
    )
    variables: Mapping[str, Any] = function.inputs["environment"]["variables"]
    return variables


@pytest.mark.parametrize(("before", "after"), [*SWITCHES, *CACHES])
def test_nothing_that_serves_is_changed_in_place(
    recorded: Recorded, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    old, new = by_urn(recorded("prod", **before)), by_urn(recorded("prod", **after))
    changed = [
        one.name
        for urn, one in old.items()
        if urn in new and new[urn].inputs != one.inputs and not one.name.endswith(WRITERS)
    ]
    assert changed == []


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_old_and_new_road_can_stand_side_by_side(
    recorded: Recorded, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """No name that AWS keeps unique is used by both, and no two roads are one rule."""
    old, new = by_urn(recorded("prod", **before)), by_urn(recorded("prod", **after))
    going, coming = old.keys() - new.keys(), new.keys() - old.keys()
    assert going
    assert coming

    def names(found: Mapping[str, Resource], urns: set[str]) -> set[tuple[str, str]]:
        return {
            (found[urn].typ, found[urn].inputs[key])
            for urn in urns
            for key in FIXED_NAMES
            if key in found[urn].inputs
        }

    def rules(found: Mapping[str, Resource], urns: set[str]) -> set[str]:
        keys = ("securityGroupId", "referencedSecurityGroupId", "prefixListId", "fromPort")
        return {
            json.dumps([found[urn].typ, *(found[urn].inputs.get(key) for key in keys)])
            for urn in urns
            if found[urn].typ.startswith("aws:vpc/securityGroup")
        }

    assert names(old, going) & names(new, coming) == set()
    assert rules(old, going) & rules(new, coming) == set()


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_account_of_the_old_road_is_another_or_logs_in_as_it_did(
    recorded: Recorded, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    old, new = recorded("prod", **before), recorded("prod", **after)
    user_before = variables_of(old, "-graphql")["DATABASE_USER"]
    user_after = variables_of(new, "-graphql")["DATABASE_USER"]
    login_before, login_after = call_of(old)["login"], call_of(new)["login"]
    assert (user_before == user_after) == (login_before == login_after)
    assert call_of(new)["input"] == {
        "action": "migrate",
        "api_user": user_after,
        "former_releases": 3,
        "ingest_user": "api_write",  # the ingest's way to the cluster is always the same
    }
    writer = variables_of(new, "-migrate")
    assert writer["DATABASE_API_USER"] == user_after
    if user_before != user_after:
        assert call_of(old) != call_of(new)  # so the migration is called, and makes the account
        assert writer["DATABASE_FORMER_API_USERS"] == user_before


@pytest.mark.parametrize("road", [CLUSTER, PASSWORD, IAM], ids=["cluster", "password", "iam"])
def test_traffic_moves_when_the_new_road_is_open(
    recorded: Recorded, road: Mapping[str, Any]
) -> None:
    graph = recorded("prod", **road)
    alias = next(
        one
        for one in graph.of_type("aws:lambda/alias:Alias")
        if one.name.endswith("-api-graphql-alias")
    )
    needed = [
        one
        for one in graph.resources
        if one.typ.startswith(("aws:rds/proxy", "aws:secretsmanager/secretVersion"))
        or one.name.endswith("-migration-call")
        or ("-api-graphql-" in one.name and one.typ.startswith((*ROAD[:2], "aws:vpc/")))
    ]
    assert len(needed) >= 6
    assert [one.name for one in needed if not waits_for(graph, alias, one)] == []


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_user_that_the_functions_log_in_as_is_the_one_they_may_be(
    recorded: Recorded, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    for settings in (before, after):
        graph = recorded("prod", **settings)
        user = variables_of(graph, "-graphql")["DATABASE_USER"]
        (right,) = (
            one
            for one in graph.of_type("aws:iam/rolePolicy:RolePolicy")
            if "-api-graphql-database-" in one.name
        )
        (statement,) = json.loads(right.inputs["policy"])["Statement"]
        assert statement["Resource"].endswith(f"/{user}")
