"""Rules about arguments and the values in them.

Source: https://spec.graphql.org/September2025/#sec-Validation.Arguments and #sec-Validation.Values
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language.validation.facts import Facts
from handler.language.validation.values import find_problems, repeated_fields


def known_argument_names(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.arguments:
        if use.definitions is None:
            continue
        for node in use.nodes:
            if node.name not in use.definitions:
                hint = facts.hint(node.name, use.definitions)
                yield facts.error(f'Unknown argument "{node.name}" on {use.owner}.{hint}', node.at)


def unique_argument_names(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.arguments:
        if len(use.nodes) < 2:
            continue
        places: dict[str, list[int]] = {}
        for node in use.nodes:
            places.setdefault(node.name, []).append(node.at)
        for name, ats in places.items():
            if len(ats) > 1:
                yield facts.error(f'There can be only one argument named "{name}".', *ats)


def provided_required_arguments(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.arguments:
        given = {node.name for node in use.nodes}
        for name, definition in (use.definitions or {}).items():
            if definition.is_required and name not in given:
                what = f'Argument "{name}" of type "{definition.type}" is required on'
                yield facts.error(
                    facts.detail(what, "An argument is required on")
                    + f" {use.owner}, but it was not provided.",
                    use.at,
                )


def values_of_correct_type(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.values:
        if use.type is None:
            continue
        for message, at in find_problems(
            use.node, use.type, facts.schema, suggestions=facts.suggestions
        ):
            yield facts.error(message, at)


def unique_input_field_names(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.values:
        for first, other in repeated_fields(use.node):
            yield facts.error(
                f'There can be only one input field named "{first.name}".', first.at, other.at
            )
