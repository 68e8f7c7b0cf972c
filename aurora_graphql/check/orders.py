"""Orders: can a page go on at the text of its last row, and what does it skip to get there?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from aurora_graphql.check.access_paths import orders_of
from aurora_graphql.check.finding import FEW_ROWS, Finding, Kind, Severity
from aurora_graphql.check.live import Live
from handler.model.groups import GroupsField
from handler.model.lists import RowsField
from handler.model.model import Model
from handler.model.united import UnitedColumn, UnitedField

# Collations of MySQL that compare whole texts also where rows are sorted. Under the others a
# character counts with up to as many bytes as it has: measured on MariaDB 10.11 and MySQL 9.7,
# where the rare ones that stand for many letters, such as U+FDFA, count with more.
_SORTED_WHOLE: Final = "_0900_"
# Types of columns whose values sort among each other.
_FAMILIES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "decimal"), "number"),
    **dict.fromkeys(("float", "double"), "double"),
    **dict.fromkeys(("datetime", "timestamp"), "time"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
}


def rows_fields(model: Model) -> Iterator[tuple[str, RowsField]]:
    """Every field over rows of a table, with the name of its type and its own."""
    for (owner, name), rows in model.rows_fields("Query"):
        if not isinstance(rows, GroupsField):
            yield f"{owner}.{name}", rows


def check_offsets(model: Model, live: Live) -> Iterator[Finding]:
    """Pages by number over large tables: what is skipped is read."""
    for name, rows in rows_fields(model):
        table = model.table(rows.target).name
        there = live.rows(table)
        skipped = min(rows.maximum_offset, there or rows.maximum_offset)
        if skipped > FEW_ROWS:
            yield Finding(
                kind=Kind.OFFSET,
                about=f"{name}(offset)",
                message=f"a page may skip {skipped:,} rows, which the server reads and leaves out "
                f"each time; lower @page(maximumOffset:) to {FEW_ROWS:,} or less, and let clients "
                f"go on by cursors",
                origin=rows.origin,
                severity=Severity.by_rows(skipped),
                table=table,
            )


def check_united(model: Model, live: Live) -> Iterator[Finding]:
    """Columns of several tables in which rows are merged: where they sort otherwise, pages skip."""
    for name, rows in model.roots.items():
        if not isinstance(rows, UnitedField):
            continue
        merged = {
            term.column.field: term.column
            for order in rows.all_orders
            for term in order
            if isinstance(term.column, UnitedColumn) and not term.is_added
        }
        for column in merged.values():
            found = [
                (own, there.columns[own.stored_name])
                for own in column.by_type.values()
                if own.stored_name
                and (there := live.tables.get(own.table)) is not None
                and own.stored_name in there.columns
            ]
            ways = {(_FAMILIES.get(c.data_type, c.data_type), c.collation) for _, c in found}
            labels = {c.column_type for _, c in found if c.data_type in ("enum", "set")}
            if len(ways) > 1 or len(labels) > 1:
                told = ", ".join(
                    f"{own.table}.{there.name} is {there.column_type}"
                    + (f" {there.collation}" if there.collation else "")
                    for own, there in found
                )
                yield Finding(
                    kind=Kind.ORDER,
                    about=f"Query.{name}({column.field})",
                    message=f"rows of several tables are put in one order by columns that sort "
                    f"otherwise: {told}; give these columns one type and one collation",
                    origin=rows.origin,
                    table=found[0][0].table,
                )


async def check_orders(name: str, rows: RowsField, live: Live) -> AsyncIterator[Finding]:
    """Columns whose text is not the place at which they sort: pages would skip or repeat.

    ``max_sort_length`` is how much of a text counts where the server sorts without an index, as it
    does for the lists of several parents, for several values of an argument, and over small tables.
    Source: https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_sort_length
    """
    terms = (term.column for order in orders_of(rows) for term in order)
    columns = {(each.table, each.stored_name): each for each in terms}
    for (table, stored_name), field in columns.items():
        found = live.tables.get(table)
        column = found.columns.get(stored_name or "") if found else None
        if found is None or column is None:
            continue  # said already
        what = f"{name} is ordered by {found.name}.{column.name}, "
        about = f"{name}({field.field})"
        if column.is_json:
            yield Finding(
                kind=Kind.ORDER,
                about=about,
                message=f"{what}which is JSON and has no order that an index serves; order by a "
                f"generated column that holds the part you mean",
                origin=rows.origin,
                table=found.name,
            )
        elif column.octets > live.sort_bytes and _SORTED_WHOLE not in (column.collation or ""):
            seen = await live.look(found, column.name, "LENGTH(v) > %s", live.sort_bytes)
            yield Finding(
                kind=Kind.ORDER,
                about=about,
                message=f"{what}whose {column.column_type} may take {column.octets:,} bytes, and "
                f"the server compares {live.sort_bytes:,} (max_sort_length) where it sorts rows "
                f"itself: pages over texts that differ only behind these repeat and skip rows "
                f"({seen.value}); make the column shorter, order by another one, or set "
                f"max_sort_length in the server's parameters",
                origin=rows.origin,
                severity=seen.severity,
                table=found.name,
            )
