"""A naive executor: graphql-core and plain Python over rows in memory.

It reads the SDL by graphql-core's own parser and means the directives in the simplest way: every
list is filtered, sorted and cut as a Python list. It shares no code with the compiled path.
"""

from __future__ import annotations

import base64
import copy
import functools
import json
import zlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import graphql
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.language import ast as gql

from handler import scalars
from handler.stores.url import DatabaseUrl
from tests.connections import with_connections
from tests.domains.database import RawRow, read_ranks, read_rows
from tests.filter_inputs import OPERATORS, with_filter_inputs

VOCABULARY = Path(__file__).parents[1] / "handler" / "language" / "directives.graphql"
EDGE = "edge."  # begins what fields and columns of a link table are called
PAGE_ARGUMENTS = ("first", "after", "last", "before")

Order = tuple[tuple[str, bool], ...]  # field, whether descending
Refuse = Callable[[GraphQLResolveInfo[Any], Mapping[str, Any]], None]


def seconds(text: str) -> Decimal:
    """Of a TIME."""
    hours, minutes, rest = text.lstrip("-").split(":")
    found = int(hours) * 3600 + int(minutes) * 60 + Decimal(rest)
    return -found if text.startswith("-") else found


@dataclass(frozen=True)
class Item:
    """One row, and the order of the list in which it stands."""

    row: RawRow
    order: Order
    place: str  # the field that gives the list, or the type of a row that stands in none
    target: GraphQLObjectType  # with fields of a link, if the list leads through one


@dataclass(frozen=True)
class Page:
    """What a connection shows."""

    items: list[Item]
    has_previous: bool
    has_next: bool
    total: int
    place: str


@dataclass(frozen=True)
class RowsField:
    """What the SDL says about a field that gives rows."""

    target: GraphQLObjectType
    is_connection: bool
    is_list: bool
    default_size: int
    maximum: int
    is_paged: bool


@dataclass(frozen=True)
class Link:
    """A table by whose rows two others belong together: pairs of columns that have to be equal."""

    table: str
    here: list[tuple[str, str]]  # of the rows where it begins, of the link table
    there: list[tuple[str, str]]  # of the link table, of the rows where it leads


# Pairs of columns here and there that have to be equal, or a link table.
Relation = Sequence[tuple[str, str]] | Link


