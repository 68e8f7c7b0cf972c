"""What the infrastructure and the handler must mean alike; neither may import the other."""

from __future__ import annotations

import dataclasses
import io
import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aurora_graphql.preview.recording import declare
from components.api_settings import ApiSettings, FunctionSettings
from components.contract import API_KEY, ISSUER, LOG_LEVELS
from components.function import _LAMBDA_LEVELS
from components.ingest_store import INCOMING, REJECTS
from components.migration import Migration
from components.pruning import Pruning
from components.release import WARMUP_EVENT
from components.watched_function import FAILURE_PATTERN, KEPT_ANSWERS
from handler import entry
from handler.access.trust import ApiKey
from handler.errors import SettingsError
from handler.http.event import is_warm_up
from handler.jobs.prune import Order, parse_order
from handler.observe.contract import (
    FUNCTION,
    NAMESPACE,
    OF_OPERATION,
    OPERATION,
    OPERATION_NAME,
    OTHERS,
)
from handler.observe.log import HIT_RATE, METRICS, Log
from handler.settings import VARIABLES, AuthorizerSettings, Settings
from handler.settings.kinds import Choice
from tests.components.api_tiers import build, environment
from tests.components.test_migration import ARGS
from tests.components.test_monitoring import FUNCTIONS, SETTINGS, alarms
from tests.components.test_pruning import ARGS as PRUNING


def test_warm_up_event_is_one_to_the_handler() -> None:
    assert is_warm_up(dict(WARMUP_EVENT))


def test_failure_is_logged_in_the_words_that_the_alarm_looks_for() -> None:
    stream = io.StringIO()
    Log(stream=stream).failure(ValueError("x"), request_id="r")
    assert f'{{ $.message = "{json.loads(stream.getvalue())["message"]}" }}' == FAILURE_PATTERN


def test_metrics_of_answers_are_those_that_the_handler_writes() -> None:
    assert {name for name, _, _ in KEPT_ANSWERS} <= set(METRICS)


def test_graphs_of_an_operation_are_of_all_its_metrics() -> None:
    function = dataclasses.replace(FUNCTIONS["graphql"], operations=("Orders",))
    rows = function.signals("shop", SETTINGS).rows
    lines = [line for row in rows for graph in row for line in graph.lines]
    assert {line.namespace for line in lines} == {NAMESPACE}
    assert {line.metric for line in lines} == set(OF_OPERATION)
    named = [line.dimensions for line in lines]
    assert {tuple(each) for each in named} == {(FUNCTION, OPERATION)}
    assert {each[OPERATION] for each in named} == {"Orders", OTHERS}


@given(st.from_regex(OPERATION_NAME, fullmatch=True))
@settings(max_examples=20, deadline=None)
def test_operation_that_the_stack_lists_is_one_to_the_handler(name: str) -> None:
    chosen = ",".join(ApiSettings(operation_metrics=(name,)).operation_metrics)
    environ = {"DATABASE_URL": "mysql://a:b@c/d", "OPERATION_METRICS": chosen}
    assert Settings.from_environ(environ).operation_metrics == (name,)


def test_rejects_go_where_the_function_may_write_and_nobody_is_called() -> None:
    assert REJECTS == entry.REJECTS_PREFIX
    assert not REJECTS.startswith(INCOMING)


def test_migration_is_asked_for_in_the_handlers_words() -> None:
    call = declare(partial(Migration, "m", ARGS)).named("m-call")
    assert json.loads(call.inputs["input"])["action"] == "migrate"


def test_pruning_is_asked_for_in_the_handlers_words() -> None:
    call = declare(partial(Pruning, "p", PRUNING)).named("p-call")
    assert parse_order(json.loads(call.inputs["input"])) == Order(("graphql-1a2b3c4",), 3)


