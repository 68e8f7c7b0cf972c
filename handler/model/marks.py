"""What is said of a field, or of a type, and is for those of other kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handler.language.schema import FieldDef, ObjectType, RowsType, schema_error
from handler.model.directives import refuse_on_others
from handler.model.field import ModelField
from handler.model.filter_inputs import check_filterable
from handler.model.groups import check_facets
from handler.model.kinds import kind_of
from handler.model.relations import Relation
from handler.model.sort_inputs import check_sortable
from handler.model.where_reader import refuse_where

if TYPE_CHECKING:
    from handler.model.builder import Builder


def refuse_marks(builder: Builder, facets: Mapping[tuple[str, str], ModelField]) -> None:
    """Refuse marks on fields that have no rows of a table behind them."""
    for owner in builder.schema.types.values():
        if isinstance(owner, RowsType):
            check_facets(owner, facets)
    for name in sorted({*builder.given - builder.columns.keys(), *builder.patterns}):
        found = builder.schema.types.get(name)
        shown = builder.edges.get(name, {})
        if isinstance(found, ObjectType) and found.directive("searchable"):
            raise schema_error(
                found,
                f"type {name}: @searchable is for a type with a table; take it away",
            )
        for field_def in found.fields.values() if isinstance(found, ObjectType) else ():
            what, place = f"{name}.{field_def.name}", (name, field_def.name)
            check_filterable(what, field_def, shown.get(field_def.name))
            check_sortable(what, field_def, shown.get(field_def.name))
            if name == builder.schema.query:
                continue
            refuse_where(field_def, what)
            if place not in facets:
                refuse_on_others(field_def)
            used = kind_of(name, field_def)
            if used is not None and not (name in builder.given or field_def.name in shown):
                raise schema_error(
                    field_def,
                    f"{what} is a part of the connection pattern, and @{used.name} says what "
                    f"stands behind a field of rows; take it away",
                )


def check_marks(what: str, field_def: FieldDef, found: ModelField) -> None:
    """Refuse what is said of a field and is for fields of other kinds."""
    if found.rows is None:
        refuse_on_others(field_def)
    if not isinstance(found, Relation):
        refuse_where(field_def, what)
    check_filterable(what, field_def, found)
    check_sortable(what, field_def, found)
