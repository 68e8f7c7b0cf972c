"""``python -m handler.check``: does the live database have what the SDL promises?

Every table and column exists with a fitting type and nullability, and every look-up, relation,
filter, sort and page that the SDL makes possible is served by an index: shown from the columns of
the indexes, and then by ``EXPLAIN`` with that index. Exit status 0: all is well; 1: findings. What
is closed to all callers for want of a rule is told, too.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handler.access.rules import AccessRules
from handler.compiler.access import (
    AccessPath,
    Index,
    access_paths,
    create_index,
    explain_statement,
    serving_index,
)
from handler.compiler.model import (
    ClaimRule,
    Column,
    ColumnRef,
    Model,
    Relation,
    RowsField,
    Table,
    ToMany,
    ToOne,
)
from handler.compiler.model_builder import PageDefaults, build_model
from handler.compiler.permissions import Permissions
from handler.compiler.statement import SqlValue
from handler.compiler.tables import quote
from handler.errors import HandlerError, UpstreamError
from handler.language.schema import Origin, Schema
from handler.language.sdl import load_schema
from handler.opening import open_database
from handler.settings import Settings
from handler.stores.catalog import LiveColumn, LiveTable, read_catalog
from handler.stores.database import Database
from handler.stores.deadline import Deadline

_TIMEOUT_S = 60.0

_WHOLE_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"}
_TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "uuid"}
_NUMBERS = _WHOLE_NUMBERS | {"decimal", "float", "double"}
_FITTING: Mapping[str, set[str]] = {
    "ID": _TEXTS | (_WHOLE_NUMBERS - {"bit"}),
    "String": _TEXTS | {"date", "datetime", "timestamp", "time", "json"},
    "Int": _WHOLE_NUMBERS,
    "Float": _NUMBERS,
    "Boolean": {"tinyint", "bit", "smallint", "int"},
    "DateTime": {"datetime", "timestamp"},
    "Date": {"date", "datetime", "timestamp"},
    "Decimal": {"decimal"} | (_WHOLE_NUMBERS - {"bit", "year"}),
    "BigInt": _WHOLE_NUMBERS - {"bit"},
    "JSON": {"json", "longtext", "mediumtext", "text"},  # MariaDB calls JSON longtext
}
_UNSORTABLE: Mapping[str, str] = {
    "float": "is sent rounded; use DOUBLE or DECIMAL",
    "enum": "sorts by number and compares by text; use VARCHAR",
    "set": "sorts by number and compares by text; use VARCHAR",
    "bit": "is not sent as text; use an integer",
    "json": "has no order that an index serves; use an expression column",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the SDL promises and the database does not have."""

    message: str
    origin: Origin
    remedy: str = ""  # SQL that mends it

    def __str__(self) -> str:
        place = f"{self.origin.file}:{self.origin.location.line}"
        return f"{place}: {self.message}" + (f"\n    {self.remedy}" if self.remedy else "")


async def check(model: Model, database: Database, deadline: Deadline) -> list[Finding]:
    """Compare the model with the database. Raises ``UpstreamError`` if it cannot be asked."""
    live = await read_catalog(database, deadline)
    findings = [finding for table in model.tables.values() for finding in _table(table, live)]
    findings += [
        finding
        for table in model.tables.values()
        for field in table.fields.values()
        for finding in _relation(model, table, field, live)
    ]
    findings += [finding for rows in _rows_fields(model) for finding in _order(model, rows, live)]
    if findings:
        return findings  # without the columns there are no indexes to speak of
    for path in access_paths(model):
        findings += await _path(path, live[path.table], database, deadline)
    return findings


# ----------------------------------------------------------------------- tables and columns


def _table(table: Table, live: Mapping[str, LiveTable]) -> Iterator[Finding]:
    found = live.get(table.name)
    if found is None:
        names = ", ".join(sorted(live)) or "none"
        yield Finding(
            f"type {table.type_name} is read from table {table.name!r}, which does not exist "
            f"(there are: {names}); add a migration, or name another with @table(name: ...)",
            table.origin,
        )
        return
    for field in table.fields.values():
        if isinstance(field, Column):
            yield from _column(table, field, found)
    for rule in table.row_rules:
        if isinstance(rule, ClaimRule):
            yield from _claimed(table, rule, found)
    for key in table.unique_keys:
        is_unique = any(
            index.is_unique and {column.name for column in index.columns} <= set(key)
            for index in found.indexes
        )
        if not is_unique and all(name in found.columns for name in key):
            listed = ", ".join(map(quote, key))
            name = quote(f"{table.name}_{'_'.join(key)}_unique")
            yield Finding(
                f"the key ({', '.join(key)}) of {table.type_name} is not unique in {table.name!r}",
                table.origin,
                f"CREATE UNIQUE INDEX {name} ON {quote(table.name)} ({listed});",
            )


