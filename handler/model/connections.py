"""Types that follow the connection pattern, found by their names and fields.

Source: https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

from msgspec import Struct

from handler.errors import SchemaError
from handler.language.schema import (
    FieldDef,
    InterfaceType,
    ListOf,
    ObjectType,
    RowsType,
    Schema,
    UnionType,
    named,
    nullable,
    schema_error,
)

_COMPOSITE = (ObjectType, InterfaceType, UnionType)
_CONNECTION = ("edges", "nodes", "pageInfo", "totalCount", "totalPages")
_PAGE_INFO = {
    "endCursor": ("String", "ID"),
    "hasNextPage": ("Boolean",),
    "hasPreviousPage": ("Boolean",),
    "startCursor": ("String", "ID"),
}


class ConnectionType(Struct, frozen=True):
    """A type that follows the connection pattern, and the types that belong to it."""

    name: str
    edge: str
    node: str
    page_info: str = "PageInfo"
    edge_fields: tuple[str, ...] = ()  # those beside ``node`` and ``cursor``, of a link table
    facets: tuple[str, ...] = ()  # those of the page that give groups of the list's rows


def find_connections(schema: Schema) -> dict[str, ConnectionType]:
    """Connection types by name. Raises ``SchemaError`` for one that bends the pattern."""
    return {
        found.name: _connection(schema, found)
        for found in schema.types.values()
        if isinstance(found, ObjectType) and _looks_like_connection(found)
    }


def without_edges(type_def: RowsType) -> SchemaError:
    """The error for a type that is a connection by its name and not by its fields."""
    row = type_def.name.removesuffix("Connection")
    return schema_error(
        type_def,
        f"type {type_def.name} is a connection by its name, and has no field 'edges': write "
        f"`edges: [{row}Edge!]!`, or take the type away where it is to have the usual fields; a "
        f'table of that name needs @key(fields: "...")',
    )


def _looks_like_connection(type_def: ObjectType) -> bool:
    return type_def.name.endswith("Connection") and "edges" in type_def.fields


def _connection(schema: Schema, type_def: ObjectType) -> ConnectionType:
    edge_name = named(type_def.fields["edges"].type)
    edge = schema.types.get(edge_name)
    if not isinstance(edge, ObjectType) or "node" not in edge.fields:
        row = type_def.name.removesuffix("Connection")
        raise schema_error(
            edge if isinstance(edge, ObjectType) else type_def.fields["edges"],
            f"{type_def.name}.edges must be a list of an edge type with a field 'node', such as "
            f"`type {row}Edge {{ node: {row}! cursor: String! }}`",
        )
    node = named(edge.fields["node"].type)
    rows = schema.types[node]
    is_page = isinstance(rows, ObjectType) and _looks_like_connection(rows)
    if is_page or not isinstance(rows, _COMPOSITE):
        raise schema_error(edge.fields["node"], f"{edge_name}.node must be rows, not a {node}")
    _check(schema, edge, "node", node)
    _check(schema, edge, "cursor", "String", "ID")
    for name, found in type_def.fields.items():
        if name not in _CONNECTION and not _is_facet(schema, found):
            raise schema_error(
                found,
                f"{type_def.name}.{name}: a connection pattern has the fields "
                f"{', '.join(_CONNECTION)}, and lists of a type with @aggregate(of: {node!r}), "
                f"only; put it on {node} instead",
            )
    _check(schema, type_def, "edges", edge_name, is_list=True)
    _check(schema, type_def, "nodes", node, is_list=True)
    _check(schema, type_def, "totalCount", "Int")
    _check(schema, type_def, "totalPages", "Int")
    more = tuple(name for name in edge.fields if name not in ("node", "cursor"))
    facets = tuple(name for name in type_def.fields if name not in _CONNECTION)
    info = _page_info(schema, type_def)
    return ConnectionType(type_def.name, edge_name, node, info, more, facets)


def _is_facet(schema: Schema, found: FieldDef) -> bool:
    """Whether a field gives a list of groups."""
    target = schema.types[named(found.type)]
    is_list = isinstance(nullable(found.type), ListOf)
    return is_list and isinstance(target, ObjectType) and target.directive("aggregate") is not None


def _page_info(schema: Schema, connection: ObjectType) -> str:
    found = connection.fields.get("pageInfo")
    if found is None:
        return "PageInfo"
    info = schema.types[named(found.type)]
    if not isinstance(info, ObjectType) or not info.fields.keys() <= _PAGE_INFO.keys():
        fields = ", ".join(sorted(_PAGE_INFO))
        raise schema_error(found, f"{connection.name}.pageInfo: use a type with {fields}")
    _check(schema, connection, "pageInfo", info.name)
    for name, scalars in _PAGE_INFO.items():
        _check(schema, info, name, *scalars)
    return info.name


def _check(
    schema: Schema, owner: ObjectType, name: str, *allowed: str, is_list: bool = False
) -> None:
    """Refuse a field of another form than a page is written in."""
    found = owner.fields.get(name)
    if found is None:
        return
    bare = nullable(found.type)
    item = nullable(bare.of) if isinstance(bare, ListOf) and is_list else bare
    if (item is bare) is is_list or schema.basis(str(item)) not in allowed or found.arguments:
        raise schema_error(
            found,
            f"{owner.name}.{name} must be {'a list of ' if is_list else ''}{' or '.join(allowed)}"
            f"{', without arguments' if found.arguments else ''}",
        )
