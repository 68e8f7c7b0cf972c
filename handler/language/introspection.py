"""Introspection: the fields ``__schema``, ``__type`` and ``__typename``, and their answers.

Source: https://spec.graphql.org/September2025/#sec-Introspection
"""

from __future__ import annotations

from handler.language.schema import (
    FieldDef,
    InputValue,
    InterfaceType,
    Named,
    NonNull,
    ObjectType,
    Schema,
    TypeDef,
    UnionType,
)

TYPENAME_FIELD = FieldDef(name="__typename", type=NonNull(Named("String")))
SCHEMA_FIELD = FieldDef(name="__schema", type=NonNull(Named("__Schema")))
TYPE_FIELD = FieldDef(
    name="__type",
    type=Named("__Type"),
    arguments={"name": InputValue(name="name", type=NonNull(Named("String")))},
)


def find_field(schema: Schema, parent: TypeDef, name: str) -> FieldDef | None:
    """The field of that name that may be selected on a type, those of introspection included."""
    if isinstance(parent, ObjectType | InterfaceType):
        found = parent.fields.get(name)
        if found is not None:
            return found
        if parent.name == schema.query:
            if name == "__schema":
                return SCHEMA_FIELD
            if name == "__type":
                return TYPE_FIELD
    elif not isinstance(parent, UnionType):
        return None
    return TYPENAME_FIELD if name == "__typename" else None
