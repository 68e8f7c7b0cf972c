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
from handler.model.directives import (
    ColumnOf,
    ExpressionOf,
    RelationBy,
    role_of,
    stored_values_of,
    table_of,
)
from handler.model.expressions import read_expression
from handler.model.names import column_name
from handler.scalars import COLUMNS, SCALARS


def read_columns(schema: Schema, type_def: ObjectType) -> dict[str, Column]:
    """Every field of the type that is a single value of its row."""
    found: dict[str, Column] = {}
    table = table_of(type_def)
    for field_def in type_def.fields.values():
        target = schema.types[named(field_def.type)]
        if not isinstance(target, ScalarType | EnumType):
            continue
        role = role_of(type_def.name, field_def)
        if isinstance(role, RelationBy):
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name}: @relation is for a field that leads to rows, "
                f"and {target.name} is a single value; take it away",
            )
        if not (role is None or isinstance(role, ColumnOf | ExpressionOf)):
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
        found[field_def.name] = _column(type_def, field_def, target, table, role)
    return found


def _column(
    type_def: ObjectType,
    field_def: FieldDef,
    target: ScalarType | EnumType,
    table: str,
    role: ColumnOf | ExpressionOf | None,
) -> Column:
    stored = role if isinstance(role, ColumnOf) else ColumnOf(column_name(field_def.name))
    parts: tuple[str | ColumnRef, ...] = (ColumnRef(stored.name),)
    if isinstance(role, ExpressionOf):
        parts = read_expression(type_def.name, field_def, role.sql)
    is_required = isinstance(field_def.type, NonNull)
    if stored.zero_is_null and (is_required or not COLUMNS[target.name].has_zero_dates):
        raise schema_error(
            field_def,
            f"{type_def.name}.{field_def.name}: @column(zeroIsNull: true) is for a Date or a "
            f"DateTime that may be null, and this is {field_def.type}",
        )
    return Column(
        field=field_def.name,
        scalar=target.name,
        is_nullable=not is_required,
        parts=parts,
        origin=field_def.origin,
        is_integer=stored.is_integer,
        enum_values=stored_values_of(target) if isinstance(target, EnumType) else None,
        table=table,
        zero_is_null=stored.zero_is_null,
    )
