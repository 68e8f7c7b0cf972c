"""What the directives of the SDL say of tables, columns, relations and lists, as typed values.

Only this module and its neighbours ``access``, ``caching`` and ``costs`` read directives; all else
asks the model. Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputValue,
    ObjectType,
    schema_error,
)
from handler.model.names import column_name, table_name
from handler.sql.operators import Operator

# ---------------------------------------------------------------------------- what a field is


class ColumnOf(Struct, frozen=True):
    """``@column``, and every single value that nothing is said of."""

    name: str
    is_integer: bool = False
    zero_is_null: bool = False


class ExpressionOf(Struct, frozen=True):
    """``@expression``: SQL with columns in braces."""

    sql: str


class RelationBy(Struct, frozen=True):
    """``@relation``: columns of this table and those of the other one, as many of each."""

    columns: tuple[str, ...]
    references: tuple[str, ...]


class AggregateOf(Struct, frozen=True):
    """``@count`` and ``@sum``: over the rows of the relation ``of``."""

    directive: str
    of: str
    field: str = ""  # that is summed


class CursorOf(Struct, frozen=True):
    """``@cursor``: the row's place in its list."""


class ResolvedBy(Struct, frozen=True):
    """``@resolver``: a Python function, which reads these fields of the same type."""

    requires: tuple[str, ...]


Role: TypeAlias = ColumnOf | ExpressionOf | RelationBy | AggregateOf | CursorOf | ResolvedBy


def role_of(owner: str, field_def: FieldDef) -> Role | None:
    """What stands behind a field, as far as a directive says it; None where none does.

    Raises ``SchemaError`` for two of them, which exclude each other.
    """
    found = [used for used in field_def.directives if used.name in _ROLES]
    if len(found) > 1:
        first, second = (f"@{used.name}" for used in found[:2])
        raise schema_error(
            field_def, f"{owner}.{field_def.name}: {first} and {second} exclude each other"
        )
    return _ROLES[found[0].name](owner, field_def, found[0].arguments) if found else None


def _column(_owner: str, field_def: FieldDef, given: dict[str, Any]) -> ColumnOf:
    return ColumnOf(
        given.get("name") or column_name(field_def.name),
        bool(given.get("integer")),
        bool(given.get("zeroIsNull")),
    )


def _relation(owner: str, field_def: FieldDef, given: dict[str, Any]) -> RelationBy:
    columns, references = tuple(given["columns"]), tuple(given["references"])
    if len(columns) != len(references) or not columns:
        raise schema_error(
            field_def,
            f"{owner}.{field_def.name}: @relation needs as many columns as references, "
            f"got {len(columns)} and {len(references)}",
        )
    return RelationBy(columns, references)


_ROLES: dict[str, Callable[[str, FieldDef, dict[str, Any]], Role]] = {
    "column": _column,
    "expression": lambda _owner, _field, given: ExpressionOf(str(given["sql"])),
    "relation": _relation,
    "count": lambda _owner, _field, given: AggregateOf("count", str(given["of"])),
    "sum": lambda _owner, _field, given: AggregateOf("sum", str(given["of"]), str(given["field"])),
    "cursor": lambda _owner, _field, _given: CursorOf(),
    "resolver": lambda _owner, _field, given: ResolvedBy(tuple(str(given["requires"]).split())),
}

# ---------------------------------------------------------------------------------- of types


def table_of(type_def: ObjectType) -> str:
    """The name of the table behind a type: ``@table``, or the convention."""
    used = type_def.directive("table")
    return str(used.arguments["name"]) if used else table_name(type_def.name)


def is_given_by_key(type_def: ObjectType) -> bool:
    """Whether a resolver gives keys of its rows: what has row rules must be read by them."""
    return bool(type_def.directive("table") or type_def.directive("rowAccess"))


def keys_of(type_def: ObjectType) -> Iterator[tuple[str, ...]]:
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


class PageOf(Struct, frozen=True):
    """``@page``: sizes of a list in rows; None where nothing is said."""

    default: int | None
    maximum: int | None


def filter_of(argument: InputValue) -> FilterBy | None:
    """What an argument says of how it chooses rows."""
    used = argument.directive("filter")
    if used is None:
        return None
    return FilterBy(used.arguments.get("field"), Operator[used.arguments["operator"]])


def page_of(field_def: FieldDef) -> PageOf | None:
    """What a list says of its sizes."""
    used = field_def.directive("page")
    if used is None:
        return None
    return PageOf(used.arguments.get("default"), used.arguments.get("maximum"))


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


def refuse_on_others(field_def: FieldDef) -> None:
    """Refuse what is said of lists on a field that is none of rows."""
    for name in ("orderBy", "page"):
        if field_def.directive(name):
            raise schema_error(
                field_def,
                f"field {field_def.name!r}: @{name} is for a list or a connection of rows; "
                f"take it away",
            )
