"""Every kind of field that a type with a table can have."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.relations import ToMany, ToOne


class Count(Struct, frozen=True):
    """The number of rows of a to-many relation."""

    field: str
    scalar: str
    is_nullable: bool
    of: str
    origin: Origin
    filters: tuple[Filter, ...] = ()  # by arguments of its own, and by defaults of the relation's


class Sum(Struct, frozen=True):
    """The sum of ``column`` over the rows of a to-many relation."""

    field: str
    scalar: str
    is_nullable: bool
    of: str
    column: Column
    origin: Origin
    filters: tuple[Filter, ...] = ()  # as for ``Count``


class CursorField(Struct, frozen=True):
    """The opaque position of a row in its list."""

    field: str
    is_nullable: bool
    origin: Origin


class ResolverField(Struct, frozen=True):
    """A field answered by Python; ``requires`` are fields of the same type that it reads."""

    field: str
    requires: tuple[str, ...]
    origin: Origin


TableField: TypeAlias = Column | ToOne | ToMany | Count | Sum | CursorField | ResolverField
