"""Relations through a link table, as ``@relation(through: ...)`` says them.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from handler.language.schema import FieldDef, ObjectType, Schema, schema_error
from handler.model.relations import Hop, Path, ToOne, link_name
from handler.model.tables import Table

if TYPE_CHECKING:
    from handler.model.builder import Builder


def read_link(
    builder: Builder,
    owner: ObjectType,
    field_def: FieldDef,
    target: ObjectType,
    said: Mapping[str, Any],
) -> Path:
    """Its two hops. ``said``: the arguments of ``@relation``."""
    what = f"{owner.name}.{field_def.name}"
    link = said["through"]
    table = str(link["table"])
    if not table.strip():
        raise schema_error(field_def, f"{what}: @relation(through: ...) names no table")
    columns = _named(said, "columns", builder.keys[owner.name][0])
    references = _named(said, "references", builder.keys[target.name][0])
    here, there = _named(link, "columns", columns), _named(link, "references", references)
    for word, own, other in (("columns", columns, here), ("references", references, there)):
        if len(own) != len(other) or not own:
            raise schema_error(
                field_def,
                f"{what}: @relation needs as many {word} as {word} of through, "
                f"got {len(own)} ({', '.join(own)}) and {len(other)} ({', '.join(other)})",
            )
    if here == there:
        raise schema_error(
            field_def,
            f"{what}: the same columns of {table!r} ({', '.join(here)}) lead here and there; "
            f"say which with through: {{columns: [...], references: [...]}}",
        )
    name = link_name(table)
    builder.links.setdefault(name, Table(name, table, (), (), {}, field_def.origin))
    return Path((Hop(columns, here, name), Hop(there, references, target.name)))


def _named(said: Mapping[str, Any], part: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    found = said.get(part)
    return otherwise if found is None else tuple(found)


def check_links(schema: Schema, tables: Mapping[str, Table], links: Mapping[str, Table]) -> None:
    """Refuse a field that gives one row where the SDL says that a row may have several links."""
    for table in tables.values():
        for field in table.of_kind(ToOne).values():
            for hop in field.path.hops[:-1]:
                link = links[hop.target].name
                over = [each for each in tables.values() if each.name == link]
                keys = [key for each in over for key in each.unique_keys]
                if keys and not any(set(key) <= set(hop.references) for key in keys):
                    names = " and ".join(each.type_name for each in over)
                    raise schema_error(
                        schema.object(table.type_name).fields[field.field],
                        f"{table.type_name}.{field.field} leads to one {field.target}, but "
                        f"{', '.join(hop.references)} is no key of {names}, so that there may be "
                        f"several; make the field a list, or add @key(fields: ...) to {names}",
                    )


def link_tables(owners: Iterable[ObjectType]) -> Iterator[str]:
    """The link tables that fields of these types name, some perhaps more than once."""
    for owner in owners:
        for field_def in owner.fields.values():
            used = field_def.directive("relation")
            if used is not None and used.arguments.get("through") is not None:
                yield str(used.arguments["through"]["table"])
