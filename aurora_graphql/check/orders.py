"""Orders: can a page go on at the text of its last row?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.access_paths import orders_of
from aurora_graphql.check.finding import Finding, Kind
from handler.model.lists import RowsField
from handler.model.model import Model

_UNSORTABLE: Mapping[str, str] = {
    "float": "is sent rounded; use DOUBLE or DECIMAL",
    "enum": "sorts by number and compares by text; use VARCHAR",
    "set": "sorts by number and compares by text; use VARCHAR",
    "bit": "is not sent as text; use an integer",
    "json": "has no order that an index serves; use an expression column",
}
# Collations of MySQL that compare whole texts also where rows are sorted. Under the others a
# character counts with up to as many bytes as it has: measured on MariaDB 10.11 and MySQL 9.7,
# where the rare ones that stand for many letters, such as U+FDFA, count with more.
_SORTED_WHOLE = "_0900_"


def rows_fields(model: Model) -> Iterator[tuple[str, RowsField]]:
    """Every field over rows, with the name of its type and its own."""
    for (owner, name), rows in model.rows_fields("Query"):
        yield f"{owner}.{name}", rows


def check_orders(
    name: str, rows: RowsField, model: Model, live: Mapping[str, LiveTable], sort_bytes: int
) -> Iterator[Finding]:
    """Columns whose text is not the place at which they sort: pages would skip or repeat.

    ``sort_bytes``: how much of a text counts where the server sorts without an index, as it does
    for the lists of several parents, for several values of an argument, and over small tables.
    Source: https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_sort_length
    """
    target = model.tables[rows.target]
    found = live.get(target.name)
    columns = dict.fromkeys(term.column.stored_name for order in orders_of(rows) for term in order)
    for column in (found.columns.get(each or "") for each in columns) if found else ():
        if column is None:
            continue  # said already
        what = f"{name} is ordered by {target.name}.{column.name}, "
        if column.data_type in _UNSORTABLE:
            reason = f"whose type {column.column_type} {_UNSORTABLE[column.data_type]}"
            yield Finding(Kind.ORDER, what + reason, rows.origin)
            continue
        if column.octets > sort_bytes and _SORTED_WHOLE not in (column.collation or ""):
            yield Finding(
                Kind.ORDER,
                f"{what}whose {column.column_type} may take {column.octets:,} bytes, "
                f"and the server compares {sort_bytes:,} (max_sort_length) where it sorts rows "
                f"itself: pages over texts that differ only behind these repeat and skip rows; "
                f"make the column shorter, order by another one, or set max_sort_length in the "
                f"server's parameters",
                rows.origin,
            )
