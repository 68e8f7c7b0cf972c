"""The worst case of an operation, known before it runs.

``CostModel`` reads the directives once at start; ``CostModel.compile`` turns an operation into a
small formula; ``Formula.evaluate`` puts in the page sizes that variables and literals ask for, and
``Formula.explain`` says which fields it comes from. Fragments are merged as the answer merges them,
and of the types that an object may have the most expensive counts. ``@skip`` and ``@include`` are
taken to let everything through.

A list is as long as its arguments say; without them, as ``@listSize`` assumes; else as long as it
may get. Rows of a connection count where only its ``pageInfo`` is asked for, because they are read.

Source: https://ibm.github.io/graphql-specs/cost-spec.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from handler.errors import InputError, LimitError, SchemaError
from handler.language import ast
from handler.language.limits import INTROSPECTION_ROOTS
from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    TypeRef,
    named,
    nullable,
)
from handler.language.variables import UNSET, NullVariableError, coerce_value
from handler.records import dataclass, field

SLICING_ARGUMENTS = ("first", "last")  # of a field without @listSize
SIZED_FIELDS = ("edges", "nodes")  # of a connection without @listSize
HEAVIEST = 3  # fields that a refusal names


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation comes to at most."""

    types: float  # objects in the answer, each with the weight of its type
    fields: float  # fields to resolve, each with its weight and those of its arguments

    @property
    def total(self) -> float:
        return self.types + self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many objects a list holds of which neither arguments nor ``@listSize`` say it."""

    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Of lists of rows, by type and field: what the model lets each give."""
    page: int = 50  # of others that have ``first`` or ``last``
    list: int = 1_000  # of other lists


@dataclass(frozen=True, slots=True)
class ListSize:
    """How long the list behind a field may be."""

    slicing: tuple[str, ...]  # arguments that say so, the largest counts
    assumed: float  # without any
    sized: tuple[str, ...]  # fields of the result that are the lists; none: the field itself
    require_one: bool
    is_page: bool  # a caller's largest page bounds it
    is_read: bool  # of a connection: rows are read for its pageInfo alone, too


@dataclass(frozen=True, slots=True)
class Heavy:
    """What one field of an operation costs itself, without what is selected below it."""

    path: tuple[str, ...]  # response keys
    cost: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a cost comes from: its heaviest fields, and what would lower it."""

    heaviest: tuple[Heavy, ...]
    remedies: tuple[str, ...]


@dataclass(slots=True)
class _Size:
    """The size of one list: a number, or the slicing arguments that give it."""

    assumed: float
    arguments: list[tuple[InputValue, ast.Value | None]] = field(default_factory=list)
    field_name: str = ""
    require_one: bool = False
    names_arguments: bool = True  # in messages, where the document does not name them
    is_page: bool = False
    is_inner: bool = False  # of a connection: the arguments stand at the field above
    is_read: bool = False

    def evaluate(self, request: _Request) -> float:
        given = [value for _, value in self.given(request)]
        if self.require_one and len(given) != 1:
            names = ", ".join(f'"{definition.name}"' for definition, _ in self.arguments)
            named = (
                f"the arguments {names}, which" if self.names_arguments else "its arguments that"
            )
            raise InputError(
                f'Field "{self.field_name}" needs exactly one of {named} say how long its list may'
                f" be; {len(given)} were given."
            )
        numbers = [float(value) for value in given if isinstance(value, int | float)]
        assumed = self.assumed
        if self.is_page and request.page_size_max is not None:
            assumed = min(assumed, request.page_size_max)
        return max(0.0, max(numbers, default=assumed))

    def given(self, request: _Request) -> list[tuple[str, Any]]:
        """The slicing arguments that have a value, by name."""
        found: list[tuple[str, Any]] = []
        for definition, node in self.arguments:
            try:
                value = (
                    UNSET
                    if node is None
                    else coerce_value(
                        node, definition.type, request.schema, request.variables, request.literals
                    )
                )
            except NullVariableError:  # the field may be skipped; if it is not, ``bind`` refuses it
                value = UNSET
            if value is UNSET:
                value = definition.default if definition.has_default else None
            if value is not None:
                found.append((definition.name, value))
        return found

    def remedy(self, path: tuple[str, ...], request: _Request) -> str:
        """How to make this list shorter."""
        size = self.evaluate(request)
        place = ".".join(path)
        names = [name for name, _ in self.given(request)]
        if not names and self.names_arguments:
            names = [definition.name for definition, _ in self.arguments[:1]]
        if names:
            return f"a smaller {' or '.join(names)} at {place}, where it is {size:g}"
        if self.arguments:
            return f"a smaller page at {place}, where it is {size:g}"
        return f"leave out {place}, a list that counts as {size:g}"


@dataclass(frozen=True, slots=True)
class _Request:
    """What decides the sizes of an operation's lists."""

    schema: Schema
    variables: Mapping[str, Any]
    literals: Sequence[str] | None
    page_size_max: int | None


