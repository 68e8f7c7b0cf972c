"""SDL to a schema: declare types, resolve references, coerce defaults and directives, check.

The rules that need the whole schema are in ``type_rules``; here are those about single definitions.
Source: https://spec.graphql.org/September2025/#sec-Type-System
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from handler.errors import InputError, SchemaError
from handler.language import ast
from handler.language.connections import make_connections
from handler.language.files import quoting, read_package, read_sdl
from handler.language.filter_inputs import make_filter_inputs
from handler.language.printer import print_value
from handler.language.schema import (
    AppliedDirective,
    DirectiveDef,
    Element,
    EnumType,
    EnumValueDef,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    NonNull,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    TypeRef,
    UnionType,
    named,
)
from handler.language.sort_inputs import make_sort_inputs
from handler.language.source import Source, like_of
from handler.language.suggestions import did_you_mean
from handler.language.type_rules import check_schema, check_uses
from handler.language.validation.values import find_problems, repeated_fields
from handler.language.variables import coerce_arguments, coerce_value

ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}

_KINDS: dict[str, tuple[type[TypeDef], str, str]] = {
    "scalar": (ScalarType, "SCALAR", "a scalar"),
    "type": (ObjectType, "OBJECT", "a type"),
    "interface": (InterfaceType, "INTERFACE", "an interface"),
    "union": (UnionType, "UNION", "a union"),
    "enum": (EnumType, "ENUM", "an enum"),
    "input": (InputObjectType, "INPUT_OBJECT", "an input"),
}


def load_schema(directory: Path) -> Schema:
    """The schema of all ``*.graphql`` files below a directory, in the order of their paths.

    The folder ``operations`` holds documents of clients and is left out. Raises ``SchemaError``.
    """
    with quoting(directory):
        return build_schema(read_sdl(directory))


def build_schema(sources: Mapping[str, str]) -> Schema:
    """The schema of SDL texts by file name, with the types of the specification and the project.

    Raises ``SchemaError`` for the first mistake, with file, line, column and what to write.

    >>> schema = build_schema({"api.graphql": "type Query { total(of: ID!): Int }"})
    >>> str(schema.object("Query").fields["total"].type)
    'Int'
    """
    parsed = [
        Source.parse(name, text, reserved=name == "specification.graphql")
        for name, text in read_package().items()
    ]
    digest = hashlib.sha256()
    for name, text in sources.items():
        digest.update(text.encode("utf-8", "surrogatepass") + b"\x00")
        parsed.append(Source.parse(name, text))
    parsed += make_connections(parsed)
    parsed += make_filter_inputs(parsed)
    parsed += make_sort_inputs(parsed)
    builder = _Builder()
    for source in parsed:
        builder.add(source)
    schema = builder.build()
    schema.digest = digest.hexdigest()
    return schema


_NamedNode = (
    ast.TypeDefinition
    | ast.DirectiveDefinition
    | ast.FieldDefinition
    | ast.InputValueDefinition
    | ast.EnumValueDefinition
)


class _Builder:
    """Collects definitions, and what has to wait until all types are known."""

    def __init__(self) -> None:
        self.types: dict[str, TypeDef] = {}
        self.directives: dict[str, DirectiveDef] = {}
        self.roots: dict[str, tuple[str, Source, int]] = {}
        self.schema_node: ast.SchemaDefinition | None = None
        self.extensions: list[tuple[Source, ast.TypeDefinition | ast.SchemaDefinition]] = []
        self.references: list[tuple[Source, str, int]] = []
        self.defaults: dict[int, tuple[Source, InputValue, ast.Value]] = {}
        self.uses: list[tuple[Source, Element | None, list[ast.Directive], str]] = []

    def add(self, source: Source) -> None:
        for node in source.document.definitions:
            if isinstance(node, ast.DirectiveDefinition):
                self.add_directive(source, node)
            elif isinstance(node, ast.TypeDefinition | ast.SchemaDefinition) and node.extend:
                self.extensions.append((source, node))
            elif isinstance(node, ast.SchemaDefinition):
                if self.schema_node is not None:
                    source.refuse(
                        "There can be only one schema definition; write `extend schema`.", node.at
                    )
                self.schema_node = node
                self.add_roots(source, node)
            elif isinstance(node, ast.TypeDefinition):
                self.add_type(source, node)

    def build(self) -> Schema:
        for source, node in self.extensions:
            if isinstance(node, ast.SchemaDefinition):
                self.add_roots(source, node)
            else:
                self.extend_type(source, node)
        for source, name, at in self.references:
            if name not in self.types:
                source.refuse(f'Unknown type "{name}".{did_you_mean(name, self.types)}', at)
        schema = Schema(types=self.types, directives=self.directives, **self.root_names())
        schema.description = self.schema_node.description if self.schema_node else None
        check_schema(schema)
        for key in list(self.defaults):
            self.fill_default(schema, key, [])
        for source, element, nodes, place in self.uses:
            before = schema.applied if element is None else element.directives
            applied = before + tuple(self.apply(schema, source, nodes, place, before))
            if element is None:
                schema.applied = applied
            else:
                element.directives = applied
        check_uses(schema)
        schema.possible_types = possible_types(schema.types)
        return schema

    def root_names(self) -> dict[str, Any]:
        """The root types, by their usual names as far as there is no schema definition."""
        usual = {"query": ""}
        if self.schema_node is None:
            usual = {k: name for k, name in ROOTS.items() if name in self.types or k == "query"}
        for kind, (name, source, at) in self.roots.items():
            if not isinstance(self.types.get(name), ObjectType):
                source.refuse(
                    f'The root of kind {kind} must be an object type, "{name}" is none; declare'
                    f" `type {name} {{ ... }}`.",
                    at,
                )
        return usual | {kind: root[0] for kind, root in self.roots.items()}

    # ------------------------------------------------------------------------- definitions

    def add_roots(self, source: Source, node: ast.SchemaDefinition) -> None:
        self.uses.append((source, None, node.directives, "SCHEMA"))
        for kind, reference in node.operation_types:
            if kind in self.roots:
                source.refuse(
                    f"There can be only one {kind} type in the schema; remove one.", reference.at
                )
            self.roots[kind] = (self.reference(source, reference), source, reference.at)

    def add_directive(self, source: Source, node: ast.DirectiveDefinition) -> None:
        name = _name_of(source, node)
        if name in self.directives:
            source.refuse(
                f'There can be only one directive named "@{name}"; remove or rename this one.',
                node.at,
            )
        self.directives[name] = DirectiveDef(
            name=name,
            description=node.description,
            origin=source.origin(node.at),
            arguments=self.input_values(source, node.arguments, "ARGUMENT_DEFINITION"),
            locations=tuple(
                _unique(source, ((each.name, each.at) for each in node.locations), "location")
            ),
            repeatable=node.repeatable,
        )

    def add_type(self, source: Source, node: ast.TypeDefinition) -> None:
        name = _name_of(source, node)
        if name in self.types:
            source.refuse(
                f'There can be only one type named "{name}"; write `extend {node.kind} {name}` to'
                " add to it, or another name.",
                node.at,
            )
        make = _KINDS[node.kind][0]
        found = make(name=name, description=node.description, origin=source.origin(node.at))
        self.types[name] = found
        self.fill_type(source, node, found)

    def extend_type(self, source: Source, node: ast.TypeDefinition) -> None:
        found = self.types.get(node.name)
        if found is None:
            source.refuse(
                f'Cannot extend type "{node.name}" because it is not defined.'
                + did_you_mean(node.name, self.types),
                node.at,
            )
        make, _, kind = _KINDS[node.kind]
        if not isinstance(found, make):
            word = next(word for word, (each, _, _) in _KINDS.items() if isinstance(found, each))
            source.refuse(
                f'"{node.name}" is not {kind}; write `extend {word} {node.name}`.', node.at
            )
        self.fill_type(source, node, found)

    def fill_type(self, source: Source, node: ast.TypeDefinition, found: TypeDef) -> None:
        self.use(source, found, node.directives, _KINDS[node.kind][1])
        match found:
            case ScalarType():
                found.like = like_of(node) or found.like
            case ObjectType() | InterfaceType():
                found.interfaces = self.references_of(
                    source, node.interfaces, found.interfaces, "interface"
                )
                for each in node.fields:
                    if each.name in found.fields:
                        source.refuse(
                            f'Field "{node.name}.{each.name}" can only be defined once; remove'
                            " one.",
                            each.at,
                        )
                    found.fields[_name_of(source, each)] = self.field(source, each)
            case UnionType():
                found.members = self.references_of(source, node.members, found.members, "member")
            case EnumType():
                for value in node.values:
                    if value.name in found.values:
                        source.refuse(
                            f'Enum value "{node.name}.{value.name}" can only be defined once;'
                            " remove one.",
                            value.at,
                        )
                    added = EnumValueDef(
                        name=_name_of(source, value),
                        description=value.description,
                        origin=source.origin(value.at),
                    )
                    found.values[value.name] = added
                    self.use(source, added, value.directives, "ENUM_VALUE")
            case InputObjectType():
                for name, value_ in self.input_values(
                    source, node.input_fields, "INPUT_FIELD_DEFINITION"
                ).items():
                    if name in found.fields:
                        raise SchemaError(
                            f'Field "{node.name}.{name}" can only be defined once; remove one.',
                            file=value_.origin.file,
                            location=value_.origin.location,
                        )
                    found.fields[name] = value_

    def field(self, source: Source, node: ast.FieldDefinition) -> FieldDef:
        found = FieldDef(
            name=node.name,
            description=node.description,
            origin=source.origin(node.at),
            type=self.type_of(source, node.type),
            arguments=self.input_values(source, node.arguments, "ARGUMENT_DEFINITION"),
        )
        self.use(source, found, node.directives, "FIELD_DEFINITION")
        return found

    def input_values(
        self, source: Source, nodes: Sequence[ast.InputValueDefinition], place: str
    ) -> dict[str, InputValue]:
        found: dict[str, InputValue] = {}
        for node in nodes:
            name = _name_of(source, node)
            if name in found:
                what = "Argument" if place == "ARGUMENT_DEFINITION" else "Field"
                source.refuse(f'{what} "{name}" can only be defined once; remove one.', node.at)
            value = InputValue(
                name=name,
                description=node.description,
                origin=source.origin(node.at),
                type=self.type_of(source, node.type),
            )
            if node.default is not None:
                value.has_default = True
                value.default_text = print_value(node.default)
                self.defaults[id(value)] = (source, value, node.default)
            found[name] = value
            self.use(source, value, node.directives, place)
        return found

    def type_of(self, source: Source, node: ast.TypeReference) -> TypeRef:
        self.references.append((source, named(node.ref), node.name_at))
        return node.ref

    def reference(self, source: Source, node: ast.NamedType) -> str:
        self.references.append((source, node.name, node.at))
        return node.name

    def references_of(
        self,
        source: Source,
        nodes: Sequence[ast.NamedType],
        before: tuple[str, ...],
        what: str,
    ) -> tuple[str, ...]:
        added = tuple(_unique(source, ((node.name, node.at) for node in nodes), what, before))
        for node in nodes:
            self.reference(source, node)
        return before + added

    def use(self, source: Source, element: Element, nodes: list[ast.Directive], place: str) -> None:
        if nodes:
            self.uses.append((source, element, nodes, place))

    # ------------------------------------------------------------------------------ values

    def fill_default(self, schema: Schema, key: int, path: list[InputValue]) -> None:
        """Check and coerce one default value, after those of the input fields that it leaves out.

        Source: https://spec.graphql.org/September2025/#InputObjectDefaultValueHasCycle()
        """
        if key not in self.defaults:
            return
        source, value, node = self.defaults[key]
        if any(each is value for each in path):
            source.refuse(
                f'The default value of "{value.name}" contains itself; give a default that names'
                " all fields.",
                node.at,
            )
        _check_literal(schema, source, node, value.type)
        for inner in _fields_left_out(node, value.type, schema):
            self.fill_default(schema, id(inner), [*path, value])
        value.default = coerce_value(node, value.type, schema, {})
        del self.defaults[key]

    def apply(
        self,
        schema: Schema,
        source: Source,
        nodes: Sequence[ast.Directive],
        place: str,
        before: Iterable[AppliedDirective],
    ) -> Iterator[AppliedDirective]:
        """Check and coerce the directives at one location; ``before``: of what is extended."""
        seen = {used.name: used.origin for used in before}
        for node in nodes:
            found = self.directives.get(node.name)
            if found is None:
                hint = did_you_mean(node.name, self.directives)
                source.refuse(f'Unknown directive "@{node.name}".{hint}', node.at)
            if place not in found.locations:
                source.refuse(
                    f'Directive "@{node.name}" may not be used on {place}, only on'
                    f" {' | '.join(found.locations)}.",
                    node.at,
                )
            origin = source.origin(node.at)
            if node.name in seen and not found.repeatable:
                first = seen[node.name]
                source.refuse(
                    f'The directive "@{node.name}" can only be used once at this location, and is'
                    f" used in {first.file}:{first.location.line}; remove one of the two.",
                    node.at,
                )
            seen[node.name] = origin
            arguments = _directive_arguments(schema, source, found, node)
            yield AppliedDirective(node.name, arguments, origin)


def _name_of(source: Source, node: _NamedNode) -> str:
    if node.name.startswith("__") and not source.reserved:
        source.refuse(
            f'Name "{node.name}" must not begin with "__", which is reserved by GraphQL'
            " introspection; take another name.",
            node.at,
        )
    return node.name


def _directive_arguments(
    schema: Schema, source: Source, found: DirectiveDef, node: ast.Directive
) -> dict[str, Any]:
    list(_unique(source, ((each.name, each.at) for each in node.arguments), "argument"))
    for argument in node.arguments:
        definition = found.arguments.get(argument.name)
        if definition is None:
            hint = did_you_mean(argument.name, found.arguments)
            source.refuse(
                f'Unknown argument "{argument.name}" on directive "@{found.name}".{hint}',
                argument.at,
            )
        _check_literal(schema, source, argument.value, definition.type)
    try:
        return coerce_arguments(found.arguments, node.arguments, schema, {})
    except InputError as error:
        return source.refuse(f'Directive "@{found.name}": {error.message}', node.at)


def _check_literal(schema: Schema, source: Source, node: ast.Value, ref: TypeRef) -> None:
    for _, field in repeated_fields(node):
        source.refuse(f'There can be only one field named "{field.name}"; remove one.', field.at)
    for message, at in find_problems(node, ref, schema, suggestions=True):
        source.refuse(message, at)


def _fields_left_out(node: ast.Value, ref: TypeRef, schema: Schema) -> Iterator[InputValue]:
    """The input fields whose defaults complete this literal."""
    if isinstance(ref, NonNull):
        ref = ref.of
    if isinstance(ref, ListOf):
        for each in node.values if isinstance(node, ast.ListValue) else [node]:
            yield from _fields_left_out(each, ref.of, schema)
        return
    found = schema.types[named(ref)]
    if isinstance(found, InputObjectType) and isinstance(node, ast.ObjectValue):
        given = {each.name: each.value for each in node.fields}
        for name, field in found.fields.items():
            if name in given:
                yield from _fields_left_out(given[name], field.type, schema)
            elif field.has_default:
                yield field


def _unique(
    source: Source,
    names: Iterable[tuple[str, int]],
    what: str,
    before: Iterable[str] = (),
) -> Iterator[str]:
    seen = set(before)
    for name, at in names:
        if name in seen:
            source.refuse(f'There can be only one {what} named "{name}"; remove one.', at)
        seen.add(name)
        yield name


def possible_types(types: Mapping[str, TypeDef]) -> dict[str, frozenset[str]]:
    """The object types of every composite type: itself, the implementations, the members."""
    possible: dict[str, set[str]] = {}
    for name, found in types.items():
        if isinstance(found, ObjectType):
            possible.setdefault(name, set()).add(name)
            for interface in found.interfaces:
                possible.setdefault(interface, set()).add(name)
        elif isinstance(found, InterfaceType):
            possible.setdefault(name, set())
        elif isinstance(found, UnionType):
            possible.setdefault(name, set()).update(found.members)
    return {name: frozenset(members) for name, members in possible.items()}
