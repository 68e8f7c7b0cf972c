"""The rules that the SDL states, and which of them a caller meets.

Where several requirements stand at one place, or at a type, its fields and what these lead to, all
have to be met. ``handler/model/access.py`` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import orjson
from msgspec import Struct

from handler.access.grant import Grant
from handler.access.principal import CallerKind, Principal

SCOPE_SETS_MAX: Final = 1_000  # sets of scopes whose bits are remembered


class Requirement(Struct, frozen=True):
    """Sets of scopes of which a known caller must have one in full; without any, nobody has.

    The development principal meets every requirement.
    """

    alternatives: tuple[tuple[str, ...], ...]  # sorted, so that equal ones are equal

    def is_met_by(self, kind: CallerKind, scopes: frozenset[str]) -> bool:
        """Whether callers of that kind have with these scopes what this asks for."""
        if kind is CallerKind.DEVELOPMENT:
            return True
        return kind is not CallerKind.ANONYMOUS and any(
            scopes.issuperset(wanted) for wanted in self.alternatives
        )


AUTHENTICATED: Final = Requirement(((),))
CLOSED: Final = Requirement(())  # of everything that no rule opens

AUTHENTICATED_BIT: Final = 1 << 0
CLOSED_BIT: Final = 1 << 1


# A type; a type and a field of it; these and an argument.
Place: TypeAlias = tuple[str, ...]


class StatedRules(Struct, frozen=True):
    """What the SDL states: of each place all requirements, or None where it says nothing at all."""

    places: Mapping[Place, tuple[Requirement, ...] | None]
    lifting: tuple[Requirement, ...] = ()  # whoever meets one need not keep to some row rule


class AccessRules:
    """What stands at the types, fields and arguments of one schema.

    Rules are sets of requirements, as bits: bit *i* asks for ``requirements[i]``. A caller may pass
    if ``needs & ~satisfied`` is zero. ``None`` stands where the SDL says nothing at all.
    """

    def __init__(self, stated: StatedRules) -> None:
        self._numbers = {AUTHENTICATED: 0, CLOSED: 1}
        self._satisfied = lru_cache(SCOPE_SETS_MAX)(self._bits)
        self.types: dict[str, int | None] = {}
        self.fields: dict[tuple[str, str], int | None] = {}
        self.arguments: dict[tuple[str, str, str], int | None] = {}
        for place, requirements in stated.places.items():
            needs = None if requirements is None else sum(1 << self._add(r) for r in requirements)
            match place:
                case (type_name,):
                    self.types[type_name] = needs
                case (type_name, field):
                    self.fields[type_name, field] = needs
                case (type_name, field, argument):
                    self.arguments[type_name, field, argument] = needs
        for requirement in stated.lifting:
            self._add(requirement)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every distinct requirement; their order is the same for the same SDL."""
        return tuple(self._numbers)

    def number(self, requirement: Requirement) -> int:
        """The place of a requirement of this schema in ``requirements``."""
        return self._numbers[requirement]

    def grant(self, principal: Principal) -> Grant:
        """What the caller may do. Whether it has expired is asked elsewhere."""
        satisfied = self._satisfied(principal.kind, principal.scopes)
        parts = (principal.kind, principal.issuer, principal.subject)
        return Grant(satisfied, principal.claims, orjson.dumps(parts).decode())

    def _bits(self, kind: CallerKind, scopes: frozenset[str]) -> int:
        """Of the requirements that callers of a kind meet with these scopes."""
        return sum(
            1 << number
            for requirement, number in self._numbers.items()
            if requirement.is_met_by(kind, scopes)
        )

    def is_met(self, number: int, satisfied: int) -> bool:
        """Whether a caller with these bits meets ``requirements[number]``."""
        return bool(satisfied >> number & 1)

    def _add(self, requirement: Requirement) -> int:
        return self._numbers.setdefault(requirement, len(self._numbers))


def login_helps(missing: int, satisfied: int) -> bool:
    """Whether a caller who lacks these bits is unknown, and some known ones have them."""
    return not satisfied & AUTHENTICATED_BIT and not missing & CLOSED_BIT