@pytest.mark.parametrize("name", ["t-graphql", "t-migrate", "t-ingest-function"])
def test_variables_are_known_to_the_handler_and_fit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rds-ca.pem").touch()  # stands in the archive, beside the handler
    monkeypatch.chdir(tmp_path)
    environ = environment(build(), name)
    assert set(environ) <= {variable.name for variable in VARIABLES}
    settings = Settings.from_environ(environ)
    assert settings.database_url.ssl_ca == "rds-ca.pem"
    assert settings.cache.ca_file == ("rds-ca.pem" if settings.cache_url else "")
    assert settings.database.auth == ("secret" if name == "t-migrate" else "iam")
    assert settings.stage == "dev"


def test_hit_rate_that_is_watched_is_the_one_that_the_handler_counts() -> None:
    alarm = alarms()["cache-hit-rate"]
    assert (alarm.namespace, alarm.metric) == (NAMESPACE, HIT_RATE)
    assert list(alarm.dimensions) == [FUNCTION]


@given(st.from_regex(API_KEY, fullmatch=True))
@settings(max_examples=20, deadline=None)
def test_static_key_that_the_stack_accepts_is_one_to_the_authorizer(key: str) -> None:
    assume(len(key) < 1000)
    assert ApiSettings(static_keys=(key,)).static_keys == (key,)
    environ = {"AUTH_API_KEYS": f"{key},other={'0' * 64}"}
    assert AuthorizerSettings.from_environ(environ).trust.api_keys == (key, f"other={'0' * 64}")


@pytest.mark.parametrize("scope", ['a"b', "a\\b", "ä", "a\x7f", "a,b"])
def test_scope_that_the_authorizer_would_refuse_is_refused_by_the_stack(scope: str) -> None:
    key = f"shop={'0' * 64} {scope}"
    with pytest.raises(ValueError, match="is not `name=sha256 scope scope`"):
        ApiKey.parse(key)
    with pytest.raises(ValueError, match="apiStaticKeys must be entries"):
        ApiSettings(static_keys=(key,))


@given(st.from_regex(rf"{ISSUER}(\|{ISSUER})?", fullmatch=True))
@settings(max_examples=50, deadline=None)
def test_issuer_that_the_stack_accepts_is_one_to_the_authorizer(issuer: str) -> None:
    assume(all(len(address) <= 2000 for address in issuer.split("|")))
    chosen = ApiSettings(auth_issuers=(issuer,), auth_audience="a")
    environ = {"AUTH_ISSUERS": ",".join(chosen.auth_issuers), "AUTH_AUDIENCE": "a"}
    assert AuthorizerSettings.from_environ(environ).trust.issuers == (issuer,)


@pytest.mark.parametrize(
    "issuers",
    [
        pytest.param(("https://me:secret@login.example",), id="user"),
        pytest.param(("https://login.example/#keys",), id="fragment"),
        pytest.param(("https://löwe.example",), id="not-ascii"),
        pytest.param(("https://login.example/a,b",), id="separator"),
        pytest.param(("https://login.example", "https://login.example"), id="twice"),
        pytest.param(tuple(f"https://{n}.example" for n in range(17)), id="too-many"),
    ],
)
def test_issuers_that_the_authorizer_would_refuse_are_refused_by_the_stack(
    issuers: tuple[str, ...],
) -> None:
    environ = {"AUTH_ISSUERS": ",".join(issuers), "AUTH_AUDIENCE": "a"}
    with pytest.raises(SettingsError, match="AUTH_ISSUERS"):
        AuthorizerSettings.from_environ(environ)
    with pytest.raises(ValueError, match="apiAuthIssuers must"):
        ApiSettings(auth_issuers=issuers, auth_audience="a")


def test_log_levels_are_those_of_the_handler() -> None:
    (variable,) = (one for one in VARIABLES if one.name == "LOG_LEVEL")
    assert isinstance(variable.kind, Choice)
    assert variable.kind.words == LOG_LEVELS == tuple(_LAMBDA_LEVELS)
    for level in LOG_LEVELS:
        assert FunctionSettings(log_level=level).log_level == level
        Log(level)
