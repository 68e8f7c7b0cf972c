"""What changed between two schemas, how much it hurts clients, and which operations notice.

graphql-core finds breaking and dangerous changes; what it says nothing of and what only adds is
safe. An operation is named with a change that touches something that it uses, and apart where the
new schema refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import graphql
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from aurora_graphql.schema.coordinates import used_by

_MEMBER: Final = re.compile(r"[A-Za-z_]\w*\.\w+(?:\(\w+:\))?")  # Order.total, Query.order(id:)
_WORDS: Final = frozenset({"Field", "Argument", "Enum", "Input", "Standard", "Type", "Union"})


class Severity(Enum):
    """How much a change hurts clients."""

    BREAKING = "breaking"  # an operation that was valid may not be any more
    DANGEROUS = "dangerous"  # valid still, but a program may behave otherwise
    SAFE = "safe"


@dataclass(frozen=True)
class Change:
    """One change. ``operations``: names of those that use what it touches."""

    severity: Severity
    text: str
    operations: tuple[str, ...] = ()
    places: frozenset[str] = field(default=frozenset(), compare=False)  # of the old schema


@dataclass(frozen=True)
class Difference:
    """All changes, the worst first. ``refused``: operations that are valid no more, and why."""

    changes: tuple[Change, ...]
    refused: Mapping[str, str] = field(default_factory=dict)

    def of(self, severity: Severity) -> list[Change]:
        """The changes of one severity."""
        return [each for each in self.changes if each.severity is severity]

    def exit_status(self, *, fail_on: Severity = Severity.BREAKING) -> int:
        """1 where a change is as bad as ``fail_on``, or an operation is refused; else 0."""
        worst = [Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE]
        counted = worst[: worst.index(fail_on) + 1]
        return int(bool(self.refused) or any(each.severity in counted for each in self.changes))


def compare(
    old: graphql.GraphQLSchema,
    new: graphql.GraphQLSchema,
    operations: Mapping[str, str] | None = None,
) -> Difference:
    """What changed from ``old`` to ``new``. ``operations``: documents by name, valid in ``old``."""
    uses = {}
    refused = {}
    for name, text in (operations or {}).items():
        document = graphql.parse(text, no_location=True)
        if graphql.validate(old, document):
            continue  # of a client that the old schema did not serve either
        uses[name] = used_by(text, old)
        if problems := graphql.validate(new, document):
            refused[name] = problems[0].message

    def touched(text: str) -> tuple[str, ...]:
        places = _places(text)
        return tuple(sorted(name for name, used in uses.items() if places & used))

    changes = [
        Change(severity, text, touched(text), frozenset(_places(text)))
        for severity, found in (
            (Severity.BREAKING, find_breaking_changes(old, new)),
            (Severity.DANGEROUS, find_dangerous_changes(old, new)),
        )
        for text in (each.description for each in found)
    ]
    changes += [
        Change(Severity.SAFE, text, () if text.endswith("was added.") else touched(text))
        for text in _safe(old, new)
    ]
    return Difference(tuple(changes), refused)


def _places(text: str) -> set[str]:
    """The parts of the old schema that the description of a change is about.

    What was added is noticed by those who meet the type that has it now.
    """
    found = _MEMBER.search(text)
    if found and "added" not in text:
        return {found[0]}
    return {word for word in re.findall(r"[A-Za-z_]\w*", text) if word not in _WORDS}


def _safe(old: graphql.GraphQLSchema, new: graphql.GraphQLSchema) -> Iterator[str]:
    for name, found in sorted(new.type_map.items()):
        if name.startswith("__"):
            continue
        before = old.type_map.get(name)
        if before is None:
            yield f"{name} was added."
            continue
        if type(before) is not type(found):
            continue
        if isinstance(found, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType):
            assert isinstance(before, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType)
            for field_name, each in found.fields.items():
                former = before.fields.get(field_name)
                if former is None:
                    yield f"{name}.{field_name} was added."
                    continue
                yield from _deprecation(f"{name}.{field_name}", former, each)
                if _is_stricter(former.type, each.type):
                    yield f"{name}.{field_name} changed type from {former.type} to {each.type}."
        if isinstance(found, graphql.GraphQLEnumType):
            assert isinstance(before, graphql.GraphQLEnumType)
            for value, told in found.values.items():
                if value in before.values:
                    yield from _deprecation(f"{name}.{value}", before.values[value], told)
        if (before.description or "") != (found.description or ""):
            yield f"{name} has another description."


def _deprecation(
    place: str,
    before: graphql.GraphQLField | graphql.GraphQLEnumValue,
    now: graphql.GraphQLField | graphql.GraphQLEnumValue,
) -> Iterator[str]:
    if before.deprecation_reason is None and now.deprecation_reason is not None:
        yield f"{place} is deprecated: {now.deprecation_reason}"
    elif before.deprecation_reason is not None and now.deprecation_reason is None:
        yield f"{place} is not deprecated any more."


def _is_stricter(before: object, now: object) -> bool:
    """Whether an answer keeps its type but promises more: ``String`` became ``String!``."""
    return str(before) != str(now) and str(before) == str(now).replace("!", "")
