"""Introspection: the fields ``__schema``, ``__type`` and ``__typename``, and their answers.

An answer depends only on the schema, the selection and a few variables. It is written directly as
JSON, each combination of a schema element and a selection once, and ``IntrospectionCache`` caches
it.

Source: https://spec.graphql.org/September2025/#sec-Introspection
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson
from cachetools import LRUCache
from msgspec import Struct, field

from handler.errors import LimitError
from handler.language import ast
from handler.language.schema import (
    DirectiveDef,
    EnumType,
    EnumValueDef,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    Named,
    NonNull,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    TypeRef,
    UnionType,
    named,
)
from handler.language.selections import collect_fields, walk
from handler.language.variables import coerce_arguments

TYPENAME_FIELD = FieldDef(name="__typename", type=NonNull(Named("String")))
SCHEMA_FIELD = FieldDef(name="__schema", type=NonNull(Named("__Schema")))
TYPE_FIELD = FieldDef(
    name="__type",
    type=Named("__Type"),
    arguments={"name": InputValue(name="name", type=NonNull(Named("String")))},
)
MAX_ANSWER_CHARACTERS = 6_000_000  # of one __schema or __type; 300 tables need half of it
CAPACITY_BYTES = 4 * 1024 * 1024  # of the cached answers

_KINDS = {
    ScalarType: "SCALAR",
    ObjectType: "OBJECT",
    InterfaceType: "INTERFACE",
    UnionType: "UNION",
    EnumType: "ENUM",
    InputObjectType: "INPUT_OBJECT",
    ListOf: "LIST",
    NonNull: "NON_NULL",
}


def find_field(schema: Schema, parent: TypeDef, name: str) -> FieldDef | None:
    """The field of that name that can be selected on a type, including those of introspection."""
    if isinstance(parent, ObjectType | InterfaceType):
        found = parent.fields.get(name)
        if found is not None:
            return found
        if parent.name == schema.query:
            if name == "__schema":
                return SCHEMA_FIELD
            if name == "__type":
                return TYPE_FIELD
    elif not isinstance(parent, UnionType):
        return None
    return TYPENAME_FIELD if name == "__typename" else None


def introspect(
    schema: Schema,
    node: ast.Field,
    fragments: Mapping[str, ast.FragmentDefinition],
    variables: Mapping[str, Any],
    literals: Sequence[str] | None = None,
) -> bytes:
    """The answer to a validated field ``__schema`` or ``__type``, as JSON.

    ``variables`` are coerced; ``literals``: those of the request's text, since the syntax tree may
    be of another one with another ``__type(name: "A")``. Raises ``LimitError`` for an
    answer of more than ``MAX_ANSWER_CHARACTERS``, and ``NullVariableError``.
    """
    writer = _Writer(schema, fragments, variables, literals)
    root: Schema | TypeDef | None = schema
    if node.name == "__type":
        arguments = coerce_arguments(
            TYPE_FIELD.arguments, node.arguments, schema, variables, literals
        )
        root = schema.types.get(arguments["name"])
    if root is None or node.selection_set is None:
        return b"null"
    kind = "__Schema" if node.name == "__schema" else "__Type"
    return writer.write(root, writer.plan(kind, (node.selection_set,))).encode()


class IntrospectionCache:
    """Cached answers about one schema, by the field that asks.

    Holds at most ``entries`` of them and ``capacity_bytes``; evicts the least recently used.
    """

    def __init__(
        self, schema: Schema, *, entries: int = 64, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self.schema = schema
        # The values hold the field, so that no other one can have its id.
        self._answers: LRUCache[tuple[int, str], tuple[ast.Field, bytes]] = LRUCache(
            capacity_bytes, lambda found: max(len(found[1]), capacity_bytes // entries)
        )
        self._variables: LRUCache[int, tuple[ast.Field, list[str]]] = LRUCache(entries)

    def answer(
        self,
        node: ast.Field,
        fragments: Mapping[str, ast.FragmentDefinition],
        variables: Mapping[str, Any],
        literals: Sequence[str] | None = None,
    ) -> bytes:
        """As ``introspect``, from the cache where possible."""
        if id(node) not in self._variables:
            self._variables[id(node)] = (node, sorted(_variable_names(node, fragments)))
        _, names = self._variables[id(node)]
        name = node.arguments[0].value if node.arguments else None
        if isinstance(name, ast.StringValue) and literals is not None:
            asked = literals[name.literal]
        else:
            asked = ""
        key = (id(node), repr([asked, *(variables.get(each) for each in names)]))
        found = self._answers.get(key)
        if found is None:
            found = (node, introspect(self.schema, node, fragments, variables, literals))
            if len(found[1]) <= self._answers.maxsize:
                self._answers[key] = found
        return found[1]


def _variable_names(root: ast.Field, fragments: Mapping[str, ast.FragmentDefinition]) -> set[str]:
    """The names of the variables in a field and below it, fragments included."""
    found: set[str] = set()
    for node, _ in walk([ast.SelectionSet([root], root.at)], fragments, deep=True):
        for directive in node.directives:
            found.update(_of_arguments(directive.arguments))
        if isinstance(node, ast.Field):
            found.update(_of_arguments(node.arguments))
    return found


def _of_arguments(arguments: Iterable[ast.Argument]) -> set[str]:
    """All arguments here are Boolean or String, so that a variable is the whole value."""
    return {each.value.name for each in arguments if isinstance(each.value, ast.Variable)}


# ------------------------------------------------------------------------------------ writing

_Member: TypeAlias = FieldDef | InputValue | EnumValueDef | DirectiveDef
_Item: TypeAlias = Schema | TypeDef | ListOf | NonNull | _Member


class _Plan(Struct):
    """A selection on one of the ``__*`` types: what to write for every element."""

    kind: str
    fields: list[_PlanField] = field(default_factory=list)
    written: dict[int, str] = field(default_factory=dict)  # by the identity of the element


class _PlanField(Struct):
    prefix: str  # the response key as JSON, and a colon
    name: str
    deprecated: bool  # includeDeprecated
    below: _Plan | None


class _Writer(Struct, eq=False):
    schema: Schema
    fragments: Mapping[str, ast.FragmentDefinition]
    variables: Mapping[str, Any]
    literals: Sequence[str] | None
    plans: dict[tuple[int, ...], _Plan] = field(default_factory=dict)

    def plan(self, kind: str, sets: tuple[ast.SelectionSet, ...]) -> _Plan:
        """What to write for merged selection sets; the same sets give the same plan."""
        key = tuple(each.at for each in sets)
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = _Plan(kind)
            parent = self.schema.types[kind]
            collected = collect_fields(self.schema, self.fragments, self.variables, kind, sets)
            for response_key, nodes in collected.items():
                node = nodes[0]
                definition = find_field(self.schema, parent, node.name)
                if definition is None:
                    raise AssertionError(f"{kind}.{node.name} has passed the validation")
                arguments = coerce_arguments(
                    definition.arguments, node.arguments, self.schema, self.variables, self.literals
                )
                below = tuple(
                    each.selection_set for each in nodes if each.selection_set is not None
                )
                plan.fields.append(
                    _PlanField(
                        orjson.dumps(response_key).decode() + ":",
                        node.name,
                        bool(arguments.get("includeDeprecated")),
                        self.plan(named(definition.type), below) if below else None,
                    )
                )
        return plan

    def write(self, item: _Item, plan: _Plan) -> str:
        known = plan.written.get(id(item))
        if known is not None:
            return known
        parts: list[str] = []
        size = 2
        for each in plan.fields:
            value = self.value(item, each, plan.kind)
            size += len(each.prefix) + len(value) + 1
            if size > MAX_ANSWER_CHARACTERS:
                raise LimitError(
                    "The answer about the schema has more than the limit of"
                    f" {MAX_ANSWER_CHARACTERS} characters; ask without descriptions, or for one"
                    " type by __type."
                )
            parts.append(each.prefix + value)
        plan.written[id(item)] = text = "{" + ",".join(parts) + "}"
        return text

    def value(self, item: _Item, asked: _PlanField, kind: str) -> str:
        if asked.name == "__typename":
            return f'"{kind}"'
        value = _resolve(self.schema, item, asked.name)
        if asked.below is None:
            return orjson.dumps(value).decode()
        if value is None:
            return "null"
        if not isinstance(value, list):
            return self.write(value, asked.below)
        texts: list[str] = []
        size = 0
        for each in value:
            if asked.deprecated or not _is_deprecated(each):
                text = self.write(each, asked.below)
                size += len(text)
                if size > MAX_ANSWER_CHARACTERS:
                    break  # ``write`` refuses it
                texts.append(text)
        return "[" + ",".join(texts) + "]"


def _is_deprecated(item: object) -> bool:
    return (
        isinstance(item, FieldDef | InputValue | EnumValueDef)
        and item.directive("deprecated") is not None
    )


def _resolve(schema: Schema, item: _Item, name: str) -> Any:
    """The value of one field of a ``__*`` type: a leaf, an element, a list of them, or None."""
    if name == "description":
        return None if isinstance(item, ListOf | NonNull) else item.description
    match item:
        case Schema():
            return _resolve_schema(item, name)
        case FieldDef() | InputValue() | EnumValueDef() | DirectiveDef():
            return _resolve_member(schema, item, name)
    return _resolve_type(schema, item, name)


def _resolve_schema(schema: Schema, name: str) -> Any:
    match name:
        case "types":
            return list(schema.types.values())
        case "directives":
            return list(schema.directives.values())
    return schema.types.get(schema.roots[name.removesuffix("Type")] or "")


def _resolve_member(schema: Schema, item: _Member, name: str) -> Any:
    match name, item:
        case "name", _:
            return item.name
        case "args", FieldDef() | DirectiveDef():
            return list(item.arguments.values())
        case "type", FieldDef() | InputValue():
            return _type(schema, item.type)
        case "defaultValue", InputValue():
            return item.default_text
        case "isDeprecated", _:
            return _is_deprecated(item)
        case "deprecationReason", _:
            return item.deprecation_reason
        case "isRepeatable", DirectiveDef():
            return item.repeatable
        case "locations", DirectiveDef():
            return list(item.locations)
    raise AssertionError(f"no field {name} of {type(item).__name__}")


def _resolve_type(schema: Schema, item: TypeDef | ListOf | NonNull, name: str) -> Any:
    if name == "kind":
        return _KINDS[type(item)]
    if isinstance(item, ListOf | NonNull):
        return _type(schema, item.of) if name == "ofType" else None
    match name, item:
        case "name", _:
            return item.name
        case "specifiedByURL", ScalarType():
            return item.specified_by_url
        case "fields", ObjectType() | InterfaceType():
            return list(item.fields.values())
        case "interfaces", ObjectType() | InterfaceType():
            return [schema.types[each] for each in item.interfaces]
        case "possibleTypes", UnionType():
            return [schema.types[each] for each in item.members]
        case "possibleTypes", InterfaceType():
            possible = schema.possible_types[item.name]
            return [found for found in schema.types.values() if found.name in possible]
        case "enumValues", EnumType():
            return list(item.values.values())
        case "inputFields", InputObjectType():
            return list(item.fields.values())
        case "isOneOf", InputObjectType():
            return item.is_one_of
    return None


def _type(schema: Schema, ref: TypeRef) -> TypeDef | ListOf | NonNull:
    return schema.types[ref.name] if isinstance(ref, Named) else ref
