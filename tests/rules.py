"""Random rules for an SDL, and an oracle that says what they mean; it shares no code with ours.

A place is named ``Type``, ``Type.field`` or ``Type.field.argument``; its rules are those of the
directives that stand there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import graphql
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)
from graphql.language import ast as gql
from hypothesis import strategies as st

from handler.access.principal import CallerKind, Principal
from handler.scalars import SCALARS
from tests.directives import aggregate, directive

SCOPES = ("a", "b", "c")
CLOSED = "closed"

Rule: TypeAlias = str | tuple[tuple[str, ...], ...]  # "public", "authenticated", scopes, CLOSED
Rules: TypeAlias = Mapping[str, tuple[Rule, ...]]


def principals() -> st.SearchStrategy[Principal]:
    """Nobody, or somebody with some of the scopes."""
    known = st.sets(st.sampled_from(SCOPES)).map(
        lambda scopes: Principal(kind=CallerKind.TOKEN, subject="ann", scopes=frozenset(scopes))
    )
    return st.just(Principal.anonymous()) | known


def rules_for(sdl: str) -> st.SearchStrategy[Rules]:
    """Rules at some of the places where they may stand, more of them that open."""
    scopes = st.lists(
        st.lists(st.sampled_from(SCOPES), min_size=1, max_size=2).map(tuple), min_size=1, max_size=2
    ).map(tuple)
    some: st.SearchStrategy[tuple[Rule, ...]] = st.one_of(
        st.just(("public",)),
        st.just(("authenticated",)),
        scopes.map(lambda found: (found,)),
        scopes.map(lambda found: ("authenticated", found)),
    )
    types: list[str] = []
    others: list[str] = []
    for name in places(sdl):
        if not name.startswith("PageInfo."):
            (others if "." in name else types).append(name)

    @st.composite
    def draw_rules(draw: st.DrawFn) -> Rules:
        chosen: dict[str, tuple[Rule, ...]] = {}
        for name in types:
            if draw(st.integers(0, 9)) < 8:
                chosen[name] = draw(st.just(("public",)) | some)
        for name in draw(st.lists(st.sampled_from(others), max_size=12, unique=True)):
            chosen[name] = draw(some)
        return chosen

    return draw_rules()


def places(sdl: str) -> Iterator[str]:
    """Every type, field and argument on which a rule may stand."""
    document: Any = graphql.parse(sdl)
    for found in document.definitions:
        if found.kind == "object_type_definition":
            yield found.name.value
            for field in found.fields or ():
                yield f"{found.name.value}.{field.name.value}"
                for argument in field.arguments or ():
                    yield f"{found.name.value}.{field.name.value}.{argument.name.value}"


def with_rules(sdl: str, rules: Rules) -> str:
    """The SDL with the directives that say the rules."""
    document: Any = graphql.parse(sdl)
    for found in document.definitions:
        if found.kind == "object_type_definition":
            name = found.name.value
            _add(found, rules.get(name, ()))
            for field in found.fields or ():
                _add(field, rules.get(f"{name}.{field.name.value}", ()))
                for argument in field.arguments or ():
                    place = f"{name}.{field.name.value}.{argument.name.value}"
                    _add(argument, rules.get(place, ()))
    return graphql.print_ast(document)


def _put(node: Any, name: str, values: Iterable[Any]) -> None:
    """Change a node of a tree that is ours alone, though the library froze it."""
    object.__setattr__(node, name, tuple(values))


def _add(node: Any, rules: Iterable[Rule]) -> None:
    for rule in rules:
        text = (
            f"@{rule}" if isinstance(rule, str) else f"@requiresScopes(scopes: {json.dumps(rule)})"
        )
        parsed = graphql.parse(f"type T {text} {{ a: Int }}").definitions[0]
        assert isinstance(parsed, gql.ObjectTypeDefinitionNode)
        _put(node, "directives", [*(node.directives or ()), *(parsed.directives or ())])


@dataclass(frozen=True)
class Oracle:
    """What a caller may use of a schema of graphql-core's with these rules."""

    schema: GraphQLSchema
    rules: Rules
    caller: Principal

    def missing(
        self, owner: str, name: str, arguments: Iterable[str] = (), order: str | None = None
    ) -> list[Rule]:
        """The rules that forbid such a use of a field."""
        needed = [*self.of_field(owner, name)]
        for argument in arguments:
            needed += self.of_argument(owner, name, argument)
        if order is not None:
            needed += self.of_order(owner, name, order)
        return [rule for rule in needed if not self.is_met(rule)]

    def is_met(self, rule: Rule) -> bool:
        if rule == "public":
            return True
        if rule == CLOSED or self.caller.kind is CallerKind.ANONYMOUS:
            return False
        if rule == "authenticated":
            return True
        return any(set(scopes) <= self.caller.scopes for scopes in rule)

    def refuse(self, info: graphql.GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> None:
        """Raise where the caller may not read."""
        owner, name = info.parent_type.name, info.field_name
        if name.startswith("__") or owner.startswith("__"):
            return
        node = info.field_nodes[0]
        used = [argument.name.value for argument in node.arguments or ()]
        order = arguments.get("order") if "order" in used else None
        missing = self.missing(owner, name, used, order)
        if missing and self.caller.kind is CallerKind.ANONYMOUS and CLOSED not in missing:
            raise GraphQLError(f"Log in to read {owner}.{name}.")
        if missing:
            raise GraphQLError(f"You may not read {owner}.{name}.")

    # ----------------------------------------------------------------- what is needed where

    def of_field(self, owner: str, name: str) -> Iterator[Rule]:
        """Said and implied, whatever the arguments are."""
        field = self.field(owner, name)
        yield from self.told(owner, name)
        if directive(field.ast_node, "cursor") is not None:
            yield from self.key(owner)
        if owner.endswith("Connection") and name == "pageInfo":
            yield from self.key(self.row(owner, "edges"))
        if owner.endswith("Edge") and name == "cursor":
            yield from self.key(self.row(owner, "node"))
        for argument, value in field.args.items():
            if is_required_argument(value):
                yield from self.of_argument(owner, name, argument)
        yield from self.of_order(owner, name, None)

    def told(self, owner: str, name: str) -> Iterator[Rule]:
        """What is said of a field, and of those of which it tells if it is made of many rows."""
        yield from self.said(owner, name)
        _, made = aggregate(self.field(owner, name)) or ("", {})
        if made:
            steps = self.way(owner, made["of"])
            for step in steps:
                yield from self.said(*step)
            for of in ("field", "distinct"):
                if of in made:
                    yield from self.said(self.row(*steps[-1]), made[of])

    def said(self, owner: str, name: str) -> Iterator[Rule]:
        own, of_type = self.rules.get(f"{owner}.{name}"), self.rules.get(owner)
        targets = self.targets(owner, name)
        is_part = owner == "PageInfo" or owner.endswith(("Connection", "Edge"))
        by_target = owner == "Query" and any(each in self.rules for each in targets)
        by_target |= owner == "Query" and aggregate(self.field(owner, name)) is not None
        if own is None and of_type is None and not is_part and not by_target:
            yield CLOSED
        yield from own or ()
        yield from of_type or ()
        for target in targets:
            yield from self.rules.get(target, ())
            is_mentioned = any(place.startswith(f"{target}.") for place in self.field_rules())
            if self.is_row(target) and target not in self.rules and not is_mentioned:
                yield CLOSED

    def of_argument(self, owner: str, name: str, argument: str) -> Iterator[Rule]:
        yield from self.rules.get(f"{owner}.{name}.{argument}", ())
        if argument in ("first", "last", "offset", "order"):
            return
        field = self.field(owner, name)
        _, counted = aggregate(field) or ("", {})
        rows = name
        if counted:
            owner, rows = self.way(owner, counted["of"])[-1]
        target = self.row(owner, rows)
        if argument in ("after", "before"):
            yield from self.key(target)
            return
        used = directive(field.args[argument].ast_node, "filter")
        like = self.field(owner, rows).args.get(argument)
        if used is None and like is not None:  # it chooses as the relation's argument does
            used = directive(like.ast_node, "filter")
        used = used or {}
        for each in used.get("fields") or [used.get("field") or argument]:
            yield from self.told(target, each)

    def of_order(self, owner: str, name: str, order: str | None) -> Iterator[Rule]:
        """Of the order chosen, or else of the one by default."""
        field = self.field(owner, name)
        node: Any = field.ast_node
        if order is None and "order" in field.args:
            default = field.args["order"].ast_node
            value = default.default_value if default else None
            order = value.value if isinstance(value, gql.EnumValueNode) else None
        if order is not None:
            enum = get_named_type(field.args["order"].type)
            assert isinstance(enum, GraphQLEnumType)
            node = enum.values[order].ast_node
        for term in (directive(node, "orderBy") or {"fields": []})["fields"]:
            yield from self.said(self.row(owner, name), term.split()[0])

    def key(self, owner: str) -> Iterator[Rule]:
        node = self.schema.type_map[owner].ast_node
        used = directive(node, "key")
        names = used["fields"].split() if used else [f"{owner[0].lower()}{owner[1:]}Id"]
        for name in names:
            yield from self.said(owner, name)

    # ------------------------------------------------------------------------------- schema

    def field_rules(self) -> list[str]:
        return [place for place in self.rules if place.count(".") == 1]

    def field(self, owner: str, name: str) -> GraphQLField:
        found = self.schema.type_map[owner]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        field: GraphQLField = found.fields[name]
        return field

    def is_row(self, name: str) -> bool:
        return name != "PageInfo" and not name.endswith(("Connection", "Edge"))

    def row(self, owner: str, name: str) -> str:
        """The type of the rows that a field leads to."""
        return self.targets(owner, name)[-1]

    def way(self, owner: str, of: str) -> list[tuple[str, str]]:
        """The fields that a value over rows names, by type and name."""
        steps = []
        for name in of.split("."):
            steps.append((owner, name))
            owner = self.row(owner, name)
        return steps

    def targets(self, owner: str, name: str) -> list[str]:
        found = get_named_type(self.field(owner, name).type)
        if not isinstance(found, GraphQLObjectType):
            return []
        if found.name.endswith("Connection"):
            return [found.name, self.row(found.name, "edges")]
        if found.name.endswith("Edge"):
            return [found.name, self.row(found.name, "node")]
        return [found.name]

    # ------------------------------------------------------------------------------- hidden

    def visible_sdl(self, sdl: str) -> str:
        """The SDL without what the caller may not use, and without what is idle then.

        Without a query type where nothing is left of it.
        """
        document: Any = graphql.parse(sdl)
        hidden_orders = self._hidden_orders(document)
        definitions: dict[str, Any] = {each.name.value: each for each in document.definitions}
        reachable = _reachable(definitions)
        for name, found in definitions.items():
            if found.kind == "object_type_definition":
                _put(
                    found,
                    "fields",
                    [
                        field
                        for field in found.fields or ()
                        if not self.missing(name, field.name.value)
                    ],
                )
                for field in found.fields or ():
                    _put(
                        field,
                        "arguments",
                        [
                            each
                            for each in field.arguments or ()
                            if not self.missing(name, field.name.value, [each.name.value])
                        ],
                    )
            elif found.kind == "enum_type_definition":
                _put(
                    found,
                    "values",
                    [
                        value
                        for value in found.values or ()
                        if (name, value.name.value) not in hidden_orders
                    ],
                )
        _prune(definitions)
        idle = reachable - _reachable(definitions)
        _put(
            document,
            "definitions",
            [found for name, found in definitions.items() if name not in idle],
        )
        return graphql.print_ast(document)

    def _hidden_orders(self, document: Any) -> set[tuple[str, str]]:
        found = set()
        for type_def in document.definitions:
            if type_def.kind != "object_type_definition":
                continue
            owner = type_def.name.value
            for field in type_def.fields or ():
                name = field.name.value
                enum = self.field(owner, name).args.get("order")
                if enum is None or self.missing(owner, name):
                    continue
                kind = get_named_type(enum.type)
                assert isinstance(kind, GraphQLEnumType)
                for value in kind.values:
                    if not all(map(self.is_met, self.of_order(owner, name, value))):
                        found.add((kind.name, value))
        return found


def _named(node: Any) -> str:
    while not isinstance(node, gql.NamedTypeNode):
        node = node.type
    return str(node.name.value)


def _prune(definitions: dict[str, Any]) -> None:
    """Take out fields of types that are gone and types without fields, until nothing changes."""
    provided = set(SCALARS)
    while True:
        before = sum(1 for _ in _parts(definitions))
        for name, found in list(definitions.items()):
            known = {*definitions, *provided}
            if found.kind == "object_type_definition":
                _put(
                    found,
                    "fields",
                    [each for each in found.fields or () if _named(each.type) in known],
                )
                for field in found.fields or ():
                    _put(
                        field,
                        "arguments",
                        [each for each in field.arguments if _named(each.type) in known],
                    )
                if not found.fields:
                    del definitions[name]
            elif found.kind == "enum_type_definition" and not found.values:
                del definitions[name]
        if sum(1 for _ in _parts(definitions)) == before:
            return


def _parts(definitions: Mapping[str, Any]) -> Iterator[str]:
    for name, found in definitions.items():
        yield name
        for field in getattr(found, "fields", None) or ():
            yield f"{name}.{field.name.value}"
            yield from (argument.name.value for argument in field.arguments or ())


def _reachable(definitions: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = ["Query"]
    while waiting:
        name = waiting.pop()
        if name not in found and name in definitions:
            found.add(name)
            for field in getattr(definitions[name], "fields", None) or ():
                waiting.append(_named(field.type))
                waiting += [_named(argument.type) for argument in field.arguments or ()]
    return found
