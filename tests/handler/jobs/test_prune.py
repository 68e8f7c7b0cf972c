"""Old versions go, served and newest ones stay; on Lambda's own words as moto has them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 publishes no types
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]  # botocore publishes no types
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from handler import entry
from handler.errors import ClientError, UpstreamError
from handler.jobs.prune import Order, outdated, parse_order, prune
from handler.stores.aws.functions import FunctionStore

Publish = Callable[[str, int], None]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("lambda")


@pytest.fixture
def publish(client: Any) -> Publish:
    """Makes a function with so many published versions."""

    def make(name: str, count: int) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam = boto3.client("iam")
        role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=trust)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Handler="a.b",
            Code={"ZipFile": archive(0)},
        )
        for number in range(1, count + 1):
            client.update_function_code(FunctionName=name, ZipFile=archive(number))
            client.publish_version(FunctionName=name)

    return make


def archive(number: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("a.py", f"# {number}\n")
    return stream.getvalue()


def numbers(client: Any, function: str) -> list[str]:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    return [entry["Version"] for page in pages for entry in page["Versions"]]


def run(functions: list[str], keep: int) -> Any:
    """By the entry point, as Lambda calls it."""
    vars(entry).pop("prune", None)
    function = entry.prune
    vars(entry).pop("prune")
    context: Any = None  # of no use to it
    return function({"action": "prune", "functions": functions, "keep": keep}, context)


def test_newest_versions_stay_and_the_function_with_them(client: Any, publish: Publish) -> None:
    publish("graphql", 5)
    client.create_alias(FunctionName="graphql", Name="live", FunctionVersion="5")
    assert run(["graphql"], 3) == {"graphql": {"deleted": [1, 2], "kept": [3, 4, 5]}}
    assert numbers(client, "graphql") == ["$LATEST", "3", "4", "5"]


def test_what_an_alias_points_to_stays_however_old(client: Any, publish: Publish) -> None:
    publish("graphql", 5)
    client.create_alias(FunctionName="graphql", Name="live", FunctionVersion="2")
    assert run(["graphql"], 1) == {"graphql": {"deleted": [1, 3, 4], "kept": [2, 5]}}


def test_each_function_is_pruned_for_itself(client: Any, publish: Publish) -> None:
    publish("graphql", 3)
    publish("authorizer", 2)
    for name, version in (("graphql", "3"), ("authorizer", "2")):
        client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    assert run(["graphql", "authorizer"], 2) == {
        "graphql": {"deleted": [1], "kept": [2, 3]},
        "authorizer": {"deleted": [], "kept": [1, 2]},
    }


def test_pages_are_read_to_their_end() -> None:
    """Lambda gives 50 at a time."""
    client = boto3.client("lambda", region_name="eu-central-1")
    pages: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
        ({"NextMarker": "m", "Versions": [{"Version": "$LATEST"}, {"Version": "10"}]}, {}),
        ({"Versions": [{"Version": "9"}]}, {"Marker": "m"}),
    )
    with Stubber(client) as stub:
        for page, marker in pages:
            stub.add_response(
                "list_versions_by_function", page, {"FunctionName": "graphql", **marker}
            )
        assert FunctionStore(client).versions("graphql") == [9, 10]


def test_version_that_gets_a_share_of_the_traffic_is_served() -> None:
    client = boto3.client("lambda", region_name="eu-central-1")
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"4": 0.1}}}
    aliases = [{"Name": "live", "FunctionVersion": "5", **weights}, {"FunctionVersion": "$LATEST"}]
    with Stubber(client) as stub:
        stub.add_response("list_aliases", {"Aliases": aliases}, {"FunctionName": "graphql"})
        assert FunctionStore(client).served("graphql") == {4, 5}


def test_version_that_is_gone_meanwhile_is_no_failure(client: Any, publish: Publish) -> None:
    publish("graphql", 2)
    store = FunctionStore.connect()
    for _ in range(2):
        store.delete("graphql", 1)
    assert store.versions("graphql") == [2]


@pytest.mark.parametrize(
    ("call", "asked", "told"),
    [
        pytest.param(
            "versions",
            "list_versions_by_function",
            r"cannot list the versions of f: .* needs lambda:ListVersionsByFunction on it",
            id="versions",
        ),
        pytest.param(
            "served",
            "list_aliases",
            r"cannot list the aliases of f: .* needs lambda:ListAliases on it",
            id="aliases",
        ),
    ],
)
def test_failure_names_what_was_asked_and_the_right(call: str, asked: str, told: str) -> None:
    client = boto3.client("lambda", region_name="eu-central-1")
    with Stubber(client) as stub:
        stub.add_client_error(asked, "AccessDeniedException", "not authorized")
        with pytest.raises(UpstreamError, match=told):
            getattr(FunctionStore(client), call)("f")


def test_refused_deletion_names_the_version_and_the_right() -> None:
    client = boto3.client("lambda", region_name="eu-central-1")
    with Stubber(client) as stub:
        stub.add_client_error("delete_function", "AccessDeniedException", "not authorized")
        with pytest.raises(
            UpstreamError,
            match=r"cannot delete version 3 of graphql: .*not authorized.*lambda:DeleteFunction",
        ):
            FunctionStore(client).delete("graphql", 3)


@given(
    versions=st.sets(st.integers(1, 40)),
    served=st.sets(st.integers(1, 40)),
    keep=st.integers(1, 10),
)
def test_neither_served_nor_newest_versions_are_outdated(
    versions: set[int], served: set[int], keep: int
) -> None:
    gone = outdated(versions, served, keep)
    stay = versions - {*gone}
    assert gone == sorted(gone)
    assert not {*gone} & served
    assert {*gone} <= versions
    assert len(stay - served) <= keep
    assert all(max(gone) < version for version in stay - served) if gone else True
    assert {*sorted(versions)[-keep:]} <= stay


class Recorder:
    """A store that only tells what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def versions(self, function: str) -> list[int]:
        self.asked.append(("versions", function))
        return [1, 2]

    def served(self, function: str) -> set[int]:
        self.asked.append(("served", function))
        return {2}

    def delete(self, function: str, version: int) -> None:
        self.asked.append(("delete", f"{function}:{version}"))


def test_aliases_are_looked_at_after_the_versions_and_before_a_deletion() -> None:
    store = Recorder()
    prune(store, Order(("f",), 1))
    assert store.asked == [("versions", "f"), ("served", "f"), ("delete", "f:1")]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        pytest.param({}, "action must be 'prune', got None", id="no-action"),
        pytest.param({"action": "migrate"}, "action must be 'prune'", id="another-action"),
        pytest.param({"action": "prune"}, "functions must be a list of names", id="no-functions"),
        pytest.param(
            {"action": "prune", "functions": ["f", 1], "keep": 1},
            "functions must be a list of names",
            id="no-name",
        ),
        pytest.param(
            {"action": "prune", "functions": ["f"]}, "whole number from 1, got None", id="no-keep"
        ),
        pytest.param(
            {"action": "prune", "functions": ["f"], "keep": 0}, "from 1, got 0", id="keep-none"
        ),
        pytest.param(
            {"action": "prune", "functions": ["f"], "keep": True}, "from 1, got True", id="a-switch"
        ),
    ],
)
def test_strange_order_is_refused(event: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        parse_order(event)
