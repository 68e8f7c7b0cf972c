"""A naive executor: graphql-core and plain Python over rows in memory.

It means what ``directives`` reads in the SDL in the simplest way: every list is filtered, sorted
and cut as a Python list. It shares no code with the compiled path.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import graphql
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
)

from handler.stores.url import DatabaseUrl
from tests import reference_aggregates
from tests.directives import (
    EDGE,
    PAGE_ARGUMENTS,
    Link,
    Order,
    Relation,
    aggregate,
    directive,
)
from tests.domains.database import RawRow, read_rows
from tests.equal_rows import EqualRows
from tests.kinds import ROWS, FieldedType
from tests.reference_groups import Groups, made_of, source_name, without_own
from tests.reference_ids import RowsByIds
from tests.reference_scores import ScoredRows
from tests.reference_sorts import TYPE
from tests.reference_united import UnitedRows
from tests.reference_where import with_link
from tests.stored_values import side_of

CURSORS = 200  # of a list, from which documents choose

Refuse = Callable[[GraphQLResolveInfo[Any], Mapping[str, Any]], None]


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
    pages: int  # of all, of the size that is asked for
    place: str
    # All rows that the list's arguments choose, but for what they ask of some fields alone.
    passing: Callable[[Sequence[str]], list[RawRow]]


class Reference(ScoredRows, UnitedRows, RowsByIds):
    """A schema over rows, which answers documents."""

    def __init__(
        self,
        url: DatabaseUrl,
        sdl: str,
        expressions: Mapping[str, Callable[[RawRow], str | None]],
        *,
        fold: Callable[[str], str] = lambda text: text,
        **sizes: int,
    ) -> None:
        super().__init__(url, sdl, expressions, fold=fold, **sizes)
        tables = [self.table(found) for found in self.types.values() if not source_name(found)]
        tables += [
            used["table"]
            for found in self.types.values()
            for field in found.fields.values()
            if (used := self.through(field))
        ]
        self.all_rows = read_rows(url, list(dict.fromkeys(tables)))
        self.rows: Mapping[str, list[RawRow]] = self.all_rows
        self._cursors: dict[tuple[str, Order], list[str]] = {}  # by list
        self.equal = EqualRows().find
        for found in self.types.values():
            for name, field in found.fields.items():
                field.resolve = self.resolver_of(found, name, field)
        self.tell_types()
        for name, field in self.schema.query_type.fields.items():  # type: ignore[union-attr]
            field.resolve = functools.partial(self.root, name, field)
        for part in self.schema.type_map.values():
            if part.name.endswith(("Connection", "Edge")) or part.name == "PageInfo":
                assert isinstance(part, GraphQLObjectType)
                for name, field in part.fields.items():
                    kind = get_named_type(field.type)
                    is_known = name in _PAGE_PARTS or not isinstance(kind, GraphQLObjectType)
                    if not is_known and source_name(kind):
                        place = f"{part.name}.{name}"
                        field.resolve = functools.partial(self.facet, place, field)
                        continue
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

    # ----------------------------------------------------------------------------- resolvers

    def resolver_of(
        self, owner: GraphQLObjectType, name: str, field: GraphQLField
    ) -> Callable[..., Any]:
        """What answers one field of a row."""
        made = None if source_name(owner) else aggregate(field)
        if made:
            return reference_aggregates.resolver(self, owner, field, *made)
        if self.is_id(owner, name):
            return lambda item, info: self.global_id(owner, item.row)
        if directive(field.ast_node, "cursor") is not None:
            return lambda item, info: self.own_cursor(item)
        if not isinstance(get_named_type(field.type), ROWS):
            return lambda item, info: self.value(owner, name, self.stored(owner, name, item.row))
        relation = self.relation(owner, field)
        rows = self.rows_field(field)
        source = source_name(rows.target)
        if source is not None:
            return lambda item, info, **arguments: self.grouped(
                f"{owner.name}.{name}", field, self.related(item.row, field, relation), arguments
            )
        if rows.is_list or rows.is_connection:
            place = self.kinds.place(owner.name, name)
            return lambda item, info, **arguments: self.many(
                place, field, self.related(item.row, field, relation), arguments
            )
        if directive(field.ast_node, "orderBy") is not None:
            return lambda item, info, **arguments: self.first_of(
                field, self.related(item.row, field, relation), arguments
            )
        order = tuple((key, False) for key in self.key(rows.target))
        return lambda item, info: next(
            (
                Item(row, order, rows.target.name, rows.target)
                for row in self.related(item.row, field, relation)
            ),
            None,
        )

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
        made = aggregate(field)
        if made:
            query = info.parent_type
            return reference_aggregates.resolver(self, query, field, *made)(None, info, **arguments)
        if self.gives_any(field):
            return self.by_ids(field, arguments)
        rows = self.rows_field(field)
        target = self.rows_type(rows.target)
        table = [r for r in self.rows_of(target) if self.is_shown(field, target, r)]
        if target is not rows.target:
            return self.grouped(f"Query.{name}", field, table, arguments)
        if rows.is_list or rows.is_connection:
            return self.many(f"Query.{name}", field, table, arguments)
        if directive(field.ast_node, "orderBy") is not None:
            return self.first_of(field, table, arguments)
        order = tuple((key, False) for key in self.key(rows.target))
        found = [row for row in table if self.matches(field, rows.target, row, arguments)]
        return Item(found[0], order, rows.target.name, rows.target) if found else None

    def own_cursor(self, item: Item) -> str:
        """The position of a row in its list; of one among several tables that by its key."""
        if TYPE not in item.row:
            return self.cursor(item.target, item.order, item.row, item.place)
        order = tuple((key, False) for key in self.key(item.target))
        return self.cursor(item.target, order, item.row, item.target.name)

    def by_ids(
        self, field: GraphQLField, arguments: Mapping[str, Any]
    ) -> Item | list[Item | None] | None:
        """The row of an id, or those of several."""
        ((name, given),) = arguments.items()
        texts = [given] if name == "id" else given
        found = [self.with_id(field, str(text)) for text in texts]
        items = [one and Item(one[1], (), one[0].name, one[0]) for one in found]
        return items[0] if name == "id" else items

    def stored(self, found: GraphQLObjectType, field: str, row: RawRow) -> str | None:
        """Of a value over other rows what it is without arguments."""
        made = None if source_name(found) else aggregate(found.fields[field])
        if made is None:
            return super().stored(found, field, row)
        return reference_aggregates.stored(self, found, found.fields[field], *made, row)

    def sorted_text(self, owner: GraphQLObjectType, name: str, row: RawRow) -> str | None:
        """Of a value over other rows."""
        field = owner.fields[name]
        made = aggregate(field)
        assert made is not None
        return reference_aggregates.stored(self, owner, field, *made, row, is_sorted=True)

    def rows_type(self, target: GraphQLObjectType) -> GraphQLObjectType:
        """The type of the rows behind a type, which may be one of groups."""
        return self.types.get(source_name(target) or "", target)

    def grouped(
        self,
        name: str,
        field: GraphQLField,
        table: Sequence[RawRow],
        arguments: Mapping[str, Any],
    ) -> Any:
        """A list or a page of groups of the rows that the arguments choose."""
        target = self.rows_field(field).target
        groups = Groups(self, target)
        asked = ("having", "order", "sort", *PAGE_ARGUMENTS)
        choosing = {name: value for name, value in arguments.items() if name not in asked}
        rows = [row for row in table if self.matches(field, groups.source, row, choosing)]
        rest = {name: value for name, value in arguments.items() if name in asked}
        return self.many(name, field, groups.of(rows), rest)

    def facet(
        self, name: str, field: GraphQLField, connection: Connection, info: Any, **arguments: Any
    ) -> Any:
        """Groups of all rows that a list has."""
        page = connection[2]
        used = directive(field.ast_node, "facet") or {}
        rows = page.passing(())
        if used.get("ownFilter") is False:
            target = self.rows_field(field).target
            rows = page.passing([made_of(target, key) or "" for key in self.key(target)])
        return self.grouped(name, field, rows, arguments)

    def rows_related(
        self, owner: GraphQLObjectType, field: GraphQLField, row: RawRow
    ) -> list[RawRow]:
        """The rows that a relation leads to from a row of a type."""
        return self.related(row, field, self.relation(owner, field))

    def related(self, row: RawRow, field: GraphQLField, relation: Relation) -> list[RawRow]:
        """The rows that a relation leads to; those of a link with what the link's row holds."""
        target = self.rows_field(field).target
        target = self.rows_type(target)
        far = self.rows[self.table(target)]
        if not isinstance(relation, Link):
            found = self.equal(row, far, relation)
        else:
            found = [
                with_link(other, link)
                for link in self.equal(row, self.rows[relation.table], relation.here)
                if self.is_link(relation.table, link)
                for other in self.equal(link, far, relation.there)
            ]
        return [
            other
            for other in found
            if self.is_there(target, other) and self.is_shown(field, target, other)
        ]

    def every(self, owner: FieldedType, field: GraphQLField) -> list[RawRow]:
        """All rows that a list may show, whatever hangs them on a row of its owner."""
        relation = None if owner.name == "Query" else self.relation(owner, field)
        target = self.rows_field(field).target
        if target.name in self.united:
            self.rows = self.all_rows
            return self.rows_of(target)
        source = source_name(target)
        if source is not None:  # positions of groups of all rows; those of some have others
            return Groups(self, target).of(self.all_rows[self.table(self.types[source])])
        if not isinstance(relation, Link):
            rows = self.all_rows[self.table(target)]
            return [row for row in rows if self.kinds.of_type(target.name, row)]
        return [
            with_link(row, link)
            for link in self.all_rows[relation.table]
            for row in self.equal(link, self.all_rows[self.table(target)], relation.there)
            if self.kinds.of_type(target.name, row)
        ]

    def digits(self, found: GraphQLObjectType, field: str) -> int:
        """The digits behind the point that a decimal column of a type has."""
        texts = (self.stored(found, field, row) for row in self.all_rows[self.table(found)])
        return max((len(t.partition(".")[2]) for t in texts if t is not None), default=0)

    # ------------------------------------------------------------------------ lists and pages

    def ordered(
        self, field: GraphQLField, table: Sequence[RawRow], arguments: Mapping[str, Any]
    ) -> list[RawRow]:
        """The rows that pass the arguments, in their order."""
        order, target = self.order(field, arguments), self.rows_field(field).target

        passing = [
            (self.sort_values(target, order, self.position(target, order, row)), row)
            for row in table
            if self.matches(field, target, row, arguments)
        ]
        compare = functools.cmp_to_key(functools.partial(side_of, order))
        return [row for _, row in sorted(passing, key=lambda each: compare(each[0]))]

    def first_of(
        self, field: GraphQLField, table: Sequence[RawRow], arguments: Mapping[str, Any]
    ) -> Item | None:
        """The first of several rows, which stands in no list."""
        target = self.rows_field(field).target
        found = self.ordered(field, table, arguments)
        if not found:
            return None
        target = self.one_type(target, found[0])
        order = tuple((key, False) for key in self.key(target))
        return Item(found[0], order, target.name, target)

    def many(
        self, name: str, field: GraphQLField, table: Sequence[RawRow], arguments: Mapping[str, Any]
    ) -> Any:
        """A list or a page of rows, by the algorithm of the connections specification.

        Source: https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
        """
        rows = self.rows_field(field)
        order = self.order(field, arguments)
        target = rows.target
        found = self.ordered(field, table, arguments)
        if rows.is_list and not rows.is_paged and len(found) > rows.maximum:
            raise GraphQLError(
                f"{name} holds more than {rows.maximum} rows, the most that this list may give; "
                f"ask for a narrower list"
            )
        first, last = arguments.get("first"), arguments.get("last")
        after, before = (
            self.place_of(target, order, arguments.get(name)) for name in ("after", "before")
        )

        def side(row: RawRow, place: list[str | None]) -> int:
            """1 for a row after the place, 0 for the one at it, -1 for one before it."""
            return self.compare(target, order, self.position(target, order, row), place)

        # ApplyCursorsToEdges
        left = [r for r in found if after is None or side(r, after) == 1]
        edges = [r for r in left if before is None or side(r, before) == -1]
        # A page without a size is the first one, or the last one before a row.
        if first is None and last is None:
            if before is not None and after is None:
                last = rows.default_size
            else:
                first = rows.default_size
        # HasPreviousPage and HasNextPage, telling of rows beyond the cursors, too
        has_previous = len(left) < len(found) if last is None else len(edges) > last
        behind = [r for r in found if before and side(r, before) >= 0]
        skipped = arguments.get("offset") or 0  # never beside cursors or last
        has_previous = has_previous or min(skipped, len(found)) > 0
        edges = edges[skipped:]
        has_next = bool(behind) if first is None else len(edges) > first
        # EdgesToReturn
        shown = edges if first is None else edges[:first]
        shown = shown if last is None else shown[max(len(shown) - last, 0) :]
        items = [Item(row, order, name, self.one_type(target, row)) for row in shown]
        if not rows.is_connection:
            return items
        size = min(each for each in (first, last) if each is not None)
        pages = math.ceil(len(found) / size) if size else 0

        def choose(own: Sequence[str]) -> list[RawRow]:
            chosen = without_own(field, arguments, own) if own else arguments
            return [row for row in table if self.matches(field, target, row, chosen)]

        page = Page(items, has_previous, has_next, len(found), pages, name, choose)
        return target, order, page

    def all_cursors(self, field: GraphQLField, order: Order, place: str) -> list[str]:
        """The cursors of the rows of a table in an order, or of some of many; ``place``:
        ``Type.field`` of a list."""
        known = self._cursors.get((place, order))
        if known is not None:
            return known
        target = self.rows_field(field).target
        owner = self.schema.type_map[place.partition(".")[0]]
        assert isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)
        rows = self.every(owner, field)
        some = rows[:: max(1, len(rows) // CURSORS)]
        found = [self.cursor(target, order, row, place) for row in some]
        return self._cursors.setdefault((place, order), found)


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
    "totalPages": lambda reference, connection, info: connection[2].pages,
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
