"""The cost of an operation as a formula over the lengths of its lists.

``Formula.evaluate`` computes it for the page sizes of a request, ``Formula.explain`` says which
fields cost most, and ``Formula.refusal`` is the error with advice for one that costs too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from handler.errors import InputError, LimitError
from handler.language import ast
from handler.language.schema import InputObjectType, InputValue, Schema, named
from handler.language.variables import UNSET, NullVariableError, coerce_value

HEAVIEST = 3  # fields that an error names


class Cost(Struct, frozen=True):
    """The cost of an operation, at most.

    >>> Cost(types=21, fields=41).total
    62
    """

    types: float  # objects in the answer, each with the weight of its type
    fields: float  # fields to resolve, each with its weight and those of its arguments

    @property
    def total(self) -> float:
        """The number that is compared with limits."""
        return self.types + self.fields


class StatedSize(Struct, frozen=True, kw_only=True):
    """The arguments of ``@listSize`` on a field; None for those that are absent."""

    assumed: float | None = None
    slicing: tuple[str, ...] | None = None
    sized: tuple[str, ...] | None = None
    require_one: bool = True


class StatedCosts(Struct, frozen=True, kw_only=True):
    """What the SDL states of costs; ``handler/model/costs.py`` reads it."""

    weights: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By type; by type and field, of input objects as well; by these and the argument."""
    sizes: Mapping[tuple[str, str], StatedSize] = field(default_factory=dict)
    """Of lists, by type and field."""


class RowsSize(Struct, frozen=True):
    """The number of rows in a list without slicing arguments."""

    rows: int
    is_page: bool  # a caller's largest page bounds it
    skips: bool = False  # its argument ``offset`` leaves out rows, which the server reads
    is_made: bool = False  # of others, which the server reads: of groups


class Sizes(Struct, frozen=True, kw_only=True):
    """The lengths of lists without slicing arguments, and the costs stated in the SDL."""

    stated: StatedCosts = field(default_factory=StatedCosts)
    rows: Mapping[tuple[str, str], RowsSize] = field(default_factory=dict)
    """Of lists of rows, by type and field: what the model lets each give."""
    followed: frozenset[tuple[str, str]] = frozenset()
    """Members of input objects that follow a relation, by type and name."""
    page: int = 50  # of others that have ``first`` or ``last``
    list: int = 1_000  # of other lists


class ListSize(Struct, frozen=True):
    """The length of the list behind a field, at most."""

    slicing: tuple[str, ...]  # arguments that say so, the largest counts
    assumed: float  # without any
    sized: tuple[str, ...]  # fields of the result that are the lists; none: the field itself
    require_one: bool
    is_page: bool  # a caller's largest page bounds it
    is_read: bool  # of a connection: rows are read for its pageInfo alone, too


class Heavy(Struct, frozen=True):
    """The cost of one field of an operation, without the fields below it."""

    path: tuple[str, ...]  # response keys
    cost: float


class Explanation(Struct, frozen=True):
    """What each field costs, the heaviest first, and what would lower the cost.

    ``parts`` and the weight of the query type add up to the cost of the operation.
    """

    parts: tuple[Heavy, ...]
    heaviest: tuple[Heavy, ...]
    remedies: tuple[str, ...]


class Size(Struct):
    """The length of one list: a number, or the slicing arguments that give it."""

    assumed: float
    arguments: list[tuple[InputValue, ast.Value | None]] = field(default_factory=list)
    field_name: str = ""
    require_one: bool = False
    names_arguments: bool = True  # in messages, where the document does not name them
    is_page: bool = False
    is_inner: bool = False  # of a connection: the arguments stand at the field above
    is_read: bool = False

    def evaluate(self, request: _Request) -> float:
        """The number of objects. Raises ``InputError`` for a missing slicing argument."""
        size = self.assumed
        if self.is_page and request.page_size_max is not None:
            size = min(size, request.page_size_max)
        if not self.arguments:
            return size if size > 0 else 0.0
        given = self.given(request)
        if self.require_one and len(given) != 1:
            names = ", ".join(f'"{definition.name}"' for definition, _ in self.arguments)
            named = (
                f"the arguments {names}, which" if self.names_arguments else "its arguments that"
            )
            raise InputError(
                f'Field "{self.field_name}" needs exactly one of {named} say how long its list may'
                f" be; {len(given)} were given."
            )
        numbers = [float(value) for _, value in given if isinstance(value, int | float)]
        return max(0.0, *(numbers or (size,)))

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


class InputWeights(Struct, frozen=True):
    """What members of input objects weigh."""

    schema: Schema
    weights: Mapping[tuple[str, ...], float]
    followed: frozenset[tuple[str, str]]

    def member(self, owner: str, name: str) -> tuple[float, str]:
        """The weight of a member, and the input type that it holds, or nothing."""
        found = self.schema.types[owner]
        assert isinstance(found, InputObjectType)
        kind = named(found.fields[name].type)
        is_input = isinstance(self.schema.types[kind], InputObjectType)
        weight = self.weights.get((owner, name), 1.0 if is_input else 0.0)
        return weight, kind if is_input else ""

    def of_value(self, owner: str, value: Any) -> tuple[float, int]:
        """The weight of what a variable has brought, and how many relations it follows."""
        weight, followed = 0.0, 0
        pending = [(owner, value)]
        while pending:
            kind, given = pending.pop()
            if isinstance(given, list):
                pending += [(kind, each) for each in given]
            elif isinstance(given, dict):
                for name, inner in given.items():
                    own, below = self.member(kind, name)
                    weight += own
                    followed += inner is not None and (kind, name) in self.followed
                    if below:
                        pending.append((below, inner))
        return weight, followed


