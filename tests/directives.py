"""What an SDL says, in the simplest reading of its directives: tables, columns, lists, relations.

It is read by graphql-core's own parser and shares no code with the compiled path.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphql
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.language import ast as gql

from handler import scalars
from tests.connections import with_connections
from tests.filter_inputs import with_filter_inputs
from tests.kinds import ROWS, FieldedType, read_kinds
from tests.sort_inputs import with_sort_inputs

VOCABULARY = Path(__file__).parents[1] / "handler" / "language" / "directives.graphql"
EDGE = "edge."  # begins what fields and columns of a link table are called
PAGE_ARGUMENTS = ("first", "after", "last", "before", "offset")

Order = tuple[tuple[str, bool], ...]  # field, whether descending


@dataclass(frozen=True)
class RowsField:
    """What the SDL says about a field that gives rows."""

    target: GraphQLObjectType
    is_connection: bool
    is_list: bool
    default_size: int
    maximum: int
    is_paged: bool
    maximum_offset: int = 0


@dataclass(frozen=True)
class Link:
    """A table by whose rows two others belong together: pairs of columns that have to be equal."""

    table: str
    here: list[tuple[str, str]]  # of the rows where it begins, of the link table
    there: list[tuple[str, str]]  # of the link table, of the rows where it leads


# Pairs of columns here and there that have to be equal, or a link table.
Relation = Sequence[tuple[str, str]] | Link


@functools.cache
def snake(name: str) -> str:
    """``orderRef`` is ``order_ref``: these domains have simple names only."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def pascal(name: str) -> str:
    """``orderRef`` is ``OrderRef``."""
    return name[:1].upper() + name[1:]


_CASES: dict[str, Callable[[str], str]] = {
    "SNAKE_CASE": snake,
    "CAMEL_CASE": str,
    "PASCAL_CASE": pascal,
}


def directive(node: Any, name: str) -> dict[str, Any] | None:
    """The arguments of a directive on a definition."""
    if not node or not node.directives:
        return None
    known = _read.get((id(node), name))
    if known is None:  # the node is kept, so that no other one gets its id
        known = _read[id(node), name] = node, next(iter(directives(node, name)), None)
    return known[1]


_read: dict[tuple[int, str], tuple[Any, dict[str, Any] | None]] = {}


def directives(node: Any, name: str) -> list[dict[str, Any]]:
    """The same of each of those that stand there several times."""
    return [
        {a.name.value: graphql.value_from_ast_untyped(a.value) for a in used.arguments or ()}
        for used in (node.directives or () if node else ())
        if used.name.value == name
    ]


def aggregate(field: GraphQLField) -> tuple[str, dict[str, Any]] | None:
    """The directive that makes a field a value over rows, and its arguments."""
    node = field.ast_node
    if node is None or not node.directives:
        return None
    known = _aggregates.get(id(node))
    if known is None:
        uses = ((kind, directive(node, kind)) for kind in ("count", "sum", "min", "max", "avg"))
        known = _aggregates[id(node)] = node, next(((k, u) for k, u in uses if u is not None), None)
    return known[1]


_aggregates: dict[int, tuple[Any, tuple[str, dict[str, Any]] | None]] = {}


def way(
    schema: graphql.GraphQLSchema, owner: FieldedType, of: str
) -> list[tuple[FieldedType, GraphQLField]]:
    """The fields that a value over rows names, each with its type."""
    found = []
    for name in of.split("."):
        field = owner.fields[name]
        found.append((owner, field))
        target = get_named_type(field.type)
        while target.name.endswith(("Connection", "Edge")):
            assert isinstance(target, GraphQLObjectType)
            target = get_named_type(
                target.fields["edges" if "edges" in target.fields else "node"].type
            )
        assert isinstance(target, FieldedType)
        owner = target
    return found


def _sort_term(key: Any) -> tuple[str, str]:
    """The way to a key, such as ``customer.name``, and its direction."""
    ((name, value),) = key.items()
    if not isinstance(value, dict):
        return name, value
    rest, direction = _sort_term(value)
    return f"{name}.{rest}", direction


