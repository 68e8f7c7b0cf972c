"""``@resolver``: a field answered by a Python function, and what hangs on what it gives.

Its values are cells of one more column beside those of the rows in which it stands: the functions
are called between the statements and the writing, see ``handler/resolvers``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from handler.compiler.collect import without_arguments
from handler.compiler.freshness import hints_of_members
from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.compiler.results import Flaw
from handler.errors import LimitError
from handler.fields.slots import StoredSlot
from handler.fields.value import ValueNode, value_node
from handler.fields.writing import Cells, Rows
from handler.language import ast
from handler.language.schema import is_nullable, named
from handler.model.relations import Hop, Path
from handler.model.tables import Table
from handler.scalars.scalar import NotSureError

if TYPE_CHECKING:
    from handler.answer import Path as AnswerPath
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.model.model import Model
    from handler.model.resolver_field import ResolverField

MAX_PLACES = 1_000  # of what one function gives: an interface's types may lead to as many again


class GivenField(Struct, frozen=True):
    """A field of an object that a function gives as a whole."""

    owner: str
    name: str
    node: ast.Field
    given: GivenNode | None  # of a scalar or an enum: none
    is_resolved: bool  # it has a function of its own

    @property
    def key(self) -> str:
        """In the answer."""
        return self.node.response_key


class GivenNode(Struct, frozen=True):
    """What a function gives at one place of the document, by the object type that it is of.

    Of a type in ``batches`` it gives the key of a row, which the batch reads; of all others whole
    objects with these fields.
    """

    type_name: str  # of the field: an object type, an interface or a union
    batches: Mapping[str, int]
    objects: Mapping[str, tuple[GivenField, ...]]
    has_rows_below: bool  # inside of its objects
    field_count: int  # of an object, with those below

    @property
    def may_be_row(self) -> bool:
        """Whether some of it may be rows; where there is no type at all, nothing may be there."""
        return bool(self.batches) or not self.objects

    @property
    def may_hold_rows(self) -> bool:
        """Whether it, or something in it, may be a row."""
        return self.may_be_row or self.has_rows_below


class ResolverNode(Node, frozen=True):
    """A field answered by Python. Its cell of a row is at ``slot``, counted from the end."""

    owner: str
    field: str
    node: ast.Field
    requires: Mapping[str, ValueNode]
    given: GivenNode | None  # of a scalar or an enum: none
    batches: tuple[int, ...]  # all that are read by keys of the function's
    is_nullable: bool
    slot: int
    batch: int | None  # that has the row; the root has none
    presence: int | None  # a slot that is NULL where there is no row
    only: tuple[int, frozenset[bytes]] | None  # of which rows, as ``Batch`` has it

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return f"Python {self.owner}.{self.field}"

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """Its own, which it needs, as do functions below; and those of rows read by its keys."""
        own = own_hint(model, member.field)
        yield own
        for inner in _fields_below(self.given, set()):
            said = own_hint(model, f"{inner.owner}.{inner.name}")
            if said is not None or inner.is_resolved:
                yield said
        for index in self.batches:
            batch = plan.batches[index]
            yield from hints_of_rows(own, model, batch.rows.target)
            yield from hints_of_members(model, plan, batch.shape.members)

    def write(self, rows: Rows) -> Cells:
        cells: Any = rows.columns[self.slot]
        if Flaw in set(map(type, cells)):
            raise NotSureError
        return Cells.finished(cells)

    def build(self, builder: Builder, member: Member, place: Place, path: AnswerPath) -> Any:
        cell: Any = place.row[self.slot]
        return builder.finished(cell, path, is_nullable=self.is_nullable)


def _fields_below(given: GivenNode | None, seen: set[int]) -> Iterator[GivenField]:
    """All fields of the objects that a function gives."""
    if given is None or id(given) in seen:
        return
    seen.add(id(given))
    for fields in given.objects.values():
        for each in fields:
            yield each
            yield from _fields_below(each.given, seen)


def plan_root_resolver(planner: Planner, selected: Selected) -> Node:
    """A field of the query type."""
    planner.root_resolvers += 1
    return _node(planner, planner.schema.query, selected, {}, -planner.root_resolvers)


def plan_resolver(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A field of a row, of which the function may require values."""
    resolver: ResolverField = selected.found
    batch = place.batch
    requires = {
        name: value_node(batch, place.source, place.table.column(name))
        for name in resolver.requires
    }
    hop = batch.sources[place.source].hop
    presence = batch.slot(StoredSlot(place.source, hop.references[0])) if hop else None
    batch.resolvers += 1
    slot = -batch.resolvers
    return _node(planner, place.table.type_name, selected, requires, slot, batch.index, presence)


