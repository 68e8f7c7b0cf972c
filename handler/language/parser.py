"""The parser: tokens to syntax trees, by recursive descent. The lexer has bounded the depth.

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from sys import intern
from typing import NoReturn, TypeVar

from handler.errors import DocumentSyntaxError
from handler.language import ast
from handler.language.lexer import BLOCK, END, FLOAT, INT, NAME, STRING, Tokens
from handler.language.schema import ListOf, Named, NonNull
from handler.language.strings import string_value

OPERATIONS = ("query", "mutation", "subscription")
EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)
TYPE_SYSTEM_LOCATIONS = frozenset(
    {
        "SCHEMA",
        "SCALAR",
        "OBJECT",
        "FIELD_DEFINITION",
        "ARGUMENT_DEFINITION",
        "INTERFACE",
        "UNION",
        "ENUM",
        "ENUM_VALUE",
        "INPUT_OBJECT",
        "INPUT_FIELD_DEFINITION",
    }
)

_STRINGS, _NUMBERS = frozenset({STRING, BLOCK}), frozenset({INT, FLOAT})

_Node = TypeVar("_Node")


def parse_document(tokens: Tokens) -> ast.Document:
    """Parse an executable document; SDL in it is left to the validation.

    Raises ``DocumentSyntaxError`` at the first token that does not fit.
    """
    return _Parser(tokens).document()


def parse_sdl(tokens: Tokens) -> ast.Document:
    """Parse type system definitions and extensions; nothing executable may stand among them."""
    document = _Parser(tokens).document()
    for definition in document.definitions:
        if isinstance(definition, ast.OperationDefinition | ast.FragmentDefinition):
            raise DocumentSyntaxError(
                "Syntax Error: Unexpected operation or fragment among type definitions.",
                locations=[tokens.location(definition.at)],
            )
    return document


class _Parser:
    """One method for each production of the grammar; ``at`` is the token at hand."""

    __slots__ = ("at", "kinds", "literal", "texts", "tokens")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.at = 0
        self.literal = 0  # literals consumed so far

    # ------------------------------------------------------------------------------ tokens

    def unexpected(self, at: int | None = None) -> NoReturn:
        at = self.at if at is None else at
        raise self.error(f"Unexpected {self.show(at)}.", at)

    def error(self, message: str, at: int) -> DocumentSyntaxError:
        return DocumentSyntaxError(f"Syntax Error: {message}", locations=[self.tokens.location(at)])

    def show(self, at: int) -> str:
        kind, text = self.kinds[at], self.texts[at]
        if kind in (text, END):
            return f'"{kind}"' if kind != END else kind
        if kind in _STRINGS:
            text = string_value(text)
        return f'{kind} "{text if len(text) <= 100 else text[:100] + "..."}"'

    def expect(self, kind: str) -> int:
        at = self.at
        if self.kinds[at] != kind:
            wanted = kind if kind == NAME else f'"{kind}"'
            raise self.error(f"Expected {wanted}, found {self.show(at)}.", at)
        self.at = at + 1
        return at

    def name(self) -> str:
        at = self.at
        if self.kinds[at] != NAME:
            self.expect(NAME)
        self.at = at + 1
        return self.texts[at]

    def skip(self, kind: str) -> bool:
        if self.kinds[self.at] == kind:
            self.at += 1
            return True
        return False

    def keyword(self, word: str) -> bool:
        at = self.at
        if self.kinds[at] == NAME and self.texts[at] == word:
            self.at = at + 1
            return True
        return False

    def expect_keyword(self, word: str) -> None:
        if not self.keyword(word):
            raise self.error(f'Expected "{word}", found {self.show(self.at)}.', self.at)

    def many(self, opening: str, item: Callable[[], _Node], closing: str) -> list[_Node]:
        """One or more items between brackets."""
        self.expect(opening)
        found = [item()]
        kinds = self.kinds
        while kinds[self.at] != closing:
            found.append(item())
        self.at += 1
        return found

    def optional_many(self, opening: str, item: Callable[[], _Node], closing: str) -> list[_Node]:
        """None, or one or more items between brackets."""
        return self.many(opening, item, closing) if self.kinds[self.at] == opening else []

    def separated(self, separator: str, item: Callable[[], _Node]) -> list[_Node]:
        """One or more items with a separator between them, and optionally before the first."""
        self.skip(separator)
        found = [item()]
        while self.skip(separator):
            found.append(item())
        return found

    # --------------------------------------------------------------------------- documents

    def document(self) -> ast.Document:
        definitions = [self.definition()]
        while self.kinds[self.at] != END:
            definitions.append(self.definition())
        operations: list[ast.OperationDefinition] = []
        fragments: dict[str, ast.FragmentDefinition] = {}
        for definition in definitions:
            if isinstance(definition, ast.OperationDefinition):
                operations.append(definition)
            elif isinstance(definition, ast.FragmentDefinition):
                fragments.setdefault(definition.name, definition)
        return ast.Document(operations, fragments, definitions, self.tokens.count)

    def definition(self) -> ast.Definition:
        start = self.at
        if self.kinds[start] == "{":
            return ast.OperationDefinition(
                "query", None, [], [], self.selection_set(), start, start
            )
        description = self.description()
        at = self.at
        if self.kinds[at] != NAME:
            self.unexpected()
        word = self.texts[at]
        if word in OPERATIONS:
            return self.operation(start, description)
        if word == "fragment":
            return self.fragment(start, description)
        if word == "extend":
            if description is not None:
                self.unexpected()
            self.at += 1
            return self.extension(start)
        if word == "schema":
            return self.schema(at, description)
        if word == "directive":
            return self.directive_definition(at, description)
        if word in _TYPE_KEYWORDS:
            return self.type_definition(at, description, extend=False)
        return self.unexpected()

    def description(self) -> str | None:
        kind = self.kinds[self.at]
        if kind not in _STRINGS:
            return None
        return intern(self.string().value)  # many are equal, and one each in what is prepared

    def operation(self, start: int, description: str | None) -> ast.OperationDefinition:
        kind = self.name()
        name_at = self.at
        name = self.name() if self.kinds[name_at] == NAME else None
        variables = self.optional_many("(", self.variable_definition, ")")
        directives = self.directives()
        return ast.OperationDefinition(
            kind,
            name,
            variables,
            directives,
            self.selection_set(),
            start,
            name_at if name else start,
            description,
        )

    def variable_definition(self) -> ast.VariableDefinition:
        start = self.at
        description = self.description()
        variable = self.variable()
        self.expect(":")
        type_node = self.type_reference()
        default = self.value(constant=True) if self.skip("=") else None
        return ast.VariableDefinition(
            variable, type_node, default, self.directives(constant=True), start, description
        )

    def variable(self) -> ast.Variable:
        at = self.expect("$")
        return ast.Variable(self.name(), at)

    def selection_set(self) -> ast.SelectionSet:
        at = self.at
        return ast.SelectionSet(self.many("{", self.selection, "}"), at)

    def selection(self) -> ast.Selection:
        at = self.at
        kinds = self.kinds
        if kinds[at] == "...":
            return self.spread(at)
        alias = None
        name = self.name()
        name_at = at
        if kinds[self.at] == ":":
            self.at += 1
            alias, name_at = name, self.at
            name = self.name()
        kind = kinds[self.at]
        arguments: list[ast.Argument] = []
        if kind == "(":
            arguments = self.many("(", self.argument, ")")
            kind = kinds[self.at]
        directives: list[ast.Directive] = []
        if kind == "@":
            directives = self.directives()
            kind = kinds[self.at]
        children = self.selection_set() if kind == "{" else None
        return ast.Field(alias, name, arguments, directives, children, at, name_at)

    def spread(self, at: int) -> ast.FragmentSpread | ast.InlineFragment:
        self.at += 1
        condition = None
        if self.kinds[self.at] == NAME:
            if self.texts[self.at] != "on":
                name_at = self.at
                return ast.FragmentSpread(self.name(), self.directives(), at, name_at)
            self.at += 1
            condition = self.named_type()
        directives = self.directives()
        return ast.InlineFragment(condition, directives, self.selection_set(), at)

    def fragment(self, start: int, description: str | None) -> ast.FragmentDefinition:
        self.at += 1
        name_at = self.at
        if self.texts[name_at] == "on":
            self.unexpected()
        name = self.name()
        self.expect_keyword("on")
        condition = self.named_type()
        directives = self.directives()
        return ast.FragmentDefinition(
            name, condition, directives, self.selection_set(), start, name_at, description
        )

    def argument(self, *, constant: bool = False) -> ast.Argument:
        at = self.at
        name = self.name()
        self.expect(":")
        return ast.Argument(name, self.value(constant=constant), at)

    def directives(self, *, constant: bool = False) -> list[ast.Directive]:
        found: list[ast.Directive] = []
        while self.kinds[self.at] == "@":
            at = self.at
            self.at += 1
            name = self.name()
            item = partial(self.argument, constant=True) if constant else self.argument
            found.append(ast.Directive(name, self.optional_many("(", item, ")"), at))
        return found

    # ---------------------------------------------------------------------- values and types

    def value(self, *, constant: bool = False) -> ast.Value:
        at = self.at
        kind = self.kinds[at]
        if kind == "$":
            if constant:
                name = self.texts[at + 1] if self.kinds[at + 1] == NAME else None
                if name is None:
                    self.unexpected()
                raise self.error(f'Unexpected variable "${name}" in constant value.', at)
            return self.variable()
        if kind == NAME:
            self.at = at + 1
            text = self.texts[at]
            if text == "true":
                return ast.BooleanValue(True, at)
            if text == "false":
                return ast.BooleanValue(False, at)
            return ast.NullValue(at) if text == "null" else ast.EnumValue(text, at)
        if kind in _STRINGS:
            return self.string()
        if kind in _NUMBERS:
            self.at = at + 1
            literal = self.literal
            self.literal = literal + 1
            node = ast.IntValue if kind == INT else ast.FloatValue
            return node(self.texts[at], at, literal)
        if kind == "[":
            self.at = at + 1
            values: list[ast.Value] = []
            while not self.skip("]"):
                values.append(self.value(constant=constant))
            return ast.ListValue(values, at)
        if kind == "{":
            self.at = at + 1
            members: list[ast.ObjectField] = []
            while not self.skip("}"):
                member_at = self.at
                name = self.name()
                self.expect(":")
                members.append(ast.ObjectField(name, self.value(constant=constant), member_at))
            return ast.ObjectValue(members, at)
        return self.unexpected()

    def string(self) -> ast.StringValue:
        at = self.at
        self.at = at + 1
        literal = self.literal
        self.literal = literal + 1
        value = string_value(self.texts[at])
        return ast.StringValue(value, at, literal, self.kinds[at] == BLOCK)

    def type_reference(self) -> ast.TypeReference:
        at = name_at = self.at
        found: Named | ListOf
        if self.skip("["):
            inner = self.type_reference()
            self.expect("]")
            found, name_at = ListOf(inner.ref), inner.name_at
        else:
            found = Named(self.name())
        return ast.TypeReference(NonNull(found) if self.skip("!") else found, at, name_at)

    def named_type(self) -> ast.NamedType:
        at = self.at
        return ast.NamedType(self.name(), at)

    # --------------------------------------------------------------------------------- SDL

    def schema(self, start: int, description: str | None) -> ast.SchemaDefinition:
        self.at += 1
        directives = self.directives(constant=True)
        roots = self.many("{", self.root, "}")
        return ast.SchemaDefinition(False, directives, roots, description, start)

    def root(self) -> tuple[str, ast.NamedType]:
        at = self.at
        kind = self.name()
        if kind not in OPERATIONS:
            self.unexpected(at)
        self.expect(":")
        return kind, self.named_type()

    def extension(self, start: int) -> ast.Definition:
        at = self.at
        word = self.texts[at] if self.kinds[at] == NAME else ""
        if word == "schema":
            self.at += 1
            directives = self.directives(constant=True)
            roots = self.optional_many("{", self.root, "}")
            if not directives and not roots:
                self.unexpected()
            return ast.SchemaDefinition(True, directives, roots, None, start)
        if word not in _TYPE_KEYWORDS:
            self.unexpected()
        found = self.type_definition(start, None, extend=True)
        parts = (
            found.interfaces,
            found.directives,
            found.fields,
            found.input_fields,
            found.members,
            found.values,
        )
        if not any(parts):
            self.unexpected()
        return found

    def type_definition(
        self, start: int, description: str | None, *, extend: bool
    ) -> ast.TypeDefinition:
        kind = self.name()
        found = ast.TypeDefinition(
            kind, self.name(), extend, [], [], [], [], [], [], description, start
        )
        if kind in ("type", "interface") and self.keyword("implements"):
            found.interfaces = self.separated("&", self.named_type)
        found.directives = self.directives(constant=True)
        if kind in ("type", "interface"):
            found.fields = self.optional_many("{", self.field_definition, "}")
        elif kind == "union":
            found.members = self.separated("|", self.named_type) if self.skip("=") else []
        elif kind == "enum":
            found.values = self.optional_many("{", self.enum_value_definition, "}")
        elif kind == "input":
            found.input_fields = self.optional_many("{", self.input_value_definition, "}")
        return found

    def field_definition(self) -> ast.FieldDefinition:
        description = self.description()
        at = self.at
        name = self.name()
        arguments = self.optional_many("(", self.input_value_definition, ")")
        self.expect(":")
        type_node = self.type_reference()
        directives = self.directives(constant=True)
        return ast.FieldDefinition(name, arguments, type_node, directives, description, at)

    def input_value_definition(self) -> ast.InputValueDefinition:
        description = self.description()
        at = self.at
        name = self.name()
        self.expect(":")
        type_node = self.type_reference()
        default = self.value(constant=True) if self.skip("=") else None
        directives = self.directives(constant=True)
        return ast.InputValueDefinition(name, type_node, default, directives, description, at)

    def enum_value_definition(self) -> ast.EnumValueDefinition:
        description = self.description()
        at = self.at
        name = self.name()
        if name in ("true", "false", "null"):
            raise self.error(f'Name "{name}" is reserved and cannot be used for an enum value.', at)
        return ast.EnumValueDefinition(name, self.directives(constant=True), description, at)

    def directive_definition(self, start: int, description: str | None) -> ast.DirectiveDefinition:
        self.at += 1
        self.expect("@")
        name = self.name()
        arguments = self.optional_many("(", self.input_value_definition, ")")
        repeatable = self.keyword("repeatable")
        self.expect_keyword("on")
        locations = self.separated("|", self.directive_location)
        return ast.DirectiveDefinition(name, arguments, repeatable, locations, description, start)

    def directive_location(self) -> ast.NamedType:
        at = self.at
        name = self.name()
        if name not in EXECUTABLE_LOCATIONS and name not in TYPE_SYSTEM_LOCATIONS:
            self.unexpected(at)
        return ast.NamedType(name, at)


_TYPE_KEYWORDS = frozenset({"scalar", "type", "interface", "union", "enum", "input"})
