"""The same schema and documents in graphql-core, to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import graphql
from graphql.validation import specified_rules

import handler.language
from handler import scalars
from handler.errors import InputError
from handler.language import ast
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.literals import read_literal
from handler.language.parser import parse_document

WIDE = Limits(characters=10_000_000, tokens=1_000_000, brackets=150)
VOCABULARY = Path(handler.language.__file__).parent / "directives.graphql"

# By the names of our functions.
RULES = {
    "".join("_" + char.lower() if char.isupper() else char for char in name).strip("_"): rule
    for rule in specified_rules
    for name in [rule.__name__.removesuffix("Rule")]
}


def reference_schema(sdl: str) -> graphql.GraphQLSchema:
    """The schema with our vocabulary, and with our scalars behind its scalars."""
    schema = graphql.build_schema(sdl + VOCABULARY.read_text(encoding="utf-8") + scalars.sdl())
    for name, known in scalars.SCALARS.items():
        if not known.description:
            continue  # of the specification
        scalar: Any = schema.type_map[name]
        scalar.parse_literal = _parse_literal(name)
        scalar.coerce_input_literal = None
    return schema


def reference_parse(text: str) -> graphql.DocumentNode:
    """The tree of the September 2025 grammar, in which no selection set is empty."""
    return graphql.parse(text, allow_empty_selection_sets=False)


def reference_errors(
    schema: graphql.GraphQLSchema, document: graphql.DocumentNode, names: Iterable[str]
) -> dict[str, list[graphql.GraphQLError]]:
    """What each of the rules finds, in one walk for all of them."""
    found: dict[str, list[graphql.GraphQLError]] = {}
    type_info = graphql.TypeInfo(schema)
    rules = []
    for name in names:
        errors = found[name] = []
        context = graphql.ValidationContext(schema, document, type_info, errors.append)
        rules.append(RULES[name](context))
    visitor = graphql.TypeInfoVisitor(type_info, graphql.ParallelVisitor(rules))
    graphql.visit(document, visitor)
    return found


def _parse_literal(name: str) -> Callable[..., Any]:
    def parse(node: graphql.ValueNode, _variables: Any = None) -> Any:
        try:
            return read_literal(name, parse_value(graphql.print_ast(node)))
        except InputError as error:
            raise graphql.GraphQLError(error.message) from error

    return parse


def parse_value(text: str) -> ast.Value:
    """The tree of one value."""
    document = parse_document(scan(f"{{ a(b: {text}) }}", WIDE))
    field = document.operations[0].selection_set.selections[0]
    assert isinstance(field, ast.Field)
    return field.arguments[0].value
