"""``@where``: does the column exist, and can it hold the value? Does an index hold the column?"""

from __future__ import annotations

from collections.abc import Iterator

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.access_paths import is_fixed
from aurora_graphql.check.columns import described, lacking
from aurora_graphql.check.finding import FEW_ROWS, Finding, Kind, Severity
from aurora_graphql.check.live import Live
from handler.language.schema import Origin
from handler.model.conditions import Where
from handler.model.model import Model
from handler.model.tables import Table
from handler.scalars import COLUMNS
from handler.sql.operators import Operator


def all_conditions(model: Model) -> Iterator[tuple[str, str, Where]]:
    """Each with what it is said of and the table that has its column."""
    for table in model.tables.values():
        own = [each for each in table.conditions if each.origin not in _discriminators(table)]
        for each in own:
            yield f"type {table.type_name}", table.name, each
    for (owner, name), field in model.all_fields("Query"):
        for each in field.rows.conditions if field.rows else ():
            yield f"{owner}.{name}", model.table(field.target).name, each
        for hop in field.path.hops if field.path else ():
            for each in hop.conditions:
                yield f"{owner}.{name}", model.table(hop.target).name, each


def _discriminators(table: Table) -> set[Origin]:
    """Where it is said which column tells of which type a row is; ``members`` looks at that."""
    return {table.members.column.origin} if table.members else set()


def check_conditions(model: Model, live: Live) -> Iterator[Finding]:
    """What no row can fulfil, and what the server finds row by row."""
    told: set[Origin] = set()
    for what, name, where in all_conditions(model):
        table = live.tables.get(name)
        if table is None or where.origin in told:
            continue  # said of its type, or of the relation that a count is over
        told.add(where.origin)
        yield from _check(what, table, where, live)


def _check(what: str, table: LiveTable, where: Where, live: Live) -> Iterator[Finding]:
    column = where.filter.column
    about = f"{what} (@where {column.field})"
    name = column.stored_name or ""
    stored = table.columns.get(name)
    is_shown = column.origin != where.origin
    if stored is None:
        if not is_shown:
            yield Finding(
                kind=Kind.MISSING,
                about=about,
                message=f"{what}: @where compares {lacking(name, table, live)}",
                origin=where.origin,
                table=table.name,
            )
        return
    scalar = COLUMNS[column.scalar]
    is_null = where.filter.operator is Operator.IS_NULL
    if not is_shown and not is_null and not scalar.takes(stored.data_type, stored.column_type):
        yield Finding(
            kind=Kind.TYPE,
            about=about,
            message=f"{what}: @where compares {table.name}.{stored.name}, which is "
            f"{described(stored)}, with a {column.scalar}; write a value of its type, or give it "
            f"a field and name that",
            origin=where.origin,
            table=table.name,
        )
        return
    for value in _unfit(stored, where):
        yield Finding(
            kind=Kind.FILTER,
            about=about,
            message=f"{what}: @where compares {table.name}.{stored.name} with {value!r}, which "
            f"{described(stored)} cannot hold; name a value that some row may have",
            origin=where.origin,
            table=table.name,
        )
    rows = live.rows(table.name)
    is_held = any(stored.name == each.name for index in table.indexes for each in index.columns)
    if is_fixed(where):
        return  # said of the lists that it chooses
    if not is_held and not table.is_view and (rows is None or rows > FEW_ROWS):
        yield Finding(
            kind=Kind.INDEX,
            about=about,
            message=f"no index has {stored.name}, so that the rows which @where leaves out are "
            f"read; where they are many, let the indexes of lists begin with it",
            origin=where.origin,
            severity=Severity.NOTE,
            table=table.name,
        )


def _unfit(stored: LiveColumn, where: Where) -> Iterator[str]:
    """The texts of a condition that are no label of the column, or longer than it."""
    used, value = where.filter, where.value
    if used.operator.reads_text or used.operator is Operator.IS_NULL:
        return
    for each in value if isinstance(value, tuple) else [value]:
        text = (used.column.enum_values or {}).get(each, each) if isinstance(each, str) else each
        if not isinstance(text, str):
            continue
        is_label = stored.data_type in ("enum", "set")
        if is_label and text not in stored.values:
            yield text
        is_text = stored.data_type in ("char", "varchar")
        if is_text and len(text) > int(stored.column_type.partition("(")[2].partition(")")[0] or 0):
            yield text
