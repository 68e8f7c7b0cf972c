"""Relations: do their columns exist, and compare by an index and letter by letter?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.columns import described
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.sight import Sight
from handler.language.schema import Origin
from handler.model.model import Model
from handler.model.relations import Hop, ToMany, ToOne
from handler.model.tables import Table
from handler.sql.names import quote
from handler.sql.stored_type import TEXTS, WHOLE_NUMBERS

_MAX_NAME = 64  # characters of an identifier in MySQL


def check_relation(
    model: Model, table: Table, field: object, live: Mapping[str, LiveTable], sight: Sight
) -> Iterator[Finding]:
    """The columns of both sides of a relation; nothing for any other field."""
    if not isinstance(field, ToOne | ToMany):
        return
    origin = field.origin if isinstance(field, ToOne) else field.rows.origin
    name = f"{table.type_name}.{field.field}"
    start = table
    for hop in field.path.hops:
        here, there = live.get(start.name), live.get(model.table(hop.target).name)
        if there is None and hop.target in model.links:
            yield _no_link(name, model.links[hop.target].name, live, sight, origin)
        if here is None or there is None:
            return  # said already
        for side, columns in ((here, hop.columns), (there, hop.references)):
            for column in columns:
                if column not in side.columns:
                    yield Finding(
                        Kind.MISSING,
                        f"{name} needs column {column!r} of {side.name!r}, which does not exist"
                        f"{sight.or_hidden(side.name)}; say by which columns with "
                        f"@relation(columns: [...], references: [...])",
                        origin,
                    )
                    return
        yield from _sides(name, hop, here, there, origin)
        if isinstance(field, ToOne) and not field.is_nullable:
            for column in hop.columns:
                if here.columns[column].is_nullable:
                    yield Finding(
                        Kind.NULL,
                        f"{name} must not be null, but {here.name}.{column} may be NULL; "
                        f"take the ! away, or make the column NOT NULL",
                        origin,
                    )
        if hop.target in model.links:
            yield from _repeated(name, field, there, origin)
        start = model.table(hop.target)


def _no_link(
    name: str, table: str, live: Mapping[str, LiveTable], sight: Sight, origin: Origin
) -> Finding:
    names = ", ".join(sorted(live)) or "none"
    return Finding(
        Kind.MISSING,
        f"{name} leads through table {table!r}, which does not exist{sight.or_hidden(table)} "
        f"(there are: {names}); add a migration, or name another with "
        f"@relation(through: {{table: ...}})",
        origin,
    )


def _repeated(
    name: str, field: ToOne | ToMany, link: LiveTable, origin: Origin
) -> Iterator[Finding]:
    """What tells the rows of a link table apart has to be unique in it."""
    here, there = field.path.first.references, field.path.last.columns
    if isinstance(field, ToOne):
        columns, why = here, "so that one row may lead to several"
    else:
        columns = tuple(dict.fromkeys((*here, *there)))
        why = "so that a row may stand in the list twice, and pages may skip rows or repeat them"
    is_unique = any(
        index.is_unique and {column.name for column in index.columns} <= set(columns)
        for index in link.indexes
    )
    if not is_unique and set(columns) <= link.columns.keys():
        listed = ", ".join(map(quote, columns))
        index_name = quote(f"{link.name}_{'_'.join(columns)}_unique"[:_MAX_NAME])
        yield Finding(
            Kind.KEY,
            f"{name} leads through {link.name!r}, where ({', '.join(columns)}) is not unique, "
            f"{why}",
            origin,
            f"CREATE UNIQUE INDEX {index_name} ON {quote(link.name)} ({listed});",
        )


def _sides(
    name: str, hop: Hop, here: LiveTable, there: LiveTable, origin: Origin
) -> Iterator[Finding]:
    for own, other in zip(hop.columns, hop.references, strict=True):
        one, two = here.columns[own], there.columns[other]
        if _family(one) != _family(two) or one.collation != two.collation:
            yield Finding(
                Kind.RELATION,
                f"{name} compares {here.name}.{own} ({described(one)}) with {there.name}.{other} "
                f"({described(two)}), which no index serves; make them alike",
                origin,
            )
        elif one.collation and not one.collation.endswith("_bin"):
            yield Finding(
                Kind.RELATION,
                f"{name} compares {here.name}.{own} by {one.collation}, under which texts of "
                f"different letters are equal; give both columns a binary collation",
                origin,
                f"ALTER TABLE {quote(here.name)} MODIFY {quote(own)} {one.column_type} "
                f"CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
            )


def _family(column: LiveColumn) -> str:
    for name, family in (("number", WHOLE_NUMBERS), ("text", TEXTS)):
        if column.data_type in family:
            return name
    return column.data_type
