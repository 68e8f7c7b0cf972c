"""The check, from the environment to the report.

Every table and column exists with a fitting type and nullability and holds what its field can hold,
the server reads every expression, and every look-up, relation, filter, order and known operation is
served by an index, which the server's own plan shows. Nothing is written. A finding is accepted by
its name, with a reason, in check.toml beside the SDL.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aurora_graphql.check.accepted import Acceptance, read_acceptances, unused
from aurora_graphql.check.compare import Checked, compare, summed
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import read_live
from aurora_graphql.check.operations import check_operations
from aurora_graphql.check.paths import Judge
from aurora_graphql.check.report import Style, report
from handler.access.rules import AccessRules
from handler.compiler.permissions import Permissions
from handler.engine.engine import Engine
from handler.language.schema import Schema
from handler.model.model import Model
from handler.settings import Settings
from handler.settings.stores import open_database
from handler.stores.deadline import Deadline

_TIMEOUT_S: Final = 300.0
_WIDTHS: Final = (60, 140)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line chooses."""

    fails_on: Severity = Severity.ERROR
    least_rows: int = 0
    whole: bool = False


def closed_places(schema: Schema, model: Model) -> list[Finding]:
    """What no caller can read for want of a rule. It may be meant, so it is no reason to fail."""
    permissions = Permissions(schema, model, AccessRules(model.access))
    return [
        Finding(
            kind=Kind.CLOSED,
            about=name,
            message=f"{name} is closed to everybody, because it has no rule; to open it write "
            '@public, @authenticated or @requiresScopes(scopes: [["..."]]) there',
            origin=origin,
            severity=Severity.NOTE,
        )
        for name, origin in permissions.closed()
    ]


def run(environ: Mapping[str, str], options: Options) -> int:
    """Check what the environment names, and print the report: 0, or 1 for what ends with it.

    Raises ``HandlerError`` for what cannot be asked, ``AcceptanceError``.
    """
    settings = Settings.from_environ(environ)
    acceptances = read_acceptances(Path(settings.sdl_dir))
    checked = asyncio.run(_check(settings, options))
    stale = unused(acceptances, checked.findings)
    checked = replace(checked, findings=(*checked.findings, *stale))
    sys.stdout.write(f"{report(checked, acceptances, _style(options))}\n")
    return 1 if fails(checked, acceptances, options.fails_on) else 0


def fails(checked: Checked, acceptances: Sequence[Acceptance], on: Severity) -> bool:
    """Whether something as bad is found that is not accepted."""
    accepted = {each.finding for each in acceptances}
    worst = list(Severity)[: list(Severity).index(on) + 1]
    return any(each.name not in accepted for each in checked.of(*worst))


async def _check(settings: Settings, options: Options) -> Checked:
    engine = Engine.from_sdl(settings)
    database = open_database(settings)
    try:
        deadline = Deadline.after(_TIMEOUT_S)
        live = await read_live(engine.model, database, deadline, options.least_rows)
        judge = Judge(live)
        findings = closed_places(engine.schema, engine.model)
        findings += await compare(engine.model, live, judge)
        findings += await check_operations(engine, judge)
        return summed(findings, engine.model, live, judge)
    finally:
        await database.close()


def _style(options: Options) -> Style:
    narrowest, widest = _WIDTHS
    width = shutil.get_terminal_size((100, 24)).columns
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Style(width=max(narrowest, min(width, widest)), has_colours=colours, whole=options.whole)
