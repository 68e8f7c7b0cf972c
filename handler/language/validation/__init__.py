"""The validation rules of the specification, each a function from ``Facts`` to errors.

In order of control flow: ``facts`` gathers what the document uses; then come the rules about
``operations``, ``fields``, ``fragments``, ``arguments`` (with ``values``), ``directives`` and
``variables``, and last, because it costs most, ``merging`` of fields.

Source: https://spec.graphql.org/September2025/#sec-Validation
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from handler.errors import ClientError, ValidationError
from handler.language import ast
from handler.language.lexer import Tokens
from handler.language.limits import Limits
from handler.language.schema import Schema
from handler.language.validation import (
    arguments,
    directives,
    fields,
    fragments,
    merging,
    operations,
    variables,
)
from handler.language.validation.facts import Facts

RULES: tuple[Callable[[Facts], Iterator[ClientError]], ...] = (
    operations.executable_definitions,
    operations.unique_operation_names,
    operations.lone_anonymous_operation,
    operations.known_operation_types,
    operations.single_field_subscriptions,
    fields.known_type_names,
    fragments.fragments_on_composite_types,
    variables.variables_are_input_types,
    fields.scalar_leafs,
    fields.fields_on_correct_type,
    fragments.unique_fragment_names,
    fragments.known_fragment_names,
    fragments.no_unused_fragments,
    fragments.possible_fragment_spreads,
    fragments.no_fragment_cycles,
    variables.unique_variable_names,
    variables.no_undefined_variables,
    variables.no_unused_variables,
    directives.known_directives,
    directives.unique_directives_per_location,
    arguments.known_argument_names,
    arguments.unique_argument_names,
    arguments.values_of_correct_type,
    arguments.provided_required_arguments,
    variables.variables_in_allowed_position,
    arguments.unique_input_field_names,
    merging.overlapping_fields_can_be_merged,
)


LOCATIONS_MAX = 10  # of one error


class Report(Struct, frozen=True):
    """What the validation found. The last two say what other literals in the same places need."""

    errors: list[ClientError]  # those of the same words are one, with several places
    literal_types: list[tuple[ast.Value, str]]  # literals, and the scalar that each must fit
    equal_literals: list[tuple[int, int]]  # numbers of literals that must be the same


def validate(
    schema: Schema,
    document: ast.Document,
    tokens: Tokens,
    *,
    suggestions: bool,
    limits: Limits | None = None,
) -> list[ClientError]:
    """The errors of a document in the order of the rules, at most ``limits.errors`` and one more.

    Errors with the same message become one, with at most ``LOCATIONS_MAX`` locations: a small
    document must not cause a large response.
    """
    return examine(schema, document, tokens, suggestions=suggestions, limits=limits).errors


def examine(
    schema: Schema,
    document: ast.Document,
    tokens: Tokens,
    *,
    suggestions: bool,
    introspection: bool = True,
    limits: Limits | None = None,
) -> Report:
    """The errors of a document, and what its literals must fulfil."""
    limits = limits or Limits()
    facts = Facts(schema, document, tokens, limits=limits, suggestions=suggestions)
    errors: list[ClientError] = []
    rules = RULES if introspection else (fields.no_introspection, *RULES)
    for rule in rules:
        for error in rule(facts):
            if len(errors) >= limits.errors:
                errors.append(
                    ValidationError("Too many validation errors; the rest is not checked.")
                )
                return Report(_merged(errors), [], [])
            errors.append(error)
    return Report(_merged(errors), facts.literal_types, facts.equal_literals)


def _merged(errors: list[ClientError]) -> list[ClientError]:
    found: dict[tuple[str, str], ClientError] = {}
    for error in errors:
        first = found.setdefault((error.code, error.message), error)
        places = dict.fromkeys((*first.locations, *error.locations))
        first.locations = tuple(places)[:LOCATIONS_MAX]
    return list(found.values())
