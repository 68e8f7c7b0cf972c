"""Filter inputs: arguments that choose rows by an object over the fields of a type.

Made or declared, they are read in one way: ``and``, ``or`` and ``not`` combine inputs of the same
rows, a member named as a column compares it, and one named as a relation chooses by the rows that
it leads to. An input over the edges of a list through a link table compares the link's columns, and
as ``node`` the rows. Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from handler.errors import SchemaError
from handler.language import ast
from handler.language.schema import (
    FieldDef,
    InputObjectType,
    InputValue,
    ListOf,
    named,
    nullable,
    schema_error,
)
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.directives import filter_of
from handler.model.field import ModelField
from handler.model.groups import GroupsField
from handler.model.relations import Path, Relation, ToFirst, ToMany
from handler.model.row_inputs import members_below, read_inputs
from handler.model.united import of_type
from handler.scalars import COLUMNS
from handler.sql.operators import COMBINED, MEMBERS, NODE, QUANTIFIERS, Operator

if TYPE_CHECKING:
    from handler.model.builder import Builder


class RelatedInput(Struct, frozen=True):
    """A member that chooses by the rows that the relation of its name leads to."""

    path: Path
    input: str  # over those rows, or over the edges by which they are reached
    target: str  # of these the type
    quantified: str = ""  # of a relation to many, the input with ``some``, ``none`` and ``every``
    shown: tuple[tuple[Filter, object], ...] = ()  # and values: defaults of the list's arguments
    first: ToFirst | None = None  # where it leads to the first of several rows, in an order

    @property
    def is_many(self) -> bool:
        """Whether it leads to many rows."""
        return bool(self.quantified)


class FilterInput(Struct, frozen=True):
    """What one input type means for rows of ``target``, or for edges of that type."""

    name: str
    target: str
    values: Mapping[str, Filter]  # members that compare a column themselves
    columns: Mapping[str, Mapping[str, Filter]]  # by member and by operator
    relations: Mapping[str, RelatedInput]
    # Over edges: the input of the member ``node``, which chooses by the row itself, and its type.
    node: str = ""
    node_target: str = ""

    @property
    def members(self) -> Iterator[str]:
        """All but those that combine filters."""
        yield from chain(self.values, self.columns, self.relations, (NODE,) if self.node else ())

    def with_made(self, member: str, seen: Callable[[Filter], Filter]) -> FilterInput:
        """The same, with what ``seen`` makes of the comparisons of a member."""
        if member in self.values:
            return replace(self, values={**self.values, member: seen(self.values[member])})
        compared = {word: seen(each) for word, each in self.columns[member].items()}
        return replace(self, columns={**self.columns, member: compared})

    def of_type(self, kind: str) -> FilterInput:
        """One over rows of several tables, as it chooses those of one type."""
        return replace(
            self,
            target=kind,
            values={name: of_type(used, kind) for name, used in self.values.items()},
            columns={
                name: {word: of_type(used, kind) for word, used in them.items()}
                for name, them in self.columns.items()
            },
        )

    def followed(self) -> Iterator[tuple[str, str]]:
        """The members that read other rows for each row, by type and name: those that follow a
        relation, of one to many its quantifiers, and those that compare an aggregate."""
        for member, used in self.values.items():
            if used.column.is_made and not used.is_search:
                yield self.name, member
        for member, compared in self.columns.items():
            if any(used.column.is_made for used in compared.values()):
                yield self.name, member
        for name, each in self.relations.items():
            if each.quantified:
                yield from ((each.quantified, word) for word in QUANTIFIERS)
            else:
                yield self.name, name

    def below(self, member: str) -> str:
        """The input whose filters a member holds; empty for one that compares a column."""
        if member == NODE and self.node:
            return self.node
        return self.relations[member].input if member in self.relations else ""

    def leads_to(self) -> Iterator[tuple[str, str]]:
        """The inputs below its members, each with the type of its rows."""
        yield from ((each.input, each.target) for each in self.relations.values())
        if self.node:
            yield self.node, self.node_target

    def by_column(self) -> Iterator[list[Filter]]:
        """The comparisons of one column that it may make, those of each together."""
        found: dict[str, list[Filter]] = {}
        for each in chain(self.values.values(), *(them.values() for them in self.columns.values())):
            if not each.is_search:
                found.setdefault(each.column.field, []).append(each)
        yield from found.values()

    def searches(self) -> Iterator[Filter]:
        """Those of its members that search for words in several columns."""
        return (each for each in self.values.values() if each.is_search)


def check_filterable(what: str, field_def: FieldDef, found: ModelField | None) -> None:
    """Refuse a ``@filterable`` that no filter input can keep to.

    ``what``: the field's name; ``found``: what is behind it, in a type of rows.
    """
    used = field_def.directive("filterable")
    if used is None:
        return
    if field_def.name == NODE and found is None:
        raise schema_error(
            field_def,
            f"{what}: a filter input over edges has the member {NODE!r} without a mark; take the "
            f"@filterable away",
        )
    is_of_groups = isinstance(found, Relation) and isinstance(found.rows, GroupsField)
    if is_of_groups or not isinstance(found, Column | Relation | Aggregate):
        raise schema_error(
            field_def,
            f"{what}: @filterable is for a column, an @expression, an aggregate or a relation of a "
            f"type with a table; take it away",
        )
    operators = used.arguments.get("operators")
    if isinstance(found, Aggregate):
        _check_aggregate(what, field_def, found, operators)
    if operators is None:
        return
    if isinstance(found, Relation):
        raise schema_error(
            field_def,
            f"{what} leads to rows, which are chosen by what is marked in {found.target}; take the "
            f"operators away from its @filterable",
        )
    if not operators:
        raise schema_error(
            field_def, f"{what}: @filterable names no operator; name some, or take it away"
        )
    for name in operators:
        objection = COLUMNS[found.scalar].objection(Operator[name])
        if objection:
            raise schema_error(
                field_def,
                f"{what} is {found.scalar}, {objection}; take {name} out of its @filterable",
            )


def _check_aggregate(
    what: str, field_def: FieldDef, found: Aggregate, operators: Sequence[str] | None
) -> None:
    for argument in field_def.arguments.values():
        if argument.is_required:
            raise schema_error(
                field_def,
                f"{what} has the required argument {argument.name!r}, which nobody gives in a "
                f"filter; take the @filterable away",
            )
    named_ones = [Operator[name] for name in operators or ()]
    for operator in named_ones or COLUMNS[found.scalar].operators:
        if operator.reads_text or operator is Operator.HAS:
            remedy = "take it out of" if named_ones else "name others in"
            raise schema_error(
                field_def,
                f"{what} is an aggregate, which is compared as a whole and not by {operator.name}; "
                f"{remedy} its @filterable(operators: ...)",
            )


def read_filter_inputs(builder: Builder) -> dict[str, FilterInput]:
    """All that the arguments of a schema use, by name."""

    def read(name: str, target: str) -> FilterInput:
        return _Reader(builder, name, target).read()

    return read_inputs(builder.lists.filter_inputs, read, "chooses", "filter")


class _Reader:
    def __init__(self, builder: Builder, name: str, target: str) -> None:
        self.builder = builder
        self.schema = builder.schema
        found = self.schema.types[name]
        assert isinstance(found, InputObjectType)
        self.input = found
        self.target = self.schema.rows_type(target)
        self.values: dict[str, Filter] = {}
        self.columns: dict[str, dict[str, Filter]] = {}
        self.relations: dict[str, RelatedInput] = {}
        self.node = self.node_target = ""
        self.edge = builder.edges.get(target, {})  # columns of the link table, over edges
        self.known = self.edge or builder.columns[target]

    def read(self) -> FilterInput:
        for member in self.input.fields.values():
            self._refuse_demands(self.input, member)
            if member.name in COMBINED:
                self._combined(member)
            else:
                self._member(member)
        return FilterInput(
            self.input.name,
            self.target.name,
            self.values,
            self.columns,
            self.relations,
            self.node,
            self.node_target,
        )

    def _refuse_demands(self, owner: InputObjectType, member: InputValue) -> None:
        """What a caller may not see is left out for it: nothing may depend on its being there."""
        if member.is_required or member.has_default:
            raise schema_error(
                member,
                f"{owner.name}.{member.name}: a member of a filter input has no default and may be "
                f"left out; write {member.name}: {nullable(member.type)}",
            )

    def _combined(self, member: InputValue) -> None:
        is_one = member.name == "not"
        wanted = self.input.name if is_one else f"[{self.input.name}!]"
        if str(member.type) != wanted:
            raise schema_error(
                member, f"{self._place(member)} combines filters: write {member.name}: {wanted}"
            )

    def _member(self, member: InputValue) -> None:
        kind = self.schema.types[named(member.type)]
        if not isinstance(kind, InputObjectType):
            self.values[member.name] = self.builder.lists.filter(
                self.input, member, self.target, links=self.edge
            )
            return
        if filter_of(member) is not None:
            raise schema_error(
                member,
                f"{self._place(member)}: @filter is for a member that is compared itself, and "
                f"{kind.name} is an input object; take it away",
            )
        if isinstance(nullable(member.type), ListOf):
            raise schema_error(
                member, f"{self._place(member)} is a list; write {member.name}: {kind.name}"
            )
        column = self.known.get(member.name)
        if column is None and not self.edge:
            column = self.builder.lists.find_aggregate(self.target, member.name)
        if column is not None:
            self.columns[member.name] = self._operators(member, kind, column)
            return
        if self.edge and member.name == NODE:
            self.node, self.node_target = kind.name, named(self.target.fields[NODE].type)
            return
        self.relations[member.name] = self._relation(member, kind)

    def _operators(
        self, member: InputValue, kind: InputObjectType, column: Column
    ) -> dict[str, Filter]:
        found = {}
        for each in kind.fields.values():
            self._refuse_demands(kind, each)
            operator = MEMBERS.get(each.name)
            if operator is None:
                raise schema_error(
                    each,
                    f"{kind.name}.{each.name} compares {self.target.name}.{member.name}, and is "
                    f"none of {', '.join(MEMBERS)}",
                )
            read = self.builder.lists.compare(each, self.target, column, operator)
            found[each.name] = Filter(f"{member.name}.{each.name}", column, read.operator)
        return found

    def _relation(self, member: InputValue, kind: InputObjectType) -> RelatedInput:
        first = None if self.edge else self.builder.first(self.target, member.name)
        if first is not None:
            if first.required:
                raise self._required(member, first.required)
            return RelatedInput(first.path, kind.name, first.path.target, first=first)
        found = None if self.edge else self.builder.relation(self.target, member.name)
        if found is None:
            raise schema_error(
                member,
                f"{self._place(member)} is named as no column and no relation of "
                f"{self.target.name}; name one, or for a single value add @filter(field: ...)",
            )
        if not isinstance(found, ToMany):
            return RelatedInput(found.path, kind.name, found.path.target)
        inner = {str(nullable(each.type)) for each in kind.fields.values()}
        if not set(kind.fields) <= set(QUANTIFIERS) or len(inner) != 1:
            raise schema_error(
                member,
                f"{self._place(member)} leads to many rows: {kind.name} may have "
                f"{', '.join(QUANTIFIERS)}, all of one filter input over {found.path.target}",
            )
        for each in kind.fields.values():
            self._refuse_demands(kind, each)
        name = inner.pop()
        if not isinstance(self.schema.types.get(name), InputObjectType):
            raise schema_error(member, f"{kind.name}: {name} is no input object")
        chosen = self.builder.lists.chosen(self.target.fields[member.name], name)
        shown = self._shown(member, found)
        return RelatedInput(found.path, name, chosen, kind.name, shown)

    def _shown(self, member: InputValue, found: ToMany) -> tuple[tuple[Filter, object], ...]:
        """What the defaults of a list's arguments choose, since they decide what it shows."""
        arguments = self.target.fields[member.name].arguments
        given = []
        for each in found.rows.filters:
            argument = arguments[each.argument]
            if argument.is_required:
                raise self._required(member, argument.name)
            if argument.has_default and argument.default is not None:
                given.append((each, argument.default))
        return tuple(given)

    def _required(self, member: InputValue, name: str) -> SchemaError:
        return schema_error(
            member,
            f"{self._place(member)}: {self.target.name}.{member.name} has the required argument "
            f"{name!r}, so that it shows no rows without it; filter by another relation",
        )

    def _place(self, member: InputValue) -> str:
        return f"{self.input.name}.{member.name}"