def group_keys(found: FieldedType) -> list[str]:
    """The fields of a type of groups that are keys; none of a type of rows."""
    return [n for n, each in found.fields.items() if directive(each.ast_node, "group") is not None]


def _conventions(document: gql.DocumentNode) -> dict[str, Any]:
    """What is said of names that are written nowhere."""
    extended = [each for each in document.definitions if isinstance(each, gql.SchemaExtensionNode)]
    return next((used for each in extended if (used := directive(each, "conventions"))), {})


class Directives:
    """A schema, and what its directives say. Sizes: of a page, at most, and of a list."""

    def __init__(
        self,
        sdl: str,
        *,
        page_size: int = 50,
        page_maximum: int = 200,
        list_maximum: int = 1000,
    ) -> None:
        vocabulary = VOCABULARY.read_text(encoding="utf-8") + scalars.sdl()
        whole = with_sort_inputs(with_filter_inputs(with_connections(sdl)))
        self.schema = graphql.build_schema(f"{vocabulary}\n{whole}")
        self.conventions = _conventions(graphql.parse(whole))
        self.kinds = read_kinds(self.schema)
        self._linked: dict[int, GraphQLObjectType] = {}
        self._columns: dict[tuple[int, str], tuple[FieldedType, str]] = {}
        self.sizes = (page_size, page_maximum, list_maximum)
        self.types = {
            found.name: found
            for found in self.schema.type_map.values()
            if isinstance(found, GraphQLObjectType)
            and not found.name.startswith("__")
            and found.name not in ("Query", "PageInfo")
            and not found.name.endswith(("Connection", "Edge"))
        }

    def table(self, found: GraphQLObjectType) -> str:
        """The table of a type."""
        named = directive(found.ast_node, "table")
        if named:
            return str(named["name"])
        plural = "" if self.conventions.get("tableNames") == "SINGULAR" else "s"
        return _CASES[self.conventions.get("tableCase", "SNAKE_CASE")](found.name) + plural

    def key(self, found: FieldedType) -> list[str]:
        """The fields of the first key; of groups those that are keys."""
        groups = group_keys(found)
        if groups:
            return groups
        used = directive(found.ast_node, "key")
        if used:
            return str(used["fields"]).split()
        return [found.name[0].lower() + found.name[1:] + "Id"]

    def column(self, found: FieldedType, field: str) -> str:
        """The column of a field."""
        known = self._columns.get((id(found), field))
        if known is None:  # the type is kept, so that no other one gets its id
            used = directive(found.fields[field].ast_node, "column") or {}
            name = field.removeprefix(EDGE)
            named = field.removesuffix(name) + (used.get("name") or self.cased(name))
            known = self._columns[id(found), field] = found, named
        return known[1]

    def cased(self, name: str) -> str:
        """The column that a field of this name has by convention."""
        return _CASES[self.conventions.get("columnCase", "SNAKE_CASE")](name)

    def rows_field(self, field: GraphQLField) -> RowsField:
        """How a field gives rows."""
        named = get_named_type(field.type)
        assert isinstance(named, ROWS)
        is_connection = named.name.endswith("Connection")
        target = named
        if is_connection:
            assert isinstance(named, GraphQLObjectType)
            edge = get_named_type(named.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            node = get_named_type(edge.fields["node"].type)
            assert isinstance(node, ROWS)
            target = node
        target = self.kinds.with_fields(target)
        if self.through(field):
            target = self.linked(field, target)
        is_list = is_list_type(get_nullable_type(field.type))
        is_paged = any(name in field.args for name in PAGE_ARGUMENTS)
        size, maximum, list_maximum = self.sizes
        if is_list and not is_paged:
            size = maximum = list_maximum
        page = directive(field.ast_node, "page") or {}
        maximum = int(page.get("maximum", maximum))
        size = int(page.get("default", maximum if is_list and not is_paged else min(size, maximum)))
        skips = int(page.get("maximumOffset", 0))
        return RowsField(target, is_connection, is_list, size, maximum, is_paged, skips)

    def order(self, field: GraphQLField, arguments: Mapping[str, Any]) -> Order:
        """The order of a list: of the argument, of the field, or of the key."""
        rows = self.rows_field(field)
        terms: list[str] = []
        used = directive(field.ast_node, "orderBy")
        if used:
            terms = used["fields"]
        chosen = arguments.get("order")
        if chosen is None and "order" in field.args:
            node = field.args["order"].ast_node
            default = node.default_value if node else None
            chosen = default.value if isinstance(default, gql.EnumValueNode) else None
        if chosen is not None:
            enum = get_named_type(field.args["order"].type)
            assert isinstance(enum, GraphQLEnumType)
            declared = directive(enum.values[chosen].ast_node, "orderBy")
            assert declared
            terms = declared["fields"]
        terms = [" ".join(_sort_term(key)) for key in arguments.get("sort") or ()] or terms
        order = [(term.split()[0], term.endswith(" DESC")) for term in terms]
        last = order[-1][1] if order else False
        key = self.key(rows.target)
        for column in (self.through(field) or {}).get("key", ()):
            shown = (n for n in rows.target.fields if self.column(rows.target, n) == EDGE + column)
            key.append(next(shown))
        order += [(name, last) for name in key if name not in dict(order)]
        return tuple(order)

    def through(self, field: GraphQLField) -> dict[str, Any] | None:
        """What the SDL says of the link table of a field, if it leads through one."""
        used = directive(field.ast_node, "relation") or {}
        found: dict[str, Any] | None = used.get("through")
        return found

    def linked(self, field: GraphQLField, target: GraphQLObjectType) -> GraphQLObjectType:
        """The type of the rows at the end of a link, with the fields of the edge beside its own."""
        known = self._linked.get(id(field))
        if known is not None:
            return known
        found = self._linked[id(field)] = copy.copy(target)
        named = get_named_type(field.type)
        assert isinstance(named, GraphQLObjectType)
        edge = get_named_type(named.fields["edges"].type) if "edges" in named.fields else None
        more = edge.fields.items() if isinstance(edge, GraphQLObjectType) else ()
        fields = {EDGE + n: each for n, each in more if n not in ("node", "cursor")}
        table = (self.through(field) or {})["table"]
        for over in self.types.values():
            if self.table(over) == table:
                fields |= {EDGE + n: each for n, each in over.fields.items()}
        found.__dict__["fields"] = {**target.fields, **fields}
        found.extensions = {"link": table}
        return found

    def relation(self, owner: FieldedType, field: GraphQLField) -> Relation:
        """Columns here and there that have to be equal."""
        used = directive(field.ast_node, "relation")
        link = self.through(field)
        if used and link:
            target = self.rows_field(field).target
            ends = [
                used.get(part) or [self.column(one, name) for name in self.key(one)]
                for part, one in (("columns", owner), ("references", target))
            ]
            here, there = (
                link.get(part) or end
                for part, end in zip(("columns", "references"), ends, strict=True)
            )
            return Link(
                link["table"],
                list(zip(ends[0], here, strict=True)),
                list(zip(there, ends[1], strict=True)),
            )
        if used:
            return list(zip(used["columns"], used["references"], strict=True))
        rows = self.rows_field(field)
        is_first = directive(field.ast_node, "orderBy") is not None
        one = owner if rows.is_list or rows.is_connection or is_first else rows.target
        return [(self.column(one, name),) * 2 for name in self.key(one)]

    def defaults(self, field: GraphQLField, but: Container[str] = ()) -> dict[str, Any]:
        """The defaults of a list's arguments, which decide what it shows."""
        found = {}
        for name, argument in field.args.items():
            node = argument.ast_node
            if name not in but and node is not None and node.default_value is not None:
                found[name] = graphql.value_from_ast(node.default_value, argument.type)
        return found
