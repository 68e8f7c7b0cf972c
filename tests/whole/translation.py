"""Our schema and documents in Tartiflette's terms.

Tartiflette gets types without arguments and documents without directives, because arguments are
coerced and selections chosen already, exactly to the specification. Every scalar and enum is a
scalar that passes values through: they are finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from tartiflette.language.ast import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Location,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from handler import errors
from handler.language import ast
from handler.language.limits import INTROSPECTION_ROOTS
from handler.language.schema import (
    EnumType,
    InterfaceType,
    ListOf,
    NonNull,
    ObjectType,
    ScalarType,
    Schema,
    TypeRef,
    UnionType,
    named,
)
from handler.language.selections import is_included

LEAF_PREFIX = "Leaf_"


class SourceField(FieldNode):
    """A field that remembers where it comes from: its arguments are coerced from it."""

    __slots__ = ("source",)

    source: ast.Field


def leaf_names(schema: Schema) -> list[str]:
    """The scalars that Tartiflette's schema has, one for each scalar and enum of ours."""
    return [LEAF_PREFIX + name for name, found in schema.types.items() if _is_leaf(found)]


def translate_schema(schema: Schema) -> str:
    """SDL of output types that Tartiflette understands."""
    lines = [f"schema {{ query: {schema.query} }}"]
    lines += [f"scalar {name}" for name in leaf_names(schema)]
    for found in schema.types.values():
        if found.name.startswith("__"):
            continue
        if isinstance(found, UnionType):
            lines.append(f"union {found.name} = {' | '.join(found.members)}")
        elif isinstance(found, ObjectType | InterfaceType):
            # Tartiflette knows no interface of an interface.
            above = found.interfaces if isinstance(found, ObjectType) else ()
            kind = "type" if isinstance(found, ObjectType) else "interface"
            implements = f" implements {' & '.join(above)}" if above else ""
            fields = " ".join(
                f"{name}: {_translate_ref(schema, field.type)}"
                for name, field in found.fields.items()
            )
            lines.append(f"{kind} {found.name}{implements} {{ {fields} }}")
    return "\n".join(lines)


def _is_leaf(found: object) -> bool:
    return isinstance(found, ScalarType | EnumType) and not found.name.startswith("__")


def _translate_ref(schema: Schema, ref: TypeRef) -> str:
    if isinstance(ref, NonNull):
        return _translate_ref(schema, ref.of) + "!"
    if isinstance(ref, ListOf):
        return f"[{_translate_ref(schema, ref.of)}]"
    name = named(ref)
    return LEAF_PREFIX + name if _is_leaf(schema.types[name]) else name


def translate_operation(
    operation: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
    variables: Mapping[str, Any],
    locate: Callable[[int], errors.Location],
) -> DocumentNode:
    """The operation with ``@skip`` and ``@include`` applied; ``__schema`` and ``__type`` left out,
    because they have been answered.

    Of the fragments only those that are asked for: others may be those of another operation, with
    variables that this one has not. Raises ``NullVariableError``.
    """
    translator = _Translator(variables, locate)
    definitions: list[Any] = [
        OperationDefinitionNode(
            operation_type="query",
            selection_set=translator.selection_set(operation.selection_set),
            variable_definitions=[],
            directives=[],
        )
    ]
    written: set[str] = set()
    while names := translator.spread.keys() - written:
        name = min(names)
        written.add(name)
        fragment = fragments[name]
        definitions.append(
            FragmentDefinitionNode(
                name=NameNode(value=fragment.name),
                type_condition=_named_type(fragment.type_condition),
                directives=[],
                selection_set=translator.selection_set(fragment.selection_set),
            )
        )
    return DocumentNode(definitions=definitions)


class _Translator(Struct, eq=False):
    variables: Mapping[str, Any]
    locate: Callable[[int], errors.Location]
    spread: dict[str, None] = field(default_factory=dict)  # fragments asked for, in order

    def selection_set(self, found: ast.SelectionSet) -> SelectionSetNode:
        return SelectionSetNode(selections=list(self.selections(found)))

    def selections(self, found: ast.SelectionSet) -> Iterator[Any]:
        """Those of one level. Not ``selections.walk``: fragments stay fragments here."""
        for selection in found.selections:
            if not is_included(selection.directives, self.variables):
                continue
            match selection:
                case ast.Field():
                    if selection.name not in INTROSPECTION_ROOTS:
                        yield self.field(selection)
                case ast.FragmentSpread():
                    self.spread.setdefault(selection.name)
                    yield FragmentSpreadNode(name=NameNode(value=selection.name), directives=[])
                case ast.InlineFragment():
                    condition = selection.type_condition
                    yield InlineFragmentNode(
                        selection_set=self.selection_set(selection.selection_set),
                        type_condition=_named_type(condition) if condition else None,
                        directives=[],
                    )

    def field(self, found: ast.Field) -> SourceField:
        at = self.locate(found.at)
        node = SourceField(
            name=NameNode(value=found.name),
            alias=NameNode(value=found.alias) if found.alias else None,
            arguments=[],
            directives=[],
            selection_set=self.selection_set(found.selection_set) if found.selection_set else None,
            location=Location(line=at.line, column=at.column),
        )
        node.source = found
        return node


def _named_type(found: ast.NamedType) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=found.name))
