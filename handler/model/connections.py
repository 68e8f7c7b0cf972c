"""Types that follow the connection pattern, found by their names and fields.

Source: https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

from msgspec import Struct

from handler.errors import SchemaError
from handler.language.schema import ObjectType, Schema, named, schema_error


class ConnectionType(Struct, frozen=True):
    """A type that follows the connection pattern, and the types that belong to it."""

    name: str
    edge: str
    node: str
    page_info: str = "PageInfo"
    edge_fields: tuple[str, ...] = ()  # those beside ``node`` and ``cursor``, of a link table


def find_connections(schema: Schema) -> dict[str, ConnectionType]:
    """Connection types by name. Raises ``SchemaError`` for one that bends the pattern."""
    return {
        found.name: _connection(schema, found)
        for found in schema.types.values()
        if isinstance(found, ObjectType) and _looks_like_connection(found)
    }


def without_edges(type_def: ObjectType) -> SchemaError:
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
    known = {"edges", "nodes", "pageInfo", "totalCount"}
    for name, found in type_def.fields.items():
        if name not in known:
            raise schema_error(
                found,
                f"{type_def.name}.{name}: a connection pattern has the fields "
                f"{', '.join(sorted(known))} only; put it on {node} instead",
            )
    if "nodes" in type_def.fields and named(type_def.fields["nodes"].type) != node:
        raise schema_error(
            type_def.fields["nodes"], f"{type_def.name}.nodes must be a list of {node}"
        )
    more = tuple(name for name in edge.fields if name not in ("node", "cursor"))
    return ConnectionType(type_def.name, edge_name, node, _page_info(schema, type_def), more)


def _page_info(schema: Schema, connection: ObjectType) -> str:
    found = connection.fields.get("pageInfo")
    if found is None:
        return "PageInfo"
    info = schema.types[named(found.type)]
    known = {"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}
    if not isinstance(info, ObjectType) or not set(info.fields) <= known:
        fields = ", ".join(sorted(known))
        raise schema_error(found, f"{connection.name}.pageInfo: use a type with {fields}")
    return info.name
