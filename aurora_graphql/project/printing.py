"""The description of an API as the text of its files: pure, formatted, in a stable order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aurora_graphql.project.conventions import said
from aurora_graphql.project.description import Api, Argument, Column, Enum, Relation, Root, Type
from aurora_graphql.project.lists import PAGE
from handler.language.printer import print_string
from handler.model.names import Conventions

SCHEMA_FILE: Final = "schema.graphql"
_WIDTH: Final = 88  # of a line, where it can be broken


def print_api(api: Api, access: str = "") -> dict[str, str]:
    """The SDL by file name. ``access``: a rule that stands on every type, such as ``@public``."""
    files = {SCHEMA_FILE: _schema(api.conventions)}
    for each in api.types:
        files[f"{each.file}.graphql"] = print_type(each, access)
    return files


def _schema(conventions: Conventions) -> str:
    given = said(conventions)
    extension = f"\nextend schema @conventions({given})\n" if given else ""
    return (
        "schema {\n  query: Query\n}\n"
        + extension
        + '\n"What can be asked: the file of each table adds its questions."\ntype Query\n'
    )


def print_type(found: Type, access: str = "") -> str:
    """One file: the questions about a table, its type, and the enums of both."""
    parts = [_block("extend type Query", (_root(each) for each in found.roots), is_spaced=True)]
    head = [f"type {found.name}"]
    if found.is_said:
        head.append(f"@table(name: {print_string(found.table)})")
    head += map(_key, found.keys)
    for name, fields in found.searches:
        called = "" if name == "search" else f", name: {print_string(name)}"
        head.append(f"@searchable(fields: {_list(fields)}{called})")
    head += [access] if access else []
    parts.append(described(found.description, 0) + _block(_head(head), _members(found)))
    parts += [_enum(each) for each in found.enums]
    return "\n".join(parts)


def extend_type(
    name: str, columns: Sequence[Column], relations: Sequence[Relation], key: Sequence[str] = ()
) -> str:
    """Fields that are added to a type that somebody else wrote. ``key``: what has to be said."""
    members = [*map(_column, columns), *map(_relation, relations)]
    said = [_key(key)] if key else []
    return _block(" ".join((f"extend type {name}", *said)), members)


def _key(fields: Sequence[str]) -> str:
    return f'@key(fields: "{" ".join(fields)}")'


def print_enums(enums: Iterable[Enum]) -> str:
    """Enums, each with an empty line before it."""
    return "".join(f"\n{_enum(each)}" for each in enums)


def _head(words: Sequence[str]) -> str:
    line = " ".join(words)
    return line if len(line) <= _WIDTH - 2 else "\n  ".join(words)


def _block(head: str, members: Iterable[str], *, is_spaced: bool = False) -> str:
    return head + " {\n" + ("\n" if is_spaced else "").join(members) + "}\n"


def _members(found: Type) -> Iterator[str]:
    """Columns, each with the row that it leads to behind it, and then the rows of other tables."""
    for column in found.columns:
        yield _column(column)
        yield from (_relation(each) for each in found.relations if each.behind == column.name)
    yield from (_relation(each) for each in found.relations if not each.behind)


def described(text: str, indent: int) -> str:
    """A description, which may be of many lines or none."""
    space = " " * indent
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if not lines:
        return ""
    if len(lines) == 1 and len(lines[0]) <= _WIDTH - indent - 2:
        return f"{space}{print_string(lines[0])}\n"
    escaped = [line.replace('"""', '\\"""') for line in lines]
    if any(ord(letter) < 32 and letter != "\t" for line in escaped for letter in line):
        return f"{space}{print_string(text.strip())}\n"
    return "".join(f"{space}{line}\n" if line else "\n" for line in ('"""', *escaped, '"""'))


def _column(column: Column) -> str:
    given = [
        *([f"name: {print_string(column.name)}"] * column.is_said),
        *(["zeroIsNull: true"] * column.zero_is_null),
    ]
    directive = f"@column({', '.join(given)})"
    directives = [directive] if given else []
    if column.operators:
        directives.append(f"@filterable(operators: [{', '.join(column.operators)}])")
    if column.is_sortable:
        directives.append("@sortable")
    kind = column.type + "!" * column.is_required
    return described(column.description, 2) + _field(column.field, (), kind, directives)


def _relation(each: Relation) -> str:
    arguments = []
    if each.is_list:
        orders = [Argument(name="orderBy", type=each.orders.name)] if each.orders else []
        arguments = [*orders, *PAGE]
    kind = f"{each.target}Connection!" if each.is_list else each.target + "!" * each.is_required
    directives = _said(each)
    if each.order:
        directives.append(f"@orderBy(fields: {_list(each.order)})")
    if each.is_filterable:
        directives.append("@filterable")
    return _field(each.field, arguments, kind, directives)


def _said(each: Relation) -> list[str]:
    """By which columns, as far as the conventions do not say it."""
    parts = []
    if not each.is_conventional:
        parts += [f"columns: {_list(each.columns)}", f"references: {_list(each.references)}"]
    if each.through:

        def is_said(names: Sequence[str], key: Sequence[str]) -> bool:
            """An ``id`` is called otherwise by convention."""
            return tuple(names) != tuple(key) or names[0].lower() == "id"

        through = [f"table: {print_string(each.through.table)}"]
        if is_said(each.through.columns, each.columns):
            through.append(f"columns: {_list(each.through.columns)}")
        if is_said(each.through.references, each.references):
            through.append(f"references: {_list(each.through.references)}")
        parts.append(f"through: {{{', '.join(through)}}}")
    if not parts:
        return []
    line = f"@relation({', '.join(parts)})"
    return [
        line
        if len(line) <= _WIDTH - 4
        else "@relation(\n      " + "\n      ".join(parts) + "\n    )"
    ]


def _root(root: Root) -> str:
    kind = f"{root.target}Connection!" if root.is_list else root.target
    directives = [f"@orderBy(fields: {_list(root.order)})"] if root.order else []
    return described(root.description, 2) + _field(root.field, root.arguments, kind, directives)


def _field(name: str, arguments: Sequence[Argument], kind: str, directives: Sequence[str]) -> str:
    """On one line, or else with each argument on its own and the directives below."""
    given = [_argument(each) for each in arguments]
    is_short = not any(each.description for each in arguments)
    line = f"  {name}" + (f"({', '.join(given)})" if given else "") + f": {kind}"
    whole = " ".join((line, *directives))
    if is_short and len(whole) <= _WIDTH:
        return whole + "\n"
    if not given or (is_short and len(line) <= _WIDTH):
        return line + "".join(f"\n    {each}" for each in directives) + "\n"
    rows = "".join(
        f"{described(each.description, 4)}    {text}\n"
        for each, text in zip(arguments, given, strict=True)
    )
    end = " ".join((f"  ): {kind}", *directives))
    if len(end) > _WIDTH:
        end = "\n    ".join((f"  ): {kind}", *directives))
    return f"  {name}(\n{rows}{end}\n"


def _argument(each: Argument) -> str:
    return f"{each.name}: {each.type}" + (f" {each.filter}" if each.filter else "")


def _enum(enum: Enum) -> str:
    values = (_value(name, behind) for name, behind in enum.values)
    return described(enum.description, 0) + _block(f"enum {enum.name}", values)


def _value(name: str, behind: str) -> str:
    line = f"  {name} {behind}".rstrip()
    return f"{line}\n" if len(line) <= _WIDTH else f"  {name}\n    {behind}\n"


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(print_string, names))}]"
