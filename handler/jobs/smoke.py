"""Asks a version of the API, before it gets traffic, whether it can answer.

What a new version has of its own is tried where it will run: its code, SDL, settings, role, network
and account. The answers are thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.errors import (
    ClientError,
    DeadlineError,
    HandlerError,
    RequestError,
    StoredValueError,
)
from handler.language.operations import KnownOperation
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

PAUSE_S: Final = 0.5  # between two tries to reach the database
LEAST_S: Final = 1.0  # for an operation; with less time left no further one is asked
# Of what was asked, of a row, of a slow statement: the version in service has these, too.
_EXCUSED: Final = (ClientError, StoredValueError, DeadlineError)


class SmokeError(HandlerError):
    """The version cannot answer; says which operation failed, and why."""


def check_release(own: str, expected: object) -> None:
    """Raise ``SmokeError`` where the version that is called is not of the release that calls.

    When Lambda fails to publish a version, as it does where it cannot make the snapshot of a start,
    Pulumi's provider has noted the new code already: the next update finds nothing to publish, and
    takes the version before for the new one.
    Source: https://github.com/hashicorp/terraform-provider-aws/issues/49904
    """
    if expected and own != expected:
        raise SmokeError(
            f"this version is of release {own or 'unknown'}, and {expected} was to be deployed: "
            "its version was not published, so an earlier update failed there. An update with the "
            "same archive and settings does not publish it either: raise functionGeneration by one "
            "and update again"
        )


async def smoke(engine: Engine, database: Database, deadline: Deadline) -> Mapping[str, Any]:
    """Reach the database, then run each known operation that needs no variables.

    A right or a rule that was just given may need a moment, so the database is tried until half of
    the time is over. Returns the names of the operations by what became of them: ``asked``, and
    ``left`` for want of variables or of time. Raises ``SmokeError``, and what the database raises.
    """
    await _reach(database, deadline)
    asked: list[str] = []
    left: list[str] = []
    for known in engine.list_operations():
        has_time = deadline.remaining_s() > LEAST_S
        (asked if has_time and await _ask(engine, known, database, deadline) else left).append(
            known.name
        )
    return {"asked": asked, "left": left}


async def _reach(database: Database, deadline: Deadline) -> None:
    tries_end = deadline.within(deadline.remaining_s() / 2)
    while True:
        try:
            await database.fetch(Statement("SELECT 1", ()), tries_end)
        except HandlerError:
            if tries_end.remaining_s() <= PAUSE_S:
                raise
            await asyncio.sleep(PAUSE_S)
        else:
            return


async def _ask(
    engine: Engine, known: KnownOperation, database: Database, deadline: Deadline
) -> bool:
    """Whether the operation could be run; without its variables it cannot."""
    grant = engine.access.grant(Principal.development())
    try:
        prepared = engine.prepare(known.text, None, {}, grant)
        answer = await engine.execute(prepared, grant, database, deadline)
    except (ClientError, RequestError):
        return False
    for error in answer.errors:
        if not isinstance(error.cause, _EXCUSED):
            raise SmokeError(
                f"the operation {known.name} ({known.file}) cannot be answered: {error.cause}"
            ) from error.cause
    return True
