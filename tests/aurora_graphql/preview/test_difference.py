"""What changed, down to single values."""

from __future__ import annotations

import json
from typing import Any

from aurora_graphql.preview.difference import ABSENT, Change, compare, difference_text
from aurora_graphql.preview.graph import Graph
from tests.aurora_graphql.preview.graphs import graph, resource
from tests.recorded import Recorded

TOPIC = "aws:sns/topic:Topic"


def topic(**inputs: Any) -> Graph:
    return graph(resource(TOPIC, "shop-alarms", inputs=inputs))


def changes(before: Graph, after: Graph) -> list[Change]:
    return [change for _, changed in compare(before, after).changed for change in changed]


def test_same_graph_has_no_difference(recorded: Recorded) -> None:
    found = compare(recorded("prod"), recorded("prod"))
    assert found.empty
    assert difference_text(found, "") == "no difference"


def test_change_is_told_by_its_path() -> None:
    found = changes(topic(tags={"a": "1", "b": "2"}), topic(tags={"a": "1", "b": "3"}))
    assert found == [Change(path="tags.b", before='"2"', after='"3"')]


def test_value_inside_json_is_told_by_its_path_and_statement() -> None:
    def policy(action: str) -> str:
        return json.dumps({"Statement": [{"Sid": "Tls"}, {"Sid": "Publish", "Action": action}]})

    found = changes(topic(policy=policy("sns:Publish")), topic(policy=policy("sns:*")))
    assert found == [
        Change(path="policy.Statement[Publish].Action", before='"sns:Publish"', after='"sns:*"')
    ]


def test_absent_value_differs_from_every_other() -> None:
    (change,) = changes(topic(), topic(kmsMasterKeyId=None))
    assert (change.before, change.after) == (ABSENT, "null")


def test_lost_protection_is_a_change() -> None:
    safe = graph(resource(TOPIC, "shop-alarms", protect=True))
    assert changes(safe, topic()) == [Change(path="(protect)", before="true", after="false")]


def test_what_is_frozen_at_creation_does_not_change() -> None:
    def one(name: str) -> Graph:
        return graph(resource(TOPIC, "shop", inputs={"name": name}, ignore_changes=("name",)))

    assert changes(one("a"), one("b")) == []


def test_archive_and_secrets_are_left_out() -> None:
    def one(text: str) -> Graph:
        inputs = {"sourceCodeHash": text, "code": {"file": text}, "secretString": text}
        return graph(
            resource(TOPIC, "shop", inputs=inputs, secret_inputs=frozenset({"secretString"}))
        )

    assert compare(one("a"), one("b")).empty


def test_component_stands_for_what_is_in_it_and_shared_changes_are_told_once() -> None:
    def topics(owner: str) -> list[Any]:
        return [resource(TOPIC, f"shop-{n}", inputs={"owner": owner}) for n in range(10)]

    proxy = resource("aurora-graphql:index:DatabaseProxy", "shop-proxy")
    inner = resource("aws:rds/proxy:Proxy", "shop-proxy-proxy", parent=proxy.urn)
    text = difference_text(compare(graph(*topics("a")), graph(*topics("b"), proxy, inner)), "shop-")
    assert text.splitlines() == [
        "2 added, 0 removed, 10 changed",
        "+ DatabaseProxy proxy, 1 resources",
        "~ 10 resources",
        '    owner: "a" -> "b"',
    ]


def test_settings_of_prod_would_give_dev_a_proxy_and_protection(recorded: Recorded) -> None:
    found = compare(recorded("dev"), recorded("dev", settings_of="prod"))
    removed = {each.urn.rsplit("::", 1)[1] for each in found.removed}
    assert removed, "the way to the cluster itself goes with the last who took it"
    assert all("cluster" in name for name in removed), removed
    assert "aws:rds/proxy:Proxy" in {one.typ for one in found.added}
    cluster = {
        change.path: change.after
        for one, changed in found.changed
        for change in changed
        if one.typ == "aws:rds/cluster:Cluster"
    }
    assert cluster["deletionProtection"] == "true"
    assert cluster["(protect)"] == "true"


def test_what_goes_before_its_successor_comes_is_told() -> None:
    def cache(zone: str) -> Graph:
        inputs = {"name": "shop", "subnetIds": [zone]}
        return graph(
            resource("aws:elasticache/serverlessCache:ServerlessCache", "shop-cache", inputs=inputs)
        )

    assert difference_text(compare(cache("a"), cache("b")), "shop-").splitlines() == [
        "0 added, 0 removed, 1 changed",
        "! ServerlessCache cache is deleted before its successor is made: subnetIds",
        "~ ServerlessCache cache",
        '    subnetIds[0]: "a" -> "b"',
    ]
