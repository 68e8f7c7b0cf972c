"""``@resolver``: a field answered by a Python function, and the rows that hang on what it gives."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from msgspec import Struct

from handler.compiler.collect import without_arguments
from handler.compiler.freshness import hints_of_members
from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.errors import LimitError
from handler.fields.sizes import PENDING_BYTES, memory_of
from handler.fields.value import ValueNode, value_node
from handler.language.schema import is_nullable, named
from handler.model.relations import Hop, Path
from handler.model.tables import Table
from handler.scalars.scalar import NotSureError

if TYPE_CHECKING:
    from handler.answer import Path as AnswerPath
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.language import ast
    from handler.model.model import Model
    from handler.model.resolver_field import ResolverField

MAX_PLACES = 1_000  # of what one function gives: an interface's types may lead to as many again


class GivenNode(Struct, frozen=True):
    """What a function gives at one place of the document, by the object type that it is of.

    Of a type in ``batches`` it gives the key of a row, which the batch reads. ``below`` has, of
    other types, the fields under which there are such places: by response key, with their names,
    which are empty for fields that have functions of their own.
    """

    type_name: str  # of the field: an object type, an interface or a union
    batches: Mapping[str, int]
    below: Mapping[str, Mapping[str, tuple[str, GivenNode]]]


class Pending(Struct, frozen=True):
    """A field that its function answers, and the values that the function reads."""

    node: ResolverNode
    parent: dict[str, Any]


class ResolverNode(Node, frozen=True):
    """A field answered by Python."""

    owner: str
    field: str
    requires: Mapping[str, ValueNode]
    given: GivenNode | None  # none where no rows hang on what the function gives
    batches: tuple[int, ...]  # all that are read by keys of the function's
    is_nullable: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return f"Python {self.owner}.{self.field}"

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """Its own, which it needs, and those of the rows that are read by its keys."""
        own = own_hint(model, member.field)
        yield own
        for index in self.batches:
            batch = plan.batches[index]
            yield from hints_of_rows(own, model, batch.rows.target)
            yield from hints_of_members(model, plan, batch.shape.members)

    def write(self, rows: Any) -> NoReturn:
        raise NotSureError

    def build(self, builder: Builder, member: Member, place: Place, path: AnswerPath) -> Pending:
        required = {name: value.python_value(place) for name, value in self.requires.items()}
        builder.size.add(0, PENDING_BYTES + sum(map(memory_of, required.values())))
        return Pending(self, required)


def plan_root_resolver(planner: Planner, selected: Selected) -> Node:
    """A field of the query type."""
    return _node(planner, planner.schema.query, selected, {})


def plan_resolver(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A field of a row, of which the function may require values."""
    resolver: ResolverField = selected.found
    requires = {
        name: value_node(place.batch, place.source, place.table.column(name))
        for name in resolver.requires
    }
    return _node(planner, place.table.type_name, selected, requires)


def _node(
    planner: Planner, owner: str, selected: Selected, requires: Mapping[str, ValueNode]
) -> ResolverNode:
    planner.has_resolvers = True
    known: dict[Hashable, GivenNode | None] = {}
    given = _given(planner, owner, selected.nodes, known)
    return ResolverNode(
        owner=owner,
        field=selected.name,
        requires=requires,
        given=given,
        batches=tuple([i for each in known.values() if each for i in each.batches.values()]),
        is_nullable=is_nullable(planner.type_of(owner, selected)),
    )


def _given(
    planner: Planner,
    owner: str,
    nodes: list[ast.Field],
    known: dict[Hashable, GivenNode | None],
) -> GivenNode | None:
    """What a function may give at one place; None if no row can hang on it.

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
    batches: dict[str, int] = {}
    below: dict[str, dict[str, tuple[str, GivenNode]]] = {}
    selections = [node.selection_set for node in nodes]
    for name in sorted(schema.possible_types[type_name]):
        table = planner.model.tables.get(name)
        if table is not None and table.is_given_by_key:
            batches[name] = _key_batch(planner, owner, table, nodes)
            continue
        for key, inner in planner.collect(name, selections).items():
            field_name = inner[0].name
            if field_name.startswith("__") or planner.forbidden(name, inner[0]):
                continue
            found = _given(planner, name, inner, known)
            if found is not None:
                is_resolved = f"{name}.{field_name}" in planner.model.resolvers
                below.setdefault(name, {})[key] = ("" if is_resolved else field_name, found)
    known[place] = GivenNode(type_name, batches, below) if batches or below else None
    return known[place]


def _key_batch(planner: Planner, owner: str, table: Table, nodes: list[ast.Field]) -> int:
    """Rows by key: what a resolver gives is a key, what stands below it is in the table."""
    rows = table.rows_by_key(nodes[0].name)
    bare = [without_arguments(node) for node in nodes]
    path = Path((Hop(table.key, table.key, table.type_name),))
    return planner.batch(owner, rows, bare, None, path).index