def _node(
    planner: Planner,
    owner: str,
    selected: Selected,
    requires: Mapping[str, ValueNode],
    slot: int,
    batch: int | None = None,
    presence: int | None = None,
) -> ResolverNode:
    known: dict[Hashable, GivenNode | None] = {}
    given = _given(planner, owner, selected.nodes, known)
    node = ResolverNode(
        owner=owner,
        field=selected.name,
        node=selected.nodes[0],
        requires=requires,
        given=given,
        batches=tuple([i for each in known.values() if each for i in each.batches.values()]),
        is_nullable=is_nullable(planner.type_of(owner, selected)),
        slot=slot,
        batch=batch,
        presence=presence,
        only=planner.only,
    )
    planner.resolvers.append(node)
    return node


def _given(
    planner: Planner,
    owner: str,
    nodes: list[ast.Field],
    known: dict[Hashable, GivenNode | None],
) -> GivenNode | None:
    """What a function may give at one place; None for a scalar or an enum.

    ``known``: of other places of the same function. An interface leads to the same fields by
    each of its types, and these need no more than one look.
    """
    schema = planner.schema
    type_name = named(schema.object(owner).fields[nodes[0].name].type)
    if type_name not in schema.possible_types:
        return None
    place = (type_name, *map(id, nodes))
    if place in known:
        return known[place]
    if len(known) >= MAX_PLACES:
        raise LimitError(
            f"the selection of a field that a function answers has more than {MAX_PLACES}"
            f" combinations of types and fields; ask for fewer of them"
        )
    known[place] = None  # counted, while those below are looked for
    batches: dict[str, int] = {}
    objects: dict[str, tuple[GivenField, ...]] = {}
    selections = [node.selection_set for node in nodes]
    for name in sorted(schema.possible_types[type_name]):
        table = planner.model.tables.get(name)
        if table is not None and table.is_given_by_key:
            batches[name] = _key_batch(planner, owner, table, nodes)
            continue
        fields = []
        for inner in planner.collect(name, selections).values():
            field_name = inner[0].name
            is_named = field_name == "__typename" or planner.forbidden(name, inner[0])
            below = None if is_named else _given(planner, name, inner, known)
            is_resolved = f"{name}.{field_name}" in planner.model.resolvers
            fields.append(GivenField(name, field_name, inner[0], below, is_resolved))
        objects[name] = tuple(fields)
    below_all = [each.given for fields in objects.values() for each in fields if each.given]
    known[place] = found = GivenNode(
        type_name,
        batches,
        objects,
        any(each.may_hold_rows for each in below_all),
        sum(map(len, objects.values())) + sum(each.field_count for each in below_all),
    )
    return found


def _key_batch(planner: Planner, owner: str, table: Table, nodes: list[ast.Field]) -> int:
    """Rows by key: what a resolver gives is a key, what stands below it is in the table."""
    rows = table.rows_by_key(nodes[0].name)
    bare = [without_arguments(node) for node in nodes]
    path = Path((Hop(table.key, table.key, table.type_name),))
    return planner.batch(owner, rows, bare, None, path).index