@dataclass(slots=True)
class _Term:
    """One response key that costs something."""

    key: str  # empty: the object itself
    fields: float  # the weight of the field, whatever is below it
    types: float  # that of a leaf's type
    size: _Size | None  # None: one object
    below: int = -1  # the number of the alternatives below; -1: a leaf


@dataclass(slots=True)
class _Alternative:
    """One type that an object may be: its weight, those of its leaves, and its other fields."""

    types: float
    terms: list[_Term]


@dataclass(slots=True)
class Formula:
    """Alternatives in an order in which each comes after those below it; the last is the root."""

    schema: Schema
    steps: list[list[_Alternative]]

    def evaluate(
        self,
        variables: Mapping[str, Any],
        literals: Sequence[str] | None = None,
        page_size_max: int | None = None,
    ) -> Cost:
        """The cost with these variables. Raises ``InputError`` for a missing slicing argument.

        ``page_size_max``: the caller's, which bounds pages that the operation does not size.
        """
        request = _Request(self.schema, variables, literals, page_size_max)
        return Cost(*self._costs(request)[-1])

    def _costs(self, request: _Request) -> list[tuple[float, float]]:
        """Of one object, its types and fields, by the number of its alternatives."""
        known: list[tuple[float, float]] = []
        for alternatives in self.steps:
            most_types, most_fields = 0.0, 0.0
            for alternative in alternatives:
                types, fields = alternative.types, 0.0
                for term in alternative.terms:
                    size = 1.0 if term.size is None else term.size.evaluate(request)
                    types += size * term.types
                    fields += term.fields
                    if term.below >= 0:
                        below_types, below_fields = known[term.below]
                        types += size * below_types
                        fields += size * below_fields
                most_types, most_fields = max(most_types, types), max(most_fields, fields)
            known.append((most_types, most_fields))
        return known

    def explain(
        self,
        variables: Mapping[str, Any],
        literals: Sequence[str] | None = None,
        page_size_max: int | None = None,
    ) -> Explanation:
        """The fields that cost most. Takes time for every field, and none for most requests."""
        request = _Request(self.schema, variables, literals, page_size_max)
        costs = self._costs(request)
        found: dict[tuple[str, ...], float] = {}
        lists: dict[tuple[str, ...], str] = {}  # how to make each shorter
        pending: list[tuple[int, tuple[str, ...], float]] = [(len(self.steps) - 1, (), 1.0)]
        while pending:
            number, path, times = pending.pop()
            alternative = max(
                self.steps[number], key=lambda each: _total(each, costs, request), default=None
            )
            if alternative is None:  # an interface that no type implements
                continue
            if path:
                found[path] = found.get(path, 0.0) + times * alternative.types
            for term in reversed(alternative.terms):
                here = (*path, term.key) if term.key else path
                size = 1.0 if term.size is None else term.size.evaluate(request)
                own = times * (term.fields + size * term.types)
                found[here] = found.get(here, 0.0) + own
                if term.size is not None:
                    # The arguments of a connection stand at the field above its edges.
                    lists[here] = term.size.remedy(path if term.size.is_inner else here, request)
                if term.below >= 0:
                    pending.append((term.below, here, times * size))
        by_cost = sorted(found.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
        heaviest = [Heavy(path, cost) for path, cost in by_cost[:HEAVIEST] if cost > 0]
        remedies = dict.fromkeys(
            lists[path] for heavy in heaviest for path in _prefixes(heavy.path) if path in lists
        )
        return Explanation(tuple(heaviest), tuple(remedies))

    def refusal(
        self,
        cost: float,
        limit: int,
        whose: str,
        variables: Mapping[str, Any],
        literals: Sequence[str] | None = None,
        page_size_max: int | None = None,
    ) -> LimitError:
        """The error for an operation that costs more than ``limit``; ``whose``: names it."""
        why = self.explain(variables, literals, page_size_max)
        fields = ", ".join(f"{'.'.join(each.path)} {each.cost:g}" for each in why.heaviest)
        remedies = ", or ".join((*why.remedies, "ask for fewer fields"))
        return LimitError(
            f"The operation costs up to {cost:g}; {whose} is {limit}. Its heaviest fields:"
            f" {fields}. To lower it: {remedies}.",
            extensions={
                "cost": cost,
                "limit": limit,
                "heaviest": [{"path": list(each.path), "cost": each.cost} for each in why.heaviest],
            },
        )


def _total(
    alternative: _Alternative, costs: Sequence[tuple[float, float]], request: _Request
) -> float:
    """What one object costs if it is of that type."""
    total = alternative.types
    for term in alternative.terms:
        size = 1.0 if term.size is None else term.size.evaluate(request)
        below = sum(costs[term.below]) if term.below >= 0 else 0.0
        total += term.fields + size * (term.types + below)
    return total


def _prefixes(path: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [path[:end] for end in range(1, len(path) + 1)]


class CostModel:
    """The weights and list sizes of a schema. Raises ``SchemaError`` for those that make no sense.

    ``suggestions``: whether messages name what the document does not.
    """

    def __init__(self, schema: Schema, sizes: Sizes, *, suggestions: bool = True) -> None:
        self.schema = schema
        self.suggestions = suggestions
        self.sizes = sizes
        self.type_weights = {
            name: _weight(found, 0.0 if isinstance(found, ScalarType | EnumType) else 1.0)
            for name, found in schema.types.items()
        }
        self.list_sizes: dict[tuple[str, str], ListSize] = {}
        for found in schema.types.values():
            if isinstance(found, ObjectType | InterfaceType):
                for definition in found.fields.values():
                    size = self._list_size(found.name, definition)
                    if size is not None:
                        self.list_sizes[found.name, definition.name] = size

    def compile(
        self,
        operation: ast.OperationDefinition,
        fragments: Mapping[str, ast.FragmentDefinition],
    ) -> Formula:
        """The formula of a validated operation."""
        return _Compiler(self, fragments).compile(operation)

    def field_weight(self, definition: FieldDef, node: ast.Field) -> float:
        """The weight of one use of a field, with those of the arguments that it is given."""
        default = 0.0 if self._is_leaf(definition.type) else 1.0
        weight = _weight(definition, default)
        for argument in node.arguments:
            known = definition.arguments[argument.name]
            weight += self._input_weight(known, argument.value)
        return max(weight, 0.0)

    def _is_leaf(self, ref: TypeRef) -> bool:
        return isinstance(self.schema.types[named(ref)], ScalarType | EnumType)

    def _input_weight(self, definition: InputValue, node: ast.Value) -> float:
        found = self.schema.types[named(definition.type)]
        is_object = isinstance(found, InputObjectType)
        weight = _weight(definition, 1.0 if is_object else 0.0)
        if isinstance(found, InputObjectType):
            pending = [node]
            while pending:
                value = pending.pop()
                if isinstance(value, ast.ListValue):
                    pending.extend(value.values)
                elif isinstance(value, ast.ObjectValue):
                    for member in value.fields:
                        weight += self._input_weight(found.fields[member.name], member.value)
        return weight

    def _list_size(self, owner: str, definition: FieldDef) -> ListSize | None:
        is_list = isinstance(nullable(definition.type), ListOf)
        result = self.schema.types[named(definition.type)]
        used = definition.directive("listSize")
        slicing = tuple(name for name in SLICING_ARGUMENTS if name in definition.arguments)
        sized = () if is_list else self._sized_fields(result)
        of_rows = self.sizes.rows.get((owner, definition.name))
        is_page = bool(slicing or (sized and of_rows))
        if used is None and not is_list and not (sized and is_page):
            return None
        assumed = of_rows or (self.sizes.page if is_page else self.sizes.list)
        require_one = False
        if used is not None:
            given = used.arguments
            if given.get("slicingArguments") is not None:
                slicing = tuple(given["slicingArguments"])
                require_one = bool(slicing) and given["requireOneSlicingArgument"]
            for name in slicing:
                if name not in definition.arguments:
                    _refuse(
                        used.origin, f'@listSize: "{definition.name}" has no argument "{name}".'
                    )
            if given.get("sizedFields") is not None:
                sized = tuple(given["sizedFields"])
                fields = result.fields if isinstance(result, ObjectType | InterfaceType) else {}
                for name in sized:
                    if name not in fields:
                        _refuse(used.origin, f'@listSize: "{result.name}" has no field "{name}".')
            if not is_list and not sized:
                _refuse(
                    used.origin, f'@listSize: "{definition.name}" is no list; name `sizedFields`.'
                )
            if given.get("assumedSize") is not None:
                assumed = given["assumedSize"]
                if assumed < 0:
                    _refuse(used.origin, f"@listSize: assumedSize is {assumed}, less than none.")
        is_read = bool(sized) and of_rows is not None
        return ListSize(slicing, float(assumed), sized, require_one, is_page, is_read)

    def _sized_fields(self, result: TypeDef) -> tuple[str, ...]:
        fields = result.fields if isinstance(result, ObjectType | InterfaceType) else {}
        return tuple(
            name
            for name in SIZED_FIELDS
            if name in fields and isinstance(nullable(fields[name].type), ListOf)
        )


def _weight(element: Element, default: float) -> float:
    used = element.directive("cost")
    if used is None:
        return default
    try:
        weight = float(used.arguments["weight"])
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        _refuse(
            used.origin,
            f'@cost: the weight must be a number in a string, such as "2.5", found'
            f' "{used.arguments["weight"]}".',
        )
    return weight


def _refuse(origin: Any, message: str) -> None:
    raise SchemaError(message, file=origin.file, location=origin.location)


_Group = list[tuple[ast.Field, FieldDef]]


class _Compiler:
    """Builds the alternatives of one operation; equal combinations of selection sets are shared."""

    def __init__(self, model: CostModel, fragments: Mapping[str, ast.FragmentDefinition]) -> None:
        self.model = model
        self.schema = model.schema
        self.fragments = fragments
        self.steps: list[list[_Alternative]] = []
        self.known: dict[tuple[str, tuple[str, ...], frozenset[int]], int] = {}

    def compile(self, operation: ast.OperationDefinition) -> Formula:
        root = {
            "query": self.schema.query,
            "mutation": self.schema.mutation,
            "subscription": self.schema.subscription,
        }[operation.kind]
        self.add(self.schema.types[root or ""], [operation.selection_set], None, ())
        return Formula(self.schema, self.steps)

    def add(
        self,
        parent: TypeDef,
        sets: list[ast.SelectionSet],
        size: _Size | None,
        sized: tuple[str, ...],
    ) -> int:
        """Add what stands below some fields of one response key; returns its number.

        ``sized``: the fields that are lists of ``size`` objects.
        """
        key = (parent.name, sized, frozenset(each.at for each in sets))
        number = self.known.get(key)
        # A size belongs to one field; what is below a connection is not shared.
        if number is None or size is not None:
            alternatives = [
                self.alternative(found, sets, size, sized) for found in self.concrete(parent)
            ]
            self.steps.append(alternatives)
            number = self.known[key] = len(self.steps) - 1
        return number

    def alternative(
        self,
        parent: TypeDef,
        sets: list[ast.SelectionSet],
        size: _Size | None,
        sized: tuple[str, ...],
    ) -> _Alternative:
        model = self.model
        found = _Alternative(model.type_weights[parent.name], [])
        for key, (name, group) in self.collect(parent, sets).items():
            if name in INTROSPECTION_ROOTS:
                continue  # it reads no rows, and has limits of its own
            weight = max(model.field_weight(definition, node) for node, definition in group)
            result = self.schema.types[named(group[0][1].type)]
            if isinstance(result, ScalarType | EnumType):
                types = model.type_weights[result.name]
                if weight or types:
                    found.terms.append(_Term(key, weight, types, None))
            else:
                inner = size if name in sized else None
                found.terms.append(self.term(parent, key, weight, group, result, inner))
        is_read = size is not None and size.is_read and any(t.below >= 0 for t in found.terms)
        if is_read and not any(term.size for term in found.terms):
            found.terms.append(_Term("", 0.0, 1.0, size))
        return found

    def term(
        self,
        parent: TypeDef,
        key: str,
        weight: float,
        group: _Group,
        result: TypeDef,
        given: _Size | None,
    ) -> _Term:
        node, definition = group[0]
        size = given
        sized: tuple[str, ...] = ()
        inner: _Size | None = None
        listed = self.model.list_sizes.get((parent.name, node.name))
        if listed is not None and given is None:
            found = self.size_of(listed, node, definition)
            if listed.sized:
                found.is_inner = True
                inner, sized = found, listed.sized
            else:
                size = found
        sets = [each.selection_set for each, _ in group if each.selection_set is not None]
        below = self.add(result, sets, inner, sized)
        return _Term(key, weight, 0.0, size, below)

    def size_of(self, listed: ListSize, node: ast.Field, definition: FieldDef) -> _Size:
        given = {argument.name: argument.value for argument in node.arguments}
        return _Size(
            listed.assumed,
            [(definition.arguments[name], given.get(name)) for name in listed.slicing],
            definition.name,
            listed.require_one,
            self.model.suggestions,
            listed.is_page,
            is_read=listed.is_read,
        )

    def concrete(self, parent: TypeDef) -> list[TypeDef]:
        """The types that the object may have."""
        return [self.schema.types[name] for name in sorted(self.schema.possible_types[parent.name])]

    def collect(
        self, parent: TypeDef, sets: list[ast.SelectionSet]
    ) -> dict[str, tuple[str, _Group]]:
        """The fields of an object of that type: by response key, the field's name and its uses."""
        # Late: the costs of listed operations were compiled with the archive.
        from handler.language.introspection import find_field

        groups: dict[str, tuple[str, _Group]] = {}
        seen: set[str] = set()
        pending = list(reversed(sets))
        while pending:
            for selection in pending.pop().selections:
                match selection:
                    case ast.Field():
                        definition = find_field(self.schema, parent, selection.name)
                        if definition is not None:
                            _, group = groups.setdefault(
                                selection.response_key, (selection.name, [])
                            )
                            group.append((selection, definition))
                    case ast.InlineFragment():
                        condition = selection.type_condition
                        if condition is None or self.applies(condition.name, parent):
                            pending.append(selection.selection_set)
                    case ast.FragmentSpread() if selection.name not in seen:
                        seen.add(selection.name)
                        fragment = self.fragments[selection.name]
                        if self.applies(fragment.type_condition.name, parent):
                            pending.append(fragment.selection_set)
        return groups

    def applies(self, condition: str, parent: TypeDef) -> bool:
        return parent.name in self.schema.possible_types[condition]
