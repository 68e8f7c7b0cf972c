"""The uses of fields, fragments, arguments, values and variables in a document, with their types.

Gathered in one pass for all rules. It visits each definition once and follows no fragment spread,
so its time is linear in the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from handler.errors import ValidationError
from handler.language import ast
from handler.language.introspection import find_field
from handler.language.lexer import Tokens
from handler.language.limits import Limits
from handler.language.schema import (
    DirectiveDef,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    ObjectType,
    Schema,
    TypeDef,
    TypeRef,
    UnionType,
    named,
    nullable,
)
from handler.language.selections import walk
from handler.language.suggestions import did_you_mean

COMPOSITE_TYPES = (ObjectType, InterfaceType, UnionType)


class FieldUse(Struct):
    """A field that is selected."""

    node: ast.Field
    parent: TypeDef | None  # None where the type is unknown, here and below
    definition: FieldDef | None


class SpreadUse(Struct):
    """A fragment spread."""

    node: ast.FragmentSpread
    parent: TypeDef | None


class InlineUse(Struct):
    """An inline fragment."""

    node: ast.InlineFragment
    parent: TypeDef | None  # the type around it
    type: TypeDef | None  # the type inside it


class DirectivesUse(Struct):
    """The directives at one location."""

    nodes: list[ast.Directive]
    location: str


class ArgumentsUse(Struct):
    """The arguments of one field or directive; ``definitions`` is None if that is unknown."""

    owner: str  # for messages: `field "Query.a"` or `directive "@a"`
    nodes: list[ast.Argument]
    definitions: Mapping[str, InputValue] | None
    at: int  # of the field or directive


class ValueUse(Struct):
    """The value of an argument, or the default of a variable."""

    node: ast.Value
    type: TypeRef | None


class VariableUse(Struct):
    """A variable in a value."""

    node: ast.Variable
    type: TypeRef | None
    has_default: bool  # of the argument or input field
    one_of: str | None  # the OneOf input object of which it is a field


class Scope(Struct):
    """One operation or fragment, with what counts for each operation that it is part of."""

    node: ast.OperationDefinition | ast.FragmentDefinition
    type: TypeDef | None
    spreads: list[SpreadUse] = field(default_factory=list)
    variables: list[VariableUse] = field(default_factory=list)


class Facts:
    """Everything that a document uses, with its types in one schema."""

    def __init__(
        self,
        schema: Schema,
        document: ast.Document,
        tokens: Tokens,
        *,
        limits: Limits,
        suggestions: bool,
    ) -> None:
        self.schema = schema
        self.document = document
        self.tokens = tokens
        self.limits = limits
        self.suggestions = suggestions
        self.fields: dict[int, FieldUse] = {}  # by the field's first token
        self.inlines: list[InlineUse] = []
        self.directives: list[DirectivesUse] = []
        self.arguments: list[ArgumentsUse] = []
        self.values: list[ValueUse] = []
        self.named_types: list[ast.NamedType] = []
        self.literal_types: list[tuple[ast.Value, str]] = []  # literals and their scalars
        self.equal_literals: list[tuple[int, int]] = []  # numbers of literals that must be equal
        self.scopes: list[Scope] = []
        for definition in document.definitions:
            if isinstance(definition, ast.OperationDefinition | ast.FragmentDefinition):
                self.scopes.append(_Walk(self).scope(definition))
        self.operations = [
            scope for scope in self.scopes if isinstance(scope.node, ast.OperationDefinition)
        ]
        self.fragments: dict[str, Scope] = {}  # the first of each name
        for scope in self.scopes:
            if isinstance(scope.node, ast.FragmentDefinition):
                self.fragments.setdefault(scope.node.name, scope)

    def error(self, message: str, *ats: int) -> ValidationError:
        return ValidationError(message, locations=[self.tokens.location(at) for at in ats])

    def detail(self, text: str, instead: str = "") -> str:
        """A part of a message that reveals the schema, or ``instead`` where it must not."""
        return text if self.suggestions else instead

    def hint(self, name: str, options: Iterable[str], kind: str = "") -> str:
        """A ``Did you mean`` with similar names, unless the schema must not be revealed."""
        return did_you_mean(name, options, kind) if self.suggestions else ""

    def reachable(self, scope: Scope) -> list[Scope]:
        """The scope and the fragments that it spreads, directly or through others, each once."""
        found = [scope]
        seen: set[str] = set()
        for each in found:
            for spread in each.spreads:
                name = spread.node.name
                if name not in seen:
                    seen.add(name)
                    if name in self.fragments:
                        found.append(self.fragments[name])
        return found

    def composite(self, name: str) -> TypeDef | None:
        found = self.schema.types.get(name)
        return found if isinstance(found, COMPOSITE_TYPES) else None


class _Walk:
    """Gathers the uses of one operation or fragment."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.schema = facts.schema

    def scope(self, node: ast.OperationDefinition | ast.FragmentDefinition) -> Scope:
        if isinstance(node, ast.OperationDefinition):
            root = self.schema.roots[node.kind]
            self.into = Scope(node, self.schema.types.get(root or ""))
            for definition in node.variables:
                self.variable_definition(definition)
            self.directives(node.directives, node.kind.upper())
        else:
            condition = node.type_condition
            self.into = Scope(node, self.facts.composite(condition.name))
            self.facts.named_types.append(condition)
            self.directives(node.directives, "FRAGMENT_DEFINITION")
        self.selection_set(node.selection_set, self.into.type)
        return self.into

    def variable_definition(self, node: ast.VariableDefinition) -> None:
        name = named(node.type.ref)
        self.facts.named_types.append(ast.NamedType(name, node.type.name_at))
        if node.default is not None:
            self.value(node.default, node.type.ref if name in self.schema.types else None)
        self.directives(node.directives, "VARIABLE_DEFINITION")

    def selection_set(self, node: ast.SelectionSet, parent: TypeDef | None) -> None:
        facts = self.facts
        for selection, condition in walk([node], {}):
            around = facts.composite(condition) if condition else parent
            if isinstance(selection, ast.Field):
                self.field(selection, around)
            elif isinstance(selection, ast.FragmentSpread):
                self.into.spreads.append(SpreadUse(selection, around))
                self.directives(selection.directives, "FRAGMENT_SPREAD")
            else:
                inside = around
                if selection.type_condition is not None:
                    facts.named_types.append(selection.type_condition)
                    inside = facts.composite(selection.type_condition.name)
                facts.inlines.append(InlineUse(selection, around, inside))
                self.directives(selection.directives, "INLINE_FRAGMENT")

    def field(self, node: ast.Field, parent: TypeDef | None) -> None:
        definition = find_field(self.schema, parent, node.name) if parent else None
        use = FieldUse(node, parent, definition)
        self.facts.fields[node.at] = use
        known = definition.arguments if definition else None
        if node.arguments or known:
            owner = f"{parent.name}.{node.name}" if parent and self.facts.suggestions else node.name
            self.arguments(ArgumentsUse(f'field "{owner}"', node.arguments, known, node.at))
        if node.directives:
            self.directives(node.directives, "FIELD")
        if node.selection_set is not None:
            inside = self.facts.composite(named(definition.type)) if definition else None
            self.selection_set(node.selection_set, inside)

    def directives(self, nodes: list[ast.Directive], location: str) -> None:
        if not nodes:
            return
        self.facts.directives.append(DirectivesUse(nodes, location))
        for node in nodes:
            definition: DirectiveDef | None = self.schema.directives.get(node.name)
            known = definition.arguments if definition else None
            self.arguments(
                ArgumentsUse(f'directive "@{node.name}"', node.arguments, known, node.at)
            )

    def arguments(self, use: ArgumentsUse) -> None:
        self.facts.arguments.append(use)
        for node in use.nodes:
            definition = use.definitions.get(node.name) if use.definitions else None
            has_default = definition is not None and definition.has_default
            self.value(node.value, definition.type if definition else None, has_default=has_default)

    def value(
        self,
        node: ast.Value,
        ref: TypeRef | None,
        *,
        has_default: bool = False,
    ) -> None:
        """The value of an argument, or the default of a variable."""
        self.facts.values.append(ValueUse(node, ref))
        self.inside(node, ref, has_default=has_default)

    def inside(
        self,
        node: ast.Value,
        ref: TypeRef | None,
        *,
        has_default: bool = False,
        one_of: str | None = None,
    ) -> None:
        """The variables and literals in a value."""
        match node:
            case ast.Variable():
                self.into.variables.append(VariableUse(node, ref, has_default, one_of))
            case ast.ListValue():
                outer = nullable(ref) if ref else None
                item = outer.of if isinstance(outer, ListOf) else outer
                for each in node.values:
                    self.inside(each, item)
            case ast.ObjectValue():
                found = self.schema.types.get(named(ref)) if ref else None
                known = found.fields if isinstance(found, InputObjectType) else {}
                parent = (
                    found.name if isinstance(found, InputObjectType) and found.is_one_of else None
                )
                for member in node.fields:
                    definition = known.get(member.name)
                    self.inside(
                        member.value,
                        definition.type if definition else None,
                        has_default=definition is not None and definition.has_default,
                        one_of=parent,
                    )
            case ast.IntValue() | ast.FloatValue() | ast.StringValue():
                self.facts.literal_types.append(
                    (node, self.schema.basis(named(ref)) if ref else "JSON")
                )