class UsedMember(Struct, frozen=True):
    """A member of a filter input that an operation may use."""

    input: FilterInput
    name: str

    @property
    def related(self) -> RelatedInput | None:
        """What it is, if it chooses by the rows of a relation."""
        return self.input.relations.get(self.name)

    @property
    def filters(self) -> Iterator[Filter]:
        """The comparisons that it may make."""
        related = self.related
        if related is not None:
            yield from (each for each, _ in related.shown)
        elif self.name in self.input.values:
            yield self.input.values[self.name]
        else:
            yield from self.input.columns.get(self.name, {}).values()

    @property
    def places(self) -> list[tuple[str, str]]:
        """The fields, by type and name, of whose values it tells."""
        target = self.input.target
        if self.name in self.input.values:
            return [column.place(target) for column in self.input.values[self.name].columns]
        return [(target, self.name)]


def all_members(inputs: Mapping[str, FilterInput], name: str) -> Iterator[UsedMember]:
    """Every member of an input and of those that it leads to."""
    return (UsedMember(found, member) for found, member in members_below(inputs, name))


def used_members(
    inputs: Mapping[str, FilterInput], name: str, node: ast.Value, *, in_variables: bool = True
) -> Iterator[UsedMember]:
    """The members that a value in a document uses.

    ``in_variables``: with all that a variable could stand for.
    """
    if isinstance(node, ast.Variable):
        yield from all_members(inputs, name) if in_variables else ()
    elif isinstance(node, ast.ListValue):
        for each in node.values:
            yield from used_members(inputs, name, each, in_variables=in_variables)
    elif isinstance(node, ast.ObjectValue):
        for field in node.fields:
            if field.name in COMBINED:
                yield from used_members(inputs, name, field.value, in_variables=in_variables)
            elif not isinstance(field.value, ast.NullValue):
                found = UsedMember(inputs[name], field.name)
                yield found
                far = found.input.below(field.name)
                for below in _inputs_below(found.related, field.value) if far else ():
                    yield from used_members(inputs, far, below, in_variables=in_variables)


def _inputs_below(related: RelatedInput | None, node: ast.Value) -> Iterator[ast.Value]:
    """Of a relation to many rows the values of its quantifiers, of all else the value itself."""
    if related is not None and related.is_many and isinstance(node, ast.ObjectValue):
        yield from (each.value for each in node.fields)
    else:
        yield node
