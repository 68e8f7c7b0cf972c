"""``@relation``, or its convention: a field that leads to rows of another table.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from handler.language.schema import (
    AppliedDirective,
    FieldDef,
    RowsType,
    is_nullable,
    named,
    schema_error,
)
from handler.model.column import Column
from handler.model.groups import is_group_type, towards_groups
from handler.model.link_reader import link_columns, link_key, read_link
from handler.model.lists import Shape
from handler.model.relations import Hop, Path, ToFirst, ToMany, ToOne
from handler.model.where_reader import constrained

if TYPE_CHECKING:
    from handler.model.builder import Builder


def read_relation(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective | None
) -> ToOne | ToMany | ToFirst:
    """The field; ``used``: its ``@relation``, if it has one."""
    what = f"{owner.name}.{field_def.name}"
    target = builder.row_type(owner, field_def)
    if target is None:
        raise schema_error(
            field_def,
            f"{what}: @relation is for a field that leads to rows, and {named(field_def.type)} is "
            f"a single value; take it away",
        )
    if is_group_type(target):
        return _groups(builder, owner, field_def, target, used)
    path, links, link = _constrained(builder, owner, field_def, target, used)
    shape = builder.lists.shape(field_def)
    references = path.last.references
    is_unique = builder.is_unique(target.name, references, path.last.conditions)
    if shape is not Shape.OBJECT:
        key = link_key(field_def, path, link, links)
        rows = builder.lists.rows(field_def, target, links, key)
        if shape is not Shape.FIRST:
            return ToMany(path, rows)
        if is_unique and not path.links:
            raise schema_error(
                field_def,
                f"{what} leads to one {target.name}, of which {', '.join(references)} is a key, so "
                f"that there is no first one; take @orderBy away",
            )
        arguments = field_def.arguments
        required = next((a.name for a in arguments.values() if a.is_required), "")
        given = ((each, arguments[each.argument].default) for each in rows.filters)
        return ToFirst(path, rows, tuple((f, v) for f, v in given if v is not None), required)
    if field_def.arguments:
        raise schema_error(
            field_def,
            f"{what}: a relation to one row takes no arguments; one to the first of several does, "
            f'as @orderBy(fields: ["..."]) says it',
        )
    if not is_unique:
        raise schema_error(
            field_def,
            f"{what} leads to one {target.name}, but {', '.join(references)} is not a key of it; "
            f"make the field a list, say which row is the first with "
            f'@orderBy(fields: ["..."]), or add @key(fields: ...) to {target.name}',
        )
    return ToOne(path, field_def.name, is_nullable(field_def.type), field_def.origin)


def _groups(
    builder: Builder,
    owner: RowsType,
    field_def: FieldDef,
    target: RowsType,
    used: AppliedDirective | None,
) -> ToMany:
    """Groups of the rows that a relation leads to."""
    if builder.lists.shape(field_def) is Shape.CONNECTION:
        raise schema_error(
            field_def,
            f"{owner.name}.{field_def.name}: groups below a row are a list, which may have `first` "
            f"and `after`; make it [{target.name}!]!",
        )
    source = builder.source_of(target)
    path, links, _ = _constrained(builder, owner, field_def, source, used)
    rows = builder.lists.groups(field_def, target, source, links=links)
    return ToMany(replace(path, hops=towards_groups(path.hops, target.name)), rows)


def _constrained(
    builder: Builder,
    owner: RowsType,
    field_def: FieldDef,
    target: RowsType,
    used: AppliedDirective | None,
) -> tuple[Path, Mapping[str, Column], str]:
    """The way with what ``@where`` says of it; the columns of its link table, and its name."""
    path = _path(builder, owner, field_def, target, used)
    links = link_columns(builder, field_def, path)
    link = builder.links[path.first.target].name if path.links else ""
    what = f"{owner.name}.{field_def.name}"
    return constrained(path, builder.where(field_def, target, what, links, link)), links, link


def _path(
    builder: Builder,
    owner: RowsType,
    field_def: FieldDef,
    target: RowsType,
    used: AppliedDirective | None,
) -> Path:
    what = f"{owner.name}.{field_def.name}"
    if used is not None and used.arguments.get("through") is not None:
        return read_link(builder, owner, field_def, target, used.arguments)
    if used is not None:
        columns = tuple(used.arguments.get("columns") or ())
        references = tuple(used.arguments.get("references") or ())
        if len(columns) != len(references) or not columns:
            raise schema_error(
                field_def,
                f"{what}: @relation needs as many columns as references, "
                f"got {len(columns)} and {len(references)}; write both, or take it away to go by "
                f"convention",
            )
        return Path((Hop(columns, references, target.name),))
    if target is owner:
        raise schema_error(
            field_def,
            f"{what} leads to its own type; say by which columns with "
            f"@relation(columns: [...], references: [...])",
        )
    _refuse_lists_on_both_sides(builder, owner, field_def, target)
    if builder.lists.shape(field_def) is Shape.OBJECT:
        return Path((Hop(builder.foreign_key(target), builder.keys[target.name][0], target.name),))
    return Path((Hop(builder.keys[owner.name][0], builder.foreign_key(owner), target.name),))


def _refuse_lists_on_both_sides(
    builder: Builder, owner: RowsType, field_def: FieldDef, target: RowsType
) -> None:
    """Refuse lists of each other's rows whose columns nobody has: a table is between them."""
    if builder.lists.shape(field_def) is Shape.OBJECT:
        return
    backs = (
        each
        for each in target.fields.values()
        if not (each.directive("relation") or each.directive("resolver"))
        and builder.row_type(target, each) is owner
        and builder.lists.shape(each) is not Shape.OBJECT
    )
    back = next(backs, None)
    if back is None or _has_key_of(builder, target, owner) or _has_key_of(builder, owner, target):
        return
    link = builder.conventions.table_name(f"{owner.name}{target.name}")
    raise schema_error(
        field_def,
        f"{owner.name}.{field_def.name} and {target.name}.{back.name} are lists of each other's "
        f"rows, and neither type has the key of the other: write @relation(through: {{table: "
        f'"{link}"}}) on both with the table that holds which belong together, or by which columns '
        f"they do with @relation(columns: [...], references: [...])",
    )


def _has_key_of(builder: Builder, owner: RowsType, other: RowsType) -> bool:
    """Whether rows have the key of another type in columns beside their own key."""
    key, own = builder.foreign_key(other), builder.keys[owner.name][0]
    stored = {column.stored_name for column in builder.columns[owner.name].values()}
    return key != own and stored.issuperset(key)
