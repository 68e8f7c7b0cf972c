"""From a checked operation to its plan: collect fields, join what is one, batch what is many.

What becomes of a field is known by its kind; here is what they share: the walk over selections,
access, and the batches while they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from handler.access.rules import login_helps
from handler.compiler.aggregates import AggregateSlot
from handler.compiler.collect import merge_fields
from handler.compiler.filters import plan_inputs
from handler.compiler.made_keys import seen
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Member, Node, ObjectShape, Plan, RowChoice
from handler.compiler.type_needs import needs_types, places_need_types
from handler.compiler.visible import Visibility
from handler.fields.facet import plan_facet
from handler.fields.forbidden import ForbiddenNode
from handler.fields.kinds import PAGE_KINDS, ROOT_KINDS, ROW_KINDS, SCHEMA_FIELDS
from handler.fields.order_keys import place_order
from handler.fields.slots import BatchBuilder, StoredSlot
from handler.fields.typed_rows import typed_object
from handler.fields.typename import TypenameNode
from handler.fields.united import united_object
from handler.language import ast
from handler.language.schema import (
    ListOf,
    Named,
    NonNull,
    Schema,
    TypeRef,
    is_nullable,
    nullable,
)
from handler.language.selections import collect_fields
from handler.language.variables import coerce_value
from handler.model.conditions import Filter
from handler.model.field import ModelField
from handler.model.filter_inputs import UsedMember, used_members
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import Path
from handler.model.sort_inputs import chosen_order
from handler.model.tables import Table
from handler.model.united import UnitedTable

Selections = Sequence[ast.SelectionSet | None]


class Selected(Struct, frozen=True):
    """A field as the document selects it, once or several times under one response key.

    ``found``: what the model has behind it, if it is a field of a table or of the query type.
    """

    nodes: list[ast.Field]
    found: Any = None

    @property
    def name(self) -> str:
        """In the schema."""
        return self.nodes[0].name

    @property
    def merged(self) -> ast.Field:
        """One field with the selections of all."""
        return merge_fields(self.nodes)

    @property
    def selections(self) -> Selections:
        """What is selected below it."""
        return [node.selection_set for node in self.nodes]


class RowPlace(Struct, frozen=True):
    """Where the fields of a row are planned: a source of a batch."""

    batch: BatchBuilder
    source: int
    table: Table


def compile_plan(
    schema: Schema,
    model: Model,
    operation: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
    shape_values: Mapping[str, Any],
    permissions: Permissions,
    visibility: Visibility,
    satisfied: int,
) -> Plan:
    """Compile one validated query.

    ``shape_values``: the coerced values of ``shape_variables(...)``; ``visibility``: the rows that
    the caller sees; ``satisfied``: the bits of the caller's grant. Raises ``LimitError`` if one
    statement would join more than ``MAX_JOINS`` tables.
    """
    planner = Planner(schema, model, fragments, shape_values, permissions, visibility, satisfied)
    return planner.plan(operation)


class Planner:
    """Plans one operation."""

    def __init__(
        self,
        schema: Schema,
        model: Model,
        fragments: Mapping[str, ast.FragmentDefinition],
        shape_values: Mapping[str, Any],
        permissions: Permissions,
        visibility: Visibility,
        satisfied: int,
    ) -> None:
        self.schema = schema
        self.model = model
        self.visibility = visibility
        self.resolvers: list[Node] = []  # in the order of their slots
        self.root_resolvers = 0
        self.root_width = 0  # facts in the row of the root
        self.collect = partial(collect_fields, schema, fragments, shape_values)
        self._permissions = permissions
        self.satisfied = satisfied
        self._shape_values = shape_values
        self._batches: list[BatchBuilder] = []
        self._choices: list[RowChoice] = []
        self._totals: list[AggregateSlot] = []
        self._has_forbidden = False
        # For which rows of the batch a member is asked, while it is planned; as ``Batch`` has it.
        self.only: tuple[int, frozenset[bytes]] | None = None
        self._members: list[UsedMember] = []  # of filter inputs

    def plan(self, operation: ast.OperationDefinition) -> Plan:
        """The plan of the whole operation."""
        root = self.object(
            self.schema.query, [operation.selection_set], self._plan_root, self.model.roots
        )
        batches = tuple([batch.freeze() for batch in self._batches])
        plan = Plan(
            root,
            batches,
            tuple(self._choices),
            tuple(self.resolvers),
            self._has_forbidden,
            tuple(self._totals),
            needs_types(self.schema, batches, self._totals, self._choices, self._members),
            places_need_types(batches),
            plan_inputs(self._members, self.visibility, self._permissions, self.satisfied),
        )
        if any(rows.needs_types for rows in plan.all_read()):
            return replace(plan, needs_types=True)
        return plan

    # ------------------------------------------------------------------------------- objects

    def object(
        self,
        type_name: str,
        selections: Selections,
        plan_member: Callable[[Selected], Node],
        fields: Mapping[str, Any] | None = None,
    ) -> ObjectShape:
        """An object with what is selected of it; ``fields``: what the model has of its type."""
        members = []
        for key, nodes in self.collect(type_name, selections).items():
            first = nodes[0]
            found = fields.get(first.name) if fields else None
            node: Node | None
            if first.name == "__typename":
                node = TypenameNode(type_name)
            else:
                node = self.forbidden(type_name, first, found)
            if node is None:
                node = plan_member(Selected(nodes, found))
            members.append(Member(key, f"{type_name}.{first.name}", first.at, node))
        return ObjectShape.of(type_name, members)

    def row_object(
        self, batch: BatchBuilder, source: int, type_name: str, selections: Selections
    ) -> ObjectShape:
        """The object of a source's row."""
        place = RowPlace(batch, source, self.model.table(type_name))
        if isinstance(place.table, UnitedTable):
            return united_object(self, place, selections)
        if place.table.kinds:
            return typed_object(self, place, selections)
        plan_member = partial(self.row_member, place)
        return self.object(type_name, selections, plan_member, place.table.fields)

    def row_member(
        self, place: RowPlace, selected: Selected, only: tuple[int, frozenset[bytes]] | None = None
    ) -> Node:
        """A field of a row; ``only``: for which rows it is asked, as ``Batch`` has it."""
        around = self.only
        self.only = only or around
        found = ROW_KINDS[type(selected.found)](self, place, selected)
        self.only = around
        return found

    def _plan_root(self, selected: Selected) -> Node:
        if selected.name in SCHEMA_FIELDS:
            return SCHEMA_FIELDS[selected.name](self, selected)
        return ROOT_KINDS[type(selected.found)](self, selected)

    def type_of(self, type_name: str, selected: Selected) -> TypeRef:
        """The type of a field that is selected of an object."""
        return self.schema.rows_type(type_name).fields[selected.name].type

    def forbidden(
        self, type_name: str, node: ast.Field, found: ModelField | None = None
    ) -> ForbiddenNode | None:
        """What stands in place of a field that the caller may not read, if it is one."""
        rows = found.rows if found is not None else None
        order = self._chosen_order(rows, node) if rows is not None else None
        missing = self._permissions.of_use(type_name, node) & ~self.satisfied
        if rows is not None and order is not None:
            missing |= self._permissions.of_order(rows.target, order) & ~self.satisfied
        if not missing and found is not None:
            missing = self._needed_of_members(found.chosen)
        if not missing:
            return None
        self._has_forbidden = True
        return ForbiddenNode(
            is_nullable(self.schema.object(type_name).fields[node.name].type),
            login_helps=login_helps(missing, self.satisfied),
        )

    def lacks_id(self, type_name: str) -> int:
        """What the caller lacks to find rows of a type by their global ids."""
        return self._permissions.of_id(type_name) & ~self.satisfied

    def _needed_of_members(self, target: str) -> int:
        """What the caller lacks to read one of the members of an interface or a union, where it
        may read none; rows of those that it may read are there."""
        kinds = self.model.kinds(target)
        if kinds == (target,) or self.visibility.rows(target).kinds:
            return 0
        return self._permissions.types[kinds[0]] & ~self.satisfied

    # ------------------------------------------------------------------------------- batches

    def batch(
        self,
        owner: str,
        rows: RowsField,
        nodes: list[ast.Field],
        parent: BatchBuilder | None = None,
        path: Path | None = None,
    ) -> BatchBuilder:
        """The batch for a field of ``owner`` over rows, with all that is selected below it."""
        index = len(self._batches)
        rows = self._seen(rows, nodes[0].arguments)
        order = self._order(rows, nodes[0])
        way = self.visibility.path(path) if path else None
        visible = way.target if way else self.visibility.rows(rows.target, rows.conditions)
        batch = BatchBuilder(index, owner, nodes[0], rows, order, visible, parent, way)
        batch.order = place_order(batch, order, self.visibility)
        batch.only, self.only = self.only, None
        self._batches.append(batch)
        self.use_inputs(rows, nodes[0].arguments)
        selections = [node.selection_set for node in nodes]
        if rows.shape is Shape.CONNECTION:
            batch.shape = self._page_object(batch, selections)
        else:
            batch.shape = self.row_object(batch, 0, rows.target, selections)
        if batch.reads_rows and not batch.slots:  # only type names are asked for, but of each row
            batch.slot(StoredSlot(0, visible.table.key[0]))
        self.only = batch.only
        return batch

    def _seen(self, rows: RowsField, arguments: Sequence[ast.Argument]) -> RowsField:
        """The field, with the aggregates that arguments compare over rows that the caller sees."""
        filters = self.seen(rows.filters, arguments)
        return rows if filters is rows.filters else replace(rows, filters=filters)

    def seen(
        self, filters: tuple[Filter, ...], arguments: Sequence[ast.Argument]
    ) -> tuple[Filter, ...]:
        """The filters, with the aggregates that these compare over rows that the caller sees."""
        written = {argument.name for argument in arguments}
        if not any(each.column.is_made and each.argument in written for each in filters):
            return filters
        return tuple(
            seen(each, self.visibility) if each.argument in written else each for each in filters
        )

    def _page_object(self, batch: BatchBuilder, selections: Selections) -> ObjectShape:
        ref = self.schema.rows_type(batch.owner).fields[batch.rows.field].type
        connection = self.model.connections[str(nullable(ref))]

        def plan_member(selected: Selected) -> Node:
            kind = PAGE_KINDS.get(selected.name, plan_facet)
            return kind(self, batch, connection, selected)

        return self.object(connection.name, selections, plan_member)

    def use_inputs(self, field: ModelField, arguments: Sequence[ast.Argument]) -> None:
        """The arguments of a field may be filter inputs, which choose by other tables, too."""
        for used in field.all_inputs:
            for argument in arguments:
                if argument.name == used.argument:
                    self._members += used_members(
                        self.model.filter_inputs, used.input, argument.value
                    )

    def may_start_inside(self, batch: BatchBuilder) -> bool:
        """Whether a page may begin behind a row; ``bind`` knows whether it does."""
        written = {argument.name for argument in batch.arguments}
        declared = self.schema.rows_type(batch.owner).fields[batch.rows.field].arguments
        return any(
            name in written or declared[name].has_default
            for name in batch.rows.paging & {"after", "before", "offset"}
        )

    def total(self, wanted: AggregateSlot) -> int:
        """The number of a value of the root; each is asked for once."""
        if wanted not in self._totals:
            self._totals.append(wanted)
        return self._totals.index(wanted)

    def choice(self, wanted: RowChoice) -> int:
        """The position of what chooses the rows of a value, which stands once without arguments"""
        for index, known in enumerate(self._choices):
            is_same = (known.owner, known.field) == (wanted.owner, wanted.field)
            if is_same and not known.arguments and not wanted.arguments:
                return index
        self._choices.append(wanted)
        return len(self._choices) - 1

    def _order(self, rows: RowsField, node: ast.Field) -> Order:
        return self._chosen_order(rows, node) or rows.order

    def _chosen_order(self, rows: RowsField, node: ast.Field) -> Order | None:
        """What the argument for it chooses; None where nothing is chosen."""
        for argument in node.arguments:
            if argument.name == rows.order_argument:
                value = argument.value
                if rows.sort_input:
                    given = self._sort_keys(rows, value)
                    return chosen_order(self.model.sort_inputs, rows, given)
                if isinstance(value, ast.Variable):
                    return rows.known_orders.get(self._shape_values.get(value.name))
                return rows.known_orders[value.name] if isinstance(value, ast.EnumValue) else None
        return None

    def _sort_keys(self, rows: RowsField, node: ast.Value) -> Any:
        """A list of sort keys, coerced. Raises ``InputError``."""
        ref = ListOf(NonNull(Named(rows.sort_input)))
        return coerce_value(node, ref, self.schema, self._shape_values)
