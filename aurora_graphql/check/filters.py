"""Arguments that choose rows: does the server find what they name?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.access_paths import orders_of
from aurora_graphql.check.columns import described
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.orders import rows_fields
from handler.language.schema import Origin
from handler.model.conditions import Filter
from handler.model.lists import Shape
from handler.model.model import Model
from handler.scalars import COLUMNS
from handler.sql.names import quote
from handler.sql.operators import Operator
from handler.sql.stored_type import TEXTS

_BEYOND_16_BITS = ("utf8mb4_", "utf16_", "utf16le_", "utf32_")
# Measured on MariaDB 10.11 and MySQL 9.7 for every collation: a row with each kind of character
# after the prefix, by the index and without it.
_WHOLE_RANGES = ("_general_ci", "_general_nopad_ci", "_unicode_520_ci", "_unicode_520_nopad_ci")
_WHOLE_FAMILIES = ("_0900_", "_uca1400_")


def check_filters(model: Model, live: Mapping[str, LiveTable]) -> Iterator[Finding]:
    """Texts that are compared as JSON, and prefixes whose index range is too short or none."""
    for name, target, filters, origin in _filters(model):
        found = live.get(model.tables[target].name)
        for used in filters:
            column = found.columns.get(used.column.stored_name or "") if found else None
            if found is not None and column is not None:
                yield from _filter(f"{name}({used.argument}:)", used, origin, found, column)


def sorted_filters(model: Model, live: Mapping[str, LiveTable]) -> Iterator[Finding]:
    """Arguments for which one index cannot give the rows in their order, so that none is proved."""
    for name, rows in rows_fields(model):
        found = live.get(model.tables[rows.target].name)
        for used in rows.filters if rows.shape is not Shape.OBJECT else ():
            column = found.columns.get(used.column.stored_name or "") if found else None
            reason = _range(used, column) if column is not None else ""
            leads = {order[0].column.stored_name for order in orders_of(rows)}
            if reason and leads != {used.column.stored_name}:
                yield Finding(
                    Kind.UNPROVED,
                    f"{name}({used.argument}:): that an index gives the rows in their order, "
                    f"because {reason}; the server sorts what it finds",
                    rows.origin,
                )


def _range(used: Filter, column: LiveColumn) -> str:
    """Why several values of the column are chosen though the argument says equal, or any at all."""
    if not used.operator.is_served:
        return "no index finds what it finds"
    if used.operator.takes_list:
        return "it takes several values"
    if not used.operator.is_equality:
        return ""
    return COLUMNS[used.column.scalar].range_of(column.data_type)


def _filters(model: Model) -> Iterator[tuple[str, str, tuple[Filter, ...], Origin]]:
    """By field, with the type whose rows they choose."""
    for (owner, name), field in model.all_fields("Query"):
        if field.filters:
            yield f"{owner}.{name}", field.target, field.filters, field.origin


def _filter(
    name: str, used: Filter, origin: Origin, found: LiveTable, column: LiveColumn
) -> Iterator[Finding]:
    where = f"{found.name}.{column.name}"
    if column.data_type == "json":
        yield Finding(
            Kind.FILTER,
            f"{name} chooses by {where}, which is JSON: MySQL never finds a text equal to it; "
            f"filter by a generated column that holds the part you mean",
            origin,
        )
    elif used.operator is Operator.PREFIX and column.data_type not in TEXTS:
        yield Finding(
            Kind.FILTER,
            f"{name} finds by the beginning of {where}, which is {described(column)}: its text is "
            f"made of every row, and no index serves that; filter by equal values or by a range",
            origin,
        )
    elif used.operator is Operator.PREFIX and not has_whole_ranges(column.collation or ""):
        binary = (column.collation or "").endswith("_bin")
        yield Finding(
            Kind.FILTER,
            f"{name} finds by the beginning of {where}, which is {described(column)}: where the "
            f"server takes an index, the range ends before characters beyond U+FFFF, such as "
            f"emoji, and rows are missed; "
            + (
                "no binary collation of both servers is exact, utf8mb4_0900_bin of MySQL is; or "
                "take the argument away"
                if binary
                else "give it utf8mb4_unicode_520_ci, which has whole ranges on both servers"
            ),
            origin,
            ""
            if binary
            else f"ALTER TABLE {quote(found.name)} MODIFY {quote(column.name)} "
            f"{column.column_type} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
            f"{'' if column.is_nullable else ' NOT NULL'};",
        )


def has_whole_ranges(collation: str) -> bool:
    """Whether a LIKE by an index range finds what it finds without an index."""
    if not collation.startswith(_BEYOND_16_BITS):
        return True  # its character set has no characters beyond, or keeps their order
    return collation.endswith(_WHOLE_RANGES) or any(each in collation for each in _WHOLE_FAMILIES)
