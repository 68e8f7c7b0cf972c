"""The stack's key."""

from __future__ import annotations

import json

import pytest

from aurora_graphql.preview.recording import declare
from components.encryption import Encryption, EncryptionArgs
from tests.components.conftest import Declare
from tests.components.surroundings import LOCATION, TAGS
from tests.components.weaknesses import weaknesses


def build(name: str = "stack", alias: str = "shop-dev") -> Encryption:
    return Encryption(name, EncryptionArgs(location=LOCATION, alias=alias, tags=TAGS))


def test_identities_are_frozen(declared: Declare) -> None:
    assert declared(build).types_and_names() == [
        ("aurora-graphql:index:Encryption", "stack"),
        ("aws:kms/alias:Alias", "stack-alias"),
        ("aws:kms/key:Key", "stack-key"),
    ]


def test_invariants_hold(declared: Declare) -> None:
    assert weaknesses(declared(build)) == {}


def test_two_keys_coexist(declared: Declare) -> None:
    def both() -> None:
        build("one", "shop-one")
        build("other", "shop-other")

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == 6
    assert [alias.inputs["name"] for alias in graph.of_type("aws:kms/alias:Alias")] == [
        "alias/shop-one",
        "alias/shop-other",
    ]


def test_policy_is_known_before_anything_exists() -> None:
    key = declare(build, outputs_known=False).named("stack-key")
    sids = [statement["Sid"] for statement in json.loads(key.inputs["policy"])["Statement"]]
    assert sids == ["AccountDecidesByIam", "ServeLogs", "ServeAlarms"]


@pytest.mark.parametrize(
    ("alias", "days", "message"),
    [
        pytest.param("aws/shop", 30, "alias must be letters", id="reserved"),
        pytest.param("", 30, "alias must be letters", id="empty"),
        pytest.param("shop", 6, "deletion_days must be between 7 and 30 days, got 6", id="days"),
    ],
)
def test_args_are_refused(alias: str, days: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EncryptionArgs(location=LOCATION, alias=alias, deletion_days=days)
