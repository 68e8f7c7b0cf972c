"""Relations: do their columns exist, and compare by an index and letter by letter?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from msgspec.structs import replace

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.columns import check_null, described
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live
from aurora_graphql.check.remedies import create_unique
from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.model import Model
from handler.model.relations import Hop, Relation
from handler.model.tables import Table
from handler.sql.stored_type import TEXTS, WHOLE_NUMBERS


def edge_tables(model: Model) -> list[Table]:
    """The fields of edges that are columns of link tables, as if these were tables of theirs."""
    found: dict[str, dict[str, Column]] = {}
    for _, rows in model.rows_fields("Query"):
        for column in rows.link_columns.values():
            owner, name = column.place(rows.target)
            if owner not in model.tables:
                found.setdefault(owner, {})[name] = replace(column, field=name, link="")
    return [
        Table(owner, column.table, (), (), fields, column.origin)
        for owner, fields in found.items()
        for column in [next(iter(fields.values()))]
    ]


async def check_relation(
    model: Model, table: Table, field: Relation, live: Live
) -> AsyncIterator[Finding]:
    """The columns of both sides of a relation."""
    origin = field.origin
    name = f"{table.type_name}.{field.field}"
    start = table
    for hop in field.path.hops:
        target = model.table(hop.target)
        here, there = live.tables.get(start.name), live.tables.get(target.name)
        if there is None and hop.target in model.links:
            yield _no_link(name, target.name, live, origin)
        if here is None or there is None:
            return  # said already
        missing = False
        for side, columns in ((here, hop.columns), (there, hop.references)):
            for column in columns:
                if column not in side.columns:
                    missing = True
                    yield Finding(
                        kind=Kind.MISSING,
                        about=f"{name} ({side.name}.{column})",
                        message=f"{name} needs column {column!r} of {side.name!r}, which does not "
                        f"exist{live.sight.or_hidden(side.name)}; say by which columns with "
                        f"@relation(columns: [...], references: [...])",
                        origin=origin,
                        table=side.name,
                    )
        if missing:
            return
        for told in _sides(name, hop, here, there, origin):
            yield told
        if field.is_always_there:
            for column in hop.columns:
                if here.columns[column].is_nullable:
                    stored, about = here.columns[column], f"{name}({column})"
                    async for each in check_null(name, about, start, here, stored, origin, live):
                        yield each
        if hop.target in model.links and (found := await _repeated(name, field, there, live)):
            yield found
        start = target


def _no_link(name: str, table: str, live: Live, origin: Origin) -> Finding:
    names = ", ".join(sorted(live.tables)) or "none"
    return Finding(
        kind=Kind.MISSING,
        about=f"{name} ({table})",
        message=f"{name} leads through table {table!r}, which does not "
        f"exist{live.sight.or_hidden(table)} (there are: {names}); add a migration, or name "
        f"another with @relation(through: {{table: ...}})",
        origin=origin,
        table=table,
    )


async def _repeated(name: str, field: Relation, link: LiveTable, live: Live) -> Finding | None:
    """What tells the rows of a link table apart has to be unique in it."""
    here, there = field.path.first.references, field.path.last.columns
    if field.is_one:
        columns, why = here, "so that one row may lead to several"
    elif field.path.key:
        columns, why = field.path.key, "so that pages may skip rows or repeat them"
    else:
        columns = tuple(dict.fromkeys((*here, *there)))
        why = "so that a row may stand in the list twice, and pages may skip rows or repeat them"
        why += "; where it shall, name the columns of a key: through: {key: [...]}"
    is_unique = any(
        index.is_unique and {column.name for column in index.columns} <= set(columns)
        for index in link.indexes
    )
    if is_unique or not set(columns) <= link.columns.keys():
        return None
    duplicates, remedy = await create_unique(columns, link, live)
    more = "; two rows have the same: take one away" if duplicates else ""
    return Finding(
        kind=Kind.KEY,
        about=f"{name} through {link.name}",
        message=f"{name} leads through {link.name!r}, where ({', '.join(columns)}) is not unique, "
        f"{why}{more}",
        origin=field.origin,
        table=link.name,
        remedies=(remedy,) if remedy else (),
    )


def _sides(
    name: str, hop: Hop, here: LiveTable, there: LiveTable, origin: Origin
) -> Iterator[Finding]:
    for own, other in zip(hop.columns, hop.references, strict=True):
        one, two = here.columns[own], there.columns[other]
        about = f"{name}({here.name}.{own})"
        if _family(one) != _family(two) or one.collation != two.collation:
            # A list looks for values by the column's own collation, a join takes one for both.
            more = ", and of which a list and a count may find other rows"
            yield Finding(
                kind=Kind.RELATION,
                about=about,
                message=f"{name} compares {here.name}.{own} ({described(one)}) with "
                f"{there.name}.{other} ({described(two)}), which no index serves"
                f"{more if one.collation and two.collation else ''}; make them alike",
                origin=origin,
                table=here.name,
            )
        elif one.collation and not one.collation.endswith("_bin"):
            yield Finding(
                kind=Kind.COLLATION,
                about=about,
                message=f"{name} compares {here.name}.{own} by {one.collation}, under which texts "
                f"of different letters are equal. It is served as the server compares; keys of a "
                f"page that differ only in case, accents or blanks are asked for one by one. A "
                f"binary collation on both columns does without",
                origin=origin,
                severity=Severity.NOTE,
                table=here.name,
            )


def _family(column: LiveColumn) -> str:
    for name, family in (("number", WHOLE_NUMBERS), ("text", TEXTS)):
        if column.data_type in family:
            return name
    return column.data_type
