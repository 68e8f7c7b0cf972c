"""Sort inputs: arguments that order a list by keys of the caller's choice, ``[CustomerSort!]``.

Made or declared, they are read in one way: of each input one member is given, which names a field
to sort by, with its direction, or a relation to one row, with a key of that. One over the edges of
a list through a link table has keys of the link, and as ``node`` keys of the rows. Every error is a
``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from handler.errors import InputError
from handler.language import ast
from handler.language.made_names import DIRECTION, DIRECTIONS, SORT
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    named,
    nullable,
    schema_error,
)
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.field import ModelField
from handler.model.lists import Order, OrderTerm, RowsField, total_order
from handler.model.relations import ToFirst, ToOne
from handler.model.row_inputs import members_below, read_inputs
from handler.model.sort_keys import Step, find_key, one_row, placed
from handler.model.united import UnitedField
from handler.scalars import COLUMNS
from handler.sql.operators import NODE

if TYPE_CHECKING:
    from handler.model.builder import Builder
    from handler.model.model import Model

MAX_SORT_KEYS = 8  # of one list
MAX_SORT_STEPS = 4  # relations that one key follows


class SortInput(Struct, frozen=True):
    """What one input type means for rows of ``target``, or for edges of that type."""

    name: str
    target: str
    keys: Mapping[str, Column]  # by member
    # By member: where it leads, and the input of that. The row of an edge is where that is.
    relations: Mapping[str, tuple[Step | None, str]]
    table_key: tuple[str, ...] = ()  # columns; none of edges
    node: str = ""  # of edges: the type of the row

    @property
    def members(self) -> Iterator[str]:
        """All of them."""
        yield from chain(self.keys, self.relations)

    def below(self, member: str) -> str:
        """The input whose keys a member holds; empty for one that is a key itself."""
        return self.relations[member][1] if member in self.relations else ""

    def leads_to(self) -> Iterator[tuple[str, str]]:
        """The inputs below its members, each with the type of its rows."""
        for step, inner in self.relations.values():
            yield inner, step.relation.target if step else self.node

    def followed(self) -> Iterator[tuple[str, str]]:
        """The members that read more than the rows for each of them: relations and aggregates."""
        made = (name for name, key in self.keys.items() if key.is_made)
        yield from ((self.name, name) for name in (*self.relations, *made))


class SortMember(Struct, frozen=True):
    """A member of a sort input that an operation may use."""

    input: SortInput
    name: str

    @property
    def key(self) -> Column | None:
        """What it sorts by, unless it leads on."""
        return self.input.keys.get(self.name)

    @property
    def step(self) -> Step | None:
        """How it leads on."""
        found = self.input.relations.get(self.name)
        return found and found[0]


def check_sortable(what: str, field_def: FieldDef, found: ModelField | None) -> None:
    """Refuse a ``@sortable`` that no sort input can keep to.

    ``what``: the field's name; ``found``: what is behind it, in a type of rows.
    """
    if field_def.directive("sortable") is None:
        return
    if not isinstance(found, Column | Aggregate | ToOne | ToFirst):
        raise schema_error(
            field_def,
            f"{what}: @sortable is for a column, an @expression, an aggregate or a relation to one "
            f"row, of a type with a table; take it away",
        )
    if isinstance(found, Column | Aggregate) and not COLUMNS[found.scalar].has_order:
        raise schema_error(
            field_def,
            f"{what} is {found.scalar}, and a {found.scalar} has no order; take its @sortable away",
        )


def read_sort_inputs(builder: Builder) -> dict[str, SortInput]:
    """All that the arguments of a schema use, by name."""
    return read_inputs(builder.lists.sort_inputs, partial(_read, builder), "sorts", "sort")


def _read(builder: Builder, name: str, target: str) -> SortInput:
    found = builder.schema.types[name]
    assert isinstance(found, InputObjectType)
    if not found.is_one_of:
        raise schema_error(
            found,
            f"{name}: of a sort input one member is given, because their order counts; write "
            f"input {name} @oneOf",
        )
    owner = builder.schema.rows_type(target)
    edge = builder.edges.get(target)  # columns of the link table, over edges
    keys: dict[str, Column] = {}
    relations: dict[str, tuple[Step | None, str]] = {}
    for member in found.fields.values():
        place = f"{name}.{member.name}"
        kind = builder.schema.types[named(member.type)]
        if edge is not None and member.name == NODE and str(member.type) == kind.name:
            relations[NODE] = None, kind.name
            continue
        if isinstance(kind, InputObjectType) and str(member.type) == kind.name:
            one = one_row(builder, owner, member.name)
            if one is None or not kind.name.endswith(SORT):
                raise schema_error(
                    member,
                    f"{place} is named as no relation of {target} to one row; only such a member "
                    f"is an input object, whose name ends in {SORT}",
                )
            relations[member.name] = Step(target, one), kind.name
            continue
        _check_direction(builder, place, member)
        if edge is None:
            keys[member.name] = find_key(builder, owner, member, member.name, place)
        elif member.name in edge:
            keys[member.name] = edge[member.name]
        else:
            raise schema_error(
                member,
                f"{place} is named as no column of the link table; {target} has "
                f"{', '.join(edge)}, and keys of its row stand in {NODE}",
            )
    if edge is not None:
        node = named(owner.fields[NODE].type)
        return SortInput(name, target, keys, relations, node=node)
    return SortInput(name, target, keys, relations, builder.keys[target][0])


def _check_direction(builder: Builder, place: str, member: InputValue) -> None:
    kind = builder.schema.types[named(member.type)]
    is_fit = isinstance(kind, EnumType) and set(kind.values) == set(DIRECTIONS)
    if not is_fit or str(nullable(member.type)) != named(member.type):
        raise schema_error(
            member,
            f"{place} says in which direction rows are sorted: write {member.name}: {DIRECTION}, "
            f"an enum of {' and '.join(DIRECTIONS)}",
        )


def fill_sorts(model: Model, query: str) -> None:
    """Tell each list the orders by one key, which the check looks at; ``query``: the root."""
    united = (found for found in model.roots.values() if isinstance(found, UnitedField))
    for rows in (*(rows for _, rows in model.rows_fields(query)), *united):
        if rows.sort_input:
            assert isinstance(rows.sorts, dict)
            for key in _each_key(model.sort_inputs, rows.sort_input, ()):
                rows.sorts[key.field] = total_order([OrderTerm(key, False)], rows.row_key)


def _each_key(
    inputs: Mapping[str, SortInput], name: str, way: tuple[tuple[Step, str], ...]
) -> Iterator[Column]:
    """Every key, following no input twice."""
    found = inputs[name]
    steps = [step for step, _ in way]
    yield from (placed(key, steps, found.table_key) for key in found.keys.values())
    for step, inner in found.relations.values():
        if step is None:
            yield from _each_key(inputs, inner, way)
        elif inner != name and inner not in [before for _, before in way]:
            yield from _each_key(inputs, inner, (*way, (step, name)))


def sort_members(inputs: Mapping[str, SortInput], name: str) -> Iterator[SortMember]:
    """Every member of an input and of those that it leads to."""
    return (SortMember(found, member) for found, member in members_below(inputs, name))


def used_sorts(inputs: Mapping[str, SortInput], name: str, node: ast.Value) -> Iterator[SortMember]:
    """The members that a value in a document may use, whatever its variables are."""
    if isinstance(node, ast.Variable):
        yield from sort_members(inputs, name)
    elif isinstance(node, ast.ListValue):
        for each in node.values:
            yield from used_sorts(inputs, name, each)
    elif isinstance(node, ast.ObjectValue):
        for field in node.fields:
            found = inputs[name]
            yield SortMember(found, field.name)
            if field.name in found.relations:
                yield from used_sorts(inputs, found.relations[field.name][1], field.value)


def chosen_order(
    inputs: Mapping[str, SortInput], rows: RowsField, given: Sequence[Mapping[str, Any]] | None
) -> Order | None:
    """The order that a coerced list of sort keys asks for; None where it asks for none.

    Raises ``InputError`` for too many keys, for one too far away, and for one that stands twice.
    """
    if not given:
        return None
    where = f"{rows.field}: {rows.order_argument}"
    if len(given) > MAX_SORT_KEYS:
        raise InputError(f"{where} has {len(given)} sort keys, and the limit is {MAX_SORT_KEYS}")
    terms: list[OrderTerm] = []
    for each in given:
        found = inputs[rows.sort_input]
        steps: list[Step] = []
        ((name, value),) = each.items()
        while name in found.relations:
            step, inner = found.relations[name]
            steps += [step] if step else []
            found = inputs[inner]
            ((name, value),) = value.items()
        if len(steps) > MAX_SORT_STEPS:
            raise InputError(
                f"{where} follows relations {len(steps)} deep, and the limit is {MAX_SORT_STEPS}"
            )
        key = placed(found.keys[name], steps, found.table_key)
        if any(term.column.field == key.field for term in terms):
            raise InputError(f"{where} names {key.field} twice; leave the second one out")
        terms.append(OrderTerm(key, value == DIRECTIONS[1]))
    return total_order(terms, rows.row_key)
