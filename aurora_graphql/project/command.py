"""SDL from a database, or how the two differ.

Into a folder without SDL everything is written: the SDL, a file for each table; documents to begin
with, in operations/; what is left out, in left-out.txt; what was guessed or renamed, and where
rules of access are missing, in report.txt, which is told, too. Where SDL is, nothing is changed but
for what ``add`` or ``update`` ask for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora_graphql.errors import ToolError
from aurora_graphql.project.decide import Known, decide
from aurora_graphql.project.description import Api, Relation, Type
from aurora_graphql.project.difference import (
    compare,
    known_of,
    names_read,
    new_columns,
    new_relations,
)
from aurora_graphql.project.left_out import FILE, print_left_out, read_left_out
from aurora_graphql.project.operations import operations_of, print_operations
from aurora_graphql.project.printing import extend_type, print_api, print_enums, print_type
from aurora_graphql.project.reading import Seen, read
from aurora_graphql.project.report import MOST_LINES, REPORT_FILE, report
from aurora_graphql.project.writing import Changes, has_sdl, write
from handler.language.schema import RowsType, Schema
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.model.directives import keys_of
from handler.model.model import Model
from handler.model.names import key_field
from handler.settings import Settings
from handler.settings.stores import open_database

SAME, DIFFERENT = 0, 1  # exit statuses


class SdlError(ToolError):
    """There is nothing to write, or no such thing as is to be added."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """``access``: a rule on each type that is written. ``add``: tables, or table.column."""

    folder: Path
    access: str = ""
    add: tuple[str, ...] = ()
    filters: bool = False
    update: bool = False
    says_next: bool = True  # the commands that come next, on the terminal


def run(options: Options, environ: Mapping[str, str]) -> int:
    """Write SDL for the database that the environment names, or tell the differences; the status.

    Raises ``SdlError``, and ``HandlerError`` for SDL that is wrong or a database that is away.
    """
    seen = asyncio.run(_read(options.folder, environ))
    if has_sdl(options.folder):
        return _differ(options, seen)
    if options.add or options.update:
        raise SdlError(f"{options.folder} has no SDL yet; run without --add, --update")
    return _begin(options, seen)


async def _read(folder: Path, environ: Mapping[str, str]) -> Seen:
    database = open_database(Settings.from_environ({**environ, "SDL_DIR": str(folder)}))
    try:
        return await read(database)
    finally:
        await database.close()


def _decide(seen: Seen, known: Known) -> Api:
    return decide(seen.tables, seen.view_keys, known, is_mariadb=seen.is_mariadb)


def _begin(options: Options, seen: Seen) -> int:
    folder, access = options.folder, options.access
    known = Known(left_out=tuple(read_left_out(folder)), filters=options.filters)
    api = _decide(seen, known)
    if not api.types:
        told = "".join(f"\n  {each.name}: {each.reason}" for each in api.left_out)
        raise SdlError(
            f"{seen.database!r} on {seen.server} has no table with a key that this account sees"
            f"{told}"
        )
    changes = Changes(new=print_api(api, access))
    changes.operations(print_operations(api))
    write(folder, changes)
    before = read_left_out(folder)
    (folder / FILE).write_text(print_left_out(before, api.left_out), "utf-8")
    (folder / REPORT_FILE).write_text(report(api, seen, folder, access=access), "utf-8")
    told = report(api, seen, folder, access=access, most=MOST_LINES, says_next=options.says_next)
    print(told, end="" if options.says_next else "\n")
    return SAME


def _differ(options: Options, seen: Seen) -> int:
    folder: Path = options.folder
    left_out = read_left_out(folder)
    schema = load_schema(folder)
    model = build_model(schema)
    known = known_of(schema, model, left_out, options.add)
    api = _decide(seen, known)
    differences = compare(model, seen.tables, api)
    names = {each.name for each in differences if each.name}
    for name in options.add:
        if name not in names:
            raise SdlError(f"--add {name}: {_why_not(name, names, api)}")
    added = names if options.update else set(options.add)
    if added:
        _add(folder, schema, model, seen, added, options)
        reasons = print_left_out(left_out, api.left_out, added)
        (folder / FILE).write_text(reasons, "utf-8")
    rest = [each for each in differences if each.name not in added]
    for name in sorted(added):
        print(f"written: {name}")
    for each in rest:
        print(each)
    told_of = left_out.keys() | names_read(model)
    for omitted in api.left_out:
        if omitted.name not in told_of:
            print(f"left out: {omitted.name} {omitted.reason}")
    for told in seen.unseen:
        print(f"not seen: {told}")
    if not rest:
        print(f"the SDL has what {seen.database} on {seen.server} has")
        return SAME
    count = "1 difference" if len(rest) == 1 else f"{len(rest)} differences"
    print(f"{count}; nothing that stands in the SDL is changed")
    return DIFFERENT


def _why_not(name: str, names: Collection[str], api: Api) -> str:
    for omitted in api.left_out:
        if omitted.name == name:
            return f"it {omitted.reason}"
    found = ", ".join(sorted(names)) or "nothing"
    return f"there is nothing new of that name, and {FILE} does not name it; new is {found}"


def _add(
    folder: Path,
    schema: Schema,
    model: Model,
    seen: Seen,
    added: Collection[str],
    options: Options,
) -> None:
    """Write what is asked for: files of new tables, and extensions of types behind their files."""
    there = {table.name for table in model.tables.values()}
    others = {name for name in seen.tables if name not in there and name not in added}
    left_out = {*read_left_out(folder), *others}
    api = _decide(seen, known_of(schema, model, left_out, added))
    types = {each.name: each for each in api.types}
    changes = Changes()
    for each in api.types:
        if each.table not in there:
            changes.new[_free(folder, each.file)] = print_type(each, options.access)
            changes.operations(dict(operations_of(each, types)))
            continue
        known = schema.types[each.name]
        is_key_said = isinstance(known, RowsType) and any(keys_of(known))
        text = _extension(model, api, each, added, is_key_said=is_key_said)
        if text:
            file = known.origin.file
            changes.appended[file] = changes.appended.get(file, "") + "\n" + text
    write(folder, changes)


def _extension(
    model: Model, api: Api, found: Type, added: Collection[str], *, is_key_said: bool
) -> str:
    tables = {each.name: each.table for each in api.types}
    there = {table.name for table in model.tables.values()}
    names = [name for name in new_columns(model, found) if f"{found.table}.{name}" in added]
    columns = [column for column in found.columns if column.name in names]

    def is_asked(relation: Relation) -> bool:
        owner = tables[relation.target] if relation.is_list else found.table
        table = relation.through.table if relation.through else tables[relation.target]
        return table not in there or f"{owner}.{relation.name}" in added

    fresh = list(new_relations(model, found, tables))
    fresh += [each for each in found.relations if each.through and each.through.table not in there]
    relations = [each for each in found.relations if each in fresh and is_asked(each)]
    if not columns and not relations:
        return ""
    used = {column.type.strip("[]!") for column in columns}
    enums = [enum for enum in found.enums if enum.name in used]
    enums += [each.orders for each in relations if each.orders and tables[each.target] in there]
    own = key_field(found.name)  # would be the key instead of ``id``, were that not said
    is_other = not is_key_said and any(column.field == own for column in columns)
    key = ("id",) if is_other else ()
    return extend_type(found.name, columns, relations, key) + print_enums(enums)


def _free(folder: Path, name: str) -> str:
    """A file of that name that is not there yet."""
    at = 1
    while (folder / (file := f"{name}{'' if at == 1 else f'_{at}'}.graphql")).exists():
        at += 1
    return file