class Asked(Struct):
    """The input objects in the arguments of a field."""

    inputs: InputWeights
    weight: float  # of those that are written in the document
    followed: int  # relations that these follow
    variables: list[tuple[str, str]]  # names, of the input types as well

    def evaluate(self, variables: Mapping[str, Any]) -> tuple[float, int]:
        """The weight of all of them, and how many relations they follow."""
        weight, followed = self.weight, self.followed
        for name, kind in self.variables:
            more, further = self.inputs.of_value(kind, variables.get(name))
            weight, followed = weight + more, followed + further
        return weight, followed


class _Request(Struct, frozen=True):
    """The values of a request that decide how long its lists are."""

    schema: Schema
    variables: Mapping[str, Any]
    literals: Sequence[str] | None
    page_size_max: int | None


class Term(Struct):
    """The cost of one response key."""

    key: str  # empty: the object itself
    fields: float  # the weight of the field, whatever is below it
    types: float  # that of a leaf's type
    size: Size | None  # None: one object
    below: int = -1  # the number of the alternatives below; -1: a leaf
    asked: Asked | None = None  # by input objects, which weigh as well
    chosen: Size | None = None  # the list from which they choose, also of a connection

    def weight(self, request: _Request) -> float:
        """The weight of the field with its arguments, whatever is below it: for each row of a list
        one more for each relation that a filter follows."""
        if self.asked is None:
            return self.fields
        weight, followed = self.asked.evaluate(request.variables)
        rows = 1.0 if self.chosen is None else self.chosen.evaluate(request)
        return max(0.0, self.fields + weight) + followed * rows


class Alternative(Struct):
    """One possible type of an object: its weight with those of its leaves, and its other fields."""

    types: float
    terms: list[Term]


class Formula(Struct):
    """The cost of an operation: its alternatives, each after those below it, the root last."""

    schema: Schema
    steps: list[list[Alternative]]

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
        """The cost of one object, as (types, fields), for each step."""
        known: list[tuple[float, float]] = []
        for alternatives in self.steps:
            most_types, most_fields = 0.0, 0.0
            for alternative in alternatives:
                types, fields = alternative.types, 0.0
                for term in alternative.terms:
                    size = 1.0 if term.size is None else term.size.evaluate(request)
                    types += size * term.types
                    fields += term.fields if term.asked is None else term.weight(request)
                    if term.below >= 0:
                        below_types, below_fields = known[term.below]
                        types += size * below_types
                        fields += size * below_fields
                most_types = types if types > most_types else most_types
                most_fields = fields if fields > most_fields else most_fields
            known += ((most_types, most_fields),)
        return known

    def explain(
        self,
        variables: Mapping[str, Any],
        literals: Sequence[str] | None = None,
        page_size_max: int | None = None,
    ) -> Explanation:
        """The fields that cost most; computed for who asks, and for errors."""
        request = _Request(self.schema, variables, literals, page_size_max)
        costs = self._costs(request)
        found: dict[tuple[str, ...], float] = {}
        lists: dict[tuple[str, ...], str] = {}  # how to make each shorter
        filters: dict[tuple[str, ...], str] = {}  # how to make each lighter
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
                own = times * (term.weight(request) + size * term.types)
                found[here] = found.get(here, 0.0) + own
                if term.asked is not None and term.asked.evaluate(variables)[1]:
                    filters[here] = f"a filter at {'.'.join(here)} that follows fewer relations"
                if term.size is not None:
                    # The arguments of a connection stand at the field above its edges.
                    lists[here] = term.size.remedy(path if term.size.is_inner else here, request)
                if term.below >= 0:
                    pending.append((term.below, here, times * size))
        by_cost = sorted(found.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
        parts = tuple(Heavy(path, cost) for path, cost in by_cost if cost > 0)
        heaviest = parts[:HEAVIEST]
        remedies = dict.fromkeys(
            known[path]
            for heavy in heaviest
            for path in _prefixes(heavy.path)
            for known in (filters, lists)
            if path in known
        )
        return Explanation(parts, heaviest, tuple(remedies))

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
    alternative: Alternative, costs: Sequence[tuple[float, float]], request: _Request
) -> float:
    """The cost of one object if it is of that type."""
    total = alternative.types
    for term in alternative.terms:
        size = 1.0 if term.size is None else term.size.evaluate(request)
        below = sum(costs[term.below]) if term.below >= 0 else 0.0
        total += term.weight(request) + size * (term.types + below)
    return total


def _prefixes(path: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [path[:end] for end in range(1, len(path) + 1)]
