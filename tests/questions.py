"""Every question that a schema answers: each field, each of its arguments, each use of these.

They are read from the introspection answer, as a client reads it: what is asked behind each field
that leads to a type, each member of each filter input alone and negated, each sort key in both
directions, each order, size, offset and cursor. Several of one place are one document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import graphql
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_argument,
)

from tests.kinds import ROWS, FieldedType

Ask: TypeAlias = Callable[[str], dict[str, Any]]
Pools: TypeAlias = Mapping[str, Sequence[Any]]  # by argument, ``Type.field.name``, or by scalar

PAGED = ("first", "after", "last", "before", "offset")
OF_PAGES = ("edges", "nodes", "pageInfo")
TOGETHER = 12  # questions of one document
CURSORS = 3


@dataclass(frozen=True)
class Way:
    """What stands around a question: from the query type to the type of whose field it is."""

    before: str = ""
    after: str = ""

    def into(self, head: str) -> Way:
        return Way(f"{self.before}{head} {{ ", f" }}{self.after}")

    def around(self, selections: str) -> str:
        return f"{{ {self.before}{selections}{self.after} }}"


@dataclass
class Questions:
    """Writes them for a schema. ``ask``: answers a document to somebody who sees everything, for
    cursors of all rows. ``depth``: of fields that lead to rows; ``filters``: of relations in a
    filter input. ``thin``: of what an input takes, only every so many are asked in further places
    of the same kind, and cursors are of every so many orders. ``kinds_only``: of a filter input
    each member, and each operator of each kind of member, not of each member."""

    schema: graphql.GraphQLSchema
    pools: Pools
    ask: Ask
    depth: int = 3
    filters: int = 2
    thin: int = 1
    kinds_only: bool = False
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _inputs: set[str] = field(default_factory=set)
    _kinds: set[str] = field(default_factory=set)
    _turns: dict[str, int] = field(default_factory=dict)
    _asked: set[tuple[object, ...]] = field(default_factory=set)

    def all(self) -> Iterator[str]:
        """The documents."""
        query = self.schema.query_type
        assert query is not None
        self._seen.clear()
        for each in (self._inputs, self._kinds, self._turns):
            each.clear()
        self._asked.clear()
        waiting: list[tuple[FieldedType, Way, int]] = [(query, Way(), 0)]
        while waiting:
            owner, way, depth = waiting.pop(0)
            asked: list[str] = []
            for name, found in owner.fields.items():
                if name in OF_PAGES and owner.name.endswith("Connection"):
                    continue
                asked += self._of_field(owner, name, found, way)
                if depth < self.depth:
                    waiting += self._behind(owner, name, found, way, depth)
            for start in range(0, len(asked), TOGETHER):
                some = asked[start : start + TOGETHER]
                yield way.around(" ".join(f"q{at}: {each}" for at, each in enumerate(some)))

    def _of_field(
        self, owner: FieldedType, name: str, found: GraphQLField, way: Way
    ) -> Iterator[str]:
        shown = self.shown(get_named_type(found.type), 2)
        uses = list(dict.fromkeys(self.uses(owner, name, found, way)))
        if (owner.name, name) in self._asked and self.thin > 1:
            uses = uses[:1] + uses[1 + len(self._asked) % self.thin :: self.thin]
        self._asked.add((owner.name, name))
        yield from (f"{name}{use} {shown}" for use in uses)

    def _behind(
        self, owner: FieldedType, name: str, found: GraphQLField, way: Way, depth: int
    ) -> Iterator[tuple[FieldedType, Way, int]]:
        """The types to which a field leads, once for each field that does."""
        target = get_named_type(found.type)
        if not isinstance(target, ROWS) or (owner.name, name) in self._seen:
            return
        self._seen.add((owner.name, name))
        openings = self.required(owner, name, found)
        head = name + _written(openings[0] | self.small(found))
        if len(openings) > 1:
            head = f"w{depth}: {head}"
        here = way.into(head)
        if target.name.endswith("Connection"):
            assert isinstance(target, GraphQLObjectType)
            yield target, here, depth + 1
            edge = get_named_type(target.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            here = here.into("edges").into("node")
            target = get_named_type(edge.fields["node"].type)
        if isinstance(target, GraphQLObjectType | GraphQLInterfaceType):
            yield target, here, depth + 1
        if isinstance(target, GraphQLInterfaceType | GraphQLUnionType):
            for member in self.schema.get_possible_types(target):
                yield member, here.into(f"... on {member.name}"), depth + 1

    # --------------------------------------------------------------------------- what is shown

    def shown(self, target: Any, depth: int) -> str:
        """All that a type shows without arguments, and of pages their rows."""
        if not isinstance(target, ROWS):
            return ""
        parts = ["__typename"]
        if not isinstance(target, GraphQLUnionType):
            parts += self._shown_fields(target, depth, "")
        if isinstance(target, GraphQLInterfaceType | GraphQLUnionType):
            for member in self.schema.get_possible_types(target):
                inner = " ".join(self._shown_fields(member, depth, f"{member.name}_"))
                parts.append(f"... on {member.name} {{ {inner} }}")
        return "{ " + " ".join(parts) + " }"

    def _shown_fields(self, owner: FieldedType, depth: int, alias: str) -> Iterator[str]:
        for name, found in owner.fields.items():
            kind = get_named_type(found.type)
            if any(map(is_required_argument, found.args.values())):
                continue
            called = f"{alias}{name}: {name}" if alias else name
            if not isinstance(kind, ROWS):
                yield called
            elif owner.name.endswith(("Connection", "Edge")) and name != "nodes":
                yield f"{called} {self.shown(kind, depth)}"
            elif depth > 1 and not found.args and not is_list_type(get_nullable_type(found.type)):
                yield f"{called} {self.shown(kind, depth - 1)}"

    # ---------------------------------------------------------------------- uses of arguments

    def uses(self, owner: FieldedType, name: str, found: GraphQLField, way: Way) -> Iterator[str]:
        """The arguments of a field as they are written: none, and each in each of its uses."""
        small = self.small(found)
        for opening in self.required(owner, name, found):
            yield _written(opening | small)
        opening = self.required(owner, name, found)[0]
        is_known = (owner.name, name) in self._asked and self.thin > 1
        for argument in found.args:
            if argument not in opening:
                for value in self.thinned(owner, name, argument, found):
                    beside = {} if argument in ("first", "last", "before") else small
                    yield _written(opening | beside | {argument: value})
        for argument in ("after", "before"):
            if argument in found.args and not is_known:
                for order in list(self._orders(owner, name, found))[:: 2 * self.thin]:
                    for cursor in self.cursors(name, found, way, opening | order):
                        size = {"first": "3"} if argument == "after" else {"last": "2"}
                        size = size if next(iter(size)) in found.args else {}
                        yield _written(opening | order | size | {argument: json.dumps(cursor)})

    def thinned(
        self, owner: FieldedType, name: str, argument: str, found: GraphQLField
    ) -> list[str]:
        """The values of an argument: all where an input stands first in a place of its kind."""
        told = found.args[argument]
        values = list(self.values(f"{owner.name}.{name}.{argument}", argument, told))
        kind, target = get_named_type(told.type), get_named_type(found.type)
        if not isinstance(kind, GraphQLInputObjectType):
            return values
        is_list = is_list_type(get_nullable_type(found.type))
        place = (kind.name, owner is self.schema.query_type, isinstance(target, ROWS), is_list)
        is_first, is_of_new_kind = kind.name not in self._inputs, place not in self._asked
        self._inputs.add(kind.name)
        self._asked.add(place)
        if is_first:
            return values
        return list(self._inputs_of(told, kind, 1)) if is_of_new_kind else values[:: self.thin]

    def _orders(
        self, owner: FieldedType, name: str, found: GraphQLField
    ) -> Iterator[dict[str, str]]:
        yield {}
        for argument in ("sort", "order"):
            if argument in found.args:
                told = found.args[argument]
                for value in self.values(f"{owner.name}.{name}.{argument}", argument, told):
                    yield {argument: value}

    def small(self, found: GraphQLField) -> dict[str, str]:
        return {"first": "3"} if "first" in found.args else {}

    def required(self, owner: FieldedType, name: str, found: GraphQLField) -> list[dict[str, str]]:
        """Values for what has to be given."""
        needed = {
            each: list(self.values(f"{owner.name}.{name}.{each}", each, told))
            for each, told in found.args.items()
            if is_required_argument(told)
        }
        most = max(map(len, needed.values()), default=1)
        return [
            {each: values[at % len(values)] for each, values in needed.items()}
            for at in range(most)
        ]

    def values(self, place: str, name: str, told: GraphQLArgument) -> Iterator[str]:
        """Literals for an argument; no cursors."""
        kind = get_named_type(told.type)
        if name in ("after", "before"):
            return
        if name in PAGED:
            yield from ("1", "2") if name != "first" else ("1", "0")
        elif isinstance(kind, GraphQLInputObjectType):
            yield from self._inputs_of(told, kind, self.filters)
        else:
            yield from self.leaves(place, kind, is_list_type(get_nullable_type(told.type)))

    def _inputs_of(
        self, told: GraphQLArgument, kind: GraphQLInputObjectType, depth: int
    ) -> Iterator[str]:
        """Literals of a filter input or of a list of sort keys."""
        if kind.is_one_of or is_list_type(get_nullable_type(told.type)):
            yield from (f"[{{{each}}}]" for each in self.keys(kind, depth))
            return
        for each in self.conditions(kind, depth):
            yield f"{{{each}}}"
            if "not" in kind.fields:
                yield f"{{not: {{{each}}}}}"

    def leaves(self, place: str, kind: Any, is_list: bool) -> Iterator[str]:
        """Literals of a scalar or an enum, each alone or all in a list."""
        if isinstance(kind, GraphQLEnumType):
            found = list(kind.values)
        elif kind.name == "Boolean":
            found = ["true", "false"]
        else:
            pool = self.pools.get(place) or self.pools.get(kind.name) or ()
            found = [json.dumps(each, ensure_ascii=False) for each in pool]
        if is_list:
            yield f"[{', '.join(found)}]"
        else:
            yield from found

    def conditions(self, kind: GraphQLInputObjectType, depth: int) -> Iterator[str]:
        """Each member of a filter input alone, behind each relation that it follows.

        Of what may stand together all pairs, and not all products: an operator with each value,
        a relation with each operator of each member behind it, and a relation with each behind it.
        What is third takes its turn.
        """
        found = self._conditions(kind, depth)
        yield from found if depth else self._in_turn(kind.name, list(found))

    def _in_turn(self, place: str, found: Sequence[str]) -> Sequence[str]:
        """One of several, another one each time."""
        turn = self._turns[place] = self._turns.get(place, -1) + 1
        return found and [found[turn % len(found)]]

    def _conditions(self, kind: GraphQLInputObjectType, depth: int) -> Iterator[str]:
        for name, member in kind.fields.items():
            inner = get_named_type(member.type)
            if name in ("and", "or", "not"):
                continue
            if not isinstance(inner, GraphQLInputObjectType):
                place = f"{kind.name}.{name}"
                is_list = is_list_type(get_nullable_type(member.type))
                values: Sequence[str] = list(self.leaves(place, inner, is_list))
                for value in self._in_turn(place, values) if depth < self.filters else values:
                    yield f"{name}: {value}"
                continue
            is_row = any(
                isinstance(get_named_type(each.type), GraphQLInputObjectType)
                for each in inner.fields.values()
            )
            if is_row:
                yield f"{name}: {{}}"
                if {"some", "none", "every"} <= inner.fields.keys():
                    yield from (f"{name}: {{{word}: {{}}}}" for word in inner.fields)
            if not is_row or depth > 0:
                behind = list(self.conditions(inner, depth - is_row))
                if self.kinds_only and not is_row:
                    kinds = [f"{depth} {inner.name} {each.partition(':')[0]}" for each in behind]
                    new = [e for e, k in zip(behind, kinds, strict=True) if k not in self._kinds]
                    self._kinds.update(kinds)
                    behind = new or list(self._in_turn(f"{inner.name} of all", behind))
                yield from (f"{name}: {{{each}}}" for each in behind)

    def keys(self, kind: GraphQLInputObjectType, depth: int) -> Iterator[str]:
        """Each key of a sort input in both directions."""
        for name, member in kind.fields.items():
            inner = get_named_type(member.type)
            if not isinstance(inner, GraphQLInputObjectType):
                yield from (f"{name}: {each}" for each in ("ASC", "DESC"))
            elif depth > 0:
                yield from (f"{name}: {{{each}}}" for each in self.keys(inner, depth - 1))

    def cursors(
        self, name: str, found: GraphQLField, way: Way, arguments: Mapping[str, str]
    ) -> list[str]:
        """Some of all rows of a list, whoever sees them."""
        target = get_named_type(found.type)
        if not target.name.endswith("Connection"):
            return []
        asked = way.around(f"{name}{_written(arguments)} {{ edges {{ cursor }} }}")
        told = list(dict.fromkeys(_cursors(self.ask(asked))))
        return told[1 :: max(1, len(told) // CURSORS)]


def _cursors(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for each in found:
            yield from _cursors(each)
    elif isinstance(found, dict):
        for name, value in found.items():
            if name == "cursor":
                yield value
            else:
                yield from _cursors(value)


def _written(arguments: Mapping[str, str]) -> str:
    if not arguments:
        return ""
    return f"({', '.join(f'{name}: {value}' for name, value in arguments.items())})"
