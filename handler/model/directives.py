"""What the directives of the SDL say of tables and lists, as typed values.

Those that say what a field is are read with its kind, see ``kinds``, and those of access, caching
and cost by their modules. Nothing beside this package reads directives; all else asks the model.
Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from handler.errors import SchemaError
from handler.language.made_names import SORT
from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    RowsType,
    Schema,
    named,
    schema_error,
)
from handler.model.names import Conventions
from handler.sql.operators import Operator

# ------------------------------------------------------------------- of the schema, of types

_NAME = r"[0-9A-Za-z$_\u0080-\uffff]*"  # https://mariadb.com/kb/en/identifier-names/
_MAX_PREFIX = 63  # characters, of the 64 that a name has


def conventions_of(schema: Schema) -> Conventions:
    """``@conventions``, or the usual ones."""
    used = next((each for each in schema.applied if each.name == "conventions"), None)
    if used is None:
        return Conventions()
    prefix = str(used.arguments["tablePrefix"])
    if not re.fullmatch(_NAME, prefix) or len(prefix) > _MAX_PREFIX:
        raise SchemaError(
            f"@conventions(tablePrefix: {prefix!r}): a prefix is letters, digits, $ and _, at most "
            f'{_MAX_PREFIX}, such as "oc_"; name other tables by @table(name: "...")',
            file=used.origin.file,
            location=used.origin.location,
        )
    return Conventions(
        is_singular=used.arguments["tableNames"] == "SINGULAR",
        table_case=used.arguments["tableCase"],
        column_case=used.arguments["columnCase"],
        table_prefix=prefix,
    )


def table_of(type_def: RowsType, conventions: Conventions) -> str:
    """The name of the table behind a type: ``@table``, or the convention."""
    used = type_def.directive("table")
    return str(used.arguments["name"]) if used else conventions.table_name(type_def.name)


def is_given_by_key(type_def: RowsType) -> bool:
    """Whether a resolver gives keys of its rows: what hides rows must be read by them."""
    return any(type_def.directive(name) for name in ("table", "rowAccess", "where"))


def keys_of(type_def: RowsType) -> Iterator[tuple[str, ...]]:
    """The fields of every ``@key``."""
    for used in type_def.directives:
        if used.name != "key":
            continue
        names = tuple(str(used.arguments["fields"]).split())
        if not names:
            raise schema_error(
                type_def,
                f'type {type_def.name} has an empty @key; write @key(fields: "...") with the '
                f"fields that identify a row",
            )
        yield names


def stored_values_of(enum: EnumType) -> dict[str, str]:
    """What a column holds for each value of an enum: ``@value``, or its own name."""
    found = {}
    for value in enum.values.values():
        used = value.directive("value")
        found[value.name] = str(used.arguments["column"]) if used else value.name
    return found


# ---------------------------------------------------------------------------------- of lists


class FilterBy(Struct, frozen=True):
    """``@filter``: how an argument chooses rows."""

    field: str | None
    operator: Operator
    fields: tuple[str, ...] = ()  # of MATCH
    is_boolean: bool = False


class Searched(Struct, frozen=True):
    """``@searchable``: fields of a type whose words may be searched for."""

    fields: tuple[str, ...]


class PageOf(Struct, frozen=True):
    """``@page``: sizes of a list in rows; None where nothing is said."""

    default: int | None
    maximum: int | None
    maximum_offset: int | None


def filter_of(argument: InputValue) -> FilterBy | None:
    """What an argument says of how it chooses rows."""
    used = argument.directive("filter")
    if used is None:
        return None
    found = FilterBy(
        used.arguments.get("field"),
        Operator[used.arguments["operator"]],
        tuple(used.arguments.get("fields") or ()),
        used.arguments["mode"] == "BOOLEAN",
    )
    if found.operator is not Operator.MATCH and ("fields" in used.arguments or found.is_boolean):
        raise schema_error(
            argument,
            f"argument {argument.name!r}: @filter(fields:) and mode are of the operator MATCH; "
            f"write field for any other",
        )
    return found


def searches_of(type_def: RowsType) -> list[Searched]:
    """What a type says of searches among its rows."""
    return [
        Searched(tuple(used.arguments["fields"]))
        for used in type_def.directives
        if used.name == "searchable"
    ]


def page_of(field_def: FieldDef) -> PageOf | None:
    """What a list says of its sizes."""
    used = field_def.directive("page")
    if used is None:
        return None
    given = used.arguments
    return PageOf(given.get("default"), given.get("maximum"), given.get("maximumOffset"))


def order_of(element: Element) -> list[tuple[str, bool]] | None:
    """The terms of an ``@orderBy``, each a field and whether it descends."""
    used = element.directive("orderBy")
    if used is None:
        return None
    found = []
    for term in used.arguments["fields"]:
        name, _, direction = term.strip().partition(" ")
        direction = direction.strip().upper() or "ASC"
        if direction not in ("ASC", "DESC"):
            raise schema_error(element, f"@orderBy: {term!r} must be a field, then ASC or DESC")
        found.append((name, direction == "DESC"))
    return found


def is_order(enum: object) -> bool:
    """Whether an argument of that type chooses an order: an enum whose values declare them."""
    return isinstance(enum, EnumType) and any(
        value.directive("orderBy") for value in enum.values.values()
    )


def is_sort_input(schema: Schema, argument: InputValue) -> bool:
    """Whether an argument is a list of sort keys; an input object of another name chooses rows."""
    found = schema.types[named(argument.type)]
    return isinstance(found, InputObjectType) and found.name.endswith(SORT)


def refuse_on_others(field_def: FieldDef) -> None:
    """Refuse what is said of lists on a field that is none of rows."""
    for name in ("orderBy", "page"):
        if field_def.directive(name):
            raise schema_error(
                field_def,
                f"field {field_def.name!r}: @{name} is for a list or a connection of rows; "
                f"take it away",
            )
