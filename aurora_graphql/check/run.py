"""``python -m aurora_graphql.check``: does the live database have what the SDL promises?

Every table and column exists with a fitting type and nullability and holds what its field can hold,
the server reads every expression, and every look-up, relation, filter, sort and page that the SDL
makes possible is served by an index: shown from the columns of the indexes, and then by ``EXPLAIN``
with that index. What is not proved is told, and so is what is closed to all callers for want of a
rule, or not to be seen by the account that asks. Nothing is written. Exit status 0: all is well.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aurora_graphql.catalog import LiveTable, read_catalog, read_sort_bytes
from aurora_graphql.check.access_paths import MAX_COMBINATIONS, AccessPath, access_paths, unproved
from aurora_graphql.check.columns import check_table
from aurora_graphql.check.contents import check_contents
from aurora_graphql.check.dates import SAMPLED_ROWS, check_dates, unproved_dates
from aurora_graphql.check.expressions import check_expressions
from aurora_graphql.check.filters import check_filters, sorted_filters
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.orders import check_orders, rows_fields
from aurora_graphql.check.paths import check_path, lacks_columns
from aurora_graphql.check.relations import check_relation
from aurora_graphql.check.sight import Sight, read_sight
from handler.access.rules import AccessRules
from handler.compiler.permissions import Permissions
from handler.errors import HandlerError, UpstreamError
from handler.language.schema import Schema
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.model.column import Column, ColumnRef
from handler.model.list_reader import PageDefaults
from handler.model.model import Model
from handler.model.tables import Table
from handler.settings import Settings
from handler.settings.stores import open_database
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and what it did not look at."""

    findings: list[Finding]
    unproved: list[Finding]
    tables: int  # of the SDL
    paths: int  # to rows, whose index is shown or found missing

    def __str__(self) -> str:
        """Each on lines of its own, and a sum at the end."""
        lines = [*map(str, self.findings), *(f"not proved: {each}" for each in self.unproved)]
        lines.append(
            f"{len(self.findings)} findings"
            if self.findings
            else f"{self.tables} tables fit the SDL, {self.paths} access paths are served by "
            f"indexes" + (f"; {len(self.unproved)} things not proved" if self.unproved else "")
        )
        return "\n".join(lines)


async def check(model: Model, database: Database, deadline: Deadline) -> Checked:
    """Compare the model with the database. Raises ``UpstreamError`` if it cannot be asked."""
    live = await read_catalog(database, deadline)
    sort_bytes = await read_sort_bytes(database, deadline)
    sight = await read_sight(
        dict.fromkeys(table.name for table in (*model.tables.values(), *model.links.values())),
        database,
        deadline,
    )
    findings = list(_by_catalogue(model, live, sight, sort_bytes))
    left = list(_unproved(model, live, sight))
    for table in model.tables.values():
        if _is_whole(table, live):
            try:
                findings += await check_expressions(table, database, deadline)
                findings += await check_dates(table, live[table.name], database, deadline)
            except RightsError as error:
                what = f"expressions and dates of {table.type_name}: {error}"
                left.append(Finding(Kind.UNPROVED, what, table.origin))
    missing: list[AccessPath] = []
    refused: list[tuple[AccessPath, RightsError]] = []
    paths = access_paths(model)
    for path in paths:
        if lacks_columns(path, live.get(path.table)):
            missing.append(path)
            continue
        try:
            found = await check_path(path, live[path.table], sight, database, deadline)
            findings += [found] if found else []
        except RightsError as error:
            refused.append((path, error))
    if missing:
        hidden = any(path.table in sight.limited for path in missing)
        told = f"not all of their columns exist{' and are shown' if hidden else ''}"
        left.append(_unproved_paths(missing, told))
    if refused:
        left.append(_unproved_paths([path for path, _ in refused], str(refused[0][1])))
    proved = len(paths) - len(missing) - len(refused)
    return Checked(findings, left, len(model.tables), proved)


def _unproved_paths(paths: Sequence[AccessPath], why: str) -> Finding:
    what = f"indexes for {len(paths)} access paths, such as {paths[0].purpose}: {why}"
    return Finding(Kind.UNPROVED, what, paths[0].origin)


def _by_catalogue(
    model: Model, live: Mapping[str, LiveTable], sight: Sight, sort_bytes: int
) -> Iterator[Finding]:
    for table in model.tables.values():
        yield from check_table(table, live, sight)
    for table in model.tables.values():
        for field in table.fields.values():
            yield from check_relation(model, table, field, live, sight)
    for table in model.tables.values():
        if table.name in live:
            yield from check_contents(table, model, live[table.name])
    for name, rows in rows_fields(model):
        yield from check_orders(name, rows, model, live, sort_bytes)
    yield from check_filters(model, live)


def _is_whole(table: Table, live: Mapping[str, LiveTable]) -> bool:
    """Whether the table and all columns of its fields exist, so that SQL over them can be read."""
    found = live.get(table.name)
    return found is not None and all(
        part.name in found.columns
        for field in table.fields.values()
        if isinstance(field, Column)
        for part in field.parts
        if isinstance(part, ColumnRef)
    )


def _unproved(model: Model, live: Mapping[str, LiveTable], sight: Sight) -> Iterator[Finding]:
    for each in unproved(model):
        yield Finding(
            Kind.UNPROVED,
            f"{each.purpose}: indexes for {each.left_out:,} of the {each.combinations:,} "
            f"combinations of its optional filters; the {MAX_COMBINATIONS} smallest are looked at. "
            f"Fewer filters, or required ones, can be proved",
            each.origin,
        )
    yield from sorted_filters(model, live)
    for table in model.tables.values():
        if not _is_whole(table, live):
            gone = "missing or hidden" if table.name in sight.limited else "missing"
            what = f"expressions and dates of {table.type_name}: something of its table is {gone}"
            yield Finding(Kind.UNPROVED, what, table.origin)
        elif dates := unproved_dates(table, live[table.name]):
            yield Finding(
                Kind.UNPROVED,
                f"that {dates} date columns of {table.name!r} hold no 0000-00-00 beyond the first "
                f"{SAMPLED_ROWS:,} rows: no index begins with them",
                table.origin,
            )


def closed_places(schema: Schema, model: Model) -> list[Finding]:
    """What no caller can read for want of a rule. It may be meant, so it is no reason to fail."""
    permissions = Permissions(schema, model, AccessRules(model.access))
    return [
        Finding(
            Kind.RULE,
            f"{name} is closed to everybody, because it has no rule; to open it write @public,"
            ' @authenticated or @requiresScopes(scopes: [["..."]]) there',
            origin,
        )
        for name, origin in permissions.closed()
    ]


def main() -> int | str:
    """Check what the environment names. The exit status, or what to say of a failure."""
    try:
        return asyncio.run(_run())
    except UpstreamError as error:
        return f"the database cannot be asked: {error}"
    except HandlerError as error:
        return str(error)


async def _run() -> int:
    settings = Settings.from_environ(os.environ)
    schema = load_schema(settings.sdl_dir)
    pages = PageDefaults(
        size=settings.page_size, maximum=settings.page_size_max, list_maximum=settings.list_max
    )
    model = build_model(schema, pages)
    database = open_database(settings)
    try:
        checked = await check(model, database, Deadline.after(_TIMEOUT_S))
    finally:
        await database.close()
    for place in closed_places(schema, model):
        sys.stdout.write(f"{place}\n")
    sys.stdout.write(f"{checked}\n")
    return 1 if checked.findings else 0