def snake(name: str) -> str:
    """``orderRef`` is ``order_ref``: these domains have simple names only."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def directive(node: Any, name: str) -> dict[str, Any] | None:
    """The arguments of a directive on a definition."""
    for used in node.directives or ():
        if used.name.value == name:
            return {
                a.name.value: graphql.value_from_ast_untyped(a.value) for a in used.arguments or ()
            }
    return None


def aggregate(field: GraphQLField) -> tuple[str, dict[str, Any]] | None:
    """The directive that makes a field a value over rows, and its arguments."""
    for kind in ("count", "sum", "min", "max", "avg"):
        used = directive(field.ast_node, kind)
        if used:
            return kind, used
    return None


class Reference:
    """A schema over rows. ``expressions``: Python for ``Type.field`` that has ``@expression``.

    ``fold``: what a text equals, in the collation of the domain's ``String`` columns.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        sdl: str,
        expressions: Mapping[str, Callable[[RawRow], str | None]],
        *,
        fold: Callable[[str], str] = lambda text: text,
        page_size: int = 50,
        page_maximum: int = 200,
        list_maximum: int = 1000,
    ) -> None:
        vocabulary = VOCABULARY.read_text(encoding="utf-8") + scalars.sdl()
        whole = with_filter_inputs(with_connections(sdl))
        self.schema = graphql.build_schema(f"{vocabulary}\n{whole}")
        self.expressions = expressions
        self._linked: dict[int, GraphQLObjectType] = {}
        self.fold = fold
        self.sizes = (page_size, page_maximum, list_maximum)
        self.types = {
            found.name: found
            for found in self.schema.type_map.values()
            if isinstance(found, GraphQLObjectType)
            and not found.name.startswith("__")
            and found.name not in ("Query", "PageInfo")
            and not found.name.endswith(("Connection", "Edge"))
        }
        tables = [self.table(found) for found in self.types.values()]
        tables += [
            used["table"]
            for found in self.types.values()
            for field in found.fields.values()
            if (used := self.through(field))
        ]
        self.all_rows = read_rows(url, list(dict.fromkeys(tables)))
        self.rows: Mapping[str, list[RawRow]] = self.all_rows
        self.url = url
        for found in self.types.values():
            for name, field in found.fields.items():
                field.resolve = self.resolver_of(found, name, field)
        for name, field in self.schema.query_type.fields.items():  # type: ignore[union-attr]
            field.resolve = functools.partial(self.root, name, field)
        for part in self.schema.type_map.values():
            if part.name.endswith(("Connection", "Edge")) or part.name == "PageInfo":
                assert isinstance(part, GraphQLObjectType)
                for name, field in part.fields.items():
                    resolve = _PAGE_PARTS.get(name) or functools.partial(_edge_value, name)
                    field.resolve = functools.partial(resolve, self)

    def run(
        self,
        document: str,
        variables: Mapping[str, Any],
        rows: Mapping[str, list[RawRow]] | None = None,
        refuse: Refuse | None = None,
    ) -> dict[str, Any]:
        """Answer a document; ``rows``: by table, if there were no others; ``refuse``: raises
        where the caller may not read a field."""
        self.rows = self.all_rows if rows is None else rows
        parsed = graphql.parse(document)
        errors = graphql.validate(self.schema, parsed)
        assert not errors, (document, errors)

        def check(found: Any, source: Any, info: Any, **arguments: Any) -> Any:
            assert refuse is not None
            refuse(info, arguments)
            return found(source, info, **arguments)

        result = graphql.execute_sync(
            self.schema,
            parsed,
            variable_values=dict(variables),
            middleware=[check] if refuse else None,
        )
        assert isinstance(result, graphql.ExecutionResult)
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [
                {
                    "message": error.message,
                    "path": error.path,
                    "locations": [
                        {"line": at.line, "column": at.column} for at in (error.locations or ())[:1]
                    ],
                }
                for error in result.errors
            ]
        return body

    # --------------------------------------------------------------------- what the SDL says

    def table(self, found: GraphQLObjectType) -> str:
        """The table of a type."""
        named = directive(found.ast_node, "table")
        return named["name"] if named else snake(found.name) + "s"

    def key(self, found: GraphQLObjectType) -> list[str]:
        """The fields of the first key."""
        used = directive(found.ast_node, "key")
        if used:
            return str(used["fields"]).split()
        return [found.name[0].lower() + found.name[1:] + "Id"]

    def column(self, found: GraphQLObjectType, field: str) -> str:
        """The column of a field."""
        used = directive(found.fields[field].ast_node, "column") or {}
        name = field.removeprefix(EDGE)
        return field.removesuffix(name) + (used.get("name") or snake(name))

    def stored(self, found: GraphQLObjectType, field: str, row: RawRow) -> str | None:
        """The text behind a field that is a single value of a row."""
        if directive(found.fields[field].ast_node, "expression"):
            return self.expressions[f"{found.name}.{field}"](row)
        return row[self.column(found, field)]

    def rows_field(self, field: GraphQLField) -> RowsField:
        """How a field gives rows."""
        named = get_named_type(field.type)
        assert isinstance(named, GraphQLObjectType)
        is_connection = named.name.endswith("Connection")
        target = named
        if is_connection:
            edge = get_named_type(named.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            node = get_named_type(edge.fields["node"].type)
            assert isinstance(node, GraphQLObjectType)
            target = node
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
        return RowsField(target, is_connection, is_list, size, maximum, is_paged)

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
        found.__dict__["fields"] = {**target.fields, **fields}
        found.extensions = {"link": (self.through(field) or {})["table"]}
        return found

    def relation(self, owner: GraphQLObjectType, field: GraphQLField) -> Relation:
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
        one = owner if rows.is_list or rows.is_connection else rows.target
        return [(self.column(one, name),) * 2 for name in self.key(one)]

    # ------------------------------------------------------------------------------- values

    def value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        """A stored text as the value that goes out."""
        if raw is None:
            return None
        named = get_named_type(found.fields[field].type)
        if is_list_type(get_nullable_type(found.fields[field].type)):
            assert isinstance(named, GraphQLEnumType)
            return [self.name_of(named, label) for label in raw.split(",") if raw]
        if isinstance(named, GraphQLEnumType):
            return self.name_of(named, raw)
        match named.name:
            case "Int":
                if not -(2**31) <= int(raw) < 2**31:
                    raise GraphQLError("Int cannot represent the value that is stored")
                return int(raw)
            case "Float":
                return float(raw)
            case "Boolean":
                return raw != "0"
            case "DateTime":
                moment = datetime.fromisoformat(raw)
                fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
                return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
            case "JSON":
                return json.loads(raw)
            case "Time":
                return raw.rstrip("0").rstrip(".") if "." in raw else raw
            case "UUID":
                return raw.lower()
        return raw

    def name_of(self, enum: GraphQLEnumType, raw: str) -> str:
        """The enum's name for a stored text."""
        for name, value in enum.values.items():
            used = directive(value.ast_node, "value")
            if raw == (used["column"] if used else name):
                return str(name)
        raise GraphQLError("the enum has no name for the value that is stored")

    @functools.cache  # noqa: B019  # one reference lives as long as its tests
    def ranks(self, table: str, column: str) -> dict[str, int]:
        """The order of texts in the database."""
        return read_ranks(self.url, table, column)

    def sort_value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        """NULL comes first; texts as the database orders them."""
        if raw is None:
            return (0, 0)
        named = get_named_type(found.fields[field].type).name
        used = directive(found.fields[field].ast_node, "column") or {}
        if named in ("Int", "BigInt", "Boolean") or used.get("integer"):
            return (1, int(raw))
        if named in ("Decimal", "Float"):
            return (1, Decimal(raw) if named == "Decimal" else float(raw))
        if named in ("DateTime", "Date", "UUID"):
            return (1, raw)
        if named == "Time":
            return (1, seconds(raw))
        if named == "Bytes":
            return (1, base64.b64decode(raw))
        column, table = self.column(found, field), self.table(found)
        if column.startswith(EDGE):
            column, table = column.removeprefix(EDGE), found.extensions["link"]
        return (1, self.ranks(table, column)[raw])

    def compare(self, found: GraphQLObjectType, order: Order, left: Any, right: Any) -> int:
        """Which of two rows (or positions) comes first."""
        for (field, descending), a, b in zip(order, left, right, strict=True):
            x, y = self.sort_value(found, field, a), self.sort_value(found, field, b)
            if x != y:
                return -1 if (x < y) != descending else 1
        return 0

    def position(self, found: GraphQLObjectType, order: Order, row: RawRow) -> list[str | None]:
        """The texts of the ordered columns."""
        return [row[self.column(found, field)] for field, _ in order]

    def cursor(self, found: GraphQLObjectType, order: Order, row: RawRow, place: str) -> str:
        """The documented form of a cursor."""
        terms = ",".join(field + ("-" if descending else "+") for field, descending in order)
        mark = f"{zlib.crc32(f'{place}:{terms}'.encode()):08x}"
        content = json.dumps(
            [1, mark, *self.position(found, order, row)], ensure_ascii=False, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    # ----------------------------------------------------------------------------- resolvers

    def resolver_of(
        self, owner: GraphQLObjectType, name: str, field: GraphQLField
    ) -> Callable[..., Any]:
        """What answers one field of a row."""
        made = aggregate(field)
        if made:
            return functools.partial(self.aggregated, owner, field, *made)
        if directive(field.ast_node, "cursor") is not None:
            return lambda item, info: self.cursor(item.target, item.order, item.row, item.place)
        if not isinstance(get_named_type(field.type), GraphQLObjectType):
            return lambda item, info: self.value(owner, name, self.stored(owner, name, item.row))
        relation = self.relation(owner, field)
        rows = self.rows_field(field)
        if rows.is_list or rows.is_connection:
            return lambda item, info, **arguments: self.many(
                f"{owner.name}.{name}", field, self.related(item, field, relation), arguments
            )
        order = tuple((key, False) for key in self.key(rows.target))
        return lambda item, info: next(
            (
                Item(row, order, rows.target.name, rows.target)
                for row in self.related(item, field, relation)
            ),
            None,
        )

    def counted(
        self,
        owner: GraphQLObjectType,
        field: GraphQLField,
        many: GraphQLField,
        rows: Sequence[RawRow],
        arguments: Mapping[str, Any],
    ) -> list[RawRow]:
        """The related rows that a value is made of: by its own arguments, then by the defaults of
        the relation's."""
        target = self.rows_field(many).target
        passing = [row for row in rows if self.matches(field, target, row, arguments, like=many)]
        defaults = self.defaults(many, but=field.args)
        return [row for row in passing if self.matches(many, target, row, defaults)]

    def related(self, item: Item, field: GraphQLField, relation: Relation) -> list[RawRow]:
        """The rows that a relation leads to; those of a link with what the link's row holds."""
        far = self.rows[self.table(self.rows_field(field).target)]
        if not isinstance(relation, Link):
            return [row for row in far if are_equal(item.row, row, relation)]
        return [
            row | {EDGE + name: value for name, value in link.items()}
            for link in self.rows[relation.table]
            if are_equal(item.row, link, relation.here)
            for row in far
            if are_equal(link, row, relation.there)
        ]

    def every(self, owner: GraphQLObjectType, field: GraphQLField) -> list[RawRow]:
        """All rows that a list may show, whatever hangs them on a row of its owner."""
        relation = None if owner.name == "Query" else self.relation(owner, field)
        far = self.all_rows[self.table(self.rows_field(field).target)]
        if not isinstance(relation, Link):
            return far
        return [
            row | {EDGE + name: value for name, value in link.items()}
            for link in self.all_rows[relation.table]
            for row in far
            if are_equal(link, row, relation.there)
        ]

    def aggregated(
        self,
        owner: GraphQLObjectType,
        field: GraphQLField,
        kind: str,
        used: Mapping[str, Any],
        item: Item,
        info: Any,
        /,
        **arguments: Any,
    ) -> Any:
        """One value over related rows."""
        many = owner.fields[used["of"]]
        target = self.rows_field(many).target
        related = self.related(item, many, self.relation(owner, many))
        rows = self.counted(owner, field, many, related, arguments)
        if kind == "count":
            return len(rows)
        name = used["field"]
        stored = (self.stored(target, name, row) for row in rows)
        texts = [text for text in stored if text is not None]
        if kind != "sum" and not texts:
            return None
        if kind in ("min", "max"):
            ordered = sorted(texts, key=lambda text: self.sort_value(target, name, text))
            return self.value(target, name, ordered[0 if kind == "min" else -1])
        total = sum(map(Decimal, texts), Decimal(0))
        if kind == "avg" and get_named_type(field.type).name == "Float":
            return float(total) / len(texts)
        scale = self.scale(owner, many, name)
        if kind == "sum":
            return f"{total:.{scale}f}"
        average = total / len(texts)
        return str(average.quantize(Decimal(1).scaleb(-scale - 4), ROUND_HALF_UP))

    def scale(self, owner: GraphQLObjectType, many: GraphQLField, field: str) -> int:
        """The digits behind the point that a decimal column has."""
        found = self.rows_field(many).target
        texts = (self.stored(found, field, row) for row in self.every(owner, many))
        return max(len(text.partition(".")[2]) for text in texts if text is not None)

    def root(
        self,
        name: str,
        field: GraphQLField,
        source: Any,
        info: GraphQLResolveInfo[Any],
        /,
        **arguments: Any,
    ) -> Any:
        """A field of the query type."""
        rows = self.rows_field(field)
        table = self.rows[self.table(rows.target)]
        if rows.is_list or rows.is_connection:
            return self.many(f"Query.{name}", field, table, arguments)
        order = tuple((key, False) for key in self.key(rows.target))
        found = [row for row in table if self.matches(field, rows.target, row, arguments)]
        return Item(found[0], order, rows.target.name, rows.target) if found else None

    def matches(
        self,
        field: GraphQLField,
        target: GraphQLObjectType,
        row: RawRow,
        arguments: Mapping[str, Any],
        like: GraphQLField | None = None,
    ) -> bool:
        """Whether a row passes all filters; ``like`` has arguments that say how they compare."""
        for name, value in arguments.items():
            if name in PAGE_ARGUMENTS or name == "order" or value is None:
                continue
            if isinstance(get_named_type(field.args[name].type), GraphQLInputObjectType):
                if not self.fulfils(target, row, value):
                    return False
                continue
            used = directive(field.args[name].ast_node, "filter") or {}
            if not used and like is not None and name in like.args:
                used = directive(like.args[name].ast_node, "filter") or {}
            column = used.get("field") or name
            operator = used.get("operator", "EQUAL")
            if is_list_type(get_nullable_type(field.args[name].type)):
                operator = {"EQUAL": "IN", "NOT_EQUAL": "NOT_IN"}.get(operator, operator)
            if not self.passes(target, column, operator, row, value):
                return False
        return True

    def passes(
        self, target: GraphQLObjectType, column: str, operator: str, row: RawRow, value: Any
    ) -> bool:
        """Whether what is stored compares so to an argument; NULL never does."""
        raw = self.stored(target, column, row)
        if operator == "IS_NULL":
            return bool(value) == (raw is None)
        return raw is not None and self.holds(target, column, operator, raw, value)

    def fulfils(self, target: GraphQLObjectType, row: RawRow, given: Mapping[str, Any]) -> bool:
        """Whether a row passes a filter input: each of its members holds or does not."""
        return all(
            self.member_holds(target, row, name, value)
            for name, value in given.items()
            if value is not None
        )

    def member_holds(self, target: GraphQLObjectType, row: RawRow, name: str, value: Any) -> bool:
        if name == "and":
            return all(self.fulfils(target, row, each) for each in value)
        if name == "or":
            return any(self.fulfils(target, row, each) for each in value)
        if name == "not":
            return not self.fulfils(target, row, value)
        field = target.fields[name]
        if not isinstance(get_named_type(field.type), GraphQLObjectType):
            return all(
                self.passes(target, name, OPERATORS[word], row, each)
                for word, each in value.items()
                if each is not None
            )
        rows = self.rows_field(field)
        order = tuple((key, False) for key in self.key(rows.target))
        item = Item(row, order, target.name, target)
        related = self.related(item, field, self.relation(target, field))
        if not rows.is_list and not rows.is_connection:
            return any(self.fulfils(rows.target, each, value) for each in related)
        shown = [r for r in related if self.matches(field, rows.target, r, self.defaults(field))]
        quantified = {
            "some": lambda inner: any(self.fulfils(rows.target, each, inner) for each in shown),
            "none": lambda inner: not any(self.fulfils(rows.target, r, inner) for r in shown),
            "every": lambda inner: all(self.fulfils(rows.target, each, inner) for each in shown),
        }
        return all(quantified[word](inner) for word, inner in value.items() if inner is not None)

    def defaults(self, field: GraphQLField, but: Container[str] = ()) -> dict[str, Any]:
        """The defaults of a list's arguments, which decide what it shows."""
        found = {}
        for name, argument in field.args.items():
            node = argument.ast_node
            if name not in but and node is not None and node.default_value is not None:
                found[name] = graphql.value_from_ast(node.default_value, argument.type)
        return found

    def holds(
        self, target: GraphQLObjectType, column: str, operator: str, raw: str, value: Any
    ) -> bool:
        """Whether a stored text compares so to an argument."""
        if operator in ("NOT_EQUAL", "NOT_IN"):
            return not self.holds(target, column, operator.removeprefix("NOT_"), raw, value)
        if operator == "IN":
            return any(self.holds(target, column, "EQUAL", raw, v) for v in value if v is not None)
        named = get_named_type(target.fields[column].type)
        used = directive(target.fields[column].ast_node, "column") or {}
        if operator == "PREFIX":
            # LIKE compares letters beyond 16 bits as they are, though = finds them all equal.
            wide, found = _wide(value), _wide(raw)
            begins = self.fold(raw).startswith(self.fold(value))
            return begins and found[: len(wide)] == wide
        if operator == "CONTAINS":
            return self.fold(value) in self.fold(raw) and _wide(value) in _wide(raw)
        left: Any = raw
        right: Any = value
        if operator == "HAS":
            return value in self.value(target, column, raw)
        if isinstance(named, GraphQLEnumType):
            mapped = directive(named.values[value].ast_node, "value")
            right = mapped["column"] if mapped else value
        elif named.name in ("Int", "BigInt", "Decimal", "Float"):
            left, right = Decimal(raw), Decimal(str(value))
        elif used.get("integer"):
            right = str(value)
            if operator != "EQUAL":  # as numbers; what is the text of none finds nothing
                if not right.lstrip("-").isdigit() or str(int(right)) != right:
                    return False
                left, right = int(raw), int(right)
        elif named.name == "Boolean":
            left, right = raw != "0", value
        elif named.name == "DateTime":
            left = datetime.fromisoformat(raw).replace(tzinfo=UTC)
            right = datetime.fromisoformat(value)
        elif named.name == "Time":
            left, right = seconds(raw), seconds(value)
        elif named.name == "Bytes":
            left, right = base64.b64decode(raw), base64.b64decode(value)
        elif named.name == "UUID":
            left, right = raw.lower(), value.lower()
        elif named.name == "String":
            left, right = self.fold(raw), self.fold(value)
        compared: dict[str, Callable[[], bool]] = {
            "EQUAL": lambda: left == right,
            "LESS": lambda: left < right,
            "LESS_OR_EQUAL": lambda: left <= right,
            "GREATER": lambda: left > right,
            "GREATER_OR_EQUAL": lambda: left >= right,
        }
        return compared[operator]()

    def many(
        self, name: str, field: GraphQLField, table: Sequence[RawRow], arguments: Mapping[str, Any]
    ) -> Any:
        """A list or a page of rows, by the algorithm of the connections specification.

        Source: https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
        """
        rows = self.rows_field(field)
        order = self.order(field, arguments)
        target = rows.target

        def compare(a: RawRow, b: RawRow) -> int:
            left, right = (self.position(target, order, row) for row in (a, b))
            return self.compare(target, order, left, right)

        passing = (row for row in table if self.matches(field, target, row, arguments))
        found = sorted(passing, key=functools.cmp_to_key(compare))
        if rows.is_list and not rows.is_paged and len(found) > rows.maximum:
            raise GraphQLError(
                f"{name} holds more than {rows.maximum} rows, the most that this list may give; "
                f"ask for a narrower list"
            )
        first, last = arguments.get("first"), arguments.get("last")
        after, before = arguments.get("after"), arguments.get("before")
        # ApplyCursorsToEdges
        left = [r for r in found if after is None or self.side(target, order, r, after) == 1]
        edges = [r for r in left if before is None or self.side(target, order, r, before) == -1]
        # A page without a size is the first one, or the last one before a row.
        if first is None and last is None:
            if before is not None and after is None:
                last = rows.default_size
            else:
                first = rows.default_size
        # HasPreviousPage and HasNextPage, telling of rows beyond the cursors, too
        has_previous = len(left) < len(found) if last is None else len(edges) > last
        behind = [r for r in found if before and self.side(target, order, r, before) >= 0]
        has_next = bool(behind) if first is None else len(edges) > first
        # EdgesToReturn
        shown = edges if first is None else edges[:first]
        shown = shown if last is None else shown[max(len(shown) - last, 0) :]
        items = [Item(row, order, name, target) for row in shown]
        if not rows.is_connection:
            return items
        return target, order, Page(items, has_previous, has_next, len(found), name)

    def side(self, target: GraphQLObjectType, order: Order, row: RawRow, cursor: str) -> int:
        """1 for a row after the cursor, 0 for the one at it, -1 for one before it."""
        at = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2:]
        return self.compare(target, order, self.position(target, order, row), at)

    # ------------------------------------------------------------- what documents may ask for

    def all_cursors(self, field: GraphQLField, order: Order, place: str) -> list[str]:
        """The cursors of all rows of a table in an order; ``place``: ``Type.field`` of a list."""
        target = self.rows_field(field).target
        owner = self.schema.type_map[place.partition(".")[0]]
        assert isinstance(owner, GraphQLObjectType)
        return [self.cursor(target, order, row, place) for row in self.every(owner, field)]


Connection = tuple[GraphQLObjectType, Order, Page]


def _end(at: int) -> Callable[..., Any]:
    def resolve(reference: Reference, connection: Connection, info: Any) -> str | None:
        target, order, page = connection
        if not page.items:
            return None
        return reference.cursor(target, order, page.items[at].row, page.place)

    return resolve


_PAGE_PARTS: dict[str, Callable[..., Any]] = {
    "edges": lambda reference, connection, info: [
        (connection[0], item) for item in connection[2].items
    ],
    "nodes": lambda reference, connection, info: connection[2].items,
    "pageInfo": lambda reference, connection, info: connection,
    "totalCount": lambda reference, connection, info: connection[2].total,
    "node": lambda reference, edge, info: edge[1],
    "cursor": lambda reference, edge, info: reference.cursor(
        edge[0], edge[1].order, edge[1].row, edge[1].place
    ),
    "hasNextPage": lambda reference, connection, info: connection[2].has_next,
    "hasPreviousPage": lambda reference, connection, info: connection[2].has_previous,
    "startCursor": _end(0),
    "endCursor": _end(-1),
}


def _edge_value(
    name: str, reference: Reference, edge: tuple[GraphQLObjectType, Item], info: Any
) -> Any:
    """A field of an edge, which is a column of the link table."""
    target, item = edge
    field = EDGE + name
    return reference.value(target, field, reference.stored(target, field, item.row))


def are_equal(left: RawRow, right: RawRow, columns: Sequence[tuple[str, str]]) -> bool:
    """NULL equals nothing."""
    return all(left[here] is not None and left[here] == right[there] for here, there in columns)


def _wide(text: str) -> str:
    return "".join(c for c in text if ord(c) > 0xFFFF)
