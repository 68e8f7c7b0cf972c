"""Rules about directives.

Source: https://spec.graphql.org/September2025/#sec-Validation.Directives
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language.validation.facts import Facts

NAMES_MAX = 5  # of unknown directives, in the one error about them


def known_directives(facts: Facts) -> Iterator[ValidationError]:
    """One error for all unknown directives; a hostile document may hold hundreds."""
    unknown: dict[str, list[int]] = {}
    misplaced: list[ValidationError] = []
    for use in facts.directives:
        for node in use.nodes:
            definition = facts.schema.directives.get(node.name)
            if definition is None:
                unknown.setdefault(node.name, []).append(node.at)
            elif use.location not in definition.locations:
                message = f'Directive "@{node.name}" may not be used on {use.location}.'
                misplaced.append(facts.error(message, node.at))

    if unknown:
        names = ", ".join(f'"@{name}"' for name in list(unknown)[:NAMES_MAX])
        more = f" and {len(unknown) - NAMES_MAX} more" if len(unknown) > NAMES_MAX else ""
        ats = sorted(at for places in unknown.values() for at in places)
        plural = "s" if len(unknown) > 1 else ""
        yield facts.error(f"Unknown directive{plural} {names}{more}.", *ats)
    yield from misplaced


def unique_directives_per_location(facts: Facts) -> Iterator[ValidationError]:
    for use in facts.directives:
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
