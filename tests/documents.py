"""Random valid documents for a schema, with arguments that mean something for its rows.

Valid by construction: a field with arguments has an alias of its own, a field without has one that
says which field it is, and of which type where others have another one of that name, so that
whatever stands together can be merged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)
from graphql.type.definition import GraphQLArgument
from hypothesis import strategies as st

from tests.directives import EDGE, PAGE_ARGUMENTS, aggregate, directive, way
from tests.kinds import ROWS, FieldedType, RowsType
from tests.reference import Reference
from tests.reference_aggregates import pool
from tests.reference_groups import source_name
from tests.reference_search import TEXTS, search_member


@dataclass(frozen=True)
class Document:
    """A document and its variables."""

    text: str
    variables: dict[str, Any]


@dataclass
class _Writer:
    """Draws one document."""

    draw: st.DrawFn
    reference: Reference
    pools: Mapping[str, list[Any]]
    budget: int
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, list[str]] = field(default_factory=dict)  # finished ones, by type
    texts: list[str] = field(default_factory=list)
    count: int = 0

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) > 100 - percent  # shrinks to no

    def number(self) -> int:
        self.count += 1
        return self.count

    def document(self) -> Document:
        query = self.reference.schema.query_type
        assert query is not None
        body = self.selection_set(query, depth=0)
        head = f"query q({', '.join(self.definitions)})" if self.definitions else "query"
        return Document("\n".join([f"{head} {body}", *self.texts]), self.variables)

    # ------------------------------------------------------------------------- selections

    def selection_set(self, owner: RowsType, depth: int) -> str:
        selections = []
        for _ in range(self.draw(st.integers(1, 4))):
            selections.append(self.selection(owner, depth))
        return "{ " + " ".join(selections) + " }"

    def selection(self, owner: RowsType, depth: int) -> str:
        if not isinstance(owner, GraphQLObjectType) and self.chance(40):
            return self.of_member(owner, depth)
        if isinstance(owner, GraphQLUnionType):
            return "__typename"
        kind = self.draw(st.integers(1, 20))
        if kind == 18:
            return (
                f"... {self.condition(owner)}{self.directives()}{self.selection_set(owner, depth)}"
            )
        if kind == 19:
            known = self.fragments.get(owner.name, [])
            if known and self.chance(50):
                return f"...{self.draw(st.sampled_from(known))}{self.directives()}"
            name = f"F{self.number()}"
            body = self.selection_set(owner, depth)
            self.texts.append(f"fragment {name} on {owner.name} {body}")
            self.fragments.setdefault(owner.name, []).append(name)
            return f"...{name}{self.directives()}"
        if kind == 20:
            return "__typename" if self.chance(50) else f"t{self.number()}: __typename"
        return self.field(owner, depth)

    def of_member(self, owner: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> str:
        """What is asked of the rows of one type of an interface or a union, or of another of these
        that has such rows, too."""
        others = [
            each
            for each in self.reference.schema.type_map.values()
            if isinstance(each, ROWS) and not self.types_of(each).isdisjoint(self.types_of(owner))
        ]
        inner = self.draw(st.sampled_from(others))
        return f"... on {inner.name}{self.directives()}{self.selection_set(inner, depth)}"

    def types_of(self, found: RowsType) -> set[str]:
        """The types of its rows."""
        if isinstance(found, GraphQLObjectType):
            return {found.name}
        return {each.name for each in self.reference.schema.get_possible_types(found)}

    def condition(self, owner: RowsType) -> str:
        return f"on {owner.name} " if self.chance(70) else ""

    def field(self, owner: FieldedType, depth: int) -> str:
        self.budget -= 1
        leaves: list[str] = [name for name, found in owner.fields.items() if _is_leaf(found)]
        names = leaves + [name for name in owner.fields if name not in leaves]
        if self.budget < 0 or depth > 9:
            if not leaves:
                return "__typename"
            names = leaves
        name: str = self.draw(st.sampled_from(names))
        found = owner.fields[name]
        named = get_named_type(found.type)
        head = name
        if found.args:
            head = f"{name}_{self.number()}: {name}{self.arguments(owner, name, found)}"
        elif name in self.reference.ambiguous:
            head = f"{name}_{owner.name}: {name}"
        elif self.chance(10):
            head = f"{name}_x: {name}"
        head += self.directives()
        if not isinstance(named, ROWS):
            return head
        written = f"{head} {self.selection_set(named, depth + 1)}"
        if self.chance(10):  # the same field once more: their selections are merged
            written += f" {head} {self.selection_set(named, depth + 1)}"
        return written

    def directives(self) -> str:
        if not self.chance(12):
            return " "
        name = self.draw(st.sampled_from(["skip", "include"]))
        value = self.draw(st.booleans())
        if self.chance(50):
            return f" @{name}(if: {json.dumps(value)}) "
        return f" @{name}(if: {self.variable('Boolean!', value, json.dumps(value))}) "

    # -------------------------------------------------------------------------- arguments

    def arguments(self, owner: FieldedType, name: str, found: GraphQLField) -> str:
        """Arguments of a field: first the state of each, then its value."""
        chosen: dict[str, Any] = {}
        for other, argument in found.args.items():
            if other not in ("order", "sort") and other not in PAGE_ARGUMENTS:
                pool = partial(self.filter_values, owner, name, found, other, argument)
                chosen |= self.stated(other, found, pool)
        if "order" in found.args:
            enum = get_named_type(found.args["order"].type)
            assert isinstance(enum, GraphQLEnumType)
            chosen |= self.stated("order", found, lambda: st.sampled_from(list(enum.values)))
        if "sort" in found.args:
            kind = get_named_type(found.args["sort"].type)
            assert isinstance(kind, GraphQLInputObjectType)
            several = st.lists(self.sort_keys(kind, 2), max_size=3, unique_by=_way)
            chosen |= self.stated("sort", found, lambda: several)
        for size in ("first", "last"):
            most = min(self.reference.rows_field(found).maximum, 8) if size in found.args else 0
            chosen |= self.stated(size, found, partial(st.integers, 0, most))
        pool = partial(self.cursors, owner, name, found, dict(chosen))
        for cursor in ("after", "before"):
            chosen |= self.stated(cursor, found, pool)
        is_free = all(chosen.get(name) is None for name in ("after", "before", "last"))
        if "offset" in found.args:
            most = min(self.reference.rows_field(found).maximum_offset, 8) if is_free else 0
            chosen |= self.stated("offset", found, partial(st.integers, 0, most))
        given = {each: self.written(found.args[each], value) for each, value in chosen.items()}
        return f"({', '.join(f'{n}: {v}' for n, v in given.items())})" if given else ""

    def stated(
        self, name: str, found: GraphQLField, values: Callable[[], st.SearchStrategy[Any]]
    ) -> dict[str, Any]:
        """An argument in one of its states: not written, null or a value. ``written`` adds whether
        by a literal, a variable, its default, or a variable that is left out."""
        if name not in found.args:
            return {}
        state = "value"
        if not is_required_argument(found.args[name]):
            state = self.draw(st.sampled_from(["not written", "null", "value", "value"]))
            if is_non_null_type(found.args[name].type) and state == "null":
                state = "not written"
        if state == "not written":
            return {}
        return {name: None if state == "null" else self.draw(values())}

    def cursors(
        self,
        owner: FieldedType,
        name: str,
        found: GraphQLField,
        chosen: Mapping[str, Any],
    ) -> st.SearchStrategy[str | None]:
        """Those of all rows in the chosen order; of a table without rows there are none."""
        known: list[str | None] = [
            *self.reference.all_cursors(
                found,
                self.reference.order(found, chosen),
                self.reference.kinds.place(owner.name, name),
            )
        ]
        return st.sampled_from(known or [None])

    def filter_values(
        self,
        owner: FieldedType,
        field: str,
        found: GraphQLField,
        name: str,
        argument: GraphQLArgument,
    ) -> st.SearchStrategy[Any]:
        """Values of an argument that chooses rows, found and not."""
        used = directive(argument.ast_node, "filter") or {}
        made = aggregate(found)
        if made and "of" in made[1]:
            _, found = way(self.reference.schema, owner, made[1]["of"])[-1]
            if not used and name in found.args:
                used = directive(found.args[name].ast_node, "filter") or {}
        target = self.reference.rows_field(found).target
        source = source_name(target)
        if source is not None and name != "having":
            target = self.reference.types[source]
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType):
            return st.deferred(lambda: self.inputs(target, kind, 3))
        if used.get("operator") == "MATCH":
            return st.sampled_from(TEXTS)
        column = used.get("field") or name
        if used.get("operator") == "IS_NULL":
            return st.booleans()
        one = st.sampled_from(self.pool(f"{target.name}.{column}"))
        if is_list_type(get_nullable_type(argument.type)):
            return st.lists(one, max_size=4) | one
        return one

    def pool(self, place: str) -> list[Any]:
        """Values for filters by a field, ``Type.field``; none where nobody knows any."""
        owner, _, name = place.partition(".")
        if owner in self.reference.united and place not in self.pools:
            types = self.reference.united[owner]
            return [each for one in types for each in self.pool(f"{one}.{name}")]
        return self.pools.get(place) or pool(self.reference, place)

    def inputs(
        self, target: GraphQLObjectType, kind: GraphQLInputObjectType, depth: int
    ) -> st.SearchStrategy[dict[str, Any]]:
        """Filter inputs over rows of a type, or their edges, that follow so many relations."""
        edge = EDGE if kind.name.endswith("EdgeFilter") else ""

        def member(name: str) -> st.SearchStrategy[Any]:
            inner = get_named_type(kind.fields[name].type)
            if name in ("and", "or", "not"):
                below = st.deferred(lambda: self.inputs(target, kind, depth - 1))
                return below if name == "not" else st.lists(below, max_size=3)
            if not edge and search_member(target, name) is not None:
                return st.sampled_from(TEXTS)
            assert isinstance(inner, GraphQLInputObjectType)
            if edge and name == "node":
                return st.deferred(lambda: self.inputs(target, inner, depth))
            found = target.fields[edge + name]
            if isinstance(get_named_type(found.type), ROWS):
                rows = self.reference.rows_field(found).target
                if not {"some", "none", "every"} & inner.fields.keys():
                    return st.deferred(lambda: self.inputs(rows, inner, depth - 1))
                far = get_named_type(inner.fields["some"].type)
                assert isinstance(far, GraphQLInputObjectType)
                words = st.sampled_from(["some", "none", "every"])
                below = st.deferred(lambda: self.inputs(rows, far, depth - 1))
                return st.dictionaries(words, below | st.none(), max_size=2)
            one = st.sampled_from(self.pool(f"{target.name}.{edge}{name}") or [None])
            values: dict[str, st.SearchStrategy[Any]] = {
                word: st.lists(one.filter(lambda v: v is not None), max_size=3)
                if is_list_type(get_nullable_type(field.type))
                else one | st.none()
                for word, field in inner.fields.items()
            }
            values["isNull"] = st.booleans()
            words = st.sampled_from(list(inner.fields))
            return words.flatmap(lambda word: values[word].map(lambda value: {word: value}))

        names = [
            name
            for name in kind.fields
            if depth > 0
            or (name not in ("and", "or", "not") and not self.leads(target, edge + name))
        ]
        if not names:
            return st.just({})
        chosen = st.lists(st.sampled_from(names), max_size=3, unique=True)
        return chosen.flatmap(
            lambda picked: st.fixed_dictionaries({name: member(name) for name in picked})
        )

    def sort_keys(
        self, kind: GraphQLInputObjectType, depth: int
    ) -> st.SearchStrategy[dict[str, Any]]:
        """One key of a list of them, which follows so many relations."""
        keys: list[st.SearchStrategy[dict[str, Any]]] = []
        for name, member in kind.fields.items():
            inner = get_named_type(member.type)
            if not isinstance(inner, GraphQLInputObjectType):
                directions = st.sampled_from(["ASC", "DESC"])
                keys.append(st.fixed_dictionaries({name: directions}))
            elif depth > 0:
                below = self.sort_keys(inner, depth - 1)
                keys.append(st.fixed_dictionaries({name: below}))
        return st.one_of(keys)

    def leads(self, target: GraphQLObjectType, name: str) -> bool:
        """Whether a field leads to rows; the row of an edge is led to."""
        found = target.fields.get(name)
        return found is not None and not _is_leaf(found)

    def written(self, argument: GraphQLArgument, value: Any) -> str:
        text = literal(value, argument.type)
        if not self.chance(40):
            return text
        return self.variable(str(argument.type), value, text)

    def variable(self, type_text: str, value: Any, literal: str) -> str:
        """The value by a variable: given, or as its default."""
        name = f"v{self.number()}"
        default = ""
        if self.chance(25):
            default = f" = {literal}"
            if self.chance(30):
                self.variables[name] = value
        else:
            self.variables[name] = value
        if value is None and not default and self.chance(50):
            del self.variables[name]
        self.definitions.append(f"${name}: {type_text}{default}")
        return f"${name}"


def _way(key: Any) -> str:
    """To what a sort key is by, without its direction."""
    if not isinstance(key, dict):
        return ""
    return "".join(f".{name}{_way(value)}" for name, value in key.items())


def _is_leaf(found: GraphQLField) -> bool:
    return not isinstance(get_named_type(found.type), ROWS)


def literal(value: Any, kind: GraphQLInputType) -> str:
    """A value as it is written in a document."""
    inner: Any = get_nullable_type(kind)
    if value is None:
        return "null"
    if isinstance(inner, GraphQLList):
        if not isinstance(value, list):
            return literal(value, inner.of_type)
        return f"[{', '.join(literal(each, inner.of_type) for each in value)}]"
    if isinstance(inner, GraphQLInputObjectType):
        members = (f"{n}: {literal(each, inner.fields[n].type)}" for n, each in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def documents(reference: Reference, pools: Mapping[str, list[Any]]) -> st.SearchStrategy[Document]:
    """Documents for a schema. ``pools``: values for filters, by ``Type.field``."""

    @st.composite
    def draw_document(draw: st.DrawFn) -> Document:
        return _Writer(draw, reference, pools, draw(st.integers(1, 30))).document()

    return draw_document()
