"""``@resolver``: a field that is answered by a Python function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from handler.language.schema import AppliedDirective, FieldDef, Origin, RowsType, schema_error
from handler.model.field import ModelField

if TYPE_CHECKING:
    from handler.model.builder import Builder
    from handler.model.tables import Table


class ResolverField(ModelField, frozen=True):
    """A field answered by Python; ``requires`` are fields of the same type that it reads."""

    field: str
    requires: tuple[str, ...]
    origin: Origin
    is_resolved = True

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        """A function may read the rows of every type."""
        return tables


def read_resolver(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective
) -> ResolverField:
    """The field. Raises ``SchemaError`` if the function would need what is no column."""
    requires = tuple(str(used.arguments["requires"]).split())
    for name in requires:
        if name not in builder.columns.get(owner.name, {}):
            raise schema_error(
                field_def,
                f"{owner.name}.{field_def.name}: @resolver(requires: {name!r}) must name "
                f"fields of {owner.name} that are columns",
            )
    return ResolverField(field_def.name, requires, field_def.origin)
