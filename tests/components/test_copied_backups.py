"""Copies of snapshots in another region: what is made where, and who may."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.copied_backups import CopiedBackups, CopiedBackupsArgs
from components.data_settings import DatabaseSettings
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.test_function import policy
from tests.components.weaknesses import weaknesses
from tests.recorded import Recorded

CLUSTER_ARN = LOCATION.arn("rds", "cluster:shop")
ARGS = CopiedBackupsArgs(
    location=LOCATION,
    identifier="shop",
    cluster_arn=CLUSTER_ARN,
    key_arn=KEY_ARN,
    copy_region="eu-west-1",
    retention_days=35,
    every_hours=24,
    tags=TAGS,
)


def build(**changes: Any) -> Graph:
    return declare(partial(CopiedBackups, "c", dataclasses.replace(ARGS, **changes)))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(CopiedBackups, "c", ARGS))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:CopiedBackups", "c"),
        ("aws:backup/plan:Plan", "c-plan"),
        ("aws:backup/selection:Selection", "c-cluster"),
        ("aws:backup/vault:Vault", "c-copies"),
        ("aws:backup/vault:Vault", "c-vault"),
        ("aws:iam/role:Role", "c-role"),
        ("aws:iam/rolePolicy:RolePolicy", "c-policy"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "c-backup"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "c-restores"),
        ("aws:kms/alias:Alias", "c-alias"),
        ("aws:kms/key:Key", "c-key"),
    ]
    assert weaknesses(graph) == {}


def test_copies_and_their_key_stand_in_the_other_region_alone() -> None:
    graph = build()
    regions = {one.name: one.inputs.get("region") for one in graph.resources if one.custom}
    there = {"c-alias", "c-copies", "c-key"}
    assert regions == {name: "eu-west-1" if name in there else None for name in regions}
    assert graph.named("c-copies").property_dependencies["kmsKeyArn"] == {graph.named("c-key").urn}
    assert graph.named("c-vault").inputs["kmsKeyArn"] == KEY_ARN


def test_the_account_decides_who_uses_the_copies_key_and_waits_before_it_goes() -> None:
    graph = build(deletion_days=21)
    assert graph.named("c-key").inputs["deletionWindowInDays"] == 21
    (owner,) = policy(graph, "c-key").values()
    assert owner["Principal"] == {"AWS": LOCATION.root_arn()}
    assert owner["Action"] == "kms:*"


def test_plan_copies_what_it_took() -> None:
    graph = build(retention_days=90)
    (rule,) = graph.named("c-plan").inputs["rules"]
    assert rule == {
        "ruleName": "copied",
        "targetVaultName": "shop-copied",
        "schedule": "cron(15 3 ? * * *)",
        "startWindow": 60,
        "completionWindow": 600,
        "lifecycle": {"deleteAfter": 1},
        "copyActions": [
            {
                "destinationVaultArn": f"arn:aws:backup:eu-west-1:{LOCATION.account_id}:c-copies",
                "lifecycle": {"deleteAfter": 90},
            }
        ],
    }
    assert graph.named("c-cluster").inputs["resources"] == [CLUSTER_ARN]


@pytest.mark.parametrize(("hours", "cron"), [(1, "0/1"), (6, "0/6"), (12, "0/12"), (24, "3")])
def test_schedule_is_as_often_as_it_is_told(hours: int, cron: str) -> None:
    (rule,) = build(every_hours=hours).named("c-plan").inputs["rules"]
    assert rule["schedule"] == f"cron(15 {cron} ? * * *)"


def test_role_uses_both_keys_and_only_through_rds() -> None:
    graph = build()
    statement = policy(graph, "c-policy")["CopySnapshots"]
    own, copies = statement["Resource"]
    assert own == KEY_ARN
    assert copies.startswith(f"arn:aws:kms:eu-west-1:{LOCATION.account_id}:key/")
    assert statement["Condition"] == {
        "StringEquals": {
            "kms:ViaService": [
                f"rds.{LOCATION.region}.amazonaws.com",
                "rds.eu-west-1.amazonaws.com",
            ]
        }
    }
    for right in ("c-policy", "c-backup", "c-restores"):
        assert waits_for(graph, graph.named("c-cluster"), graph.named(right)), right


@pytest.mark.parametrize("protect", [True, False])
def test_copies_outlive_a_stack_that_is_protected(protect: bool) -> None:
    graph = build(protect=protect)
    kept = {one.name for one in graph.resources if one.protect}
    assert kept == ({"c-key", "c-copies"} if protect else set())
    assert graph.named("c-copies").inputs["forceDestroy"] is not protect


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"copy_region": LOCATION.region},
            "copy_region .databaseCopyRegion. must be another region than the stack's, got eu-ce",
            id="same-region",
        ),
        pytest.param({"every_hours": 5}, "every_hours must be one of 1, 2, 3, 4, 6,", id="hours"),
        pytest.param({"retention_days": 0}, "retention_days must be between 1 and", id="days"),
    ],
)
def test_wrong_arguments_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(ARGS, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"copy_region": "Ireland"},
            "databaseCopyRegion must be a region or empty, got 'Ireland'",
            id="no-region",
        ),
        pytest.param(
            {"copy_every_hours": 5}, "databaseCopyEveryHours must be one of 1, 2, 3,", id="hours"
        ),
        pytest.param(
            {"copy_retention_days": 0}, "databaseCopyRetentionDays must be between 1", id="days"
        ),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DatabaseSettings(**changes)


def test_a_stack_makes_copies_only_where_it_is_told(recorded: Recorded) -> None:
    def plans(**changes: Any) -> int:
        return len(recorded("prod", **changes).of_type("aws:backup/plan:Plan"))

    assert (plans(), plans(databaseCopyRegion="eu-west-1")) == (0, 1)
