"""``@column`` and ``@expression``, or the convention: a field that is a single value of its row.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handler.language.schema import (
    AppliedDirective,
    EnumType,
    FieldDef,
    ListOf,
    RowsType,
    ScalarType,
    Schema,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, ColumnRef
from handler.model.directives import stored_values_of, table_of
from handler.model.expressions import read_expression
from handler.scalars import COLUMNS, SCALARS

if TYPE_CHECKING:
    from handler.model.builder import Builder


def read_column(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective | None
) -> Column:
    """The field; ``used``: its ``@column`` or ``@expression``, if it has one."""
    what = f"{owner.name}.{field_def.name}"
    target = builder.schema.types[named(field_def.type)]
    if not isinstance(target, ScalarType | EnumType):
        word = used.name if used else "column"
        raise schema_error(
            field_def,
            f"{what}: @{word} is for a single value, and this field leads to rows; say by which "
            f"columns with @relation, or take it away",
        )
    bare = nullable(field_def.type)
    is_list = isinstance(bare, ListOf)
    if isinstance(bare, ListOf) and not _is_of_labels(bare, builder.schema):
        raise schema_error(
            field_def,
            f"{what}: no column holds a list of {target.name}, only a SET one of String or of an "
            f"enum; use the scalar JSON, a type with a table of its own, or @resolver",
        )
    if field_def.arguments:
        raise schema_error(
            field_def,
            f"{what}: a column takes no arguments; take them out, or answer the field by Python "
            f"with @resolver",
        )
    name = builder.schema.basis(target.name)
    if isinstance(target, ScalarType) and name not in SCALARS:
        raise schema_error(
            field_def,
            f"{what}: no column is read as {name}; say what it is like by scalar {name} "
            f'@scalar(as: "String"), with one of {", ".join(sorted(SCALARS))}, or use @resolver',
        )
    scalar = f"[{name}!]" if is_list else name
    said: dict[str, Any] = used.arguments if used else {}
    may_be_null = is_nullable(field_def.type)
    zero_is_null = bool(said.get("zeroIsNull"))
    if zero_is_null and not (may_be_null and COLUMNS[scalar].has_zero_dates):
        raise schema_error(
            field_def,
            f"{what}: @column(zeroIsNull: true) is for a Date or a DateTime that may be null, and "
            f"this is {field_def.type}",
        )
    parts: tuple[str | ColumnRef, ...]
    if "sql" in said:
        parts = read_expression(owner.name, field_def, said["sql"])
    else:
        parts = (ColumnRef(said.get("name") or builder.conventions.column_name(field_def.name)),)
    return Column(
        field=field_def.name,
        scalar=scalar,
        is_nullable=may_be_null,
        parts=parts,
        origin=field_def.origin,
        is_integer=bool(said.get("integer")),
        enum_values=stored_values_of(target) if isinstance(target, EnumType) else None,
        table=table_of(owner, builder.conventions),
        zero_is_null=zero_is_null,
    )


def _is_of_labels(ref: ListOf, schema: Schema) -> bool:
    """Whether a SET column may hold such a list."""
    item = nullable(ref.of)
    if isinstance(item, ListOf):
        return False
    return isinstance(schema.types[item.name], EnumType) or schema.basis(item.name) == "String"
