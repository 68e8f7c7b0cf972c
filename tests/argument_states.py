"""Every state that an argument can have, crossed pairwise, for every field that takes arguments.

A case is a field of a schema, a state for each of its arguments and a selection of what a list may
tell. ``Case.document`` writes it; ``Case.plain`` writes what it has to mean: the arguments that
have a value as literals, and nothing of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import combinations
from typing import Any

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.language.made_names import DIRECTION, DIRECTIONS, SORT
from handler.language.schema import (
    EnumType,
    InputObjectType,
    InputValue,
    Schema,
    UnionType,
    named,
    nullable,
)
from handler.language.schema import ListOf as ListType
from handler.model.aggregates import Aggregate
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import ToMany, ToOne
from handler.model.sort_inputs import chosen_order

CURSORS = ("after", "before")


class State(Enum):
    """How an argument is given."""

    NOT_WRITTEN = "not written"
    LITERAL_NULL = "literal null"
    VARIABLE_ABSENT = "variable absent"
    VARIABLE_NULL = "variable null"
    DEFAULT = "default of a variable"
    VALUE = "literal value"
    VARIABLE = "variable with a value"


_WITHOUT = (State.NOT_WRITTEN, State.VARIABLE_ABSENT)
_NULLS = (State.LITERAL_NULL, State.VARIABLE_NULL)
_VALUES = (State.DEFAULT, State.VALUE, State.VARIABLE)

CONNECTION_PARTS = (
    "pageInfo { hasNextPage }",
    "pageInfo { hasPreviousPage }",
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }",
    "totalCount",
    "edges { cursor }",
    "edges { cursor node { BODY } } pageInfo { hasNextPage hasPreviousPage } totalCount",
    "nodes { BODY } pageInfo { hasNextPage endCursor } totalCount",
    "nodes { BODY }",
    "__typename totalCount pageInfo { hasPreviousPage }",
)


@dataclass(frozen=True)
class Place:
    """A field that takes arguments, and the way to it from the root."""

    owner: str
    field: str
    above: tuple[str, ...]  # "orders { nodes", ...: opened in this order, all closed behind it
    bodies: tuple[str, ...]  # what may be selected below it; one is empty for a number
    order: Callable[[Any], Order] | None  # by the value of the ordering argument
    order_argument: str | None
    target: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.field}"


@dataclass(frozen=True)
class Case:
    """One field with a state for each argument."""

    place: Place
    arguments: Mapping[str, InputValue]
    states: Mapping[str, State]
    values: Mapping[str, Any]
    body: str

    @property
    def document(self) -> str:
        """The document in which every argument is given in its state."""
        given, declared = [], []
        for name, state in self.states.items():
            literal = self._literal(name)
            if state is State.NOT_WRITTEN:
                continue
            if state in (State.LITERAL_NULL, State.VALUE):
                given.append(f"{name}: {'null' if state is State.LITERAL_NULL else literal}")
                continue
            given.append(f"{name}: ${name}")
            default = f" = {literal}" if state is State.DEFAULT else ""
            declared.append(f"${name}: {self.arguments[name].type}{default}")
        head = f"query ({', '.join(declared)}) " if declared else ""
        return head + self._written(given)

    @property
    def variables(self) -> dict[str, Any]:
        """What is sent beside the document."""
        found: dict[str, Any] = {}
        for name, state in self.states.items():
            if state is State.VARIABLE_NULL:
                found[name] = None
            elif state is State.VARIABLE:
                found[name] = self.values[name]
        return found

    @property
    def plain(self) -> str:
        """The same without variables, and null only where it takes a default away."""
        given = []
        for name, state in self.states.items():
            if state in _VALUES:
                given.append(f"{name}: {self._literal(name)}")
            elif state in _NULLS and self.arguments[name].has_default:
                given.append(f"{name}: null")
        return self._written(given)

    def _literal(self, name: str) -> str:
        return _literal(self.values[name], is_enum=name in self.values["enums"])

    def _written(self, given: Sequence[str]) -> str:
        arguments = f"({', '.join(given)})" if given else ""
        body = f" {{ {self.body} }}" if self.body else ""
        above = " { ".join(self.place.above)
        start = f"{{ {above} {{ " if above else "{ "
        closed = sum(part.count("{") for part in self.place.above) + len(self.place.above)
        return f"{start}{self.place.field}{arguments}{body}" + " }" * (closed + 1)

    def __str__(self) -> str:
        told = ", ".join(f"{name}: {state.value}" for name, state in self.states.items())
        return f"{self.place}({told})"


def _literal(value: Any, *, is_enum: bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_literal(each, is_enum=is_enum) for each in value)}]"
    if isinstance(value, dict):
        members = (f"{name}: {_literal(each, is_enum=is_enum)}" for name, each in value.items())
        return "{" + ", ".join(members) + "}"
    return str(value) if is_enum else json.dumps(value, ensure_ascii=False)


SAMPLES: Mapping[str, Any] = {
    "ID": "1",
    "String": "a",
    "Int": 2,
    "Float": 1.5,
    "Boolean": True,
    "DateTime": "1997-01-01T00:00:00Z",
    "Date": "2020-01-02",
    "Time": "08:05:00",
    "Decimal": "12.50",
    "BigInt": "7",
    "UUID": "80000000-0000-7000-8000-0000000000FE",
    "JSON": 1,
    "Bytes": "YWI=",
}
# A column's text as the server sends it, for a cursor.
_STORED: Mapping[str, bytes] = {
    "Int": b"2",
    "Float": b"1.5",
    "Boolean": b"1",
    "DateTime": b"1997-01-01 00:00:00.000000",
    "Date": b"2020-01-02",
    "Time": b"08:05:00",
    "UUID": b"80000000-0000-7000-8000-0000000000fe",
    "Decimal": b"12.50",
    "BigInt": b"7",
    "Bytes": b"YWI=",
    "[Day!]": b"sun,mon",
}


def find_places(schema: Schema, model: Model) -> list[Place]:
    """Every field that takes arguments and reads rows or counts them, by a shortest way."""
    found: list[Place] = []
    above: dict[str, tuple[str, ...]] = {}
    waiting: list[str] = []

    def visit(owner: str, rows: RowsField, path: tuple[str, ...]) -> None:
        field = schema.rows_type(owner).fields[rows.field]
        if field.arguments:
            found.append(_place(schema, model, owner, rows, path))
        if rows.target not in above:
            required = ", ".join(
                f"{name}: {_sample(schema, argument)}"
                for name, argument in field.arguments.items()
                if argument.is_required
            )
            head = rows.field + (f"({required})" if required else "")
            is_page = rows.shape is Shape.CONNECTION
            above[rows.target] = (*path, f"{head} {{ nodes" if is_page else head)
            waiting.append(rows.target)

    for root in model.roots.values():
        if isinstance(root, RowsField):
            visit(schema.query, root, ())
    while waiting:
        table = model.table(waiting.pop(0))
        path = above[table.type_name]
        for each in table.fields.values():
            if isinstance(each, ToMany):
                visit(table.owner(each.field), each.rows, path)
            elif isinstance(each, ToOne) and each.target not in above:
                above[each.target] = (*path, each.field)
                waiting.append(each.target)
            elif (
                isinstance(each, Aggregate)
                and schema.rows_type(table.type_name).fields[each.field].arguments
            ):
                found.append(Place(table.type_name, each.field, path, ("",), None, None, ""))
    return found


def _place(
    schema: Schema, model: Model, owner: str, rows: RowsField, path: tuple[str, ...]
) -> Place:
    target = schema.types[rows.target]
    fields = {} if isinstance(target, UnionType) else schema.rows_type(rows.target).fields
    leaf = next(
        (
            name
            for name, field in model.table(rows.target).fields.items()
            if name in fields
            and not fields[name].arguments
            and not isinstance(field, ToMany | ToOne)
            and not fields[name].directive("resolver")
        ),
        "__typename",  # of a union
    )
    bodies: tuple[str, ...] = (leaf, "__typename")
    if rows.shape is Shape.CONNECTION:
        declared = schema.object(str(nullable(schema.rows_type(owner).fields[rows.field].type)))
        bodies = tuple(
            part.replace("BODY", leaf)
            for part in CONNECTION_PARTS
            if all(name in declared.fields for name in ("nodes", "edges") if f"{name} " in part)
        )
    return Place(
        owner,
        rows.field,
        path,
        bodies,
        partial(_order, model, rows),
        rows.order_argument,
        rows.target,
    )


def _order(model: Model, rows: RowsField, chosen: Any) -> Order:
    if rows.sort_input:
        return chosen_order(model.sort_inputs, rows, chosen) or rows.order
    return rows.order if chosen is None else rows.orders[chosen]


def find_cases(
    schema: Schema, place: Place, pools: Mapping[str, Sequence[Any]] | None = None
) -> Iterator[Case]:
    """Cases in which every two arguments meet in all of their states, and each with each body.

    ``pools``: values of arguments by ``Type.field.argument``, taken in turn; samples otherwise.
    """
    arguments = schema.rows_type(place.owner).fields[place.field].arguments
    factors: list[Sequence[Any]] = [
        _VALUES[1:] if argument.is_required else tuple(State) for argument in arguments.values()
    ]
    for number, row in enumerate(covering([*factors, place.bodies])):
        states = dict(zip(arguments, row, strict=False))
        for name, argument in arguments.items():
            refuses_null = str(argument.type).endswith("!") and not argument.is_required
            if refuses_null and states[name] in (*_NULLS, State.VARIABLE_ABSENT):
                states[name] = State.NOT_WRITTEN
        if states.get("offset") in _VALUES:  # cursors and last cannot stand beside it
            for name in (*CURSORS, "last"):
                if states.get(name) in _VALUES:
                    states[name if number % 2 else "offset"] = State.LITERAL_NULL
        values = _values(schema, place, arguments, states, number, pools or {})
        yield Case(place, arguments, states, values, row[-1])


def _values(
    schema: Schema,
    place: Place,
    arguments: Mapping[str, InputValue],
    states: Mapping[str, State],
    number: int,
    pools: Mapping[str, Sequence[Any]],
) -> dict[str, Any]:
    values: dict[str, Any] = {"enums": set()}
    for name, argument in arguments.items():
        kind = schema.types[named(argument.type)]
        if isinstance(kind, EnumType):
            values["enums"].add(name)
        pool = pools.get(f"{place}.{name}")
        if pool:
            values[name] = pool[number % len(pool)]
        elif isinstance(kind, EnumType):
            names = list(kind.values)
            values[name] = names[number % len(names)]
        elif isinstance(kind, InputObjectType) and kind.name.endswith(SORT):
            values["enums"].add(name)
            keys = [n for n, e in kind.fields.items() if named(e.type) == DIRECTION]
            values[name] = {keys[number % len(keys)]: DIRECTIONS[number % 2]}
        elif isinstance(kind, InputObjectType):
            values[name] = _filter_sample(schema, kind)
        else:
            values[name] = SAMPLES[kind.name]
        if isinstance(nullable(argument.type), ListType) and not isinstance(values[name], list):
            values[name] = [values[name]]
    if place.order is not None:
        ordering = place.order_argument
        chosen = None
        if ordering is not None:
            if states[ordering] in _VALUES:
                chosen = values[ordering]
            elif states[ordering] in _WITHOUT and arguments[ordering].has_default:
                chosen = arguments[ordering].default
        order = place.order(chosen)
        for name in CURSORS:
            if name in arguments and f"{place}.{name}" not in pools:
                texts = tuple(_STORED.get(term.column.scalar, b"1") for term in order)
                values[name] = encode_cursor(fingerprint(str(place), order), texts).decode()
    return values


def _filter_sample(schema: Schema, kind: InputObjectType) -> dict[str, Any]:
    """A filter input that says something: that its first column has no value, if one is asked."""
    for name, member in kind.fields.items():
        inner = schema.types[named(member.type)]
        if isinstance(inner, InputObjectType) and "isNull" in inner.fields:
            return {"not": {name: {"isNull": True}}}
    return {"not": {"or": []}}


def _sample(schema: Schema, argument: InputValue) -> str:
    kind = schema.types[named(argument.type)]
    if isinstance(kind, EnumType):
        return next(iter(kind.values))
    return json.dumps(SAMPLES[kind.name])


def covering(factors: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows of one level of each factor, so that any two levels of two factors meet in one.

    Greedy: each row begins with a pair that has not met, and goes on with the levels that make
    most new pairs meet.
    """
    count = len(factors)
    if count == 1:
        yield from ((level,) for level in factors[0])
        return
    left = {
        (i, a, j, b)
        for i, j in combinations(range(count), 2)
        for a in range(len(factors[i]))
        for b in range(len(factors[j]))
    }
    while left:
        i, a, j, b = min(left)
        row: dict[int, int] = {i: a, j: b}
        for factor in range(count):
            if factor not in row:
                row[factor] = max(
                    range(len(factors[factor])),
                    key=lambda level, factor=factor: (  # type: ignore[misc]
                        sum(_pair(factor, level, k, v) in left for k, v in row.items()),
                        -level,
                    ),
                )
        for x, y in combinations(range(count), 2):
            left.discard((x, row[x], y, row[y]))
        yield tuple(factors[factor][row[factor]] for factor in range(count))


def _pair(i: int, a: int, j: int, b: int) -> tuple[int, int, int, int]:
    return (i, a, j, b) if i < j else (j, b, i, a)
