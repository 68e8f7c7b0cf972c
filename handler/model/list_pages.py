"""The pages of a list: how many rows they have, and the arguments that ask for them.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from msgspec import Struct

from handler.language.schema import (
    FieldDef,
    InputValue,
    ListOf,
    Schema,
    nullable,
    schema_error,
)
from handler.model.directives import PageOf, page_of
from handler.model.lists import Shape

_PAGE_ARGUMENT_TYPES = {
    **dict.fromkeys(("first", "last", "offset"), "Int"),
    **dict.fromkeys(("after", "before"), "String"),
}


class PageDefaults(Struct, frozen=True, kw_only=True):
    """Sizes that hold where no ``@page`` stands; in rows."""

    size: int = 50  # without first or last
    maximum: int = 200  # the most that first or last may ask for
    list_maximum: int = 1000  # of a plain list that takes neither


def check_page_argument(
    schema: Schema, field_def: FieldDef, argument: InputValue, shape: Shape
) -> None:
    """Refuse an argument of a page that is of another type, or of another field."""
    expected = _PAGE_ARGUMENT_TYPES[argument.name]
    given = nullable(argument.type)
    like = "" if isinstance(given, ListOf) else schema.basis(given.name)
    is_cursor = expected == "String" and like == "ID"  # opaque either way
    if like != expected and not is_cursor:
        raise schema_error(argument, f"argument {argument.name!r} of a page must be {expected}")
    if shape.is_one:
        raise schema_error(
            argument, f"field {field_def.name!r} gives one row: it takes no {argument.name!r}"
        )
    pairs = {"after": "first", "before": "last", "offset": "first"}
    partner = pairs.get(argument.name)
    if partner and partner not in field_def.arguments:
        raise schema_error(
            argument, f"argument {argument.name!r} needs an argument {partner!r}: Int"
        )


def page_sizes(
    pages: PageDefaults, field_def: FieldDef, shape: Shape, paging: frozenset[str]
) -> tuple[int, int]:
    """Default and maximum number of rows of one list."""
    said = page_of(field_def)
    if shape is Shape.FIRST:
        if said:
            raise schema_error(
                field_def,
                f"field {field_def.name!r}: @page is for a list or a connection of rows; take "
                f"it away",
            )
        return 1, 1
    is_plain = shape is Shape.LIST and not paging
    maximum = pages.list_maximum if is_plain else pages.maximum
    size = maximum if is_plain else pages.size
    if said:
        maximum = max(maximum, said.default or 0) if said.maximum is None else said.maximum
        size = min(maximum, maximum if is_plain else size)
        size = size if said.default is None else said.default
    if not 1 <= size <= maximum:
        raise schema_error(
            field_def,
            f"field {field_def.name!r}: @page needs 1 <= default <= maximum, "
            f"got default {size} and maximum {maximum}",
        )
    return size, maximum


def most_offset(field_def: FieldDef, paging: frozenset[str]) -> int:
    """How many rows may be skipped."""
    said = page_of(field_def)
    most = said.maximum_offset if said else None
    if most is None and "offset" in paging:
        raise schema_error(
            field_def.arguments["offset"],
            f"argument 'offset' of {field_def.name!r} skips rows, and the server reads what it "
            f"skips: say how many at most by @page(maximumOffset: 1000); to choose rows by a "
            f'column of that name, call it otherwise, with @filter(field: "offset")',
        )
    if most is not None and "offset" not in paging:
        raise schema_error(
            field_def,
            f"field {field_def.name!r}: @page(maximumOffset: {most}) is for an argument "
            f"`offset: Int`; add it, or take maximumOffset away",
        )
    if most is not None and most < 1:
        raise schema_error(
            field_def, f"field {field_def.name!r}: @page needs maximumOffset >= 1, got {most}"
        )
    return most or 0


def check_page_defaults(field_def: FieldDef, paging: frozenset[str]) -> None:
    """Refuse a default that the field's own ``@page`` refuses."""
    said = page_of(field_def) or PageOf(None, None, None)
    for name in sorted(paging & {"first", "last", "offset"}):
        argument = field_def.arguments[name]
        most = said.maximum_offset if name == "offset" else said.maximum
        if most is not None and isinstance(argument.default, int) and argument.default > most:
            raise schema_error(
                argument,
                f"argument {name!r} of {field_def.name!r} is {argument.default} by default, and "
                f"@page allows {most} at most",
            )
