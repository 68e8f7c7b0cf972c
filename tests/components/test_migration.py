"""The migration as a resource: when it runs again, and what waits for it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import partial
from typing import Any

import pulumi_aws as aws
import pytest

from aurora_graphql.preview.recording import declare
from components.migration import Migration, MigrationArgs
from tests.components.conftest import Declare

ARGS = MigrationArgs(
    function_name="migrate-1a2b3c4",
    migrations_sha256="a" * 64,
    sdl_sha256="b" * 64,
    handler_sha256="d" * 64,
    api_user="api",
    login="iam",
    database_id="cluster-1",
    writer_host="writer.example",
)


def test_identities_are_frozen(declared: Declare) -> None:
    assert declared(partial(Migration, "m", ARGS)).types_and_names() == [
        ("aurora-graphql:index:Migration", "m"),
        ("aws:lambda/invocation:Invocation", "m-call"),
    ]


def test_call_is_made_at_creation_only_with_what_it_depends_on_as_triggers() -> None:
    call = declare(partial(Migration, "m", ARGS)).named("m-call")
    assert json.loads(call.inputs["input"]) == {
        "action": "migrate",
        "api_user": "api",
        "former_releases": 0,
    }
    assert {key: call.inputs[key] for key in ("functionName", "lifecycleScope", "triggers")} == {
        "functionName": "migrate-1a2b3c4",
        "lifecycleScope": "CREATE_ONLY",  # destroying a stack calls nothing
        "triggers": {
            "migrations": "a" * 64,
            "sdl": "b" * 64,
            "handler": "d" * 64,
            "login": "iam",
            "database": "cluster-1",
            "writer": "writer.example",
            "password": "1",
            "variables": hashlib.sha256(b"{}").hexdigest(),
        },
    }


def test_what_the_ingest_writes_is_a_trigger_where_there_is_an_ingest() -> None:
    args = dataclasses.replace(ARGS, ingest_user="api_write", mappings_sha256="e" * 64)
    call = declare(partial(Migration, "m", args)).named("m-call")
    assert call.inputs["triggers"]["mappings"] == "e" * 64


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"migrations_sha256": "c" * 64}, id="sql-files"),
        pytest.param({"sdl_sha256": "c" * 64}, id="sdl"),
        pytest.param({"handler_sha256": "c" * 64}, id="code-that-knows-what-is-read"),
        pytest.param({"api_user": "reader"}, id="user"),
        pytest.param({"former_releases": 2}, id="releases-to-go-back-to"),
        pytest.param({"login": "arn:of-a-secret"}, id="way-to-log-in"),
        pytest.param({"database_id": "cluster-2"}, id="restored-database"),
        pytest.param({"password_generation": 2}, id="password"),
        pytest.param({"variables": {"PAGE_SIZE": "9"}}, id="settings-of-the-handler"),
    ],
)
def test_change_calls_again(changes: dict[str, Any]) -> None:
    def inputs(args: MigrationArgs) -> tuple[Any, Any]:
        call = declare(partial(Migration, "m", args)).named("m-call")
        return call.inputs["input"], call.inputs["triggers"]

    assert inputs(dataclasses.replace(ARGS, **changes)) != inputs(ARGS)
    assert inputs(dataclasses.replace(ARGS)) == inputs(ARGS)


def test_schema_is_known_only_after_the_call() -> None:
    def build() -> None:
        migration = Migration("m", ARGS)
        aws.lambda_.Alias(
            "alias", function_name="f", function_version="1", description=migration.schema
        )

    graph = declare(build)
    alias = graph.named("alias")
    assert alias.property_dependencies["description"] == {graph.named("m-call").urn}
    assert alias.inputs["description"] == "aaaaaaaaaaaa-bbbbbbbbbbbb"


def test_user_name_is_checked() -> None:
    with pytest.raises(ValueError, match="api_user must be at most 32 of a-z, 0-9 and _"):
        dataclasses.replace(ARGS, api_user="api'; DROP")
