"""The type system: what SDL declares, and what documents are validated against.

Built once at start by ``sdl.py``; nothing changes it afterwards.
Source: https://spec.graphql.org/September2025/#sec-Type-System
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

from handler.errors import Location, SchemaError


class Origin(Struct, frozen=True):
    """The location of a definition in the SDL."""

    file: str
    location: Location


BUILT_IN = Origin("<built-in>", Location(1, 1))

# --------------------------------------------------------------------------- type references


class Named(Struct, frozen=True):
    """A reference to a type by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


class ListOf(Struct, frozen=True):
    """A list of a type."""

    of: TypeRef

    def __str__(self) -> str:
        return f"[{self.of}]"


class NonNull(Struct, frozen=True):
    """A non-null type."""

    of: Named | ListOf

    def __str__(self) -> str:
        return f"{self.of}!"


TypeRef: TypeAlias = Named | ListOf | NonNull


def nullable(ref: TypeRef) -> Named | ListOf:
    """The reference without an outer ``!``."""
    return ref.of if isinstance(ref, NonNull) else ref


def is_nullable(ref: TypeRef) -> bool:
    """Whether a value of the type may be null."""
    return not isinstance(ref, NonNull)


def has_nullable_items(ref: TypeRef) -> bool:
    """Whether the type is a list whose items may be null."""
    bare = nullable(ref)
    return isinstance(bare, ListOf) and is_nullable(bare.of)


def named(ref: TypeRef) -> str:
    """The name of the type inside all lists and non-nulls."""
    while not isinstance(ref, Named):
        ref = ref.of
    return ref.name


# ------------------------------------------------------------------------------- definitions


class AppliedDirective(Struct, frozen=True):
    """A directive where it is used in the SDL.

    ``arguments`` are coerced, with defaults; enum values are their names.
    """

    name: str
    arguments: dict[str, Any]
    origin: Origin


class Element(Struct, kw_only=True):
    """What all named parts of a schema have."""

    name: str
    description: str | None = None
    directives: tuple[AppliedDirective, ...] = ()
    origin: Origin = BUILT_IN

    def directive(self, name: str) -> AppliedDirective | None:
        """The first use of that directive here, if any."""
        return next((used for used in self.directives if used.name == name), None)

    @property
    def deprecation_reason(self) -> str | None:
        """The reason of ``@deprecated``; None where the element is not deprecated."""
        used = self.directive("deprecated")
        return None if used is None else str(used.arguments["reason"])


class InputValue(Element, kw_only=True):
    """An argument or input field. ``default`` is coerced, and valid if ``has_default``."""

    type: TypeRef
    has_default: bool = False
    default: Any = None
    default_text: str | None = None  # as GraphQL, for introspection and printing

    @property
    def is_required(self) -> bool:
        return isinstance(self.type, NonNull) and not self.has_default


class FieldDef(Element, kw_only=True):
    """A field of an object type or an interface."""

    type: TypeRef
    arguments: dict[str, InputValue] = field(default_factory=dict)


class ScalarType(Element, kw_only=True):
    """A scalar type. ``like``: what its ``@scalar`` names; empty without one."""

    like: str = ""

    @property
    def specified_by_url(self) -> str | None:
        used = self.directive("specifiedBy")
        return None if used is None else str(used.arguments["url"])


class ObjectType(Element, kw_only=True):
    """An object type."""

    fields: dict[str, FieldDef] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()


class InterfaceType(Element, kw_only=True):
    """An interface type."""

    fields: dict[str, FieldDef] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()


class UnionType(Element, kw_only=True):
    """A union type."""

    members: tuple[str, ...] = ()


class EnumValueDef(Element, kw_only=True):
    """A value of an enum."""


class EnumType(Element, kw_only=True):
    """An enum type."""

    values: dict[str, EnumValueDef] = field(default_factory=dict)


class InputObjectType(Element, kw_only=True):
    """An input object type."""

    fields: dict[str, InputValue] = field(default_factory=dict)

    @property
    def is_one_of(self) -> bool:
        return self.directive("oneOf") is not None


TypeDef: TypeAlias = (
    ScalarType | ObjectType | InterfaceType | UnionType | EnumType | InputObjectType
)


RowsType: TypeAlias = ObjectType | InterfaceType  # a type with fields, which rows may have
_WITH_FIELDS = (ObjectType, InterfaceType)


class DirectiveDef(Element, kw_only=True):
    """The definition of a directive."""

    arguments: dict[str, InputValue] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    repeatable: bool = False


class Schema(Struct, kw_only=True):
    """All types and directives, built-in ones included, and the root types by name."""

    types: dict[str, TypeDef]
    directives: dict[str, DirectiveDef]
    query: str = "Query"
    mutation: str | None = None
    subscription: str | None = None
    description: str | None = None
    applied: tuple[AppliedDirective, ...] = ()  # directives of the schema itself
    possible_types: dict[str, frozenset[str]] = field(default_factory=dict)
    """The object types of each composite type: itself, its implementations, its members."""
    digest: str = ""
    """SHA-256 (hex) of the SDL text: the identity of the schema in cache keys."""

    @property
    def roots(self) -> dict[str, str | None]:
        """The names of the root types by the kind of operation that starts at them."""
        return {"query": self.query, "mutation": self.mutation, "subscription": self.subscription}

    def basis(self, name: str) -> str:
        """What a type is like: of a scalar by ``@scalar`` another one, else itself."""
        found = self.types.get(name)
        return (isinstance(found, ScalarType) and found.like) or name

    def object(self, name: str) -> ObjectType:
        """The object type of that name. Raises ``KeyError`` for another kind of type."""
        found = self.types[name]
        if not isinstance(found, ObjectType):
            raise KeyError(name)
        return found

    def rows_type(self, name: str) -> RowsType:
        """The object type or interface of that name. Raises ``KeyError`` for another kind."""
        found = self.types[name]
        if not isinstance(found, _WITH_FIELDS):
            raise KeyError(name)
        return found


def schema_error(element: Element, message: str) -> SchemaError:
    """The error for a definition in the SDL, with its file, line and column."""
    return SchemaError(message, file=element.origin.file, location=element.origin.location)
