"""The rules that the SDL's directives say, and which of them a caller meets.

``@requiresScopes``: of the outer list one, of the inner list all; where several directives stand at
one place, or at a type, its fields and what these lead to, all have to be met. ``@public`` asks for
nothing, but says that this place was thought of: what nobody thought of is closed.
Source: https://www.apollographql.com/docs/graphos/routing/security/authorization
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from handler.access.grant import Grant
from handler.access.principal import Kind, Principal
from handler.language.schema import (
    AppliedDirective,
    Element,
    InterfaceType,
    ObjectType,
    Schema,
    schema_error,
)
from handler.records import dataclass

MAX_KEPT: Final = 1_000  # sets of scopes whose bits are remembered


@dataclass(frozen=True, slots=True)
class Requirement:
    """Sets of scopes of which a known caller must have one in full; without any, nobody has.

    The development principal meets every requirement.
    """

    alternatives: tuple[tuple[str, ...], ...]  # sorted, so that equal ones are equal

    def is_met_by(self, principal: Principal) -> bool:
        """Whether that caller has what this asks for."""
        if principal.kind is Kind.DEVELOPMENT:
            return True
        return principal.kind is not Kind.ANONYMOUS and any(
            principal.scopes.issuperset(scopes) for scopes in self.alternatives
        )


AUTHENTICATED: Final = Requirement(((),))
CLOSED: Final = Requirement(())  # of everything that no rule opens

AUTHENTICATED_BIT: Final = 1 << 0
CLOSED_BIT: Final = 1 << 1


class AccessRules:
    """What stands at the types, fields and arguments of one schema.

    Rules are sets of requirements, as bits: bit *i* asks for ``requirements[i]``. A caller may pass
    if ``needs & ~met`` is zero. ``None`` stands where the SDL says nothing at all.
    """

    def __init__(self, schema: Schema) -> None:
        """Raises ``SchemaError`` for rules that cannot be meant."""
        self._numbers = {AUTHENTICATED: 0, CLOSED: 1}
        self._met: OrderedDict[tuple[Kind, frozenset[str]], int] = OrderedDict()
        self.types: dict[str, int | None] = {}
        self.fields: dict[tuple[str, str], int | None] = {}
        self.arguments: dict[tuple[str, str, str], int | None] = {}
        for found in schema.types.values():
            if isinstance(found, InterfaceType):
                _refuse_on_interface(found)
            elif isinstance(found, ObjectType) and not found.name.startswith("__"):
                self._read(found)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every distinct requirement; their order is the same for the same SDL."""
        return tuple(self._numbers)

    def number(self, requirement: Requirement) -> int:
        """The place of a requirement of this schema in ``requirements``."""
        return self._numbers[requirement]

    def grant(self, principal: Principal) -> Grant:
        """What the caller may do. Whether it has expired is asked elsewhere."""
        key = (principal.kind, principal.scopes)
        met = self._met.get(key)
        if met is None:
            bits = (
                number if requirement.is_met_by(principal) else None
                for requirement, number in self._numbers.items()
            )
            met = self._met[key] = sum(1 << number for number in bits if number is not None)
            if len(self._met) > MAX_KEPT:
                self._met.popitem(last=False)
        parts = (principal.kind.value, principal.issuer, principal.subject)
        return Grant(met, principal.claims, orjson.dumps(parts).decode())

    def is_met(self, number: int, met: int) -> bool:
        """Whether a caller with these bits meets ``requirements[number]``."""
        return bool(met >> number & 1)

    # ----------------------------------------------------------------------------- reading

    def _read(self, found: ObjectType) -> None:
        self.types[found.name] = self._rule(found, f"type {found.name}")
        for used in found.directives:
            if used.name == "rowAccess":
                self._add(row_requirement(found, used))
        for field in found.fields.values():
            name = f"{found.name}.{field.name}"
            self.fields[found.name, field.name] = self._rule(field, name)
            for argument in field.arguments.values():
                self.arguments[found.name, field.name, argument.name] = self._rule(
                    argument, f"argument {argument.name!r} of {name}"
                )

    def _rule(self, element: Element, name: str) -> int | None:
        """The requirements of one place; None if nothing is said there."""
        found = list(_requirements(element, name))
        if element.directive("public") is None:
            distinct = dict.fromkeys(found)
            return sum(1 << self._add(each) for each in distinct) if distinct else None
        if found:
            raise schema_error(
                element, f"{name} is @public and has another rule; take one of the two away"
            )
        return 0

    def _add(self, requirement: Requirement) -> int:
        return self._numbers.setdefault(requirement, len(self._numbers))


def login_helps(missing: int, met: int) -> bool:
    """Whether a caller who lacks these bits is unknown, and some known ones have them."""
    return not met & AUTHENTICATED_BIT and not missing & CLOSED_BIT


def _requirements(element: Element, name: str) -> Iterator[Requirement]:
    for used in element.directives:
        if used.name == "authenticated":
            yield AUTHENTICATED
        elif used.name == "requiresScopes":
            yield read_scopes(element, used, "scopes", name)


def read_scopes(element: Element, used: AppliedDirective, argument: str, name: str) -> Requirement:
    """The requirement that an argument of type ``[[String!]!]`` of a directive says.

    ``name``: of the place, for messages. Raises ``SchemaError`` for lists that are empty, which
    could mean all or nothing, and for scopes that no token can have.
    """
    lists: list[list[str]] = used.arguments[argument]
    what = f"{name}: @{used.name}({argument}: ...)"
    if not lists or not all(lists):
        raise schema_error(
            element,
            f'{what} has an empty list; write [["a", "b"], ["c"]] for (a and b) or c,'
            f" @authenticated for any known caller, or @public",
        )
    for scope in (each for listed in lists for each in listed):
        if scope.split() != [scope]:  # any blank: it would be a scope that no issuer gives
            raise schema_error(
                element,
                f'{what} names the scope {scope!r}; a scope is one word. For several write ["a",'
                f' "b"]',
            )
    return Requirement(tuple(sorted({tuple(sorted(set(listed))) for listed in lists})))


def row_requirement(type_def: ObjectType, used: AppliedDirective) -> Requirement:
    """Who need not keep to that ``@rowAccess`` of a type; without ``unlessScopes`` nobody.

    Raises ``SchemaError`` as ``read_scopes`` does.
    """
    if used.arguments.get("unlessScopes") is None:
        return CLOSED
    return read_scopes(type_def, used, "unlessScopes", f"type {type_def.name}")


def _refuse_on_interface(found: InterfaceType) -> None:
    for field in found.fields.values():
        places: Mapping[str, Element] = {f"{found.name}.{field.name}": field} | {
            f"argument {argument.name!r} of {found.name}.{field.name}": argument
            for argument in field.arguments.values()
        }
        for name, element in places.items():
            if element.directive("public") or list(_requirements(element, name)):
                raise schema_error(
                    element,
                    f"{name} belongs to an interface; write the rule on the types that implement"
                    f" it, whose rules hold in every selection",
                )
