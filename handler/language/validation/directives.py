"""Rules about directives.

Source: https://spec.graphql.org/September2025/#sec-Validation.Directives
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language.validation.facts import Facts


def known_directives(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.scopes:
        for use in scope.directives:
            for node in use.nodes:
                definition = facts.schema.directives.get(node.name)
                if definition is None:
                    yield facts.error(f'Unknown directive "@{node.name}".', node.at)
                elif use.location not in definition.locations:
                    yield facts.error(
                        f'Directive "@{node.name}" may not be used on {use.location}.', node.at
                    )


def unique_directives_per_location(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.scopes:
        for use in scope.directives:
            first: dict[str, int] = {}
            for node in use.nodes:
                definition = facts.schema.directives.get(node.name)
                if definition is None or definition.repeatable:
                    continue
                known = first.setdefault(node.name, node.at)
                if known != node.at:
                    yield facts.error(
                        f'The directive "@{node.name}" can only be used once at this location.',
                        known,
                        node.at,
                    )