def _column(table: Table, column: Column, found: LiveTable) -> Iterator[Finding]:
    name = f"{table.type_name}.{column.field}"
    for part in column.parts:
        if isinstance(part, ColumnRef) and part.name not in found.columns:
            yield Finding(
                f"{name} is read from column {part.name!r}, which {found.name!r} does not have; "
                f"it has {', '.join(found.columns)}",
                column.origin,
            )
            return
    if column.stored_name is None:
        return
    live = found.columns[column.stored_name]
    if column.enum_values is None and live.data_type not in _FITTING[column.scalar]:
        yield Finding(
            f"{name} is a {column.scalar}, but {found.name}.{live.name} is {live.column_type}; "
            f"a {column.scalar} needs {', '.join(sorted(_FITTING[column.scalar]))}",
            column.origin,
        )
    if not column.is_nullable and live.is_nullable:
        yield Finding(
            f"{name} must not be null, but {found.name}.{live.name} may be NULL; "
            f"take the ! away, or make the column NOT NULL",
            column.origin,
        )
    is_number = live.data_type in _WHOLE_NUMBERS
    if column.scalar == "ID" and is_number != column.is_integer:
        wanted = "write @column(integer: true)" if is_number else "take integer: true away"
        yield Finding(
            f"{name} is an ID over {live.column_type}: {wanted}, so that a text is compared as "
            f"what it is",
            column.origin,
        )


def _claimed(table: Table, rule: ClaimRule, found: LiveTable) -> Iterator[Finding]:
    """A column whose bytes are not the letters of a claim: no row would be visible."""
    live = found.columns.get(rule.column.stored_name or "")
    if live is None:
        return  # said already
    is_text = live.data_type in ("char", "varchar") and (live.collation or "").startswith(
        ("utf8", "ascii")
    )
    if not is_text and live.data_type not in _WHOLE_NUMBERS - {"bit", "year"}:
        yield Finding(
            f"rows of {table.type_name} are visible by {found.name}.{live.name}, which is "
            f"{_described(live)}; a claim is compared with CHAR or VARCHAR in utf8mb4, or with "
            f"whole numbers",
            rule.origin,
        )


def _relation(
    model: Model, table: Table, field: object, live: Mapping[str, LiveTable]
) -> Iterator[Finding]:
    if isinstance(field, ToOne):
        target, relation, origin = model.tables[field.target], field.relation, field.origin
    elif isinstance(field, ToMany):
        target, relation = model.tables[field.rows.target], field.relation
        origin = field.rows.origin
    else:
        return
    here, there = live.get(table.name), live.get(target.name)
    if here is None or there is None:
        return  # said already
    name = f"{table.type_name}.{field.field}"
    for side, columns in ((here, relation.columns), (there, relation.references)):
        for column in columns:
            if column not in side.columns:
                yield Finding(
                    f"{name} needs column {column!r} of {side.name!r}, which does not exist; "
                    f"say by which columns with @relation(columns: [...], references: [...])",
                    origin,
                )
                return
    yield from _sides(name, relation, here, there, origin)
    if isinstance(field, ToOne) and not field.is_nullable:
        for column in relation.columns:
            if here.columns[column].is_nullable:
                yield Finding(
                    f"{name} must not be null, but {here.name}.{column} may be NULL; "
                    f"take the ! away, or make the column NOT NULL",
                    origin,
                )


def _sides(
    name: str, relation: Relation, here: LiveTable, there: LiveTable, origin: Origin
) -> Iterator[Finding]:
    for own, other in zip(relation.columns, relation.references, strict=True):
        one, two = here.columns[own], there.columns[other]
        if _family(one) != _family(two) or one.collation != two.collation:
            yield Finding(
                f"{name} compares {here.name}.{own} ({_described(one)}) with {there.name}.{other} "
                f"({_described(two)}), which no index serves; make them alike",
                origin,
            )
        elif one.collation and not one.collation.endswith("_bin"):
            yield Finding(
                f"{name} compares {here.name}.{own} by {one.collation}, under which texts of "
                f"different letters are equal; give both columns a binary collation",
                origin,
                f"ALTER TABLE {quote(here.name)} MODIFY {quote(own)} {one.column_type} "
                f"CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
            )


