"""Arguments that choose rows, with their values, as conditions.

Some compare a column each, and an input object is a tree over many: what it means is in
``handler/model/filter_inputs.py``, which rows it may follow a relation to is planned here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from handler.access.rules import login_helps
from handler.compiler.comparison import compare
from handler.compiler.global_ids import by_id
from handler.compiler.made_keys import seen
from handler.compiler.related import FirstRelated, FirstRow, Related, compare_made
from handler.compiler.search import search
from handler.compiler.visible import Visibility, VisiblePath, VisibleRows
from handler.errors import AccessError, InputError, LoginError
from handler.language.limits import Limits
from handler.model.column import Column
from handler.model.conditions import And, Condition, Filter, FilterArgument, Not, Or
from handler.model.filter_inputs import FilterInput, RelatedInput, UsedMember

if TYPE_CHECKING:
    from handler.compiler.permissions import Permissions


class RowChooser(Protocol):
    """A field, or a part of a plan, whose arguments choose rows."""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Arguments that compare a column."""

    @property
    def inputs(self) -> tuple[FilterArgument, ...]:
        """Arguments that are input objects."""


class PlannedInput(Struct, frozen=True):
    """A filter input, and the rows that its relations lead to for one kind of caller."""

    input: FilterInput
    paths: Mapping[str, VisiblePath]  # by member: of the relations that the operation may use
    forbidden: Mapping[str, bool]  # members of what they may not read; whether a log-in helps

    def all_read(self) -> Iterator[VisibleRows]:
        """All that is read to follow them."""
        for path in self.paths.values():
            yield from path.all_read()


def plan_inputs(
    used: Iterable[UsedMember], visibility: Visibility, permissions: Permissions, satisfied: int
) -> dict[str, PlannedInput]:
    """The filter inputs of an operation, by name, for callers with these bits."""
    inputs: dict[str, FilterInput] = {}
    paths: dict[str, dict[str, VisiblePath]] = {}
    forbidden: dict[str, dict[str, bool]] = {}
    for member in used:
        inputs.setdefault(member.input.name, member.input)
        if any(each.column.is_made for each in member.filters):
            inputs[member.input.name] = inputs[member.input.name].with_made(
                member.name, lambda used: seen(used, visibility)
            )
        known = paths.setdefault(member.input.name, {})
        if member.related is not None:
            known[member.name] = visibility.path(member.related.path)
        barred = forbidden.setdefault(member.input.name, {})
        missing = permissions.members[member.input.name, member.name] & ~satisfied
        if missing:
            barred[member.name] = login_helps(missing, satisfied)
    return {
        name: PlannedInput(found, paths[name], forbidden[name]) for name, found in inputs.items()
    }


def choose(
    field: RowChooser,
    arguments: Mapping[str, Any],
    planned: Mapping[str, PlannedInput],
    limits: Limits,
) -> And:
    """The conditions of the arguments that have a value, all of which hold.

    Raises ``InputError`` for an input object over the limits of filters, and ``AccessError`` for
    one that compares what the caller may not read.
    """
    found: list[Condition] = []
    for each in field.filters:
        given = arguments.get(each.argument)
        if given is None:
            continue
        if each.is_id:
            found.append(by_id(each, given))
        elif each.is_search:
            found.append(search(each, given, limits.filter_terms))
        elif each.column.is_made:
            found.append(compare_made(each, given))
        else:
            found.append(compare(each, given))
    for argument in field.inputs:
        if (given := arguments.get(argument.argument)) is not None:
            reader = _Reader(argument.argument, planned, limits)
            found += reader.rows(argument.input, given, 1).parts
    return And(tuple(found))


def _compare(used: Filter, given: Any) -> Condition:
    return compare_made(used, given) if used.column.is_made else compare(used, given)


class _Reader:
    """Makes the condition of one input object, and counts what it asks for."""

    def __init__(self, argument: str, planned: Mapping[str, PlannedInput], limits: Limits) -> None:
        self.argument = argument
        self.planned = planned
        self.limits = limits
        self.terms = 0

    def rows(self, name: str, given: Mapping[str, Any], depth: int) -> And:
        """All that an object asks for; ``depth``: of relations, from one on."""
        found: list[Condition] = []
        for member, value in given.items():
            if value is None:
                continue
            match member:
                case "and":
                    found += [self.rows(name, each, depth) for each in value]
                case "or":
                    found.append(Or(tuple([self.rows(name, each, depth) for each in value])))
                    self.count()  # also of an empty list
                case "not":
                    found.append(Not(self.rows(name, value, depth)))
                case _:
                    found += self.member(self.planned[name], member, value, depth)
        return And(tuple(found))

    def member(
        self, planned: PlannedInput, member: str, value: Any, depth: int
    ) -> Iterator[Condition]:
        found = planned.input
        if member in planned.forbidden:
            place = ", ".join(map(".".join, UsedMember(found, member).places))
            if planned.forbidden[member]:
                raise LoginError(f"Log in to filter by {place}.")
            raise AccessError(f"You may not filter by {place}.")
        if member in found.values:
            used = found.values[member]
            if used.is_search:
                wanted = search(used, value, self.limits.filter_terms)
                self.count(wanted.terms)
                yield wanted
            else:
                self.count()
                yield _compare(used, value)
        elif member in found.columns:
            for operator, each in value.items():
                if each is not None:
                    self.count()
                    yield _compare(found.columns[member][operator], each)
        elif member in found.relations:
            yield from self.related(found.relations[member], planned.paths[member], value, depth)
        else:  # the row of an edge
            yield from self.rows(found.node, value, depth).parts

    def related(
        self, relation: RelatedInput, path: VisiblePath, value: Any, depth: int
    ) -> Iterator[Condition]:
        self.count()
        if depth > self.limits.filter_depth:
            raise InputError(
                f"argument {self.argument!r} follows relations {depth} deep, and the limit is "
                f"{self.limits.filter_depth}"
            )
        shown = [
            search(each, default) if each.is_search else compare(each, default)
            for each, default in relation.shown
        ]
        quantified = value.items() if relation.is_many else (("some", value),)
        for quantifier, given in quantified:
            if given is None:
                continue
            wanted = self.rows(relation.input, given, depth + 1)
            if quantifier == "every":
                yield Not(Related(path, And((*shown, Not(wanted)))))
                continue
            some: Condition = Related(path, And((*shown, *wanted.parts)))
            if relation.first is not None:
                some = FirstRelated(FirstRow.of(relation.first, path), wanted)
            yield Not(some) if quantifier == "none" else some

    def count(self, terms: int = 1) -> None:
        self.terms += terms
        if self.terms > self.limits.filter_terms:
            raise InputError(
                f"argument {self.argument!r} makes more than {self.limits.filter_terms} "
                f"comparisons; ask for less at once"
            )


def without(chosen: And, columns: Iterable[Column]) -> And:
    """What is asked of rows, without what asks for values of these columns alone."""
    own = {(each.table, each.field) for each in columns}
    kept = [part for part in _parts(chosen) if not _is_over(part, own)]
    return And(tuple(kept))


def _parts(chosen: And) -> Iterator[Condition]:
    for part in chosen.parts:
        if isinstance(part, And):
            yield from _parts(part)
        else:
            yield part


def _is_over(part: Condition, own: set[tuple[str, str]]) -> bool:
    found = {(column.table, column.field) for column in part.columns()}
    return bool(found) and found <= own
