"""From a checked operation to its plan: collect fields, join what is one, batch what is many."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from handler.access.rules import login_helps
from handler.compiler.collect import merge_fields, without_arguments
from handler.compiler.permissions import Permissions
from handler.compiler.plan import (
    Aggregate,
    AggregateSlot,
    Batch,
    ConnectionShape,
    CursorNode,
    EdgesNode,
    FactKind,
    FactSlot,
    ForbiddenNode,
    GivenNode,
    IntrospectionNode,
    ManyNode,
    Member,
    Node,
    NodesNode,
    ObjectShape,
    OneNode,
    PageInfoNode,
    Plan,
    ResolverNode,
    RootNode,
    RowNode,
    Source,
    StoredSlot,
    TotalCountNode,
    TypenameNode,
    ValueNode,
)
from handler.compiler.slots import aggregate_of, cursor_node, slot_of, value_node
from handler.compiler.type_needs import needs_types, places_need_types
from handler.compiler.visible import Visibility
from handler.errors import LimitError
from handler.language import ast
from handler.language.schema import (
    NonNull,
    Schema,
    TypeRef,
    has_nullable_items,
    is_nullable,
    named,
    nullable,
)
from handler.language.selections import collect_fields
from handler.model.column import Column
from handler.model.fields import Count, CursorField, ResolverField, Sum
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import Relation, ToMany, ToOne
from handler.model.tables import Table

MAX_PLACES = 1_000  # of what one function gives: an interface's types may lead to as many again
MAX_JOINS = 40  # MySQL and MariaDB join at most 61 tables in one statement


def compile_plan(
    schema: Schema,
    model: Model,
    operation: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
    shape_values: Mapping[str, Any],
    permissions: Permissions,
    visibility: Visibility,
    met: int,
) -> Plan:
    """Compile one validated query.

    ``shape_values``: the coerced values of ``shape_variables(...)``; ``visibility``: the rows that
    the caller sees; ``met``: the bits of the caller's grant. Raises ``LimitError`` if one statement
    would join more than ``MAX_JOINS`` tables.
    """
    planner = _Planner(schema, model, fragments, shape_values, permissions, visibility, met)
    return planner.plan(operation)


class _Planner:
    def __init__(
        self,
        schema: Schema,
        model: Model,
        fragments: Mapping[str, ast.FragmentDefinition],
        shape_values: Mapping[str, Any],
        permissions: Permissions,
        visibility: Visibility,
        met: int,
    ) -> None:
        self.schema = schema
        self.model = model
        self.permissions = permissions
        self.visibility = visibility
        self.met = met
        self.shape_values = shape_values
        self._collect = partial(collect_fields, schema, fragments, shape_values)
        self.batches: list[Batch] = []
        self.aggregates: list[Aggregate] = []
        self.has_resolvers = False
        self.has_forbidden = False

    def plan(self, operation: ast.OperationDefinition) -> Plan:
        query = self.schema.query
        members = []
        for key, nodes in self._collect(query, [operation.selection_set]).items():
            node = nodes[0]
            members.append(
                Member(key, f"{query}.{node.name}", node.at, self._root_node(key, nodes))
            )
        return Plan(
            ObjectShape(query, tuple(members)),
            tuple(self.batches),
            tuple(self.aggregates),
            self.has_resolvers,
            self.has_forbidden,
            needs_types(self.schema, self.batches, self.aggregates),
            places_need_types(self.batches),
        )

    def _forbidden(
        self, type_name: str, node: ast.Field, rows: RowsField | None = None
    ) -> ForbiddenNode | None:
        """What stands in place of a field that the caller may not read, if it is one."""
        order = self._chosen_order(rows, node.arguments) if rows else None
        missing = self.permissions.of_use(type_name, node, order) & ~self.met
        if not missing:
            return None
        self.has_forbidden = True
        return ForbiddenNode(
            is_nullable(self.schema.object(type_name).fields[node.name].type),
            login_helps=login_helps(missing, self.met),
        )

    # --------------------------------------------------------------------------------- roots

    def _root_node(self, key: str, nodes: list[ast.Field]) -> Node:
        node = nodes[0]
        query = self.schema.query
        if node.name == "__typename":
            return TypenameNode(query)
        if node.name in ("__schema", "__type"):
            return IntrospectionNode(merge_fields(nodes))
        found = self.model.roots[node.name]
        forbidden = self._forbidden(query, node, found if isinstance(found, RowsField) else None)
        if forbidden:
            return forbidden
        is_nullable = not isinstance(self.schema.object(query).fields[node.name].type, NonNull)
        if isinstance(found, ResolverField):
            return self._resolver_node(query, found, nodes, {}, is_nullable=is_nullable)
        batch = self._batch(query, key, found, nodes)
        return RootNode(batch.index, is_nullable)

    # ------------------------------------------------------------------------------- batches

    def _batch(
        self,
        owner: str,
        key: str,
        rows: RowsField,
        nodes: list[ast.Field],
        parent: Batch | None = None,
        relation: Relation | None = None,
    ) -> Batch:
        first = nodes[0]
        batch = Batch(
            index=len(self.batches),
            member=Member(key, f"{owner}.{first.name}", first.at, TypenameNode(rows.target)),
            rows=rows,
            order=self._order(rows, first.arguments),
            arguments=tuple(first.arguments),
            owner=owner,
            sources=[Source(self.visibility.rows(rows.target))],
            link_columns=relation.references if relation else (),
            parent_columns=relation.columns if relation else (),
            parent=parent.index if parent else None,
        )
        self.batches.append(batch)
        if parent is not None:
            parent.children.append(batch.index)
        batch.link = tuple(slot_of(batch, StoredSlot(0, name)) for name in batch.link_columns)
        selections = [node.selection_set for node in nodes]
        if rows.shape is Shape.CONNECTION:
            batch.shape = self._connection(batch, owner, first.name, selections)
        else:
            batch.shape = self._object(batch, 0, rows.target, selections)
            if not batch.slots:  # only type names are asked for, but rows are counted
                slot_of(batch, StoredSlot(0, batch.table.key[0]))
        return batch

    def _order(self, rows: RowsField, arguments: Sequence[ast.Argument]) -> Order:
        chosen = self._chosen_order(rows, arguments)
        return rows.order if chosen is None else rows.orders[chosen]

    def _chosen_order(self, rows: RowsField, arguments: Sequence[ast.Argument]) -> str | None:
        """The value of the argument that chooses the order; None where nothing is chosen."""
        for argument in arguments:
            if argument.name == rows.order_argument:
                value = argument.value
                if isinstance(value, ast.Variable):
                    found: str | None = self.shape_values.get(value.name)
                    return found
                return value.name if isinstance(value, ast.EnumValue) else None
        return None

    def _connection(
        self,
        batch: Batch,
        owner: str,
        field_name: str,
        selections: Sequence[ast.SelectionSet | None],
    ) -> ConnectionShape:
        type_def = self.schema.object(owner)
        connection = self.model.connections[str(nullable(type_def.fields[field_name].type))]
        members = []
        has_rows = False
        cursor: CursorNode | None = None
        for key, nodes in self._collect(connection.name, selections).items():
            name = nodes[0].name
            inner = [node.selection_set for node in nodes]
            node: Node = TypenameNode(connection.name)
            if name != "__typename":
                ref = self.schema.object(connection.name).fields[name].type
            forbidden = self._forbidden(connection.name, nodes[0])
            match name:
                case _ if forbidden:
                    node = forbidden
                case "edges":
                    has_rows = True
                    node = self._edges(batch, connection.edge, ref, inner)
                case "nodes":
                    has_rows = True
                    shape = self._object(batch, 0, connection.node, inner)
                    node = NodesNode(shape, is_nullable(ref), has_nullable_items(ref))
                case "pageInfo":
                    node = self._page_info(connection.page_info, inner)
                    names = {name for _, name in node.members}
                    has_rows = has_rows or bool(names - {"__typename"})
                    if names & {"startCursor", "endCursor"}:
                        cursor = self._cursor(batch)
                    if names & {"hasNextPage", "hasPreviousPage"} and self._may_start_inside(batch):
                        batch.facts[FactKind.BEYOND] = -1
                case "totalCount":
                    batch.facts[FactKind.COUNT] = -1
                    node = TotalCountNode()
            members.append(Member(key, f"{connection.name}.{name}", nodes[0].at, node))
        batch.reads_rows = has_rows
        if has_rows and not batch.slots:
            slot_of(batch, StoredSlot(0, batch.table.key[0]))
        if batch.parent is None:
            batch.facts = {kind: position for position, kind in enumerate(batch.facts)}
        return ConnectionShape(connection.name, tuple(members), cursor)

    def _may_start_inside(self, batch: Batch) -> bool:
        """Whether a page may begin behind a row; ``bind`` knows whether it does."""
        written = {argument.name for argument in batch.arguments}
        declared = self.schema.object(batch.owner).fields[batch.rows.field].arguments
        return any(
            name in written or declared[name].has_default
            for name in batch.rows.paging & {"after", "before"}
        )

    def _edges(
        self,
        batch: Batch,
        edge_type: str,
        edges_ref: TypeRef,
        selections: Sequence[ast.SelectionSet | None],
    ) -> EdgesNode:
        members = []
        for key, nodes in self._collect(edge_type, selections).items():
            name = nodes[0].name
            node: Node = TypenameNode(edge_type)
            forbidden = self._forbidden(edge_type, nodes[0])
            if forbidden:
                node = forbidden
            elif name == "cursor":
                node = self._cursor(batch)
            elif name == "node":
                inner = [node.selection_set for node in nodes]
                shape = self._object(batch, 0, batch.rows.target, inner)
                ref = self.schema.object(edge_type).fields[name].type
                node = RowNode(shape, is_nullable(ref))
            members.append(Member(key, f"{edge_type}.{name}", nodes[0].at, node))
        return EdgesNode(tuple(members), is_nullable(edges_ref), has_nullable_items(edges_ref))

    def _page_info(
        self, type_name: str, selections: Sequence[ast.SelectionSet | None]
    ) -> PageInfoNode:
        collected = self._collect(type_name, selections)
        return PageInfoNode(
            tuple((key, nodes[0].name) for key, nodes in collected.items()), type_name
        )

    # ------------------------------------------------------------------------------- objects

    def _object(
        self,
        batch: Batch,
        source: int,
        type_name: str,
        selections: Sequence[ast.SelectionSet | None],
    ) -> ObjectShape:
        table = self.model.tables[type_name]
        members = []
        for key, nodes in self._collect(type_name, selections).items():
            name = nodes[0].name
            node = self._node(batch, source, table, key, nodes)
            members.append(Member(key, f"{type_name}.{name}", nodes[0].at, node))
        return ObjectShape(type_name, tuple(members))

    def _node(
        self, batch: Batch, source: int, table: Table, key: str, nodes: list[ast.Field]
    ) -> Node:
        name = nodes[0].name
        if name == "__typename":
            return TypenameNode(table.type_name)
        found = table.fields[name]
        rows = found.rows if isinstance(found, ToMany) else None
        forbidden = self._forbidden(table.type_name, nodes[0], rows)
        if forbidden:
            return forbidden
        match found:
            case Column() as column:
                return value_node(batch, source, column)
            case ToOne() as one:
                joined = self._join(batch, source, one)
                presence = slot_of(batch, StoredSlot(joined, one.relation.references[0]))
                inner = [node.selection_set for node in nodes]
                shape = self._object(batch, joined, one.target, inner)
                return OneNode(presence, shape, one.is_nullable)
            case ToMany() as many:
                return self._many(batch, source, table, key, many, nodes)
            case Count() | Sum() as aggregate:
                slot = self._aggregate(batch, source, table, aggregate, nodes[0])
                return ValueNode(slot, aggregate.scalar, aggregate.is_nullable)
            case CursorField():
                if source == 0:
                    return self._cursor(batch)
                # A joined row stands in no list: its place is the one by its key.
                return cursor_node(batch, source, table.type_name, table.key_order)
            case ResolverField() as resolver:
                requires = {
                    field: value_node(batch, source, table.column(field))
                    for field in resolver.requires
                }
                field_def = self.schema.object(table.type_name).fields[name]
                return self._resolver_node(
                    table.type_name,
                    resolver,
                    nodes,
                    requires,
                    is_nullable=not isinstance(field_def.type, NonNull),
                )

    def _join(self, batch: Batch, source: int, one: ToOne) -> int:
        wanted = Source(self.visibility.rows(one.target), source, one.relation)
        for index, known in enumerate(batch.sources):
            if known == wanted:
                return index
        if len(batch.sources) > MAX_JOINS:
            raise LimitError(
                f"{batch.member.field} follows more than {MAX_JOINS} relations to one row; "
                f"ask for fewer of them"
            )
        batch.sources.append(wanted)
        return len(batch.sources) - 1

    def _many(
        self,
        batch: Batch,
        source: int,
        table: Table,
        key: str,
        many: ToMany,
        nodes: list[ast.Field],
    ) -> ManyNode:
        child = self._batch(table.type_name, key, many.rows, nodes, batch, many.relation)
        slots = tuple(slot_of(batch, StoredSlot(source, name)) for name in many.relation.columns)
        child.parent_slots = slots
        facts = {kind: slot_of(batch, FactSlot(source, child.index, kind)) for kind in child.facts}
        return ManyNode(child.index, slots, facts, many.rows.is_nullable)

    def _aggregate(
        self, batch: Batch, source: int, table: Table, found: Count | Sum, node: ast.Field
    ) -> int:
        many = table.fields[found.of]
        assert isinstance(many, ToMany)
        rows = self.visibility.rows(many.rows.target)
        column = found.column if isinstance(found, Sum) else None
        index = None
        if found.filters:
            index = aggregate_of(
                self.aggregates,
                Aggregate(
                    table.type_name,
                    found.field,
                    found.of,
                    found.filters,
                    tuple(node.arguments),
                    node.at,
                ),
            )
        return slot_of(batch, AggregateSlot(source, many.relation, rows, column, index))

    def _cursor(self, batch: Batch) -> CursorNode:
        # A row that was looked up stands in no list: its place is the one by its key.
        is_listed = batch.rows.shape is not Shape.OBJECT and not batch.is_by_key
        place = batch.member.field if is_listed else batch.rows.target
        return cursor_node(batch, 0, place, batch.order)

    # ----------------------------------------------------------------------------- resolvers

    def _resolver_node(
        self,
        owner: str,
        resolver: ResolverField,
        nodes: list[ast.Field],
        requires: Mapping[str, ValueNode],
        *,
        is_nullable: bool,
    ) -> ResolverNode:
        self.has_resolvers = True
        known: dict[Hashable, GivenNode | None] = {}
        given = self._given(owner, nodes, known)
        return ResolverNode(
            arguments=tuple(nodes[0].arguments),
            owner=owner,
            field=resolver.field,
            requires=requires,
            selections=tuple(nodes),
            given=given,
            batches=tuple(i for each in known.values() if each for i in each.batches.values()),
            is_nullable=is_nullable,
        )

    def _given(
        self, owner: str, nodes: list[ast.Field], known: dict[Hashable, GivenNode | None]
    ) -> GivenNode | None:
        """What a function may give at one place; None if no row can hang on it.

        ``known``: of other places of the same function. An interface leads to the same fields by
        each of its types, and these need no more than one look.
        """
        type_name = named(self.schema.object(owner).fields[nodes[0].name].type)
        if type_name not in self.schema.possible_types:
            return None
        place = (type_name, *map(id, nodes))
        if place in known:
            return known[place]
        if len(known) >= MAX_PLACES:
            raise LimitError(
                f"the selection of a field that a function answers has more than {MAX_PLACES}"
                f" combinations of types and fields; ask for fewer of them"
            )
        batches: dict[str, int] = {}
        below: dict[str, dict[str, tuple[str, GivenNode]]] = {}
        selections = [node.selection_set for node in nodes]
        for name in sorted(self.schema.possible_types[type_name]):
            table = self.model.tables.get(name)
            if table is not None and table.is_given_by_key:
                batches[name] = self._key_batch(owner, table, nodes).index
                continue
            for key, inner in self._collect(name, selections).items():
                field_name = inner[0].name
                if field_name.startswith("__") or self._forbidden(name, inner[0]):
                    continue
                found = self._given(name, inner, known)
                if found is not None:
                    is_resolved = f"{name}.{field_name}" in self.model.resolvers
                    below.setdefault(name, {})[key] = ("" if is_resolved else field_name, found)
        known[place] = GivenNode(type_name, batches, below) if batches or below else None
        return known[place]

    def _key_batch(self, owner: str, table: Table, nodes: list[ast.Field]) -> Batch:
        """Rows by key: what a resolver gives is a key, what stands below it is in the table."""
        rows = table.rows_by_key(nodes[0].name)
        bare = [without_arguments(node) for node in nodes]
        return self._batch(
            owner, nodes[0].response_key, rows, bare, None, Relation(table.key, table.key)
        )
