"""Tables in statements: the only place that writes a table's name, and never without its guards.

What ``sql.py`` writes about a table goes through here, and so does the SQL of Python resolvers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from handler.compiler.search import FOUND
from handler.compiler.storage import UNKNOWN, Storage
from handler.compiler.visible import Visibility, VisiblePath, VisibleRows
from handler.errors import ResolverError
from handler.model.column import Column
from handler.model.search import Search
from handler.model.tables import Table
from handler.sql.names import quote
from handler.sql.statement import Sql, SqlValue, Statement, join, sql, value
from handler.sql.tokens import COMMENT, EXECUTED, OPEN, QUOTED


class Tables:
    """Writes the names of tables, never without what guards their rows."""

    def __init__(self, claims: Mapping[str, str], storage: Storage = UNKNOWN) -> None:
        self.claims = claims
        self.storage = storage

    def from_(self, rows: VisibleRows, alias: str, conditions: Sequence[Sql], *joins: Sql) -> Sql:
        """Of a table the rows that fulfil the conditions and that the caller sees.

        Only here and in ``join`` stands a table's name.
        """
        where = [*conditions, *self._guards(rows, alias)]
        parts: list[str | Sql] = [f" FROM {quote(rows.table.name)} {alias}", *joins]
        if where:
            parts += (" WHERE ", join(" AND ", where))
        return sql(*parts)

    def join(self, kind: str, rows: VisibleRows, alias: str, on: str | Sql) -> Sql:
        """For a LEFT JOIN a row that the caller does not see is one that does not exist."""
        first = on if on.__class__ is Sql else Sql(on)  # type: ignore[arg-type]  # a text
        matched = join(" AND ", [first, *self._guards(rows, alias)])
        return sql(f" {kind} {quote(rows.table.name)} {alias} ON ", matched)

    def from_path(
        self, path: VisiblePath, alias: str, start: str, conditions: Sequence[Sql], *joins: Sql
    ) -> Sql:
        """The rows at the end of a path that begins at the row ``start``, an alias, or at the
        root; ``joins``: from these rows on."""
        first = path.hops[0]
        matched = [Sql(first.on(link_alias(path, alias), start))] if first.columns else []
        links = self.links(path, alias)
        return self.from_(path.target, alias, [*matched, *conditions], *links, *joins)

    def joins_along(self, path: VisiblePath, alias: str, start: str) -> list[Sql]:
        """The joins from the row ``start``, an alias, to the rows at the end of a path."""
        found = []
        for number, (hop, rows) in enumerate(zip(path.hops, path.rows, strict=True)):
            there = link_alias(path, alias, number)
            found.append(self.join("JOIN", rows, there, hop.on(there, start)))
            start = there
        return found

    def links(self, path: VisiblePath, alias: str) -> list[Sql]:
        """The joins from the rows at the end of a path, which have this alias, to all tables
        between them and the rows where it begins."""
        return [
            self.join(
                "JOIN",
                path.rows[number],
                link_alias(path, alias, number),
                path.hops[number + 1].on(
                    link_alias(path, alias, number + 1), link_alias(path, alias, number)
                ),
            )
            for number in reversed(range(len(path.hops) - 1))
        ]

    def is_found(self, search: Search, alias: str, found: Sql) -> Sql:
        """That a row is among those of its table, called ``FOUND``, of which this holds. They are
        known by their keys alone, so what guards them stands where the row itself is read."""
        row, names = source_alias(alias, search.column.source), [quote(name) for name in search.key]
        own = ", ".join([f"{row}.{name}" for name in names])
        others = ", ".join([f"{FOUND}.{name}" for name in names])
        return sql(
            f"({own})" if len(names) > 1 else own,
            f" IN (SELECT {others} FROM {quote(search.column.table)} {FOUND} WHERE ",  # noqa: S608  # names
            found,
            ")",
        )

    def _guards(self, rows: VisibleRows, alias: str) -> Iterator[Sql]:
        return (guard.sql(self, alias) for guard in rows.guards)

    def column(self, column: Column, alias: str) -> str:
        """A column's text, which holds no value. ``alias``: of the rows of a list, also for a
        column of its link table."""
        if column.link:
            alias = link_alias_of(alias)
        elif column.source:
            alias = source_alias(alias, column.source)
        name = column.stored_name
        if name is not None:
            return f"{alias}.{quote(name)}"
        text = "".join(
            part.replace("%", "%%") if isinstance(part, str) else f"{alias}.{quote(part.name)}"
            for part in column.parts
        )
        return f"({text})"


def link_alias(path: VisiblePath, alias: str, number: int = 0) -> str:
    """The alias of the table to which a hop leads, by default the first: the columns by which the
    row is known where the path begins are in that. The last one has ``alias`` itself, and the
    others before it are counted from there: ``r``, ``r_1``, ``r_2``."""
    before = len(path.hops) - 1 - number
    return f"{alias}_{before}" if before else alias


def link_alias_of(alias: str) -> str:
    """The alias of the link table by which rows with this alias are reached: the one before."""
    stem, _, number = alias.partition("_")
    return f"{stem}_{int(number or 0) + 1}"


def source_alias(alias: str, source: int) -> str:
    """The alias of a table that is joined to the rows with this alias; 0 are the rows."""
    return f"{alias[0]}{source}" if source else alias


class ResolverSqlError(ResolverError):
    """The SQL of a Python resolver cannot be run; its author has to mend it."""


_PLACE = rf"""
      (?P<hidden> {QUOTED} | {EXECUTED} | {COMMENT} )
    | (?P<open> {OPEN} )
    | (?P<percent> %% )
    | (?P<value> %s )
    | \{{ (?P<type> \w+ ) \}}
    | (?P<other> % )
