"""Generated credentials: kept secret everywhere, and such that RDS takes them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.recording import declare
from components.database_secret import SPECIAL_CHARACTERS, DatabaseSecret, DatabaseSecretArgs
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, TAGS
from tests.components.weaknesses import weaknesses

SECRET = DatabaseSecretArgs(user="api", key_arn=KEY_ARN, tags=TAGS)


def test_identities_of_a_secret_are_frozen(declared: Declare) -> None:
    graph = declared(partial(DatabaseSecret, "login", SECRET))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:DatabaseSecret", "login"),
        ("aws:secretsmanager/secret:Secret", "login-secret"),
        ("aws:secretsmanager/secretVersion:SecretVersion", "login-version"),
        ("random:index/randomPassword:RandomPassword", "login-password"),
    ]
    assert weaknesses(graph) == {}


def test_two_secrets_coexist(declared: Declare) -> None:
    def both() -> None:
        DatabaseSecret("one", SECRET)
        DatabaseSecret("other", SECRET)

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == 8


def test_arn_leads_to_a_secret_that_has_its_value() -> None:
    graph = declare(partial(DatabaseSecret, "login", SECRET))
    arn = graph.component_outputs[graph.named("login").urn]["secret_arn"]
    assert ":secret:login-secret-" in arn


def test_password_is_kept_secret_in_the_state_from_the_first_preview(declared: Declare) -> None:
    version = declared(partial(DatabaseSecret, "login", SECRET)).named("login-version")
    assert version.secret_inputs == {"secretString"}


def test_new_generation_makes_a_new_password() -> None:
    def keepers(generation: int) -> object:
        args = replace(SECRET, generation=generation)
        return (
            declare(partial(DatabaseSecret, "login", args))
            .named("login-password")
            .inputs["keepers"]
        )

    assert keepers(1) != keepers(2)


def test_password_avoids_what_rds_refuses() -> None:
    assert not set(SPECIAL_CHARACTERS) & set("/@\"' \\")
    password = declare(partial(DatabaseSecret, "login", SECRET)).named("login-password")
    assert password.inputs["overrideSpecial"] == SPECIAL_CHARACTERS
    assert password.inputs["length"] == 32


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"user": "API"}, "user must be at most 32 of", id="user"),
        pytest.param({"length": 42}, "length must be between 16 and 41 characters", id="length"),
        pytest.param({"recovery_days": 3}, "recovery_days must be between 7 and 30", id="recovery"),
    ],
)
def test_secret_args_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SECRET, **values)
