"""The worst case of an operation, known before it runs.

``CostModel`` reads the directives once at start; ``CostModel.compile`` turns an operation into a
small formula; ``Formula.evaluate`` puts in the page sizes that variables and literals ask for.
Fragments are merged as the answer merges them, and of the types that an object may have the most
expensive counts. ``@skip`` and ``@include`` are taken to let everything through.

Source: https://ibm.github.io/graphql-specs/cost-spec.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from handler.errors import InputError, SchemaError
from handler.language import ast
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


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation comes to at most."""

    types: float  # objects in the answer, each with the weight of its type
    fields: float  # fields to resolve, each with its weight and those of its arguments

    @property
    def total(self) -> float:
        return self.types + self.fields


@dataclass(frozen=True, slots=True)
class ListSize:
    """How long the list behind a field may be."""

    slicing: tuple[str, ...]  # arguments that say so, the largest counts
    assumed: float  # without any
    sized: tuple[str, ...]  # fields of the result that are the lists; none: the field itself
    require_one: bool


@dataclass(slots=True)
class _Size:
    """The size of one list: a number, or the slicing arguments that give it."""

    assumed: float
    arguments: list[tuple[InputValue, ast.Value | None]] = field(default_factory=list)
    field_name: str = ""
    require_one: bool = False
    names_arguments: bool = True  # in the message about too few or too many of them

    def evaluate(
        self, schema: Schema, variables: Mapping[str, Any], literals: Sequence[str] | None
    ) -> float:
        given: list[Any] = []
        for definition, node in self.arguments:
            try:
                value = (
                    UNSET
                    if node is None
                    else coerce_value(node, definition.type, schema, variables, literals)
                )
            except NullVariableError:  # the field may be skipped; if it is not, ``bind`` refuses it
                value = UNSET
            if value is UNSET:
                value = definition.default if definition.has_default else None
            if value is not None:
                given.append(value)
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
        return max(0.0, max(numbers, default=self.assumed))


@dataclass(slots=True)
class _Term:
    """One response key below which something stands, once for each object."""

    size: _Size | None  # None: one object
    below: int  # the number of the alternatives below


@dataclass(slots=True)
class _Alternative:
    """One type that an object may be: its weight, those of its fields, and what is below them."""

    types: float
    fields: float
    terms: list[_Term]


@dataclass(slots=True)
class Formula:
    """Alternatives in an order in which each comes after those below it; the last is the root."""

    schema: Schema
    steps: list[list[_Alternative]]

    def evaluate(self, variables: Mapping[str, Any], literals: Sequence[str] | None = None) -> Cost:
        """The cost with these variables. Raises ``InputError`` for a missing slicing argument."""
        known: list[tuple[float, float]] = []
        for alternatives in self.steps:
            most_types, most_fields = 0.0, 0.0
            for alternative in alternatives:
                types, fields = alternative.types, alternative.fields
                for term in alternative.terms:
                    below_types, below_fields = known[term.below]
                    if term.size is None:
                        types += below_types
                        fields += below_fields
                    else:
                        size = term.size.evaluate(self.schema, variables, literals)
                        types += size * below_types
                        fields += size * below_fields
                most_types, most_fields = max(most_types, types), max(most_fields, fields)
            known.append((most_types, most_fields))
        return Cost(*known[-1])