"""


def compile_text(
    text: str, parameters: Sequence[Any], visibility: Visibility, claims: Mapping[str, str]
) -> Statement:
    """The SQL of a resolver; ``{Order} o`` in it are the rows of that type that the caller sees.

    ``%s`` is a parameter, ``%%`` and every other ``%`` a percent sign. Within quotes and comments
    there are no places: a parameter brings its own quotes, and within others it would end them.

    Raises ``ResolverSqlError`` for a type without a table, for another number of parameters than
    of ``%s`` or one that is no value of SQL, for a quote that is not closed, and for the name of a
    table that has row rules: whoever writes it forgets these.
    """
    for name in visibility.guarded_tables():
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            types = " or ".join(f"{{{each}}}" for each in visibility.types_of(name))
            raise ResolverSqlError(
                f"a resolver reads {name!r}, which has row rules; write {types} with an alias "
                f"instead, which stands for the rows that the caller sees"
            )
    tables = Tables(claims)
    given = iter(parameters)
    parts: list[str | Sql] = []
    wanted = 0
    end = 0
    for found in re.finditer(_PLACE, text, re.DOTALL | re.VERBOSE):
        parts.append(text[end : found.start()])
        end = found.end()
        match found.lastgroup:
            case "value":
                wanted += 1
                parts.append(value(_parameter(next(given, None), wanted)))
            case "type":
                parts.append(_derived(tables, visibility, found["type"]))
            case "open":
                raise ResolverSqlError(
                    f"a resolver's SQL opens {found[0]} and never closes it; a sign of a text is"
                    f" best given as a parameter"
                )
            case _:  # the statement's text is formatted: a percent sign is written twice in it
                parts.append(found[0].replace("%%", "%").replace("%", "%%"))
    if wanted != len(parameters):
        raise ResolverSqlError(
            f"a resolver's SQL has {wanted} %s and is given {len(parameters)} parameters; a %s"
            f" within quotes or a comment is text"
        )
    return Statement.of(sql(*parts, text[end:]))


def _parameter(given: object, number: int) -> SqlValue:
    """A parameter as a value of SQL; times in UTC, as the columns hold them."""
    if isinstance(given, datetime):
        if given.tzinfo is not None:
            given = given.astimezone(UTC).replace(tzinfo=None)
        return given.isoformat(" ", "microseconds")
    if isinstance(given, date):
        return given.isoformat()
    kind = type(given).__name__
    if given is None or isinstance(given, str | bytes):
        return given
    if isinstance(given, int | float | Decimal):
        if math.isfinite(given):
            return given
        kind = "number that is not finite"
    raise ResolverSqlError(
        f"parameter {number} of a resolver's SQL is a {kind}; give a text, bytes, a number, a"
        f" date, a datetime or None, and one %s for each"
    )


def _derived(tables: Tables, visibility: Visibility, type_name: str) -> Sql:
    try:
        rows = visibility.rows(type_name)
    except KeyError:
        raise ResolverSqlError(
            f"a resolver's SQL names {{{type_name}}}, which is no type with a table"
        ) from None
    names = ", ".join(f"v.{quote(name)}" for name in _stored(rows.table))
    return sql(f"(SELECT {names}", tables.from_(rows, "v", []), ")")


def _stored(table: Table) -> Iterator[str]:
    """Every column of a table that the SDL knows."""
    found = dict.fromkeys(table.key)
    for field in table.fields.values():
        found |= dict.fromkeys(field.columns)
    return iter(found)
