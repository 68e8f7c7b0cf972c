"""What the infrastructure and the handler must mean alike; neither may import the other."""

from __future__ import annotations

import json
from functools import partial

from components.ingest_store import INCOMING, REJECTS
from components.migration import Migration
from components.release import WARMUP_EVENT
from handler import entry
from handler.http.event import is_warm_up
from tests.components.recording import declare
from tests.components.test_migration import ARGS


def test_warm_up_event_is_one_to_the_handler() -> None:
    assert is_warm_up(dict(WARMUP_EVENT))


def test_rejects_go_where_the_function_may_write_and_nobody_is_called() -> None:
    assert REJECTS == entry.REJECTS_PREFIX
    assert not REJECTS.startswith(INCOMING)


def test_migration_is_asked_for_in_the_handlers_words() -> None:
    call = declare(partial(Migration, "m", ARGS)).named("m-call")
    assert json.loads(call.inputs["input"])["action"] == "migrate"