class CostModel:
    """The weights and list sizes of a schema. Raises ``SchemaError`` for those that make no sense.

    ``page_size``: of a list with ``first`` or ``last`` that does not say otherwise; ``list_size``:
    of a plain list. ``suggestions``: whether messages name what the document does not.
    """

    def __init__(
        self, schema: Schema, *, page_size: int, list_size: int, suggestions: bool = True
    ) -> None:
        self.schema = schema
        self.suggestions = suggestions
        self.page_size = page_size
        self.list_size = list_size
        self.type_weights = {
            name: _weight(found, 0.0 if isinstance(found, ScalarType | EnumType) else 1.0)
            for name, found in schema.types.items()
        }
        self.list_sizes: dict[tuple[str, str], ListSize] = {}
        for found in schema.types.values():
            if isinstance(found, ObjectType | InterfaceType):
                for definition in found.fields.values():
                    size = self._list_size(definition)
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

    def _list_size(self, definition: FieldDef) -> ListSize | None:
        is_list = isinstance(nullable(definition.type), ListOf)
        result = self.schema.types[named(definition.type)]
        used = definition.directive("listSize")
        slicing = tuple(name for name in SLICING_ARGUMENTS if name in definition.arguments)
        sized = () if is_list else self._sized_fields(result)
        if used is None:
            if not is_list and not (sized and slicing):
                return None
            return ListSize(slicing, self._page_size(definition), sized, require_one=False)
        given = used.arguments
        slicing = tuple(given.get("slicingArguments") or ())
        for name in slicing:
            if name not in definition.arguments:
                _refuse(used.origin, f'@listSize: "{definition.name}" has no argument "{name}".')
        if given.get("sizedFields") is not None:
            sized = tuple(given["sizedFields"])
            fields = result.fields if isinstance(result, ObjectType | InterfaceType) else {}
            for name in sized:
                if name not in fields:
                    _refuse(used.origin, f'@listSize: "{result.name}" has no field "{name}".')
        if not is_list and not sized:
            _refuse(used.origin, f'@listSize: "{definition.name}" is no list; name `sizedFields`.')
        assumed = given.get("assumedSize")
        return ListSize(
            slicing,
            self._page_size(definition) if assumed is None else float(assumed),
            sized,
            require_one=bool(slicing) and given["requireOneSlicingArgument"],
        )

    def _sized_fields(self, result: TypeDef) -> tuple[str, ...]:
        fields = result.fields if isinstance(result, ObjectType | InterfaceType) else {}
        return tuple(
            name
            for name in SIZED_FIELDS
            if name in fields and isinstance(nullable(fields[name].type), ListOf)
        )

    def _page_size(self, definition: FieldDef) -> float:
        used = definition.directive("page")
        if used is not None:
            if used.arguments.get("default") is not None:
                return float(used.arguments["default"])
            if used.arguments.get("maximum") is not None:
                return float(min(self.page_size, used.arguments["maximum"]))
        paged = any(name in definition.arguments for name in SLICING_ARGUMENTS)
        return float(self.page_size if paged else self.list_size)


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
        found = _Alternative(model.type_weights[parent.name], 0.0, [])
        for name, group in self.collect(parent, sets).values():
            found.fields += max(model.field_weight(definition, node) for node, definition in group)
            result = self.schema.types[named(group[0][1].type)]
            if name in ("__schema", "__type") or isinstance(result, ScalarType | EnumType):
                found.types += model.type_weights[result.name]
            else:
                found.terms.append(
                    self.term(parent, group, result, size if name in sized else None)
                )
        return found

    def term(self, parent: TypeDef, group: _Group, result: TypeDef, given: _Size | None) -> _Term:
        node, definition = group[0]
        size = given
        sized: tuple[str, ...] = ()
        inner: _Size | None = None
        listed = self.model.list_sizes.get((parent.name, node.name))
        if listed is not None and given is None:
            found = self.size_of(listed, node, definition)
            if listed.sized:
                inner, sized = found, listed.sized
            else:
                size = found
        sets = [each.selection_set for each, _ in group if each.selection_set is not None]
        return _Term(size, self.add(result, sets, inner, sized))

    def size_of(self, listed: ListSize, node: ast.Field, definition: FieldDef) -> _Size:
        given = {argument.name: argument.value for argument in node.arguments}
        return _Size(
            listed.assumed,
            [(definition.arguments[name], given.get(name)) for name in listed.slicing],
            definition.name,
            listed.require_one,
            self.model.suggestions,
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
