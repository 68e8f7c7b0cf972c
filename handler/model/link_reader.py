"""Relations through a link table, as ``@relation(through: ...)`` says them.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from handler.language.schema import FieldDef, RowsType, Schema, named, schema_error
from handler.model.column import Column, edge_name
from handler.model.directives import table_of
from handler.model.relations import Hop, Path, ToOne, link_name
from handler.model.tables import Table
from handler.model.where_reader import fixed_columns

if TYPE_CHECKING:
    from handler.model.builder import Builder


def read_link(
    builder: Builder,
    owner: RowsType,
    field_def: FieldDef,
    target: RowsType,
    said: Mapping[str, Any],
) -> Path:
    """Its two hops. ``said``: the arguments of ``@relation``."""
    what = f"{owner.name}.{field_def.name}"
    link = said["through"]
    table = str(link["table"])
    if not table.strip():
        raise schema_error(field_def, f"{what}: @relation(through: ...) names no table")
    columns = _named(said, "columns", builder.keys[owner.name][0])
    references = _named(said, "references", builder.keys[target.name][0])
    called = [
        builder.foreign_key(each) if names == builder.keys[each.name][0] else names
        for each, names in ((owner, columns), (target, references))
    ]
    here, there = _named(link, "columns", called[0]), _named(link, "references", called[1])
    for word, own, other in (("columns", columns, here), ("references", references, there)):
        if len(own) != len(other) or not own:
            raise schema_error(
                field_def,
                f"{what}: @relation needs as many {word} as {word} of through, "
                f"got {len(own)} ({', '.join(own)}) and {len(other)} ({', '.join(other)})",
            )
    if here == there:
        raise schema_error(
            field_def,
            f"{what}: the same columns of {table!r} ({', '.join(here)}) lead here and there; "
            f"say which with through: {{columns: [...], references: [...]}}",
        )
    name = link_name(table)
    builder.links.setdefault(name, Table(name, table, (), (), {}, field_def.origin))
    key = link.get("key")
    if key is not None and not key:
        raise schema_error(field_def, f"{what}: the key of through has no columns; leave it out")
    return Path((Hop(columns, here, name), Hop(there, references, target.name)), tuple(key or ()))


def _named(said: Mapping[str, Any], part: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    found = said.get(part)
    return otherwise if found is None else tuple(found)


def link_columns(builder: Builder, field_def: FieldDef, path: Path) -> dict[str, Column]:
    """The columns of the link table by which a list may be chosen and ordered; none without one.

    They are the fields of the edge type, and of types that stand on the link table.
    """
    if not path.links:
        return {}
    link = builder.links[path.first.target].name
    found: dict[str, Column] = {}
    for type_name, columns in builder.columns.items():
        if type_name in builder.groups:
            continue
        if table_of(builder.schema.rows_type(type_name), builder.conventions) == link:
            for column in columns.values():
                found.setdefault(edge_name(column.field), _linked(column, link, type_name))
    connection = builder.connections.get(named(field_def.type))
    if connection is not None and connection.edge_fields:
        edge = builder.schema.object(connection.edge)
        columns = builder.edges.setdefault(edge.name, {})
        other = next((column.table for column in columns.values()), link)
        if other != link:
            raise schema_error(
                field_def,
                f"field {field_def.name!r} leads through {link!r}, and the fields of {edge.name} "
                f"are columns of {other!r}, through which another list leads; give this one a "
                f"connection with an edge type of its own",
            )
        for name in connection.edge_fields:
            shown = builder.column(edge, edge.fields[name])
            if shown is None:
                raise schema_error(
                    edge.fields[name],
                    f"{edge.name}.{name}: beside node and cursor, fields of an edge are columns of "
                    f"the link table, single values; put it on {connection.node}",
                )
            columns[name] = found[edge_name(name)] = _linked(shown, link, edge.name)
    return found


def _linked(column: Column, link: str, type_name: str) -> Column:
    return replace(column, field=edge_name(column.field), table=link, link=type_name)


def link_key(
    field_def: FieldDef, path: Path, link: str, columns: Mapping[str, Column]
) -> list[Column]:
    """The columns of the key of the link table ``link`` that make an order total."""
    found: list[Column] = []
    if set(path.key) <= {*path.first.references, *path.last.columns}:
        return found
    for name in path.key:
        column = next((c for c in columns.values() if c.stored_name == name), None)
        if column is None:
            raise schema_error(
                field_def,
                f"field {field_def.name!r}: the key of {link!r} has the column {name!r}, which no "
                f"field shows, and a cursor has to hold it; give the edge type a field for it, or "
                f"a type that stands on {link!r}",
            )
        found.append(column)
    return found


def check_links(schema: Schema, tables: Mapping[str, Table], links: Mapping[str, Table]) -> None:
    """Refuse a field that gives one row where the SDL says that a row may have several links."""
    for table in tables.values():
        for field in table.of_kind(ToOne).values():
            for hop in field.path.links:
                link = links[hop.target].name
                over = [each for each in tables.values() if each.name == link]
                keys = [key for each in over for key in each.unique_keys]
                keys += [field.path.key] if field.path.key else []
                given = {*hop.references, *fixed_columns(hop.conditions)}
                if keys and not any(set(key) <= given for key in keys):
                    more = "".join(f", or add @key(fields: ...) to {t.type_name}" for t in over)
                    raise schema_error(
                        schema.rows_type(table.type_name).fields[field.field],
                        f"{table.type_name}.{field.field} leads to one {field.target}, but "
                        f"{', '.join(hop.references)} is no key of {link!r}, so that there may be "
                        f"several; make the field a list{more}",
                    )


def link_tables(owners: Iterable[RowsType]) -> Iterator[str]:
    """The link tables that fields of these types name, some perhaps more than once."""
    for owner in owners:
        for field_def in owner.fields.values():
            used = field_def.directive("relation")
            if used is not None and used.arguments.get("through") is not None:
                yield str(used.arguments["through"]["table"])
