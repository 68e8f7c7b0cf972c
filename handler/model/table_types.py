"""Which types have a table: those whose rows are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from handler.language.schema import ObjectType, RowsType, named, schema_error
from handler.model.directives import is_given_by_key, refuse_on_others, table_of
from handler.model.field import ModelField
from handler.model.global_ids import by_id_types
from handler.model.groups import is_group_type
from handler.model.kinds import KINDS, RESOLVER, is_resolved, kind_of
from handler.model.link_reader import link_tables
from handler.model.tables import Table
from handler.model.where_reader import refuse_where

if TYPE_CHECKING:
    from handler.model.builder import Builder


def types_with_tables(builder: Builder, query: ObjectType) -> list[RowsType]:
    """Every type whose rows are read: by a field, or by keys that a resolver gives."""
    sources = [builder.source_of(each).name for each in builder.group_types]
    read = [each for name in sources for each in _with_kin(builder, name)]
    found: dict[str, RowsType] = {each.name: each for each in read}
    waiting: list[tuple[RowsType, bool]] = [(query, False)]
    waiting += [(each, False) for each in found.values()]
    while waiting or _over_links(builder, found, waiting):
        type_def, is_given = waiting.pop()
        for field_def in type_def.fields.values():
            by_id = by_id_types(builder, type_def, field_def)
            if by_id and not is_resolved(type_def.name, field_def):
                rows = [each for name in by_id for each in _with_kin(builder, name)]
            elif not is_given and not is_resolved(type_def.name, field_def):
                target = builder.row_type(type_def, field_def)
                is_read = target is not None and not is_group_type(target)
                names = builder.united_types.get(target.name, (target.name,)) if target else ()
                rows = [each for n in names for each in _with_kin(builder, n)] if is_read else []
            else:
                possible = builder.schema.possible_types.get(named(field_def.type), ())
                objects = [builder.schema.object(name) for name in sorted(possible)]
                given = [each.name for each in objects if is_given_by_key(each)]
                rows = [each for name in given for each in _with_kin(builder, name)]
                others = [each for each in objects if not is_given_by_key(each)]
                waiting += [(each, True) for each in others if each.name not in builder.given]
                builder.given.update(each.name for each in others)
            for row in rows:
                if row.name not in found:
                    found[row.name] = row
                    waiting.append((row, False))
    return [found[name] for name in builder.schema.types if name in found]


def _with_kin(builder: Builder, name: str) -> list[RowsType]:
    """A type, and the interfaces and unions over its table with all their members."""
    above = builder.one_table.above.get(name, [])
    below = [each for top in (name, *above) for each in builder.one_table.members_of(top)]
    return [builder.schema.rows_type(each) for each in dict.fromkeys((name, *above, *below))]


def _over_links(
    builder: Builder, found: dict[str, RowsType], waiting: list[tuple[RowsType, bool]]
) -> bool:
    """Whether types are added that no field leads to, whose rules hold in link tables."""
    links = set(link_tables(found.values()))
    for each in builder.schema.types.values():
        if (
            isinstance(each, ObjectType)
            and each.name not in (found.keys() | builder.given | builder.patterns)
            and not is_group_type(each)
            and table_of(each, builder.conventions) in links
        ):
            found[each.name] = each
            waiting.append((each, False))
    return bool(waiting)


def given_fields(
    builder: Builder, tables: Mapping[str, Table]
) -> Iterator[tuple[str, Mapping[str, ModelField]]]:
    """The fields with functions of their own in types that have no table."""
    for type_name in sorted(builder.given - tables.keys()):
        owner = builder.schema.object(type_name)
        found = {}
        for field_def in owner.fields.values():
            refuse_on_others(field_def)
            refuse_where(field_def, f"{type_name}.{field_def.name}")
            used = kind_of(type_name, field_def)
            if used is not None and used.name == RESOLVER:
                found[field_def.name] = KINDS[RESOLVER](builder, owner, field_def, used)
            elif used is not None:
                raise schema_error(
                    field_def,
                    f"{type_name}.{field_def.name}: a resolver gives {type_name} as a whole, "
                    f"and no table stands behind it; take the directive away, or write @table",
                )
        yield type_name, found
