"""What the SDL says of who may: ``@public``, ``@authenticated``, ``@requiresScopes`` and, for the
rows of a type, ``unlessScopes`` of ``@rowAccess``.

``@requiresScopes``: of the outer list one, of the inner list all. ``@public`` asks for nothing, but
says that this place was thought of: what nobody thought of is closed.
Source: https://www.apollographql.com/docs/graphos/routing/security/authorization
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from handler.access.rules import AUTHENTICATED, CLOSED, Place, Requirement, StatedRules
from handler.language.schema import (
    AppliedDirective,
    Element,
    InterfaceType,
    ObjectType,
    Origin,
    Schema,
    schema_error,
)


def read_access(schema: Schema) -> StatedRules:
    """The rules of all types, fields and arguments.

    Raises ``SchemaError`` for those that cannot be meant.
    """
    places: dict[Place, tuple[Requirement, ...] | None] = {}
    lifting: list[Requirement] = []
    for found in schema.types.values():
        if isinstance(found, InterfaceType):
            for _, name, element in _places(found):
                _refuse_on_interface(element, name)
        elif isinstance(found, ObjectType) and not found.name.startswith("__"):
            places[found.name,] = _rule(found, f"type {found.name}")
            lifting += [rule.unless for rule in row_access_of(found)]
            for place, name, element in _places(found):
                places[place] = _rule(element, name)
    return StatedRules(places, tuple(dict.fromkeys(lifting)))


class RowAccess(Struct, frozen=True):
    """``@rowAccess``, as it is written: ``field`` and ``claim``, or ``through``."""

    field: str | None
    claim: str | None
    through: str | None
    unless: Requirement  # who meets it need not keep to the rule; by default nobody does
    origin: Origin


def row_access_of(type_def: ObjectType) -> Iterator[RowAccess]:
    """Every row rule of a type. Raises ``SchemaError`` as ``_scopes`` does."""
    for used in type_def.directives:
        if used.name != "rowAccess":
            continue
        field, claim, through = (used.arguments.get(n) for n in ("field", "claim", "through"))
        unless = CLOSED
        if used.arguments.get("unlessScopes") is not None:
            unless = _scopes(type_def, used, "unlessScopes", f"type {type_def.name}")
        yield RowAccess(field, claim, through, unless, used.origin)


def _places(found: ObjectType | InterfaceType) -> Iterator[tuple[Place, str, Element]]:
    """The fields and arguments of a type, with their names in messages."""
    for field in found.fields.values():
        name = f"{found.name}.{field.name}"
        yield (found.name, field.name), name, field
        for argument in field.arguments.values():
            place = (found.name, field.name, argument.name)
            yield place, f"argument {argument.name!r} of {name}", argument


def _rule(element: Element, name: str) -> tuple[Requirement, ...] | None:
    """The requirements of one place; None if nothing is said there."""
    found = tuple(dict.fromkeys(_requirements(element, name)))
    if element.directive("public") is None:
        return found or None
    if found:
        raise schema_error(
            element, f"{name} is @public and has another rule; take one of the two away"
        )
    return ()


def _requirements(element: Element, name: str) -> Iterator[Requirement]:
    for used in element.directives:
        if used.name == "authenticated":
            yield AUTHENTICATED
        elif used.name == "requiresScopes":
            yield _scopes(element, used, "scopes", name)


def _scopes(element: Element, used: AppliedDirective, argument: str, name: str) -> Requirement:
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


def _refuse_on_interface(element: Element, name: str) -> None:
    if element.directive("public") or list(_requirements(element, name)):
        raise schema_error(
            element,
            f"{name} belongs to an interface; write the rule on the types that implement"
            f" it, whose rules hold in every selection",
        )