def _family(column: LiveColumn) -> str:
    for name, family in (("number", _WHOLE_NUMBERS), ("text", _TEXTS)):
        if column.data_type in family:
            return name
    return column.data_type


def _described(column: LiveColumn) -> str:
    return f"{column.column_type} {column.collation}" if column.collation else column.column_type


def _rows_fields(model: Model) -> Iterator[RowsField]:
    for root in model.roots.values():
        if isinstance(root, RowsField):
            yield root
    for table in model.tables.values():
        yield from (field.rows for field in table.fields.values() if isinstance(field, ToMany))


def _order(model: Model, rows: RowsField, live: Mapping[str, LiveTable]) -> Iterator[Finding]:
    """Columns whose text is not the place at which they sort: a cursor would skip or repeat."""
    target = model.tables[rows.target]
    found = live.get(target.name)
    for order in (rows.order, *rows.orders.values()):
        for term in order:
            column = found.columns.get(term.column.stored_name or "") if found else None
            if column is not None and column.data_type in _UNSORTABLE:
                yield Finding(
                    f"{rows.field} is ordered by {target.name}.{column.name}, whose type "
                    f"{column.column_type} {_UNSORTABLE[column.data_type]}",
                    rows.origin,
                )


# ----------------------------------------------------------------------------------- indexes


async def _path(
    path: AccessPath, table: LiveTable, database: Database, deadline: Deadline
) -> list[Finding]:
    index = serving_index(path, table.indexes)
    if index is None:
        is_sorted_otherwise = (
            path.range is not None and path.order and path.order[0].name != path.range
        )
        if is_sorted_otherwise or (path.range or "").startswith("the expression"):
            return [
                Finding(
                    f"{path.purpose}: no index can serve a range of {path.range} in that order; "
                    f"order by it first, or take the argument away",
                    path.origin,
                )
            ]
        return [Finding(f"{path.purpose}: no index", path.origin, create_index(path))]
    trouble = await _explain(path, table, index, database, deadline)
    if trouble:
        return [Finding(f"{path.purpose}: index {index.name!r} {trouble}", path.origin)]
    return []


async def _explain(
    path: AccessPath, table: LiveTable, index: Index, database: Database, deadline: Deadline
) -> str:
    """What the optimizer says against the index; nothing if it can use it."""
    samples = {name: _sample(column) for name, column in table.columns.items()}
    statement = explain_statement(path, index, samples)
    found = await database.fetch(statement, deadline)
    row = dict(zip(found.names, found.rows[0], strict=True))
    extra = (row.get("Extra") or b"").decode()
    if "mpossible" in extra or "no matching row" in extra or "tables optimized away" in extra:
        return ""  # decided from the index itself
    if row.get("key") != index.name.encode():
        return f"is not used: EXPLAIN says type {(row.get('type') or b'').decode()}"
    if "filesort" in extra:
        return f"does not give the order: EXPLAIN says {extra}"
    return ""


def _sample(column: LiveColumn) -> SqlValue:
    if column.data_type in _NUMBERS:
        return 1
    return "2000-01-01" if column.data_type in ("date", "datetime", "timestamp") else "a"


def closed_places(schema: Schema, model: Model) -> list[Finding]:
    """What no caller can read for want of a rule. It may be meant, so it is no reason to fail."""
    permissions = Permissions(schema, model, AccessRules(schema))
    return [
        Finding(
            f"{name} is closed to everybody, because it has no rule; to open it write @public,"
            ' @authenticated or @requiresScopes(scopes: [["..."]]) there',
            origin,
        )
        for name, origin in permissions.closed()
    ]


async def _main() -> int:
    settings = Settings.from_environ(os.environ)
    schema = load_schema(settings.sdl_dir)
    pages = PageDefaults(
        size=settings.page_size, maximum=settings.page_size_max, list_maximum=settings.list_max
    )
    model = build_model(schema, pages)
    database = open_database(settings)
    try:
        findings = await check(model, database, Deadline.after(_TIMEOUT_S))
    finally:
        await database.close()
    for finding in [*findings, *closed_places(schema, model)]:
        sys.stdout.write(f"{finding}\n")
    paths = len(access_paths(model))
    sys.stdout.write(
        f"{len(findings)} findings\n"
        if findings
        else f"{len(model.tables)} tables fit the SDL, {paths} access paths are served by indexes\n"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_main()))
    except UpstreamError as error:
        sys.exit(f"the database cannot be asked: {error}")
    except HandlerError as error:
        sys.exit(str(error))
