"""Fields that are single values of a row: which column or expression stands behind each."""

from __future__ import annotations

from handler.language.schema import (
    EnumType,
    FieldDef,
    ListOf,
    NonNull,
    ObjectType,
    ScalarType,
    Schema,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, ColumnRef
from handler.model.expressions import read_expression
from handler.model.names import column_name, table_name
from handler.scalars import COLUMNS, SCALARS


def read_columns(schema: Schema, type_def: ObjectType) -> dict[str, Column]:
    """Every field of the type that is a single value of its row."""
    found: dict[str, Column] = {}
    named_table = type_def.directive("table")
    table = str(named_table.arguments["name"]) if named_table else table_name(type_def.name)
    for field_def in type_def.fields.values():
        target = schema.types[named(field_def.type)]
        if not isinstance(target, ScalarType | EnumType):
            continue
        if any(field_def.directive(d) for d in ("resolver", "count", "sum", "cursor")):
            continue
        if isinstance(nullable(field_def.type), ListOf):
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name}: no column holds a list of {target.name}; "
                f"use the scalar JSON, a type with a table of its own, or @resolver",
            )
        if field_def.arguments:
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name}: a column takes no arguments; "
                f"take them out, or answer the field by Python with @resolver",
            )
        if isinstance(target, ScalarType) and target.name not in SCALARS:
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name}: no column is read as {target.name}; "
                f"use one of {', '.join(sorted(SCALARS))}, or @resolver",
            )
        found[field_def.name] = _column(type_def, field_def, target, table)
    return found


def _column(
    type_def: ObjectType, field_def: FieldDef, target: ScalarType | EnumType, table: str
) -> Column:
    stored = field_def.directive("column")
    expression = field_def.directive("expression")
    if stored and expression:
        raise schema_error(
            field_def,
            f"{type_def.name}.{field_def.name}: @column and @expression exclude each other",
        )
    name = (stored.arguments.get("name") if stored else None) or column_name(field_def.name)
    parts: tuple[str | ColumnRef, ...] = (ColumnRef(name),)
    if expression:
        parts = read_expression(type_def.name, field_def, str(expression.arguments["sql"]))
    zero_is_null = bool(stored and stored.arguments.get("zeroIsNull"))
    is_required = isinstance(field_def.type, NonNull)
    if zero_is_null and (is_required or not COLUMNS[target.name].has_zero_dates):
        raise schema_error(
            field_def,
            f"{type_def.name}.{field_def.name}: @column(zeroIsNull: true) is for a Date or a "
            f"DateTime that may be null, and this is {field_def.type}",
        )
    enum_values = None
    if isinstance(target, EnumType):
        enum_values = {}
        for value in target.values.values():
            mapped = value.directive("value")
            enum_values[value.name] = str(mapped.arguments["column"]) if mapped else value.name
    return Column(
        field=field_def.name,
        scalar=target.name,
        is_nullable=not is_required,
        parts=parts,
        origin=field_def.origin,
        is_integer=bool(stored and stored.arguments.get("integer")),
        enum_values=enum_values,
        table=table,
        zero_is_null=zero_is_null,
    )
