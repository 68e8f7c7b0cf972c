"""Databases that nobody here made as domains: SDL made for them, with filters, over all their rows.

Views are left out, and columns that the reference does not read: blobs and geometries.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
from graphql import get_named_type

from aurora_graphql.project.command import Options, run
from handler.stores.url import DatabaseUrl
from tests.directives import directive
from tests.documents import documents
from tests.domains.filled import Filled
from tests.integration.servers import connect
from tests.reference import Reference

SIZES = {"page_size": 3, "page_size_max": 20}  # what a naive executor can follow
_LEFT = re.compile(r"^  \w+: (GeoJSON|Bytes)!?.*\n", re.MULTILINE)
_ROOTS = re.compile(r"^extend type Query \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_SMALL = 1_100  # rows of a table
_SHARED = ("String", "DateTime", "Int", "Decimal")
_VALUES = 12  # of a column, from which arguments choose


def fill_foreign(url: DatabaseUrl, folder: Path) -> Filled:
    """SDL written into an empty folder for what is in a database."""
    assert run(Options(folder=folder, filters=True), {"DATABASE_URL": url.text()}) == 0
    for file in folder.glob("*.graphql"):
        text = file.read_text()
        if "view" in text.partition("extend type")[0].lower() or file.stem.endswith(
            ("_list", "_info")
        ):
            file.unlink()
            continue
        file.write_text(_LEFT.sub("", text).replace("orderBy: ", "order: "))
    texts = [each.read_text() for each in sorted(folder.glob("*.graphql"))]
    texts.append("".join(_united(url, "\n".join(texts))))
    (folder / "united.graphql").write_text(texts[-1])
    sdl = _with_one_root("\n".join(texts))
    reference = Reference(
        url, sdl, {}, fold=fold, page_size=SIZES["page_size"], page_maximum=SIZES["page_size_max"]
    )
    return Filled(folder, reference, documents(reference, pools(reference)), SIZES)


def _with_one_root(sdl: str) -> str:
    """The questions of all files in the one type that holds them."""
    asked = "".join(each[1] for each in _ROOTS.finditer(sdl))
    return re.sub(
        r"^type Query$", f"type Query {{{asked}}}", _ROOTS.sub("", sdl), flags=re.MULTILINE
    )


def _united(url: DatabaseUrl, sdl: str) -> Iterator[str]:
    """Lists over several tables: of all types over small ones that have a field alike."""
    alike: dict[tuple[str, str], list[str]] = {}
    with connect(url) as connection, connection.cursor() as cursor:
        for found in graphql.parse(sdl).definitions:
            if not isinstance(found, graphql.ObjectTypeDefinitionNode):
                continue
            table = directive(found, "table")
            if table is None:
                continue
            cursor.execute(f"SELECT COUNT(*) FROM `{table['name']}`")
            if cursor.fetchall()[0][0] > _SMALL:
                continue
            for field in found.fields or ():
                kind = graphql.print_ast(field.type)
                if not field.arguments and kind.rstrip("!") in _SHARED:
                    alike.setdefault((field.name.value, kind), []).append(found.name.value)
    for (name, kind), types in alike.items():
        if len(types) < 2:
            continue
        called, plain = f"With{name[0].upper()}{name[1:]}{len(kind)}", kind.rstrip("!")
        pages = "first: Int, after: String, last: Int, before: String, offset: Int"
        yield f"""
union {called} = {" | ".join(types)}
enum {called}Order {{ UP @orderBy(fields: ["{name}"]) DOWN @orderBy(fields: ["{name} DESC"]) }}
extend type Query {{
  all{called}(
    {name}: {plain}, from: {plain} @filter(field: "{name}", operator: GREATER_OR_EQUAL)
    order: {called}Order, {pages}
  ): {called}Connection! @page(maximumOffset: 100)
  last{called}({name}: {plain}): {called} @orderBy(fields: ["{name} DESC"])
}}
"""


def fold(text: str) -> str:
    """What a text equals where accents, capital letters and last blanks make no difference."""
    plain = unicodedata.normalize("NFKD", text.rstrip(" "))
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def pools(reference: Reference, seed: int = 5) -> dict[str, list[Any]]:
    """Values of each column that stand in its rows, beginnings of its texts, and others."""
    chance = random.Random(seed)
    found: dict[str, list[Any]] = {}
    for owner in reference.types.values():
        rows = reference.all_rows[reference.table(owner)]
        some = chance.sample(rows, k=min(len(rows), _VALUES))
        for name, field in owner.fields.items():
            kind = get_named_type(field.type)
            is_column = isinstance(kind, graphql.GraphQLScalarType | graphql.GraphQLEnumType)
            if not is_column or any(directive(field.ast_node, each) for each in ("count", "sum")):
                continue
            values = [reference.value(owner, name, reference.stored(owner, name, r)) for r in some]
            shown = [each for each in values if each is not None and not isinstance(each, list)]
            if kind.name == "String":
                shown += [each[:2] for each in shown] + ["", "%", "zz"]
            elif kind.name == "Int":
                shown += [0, -1, 2**31 - 1]
            found[f"{owner.name}.{name}"] = list(dict.fromkeys(shown)) or [None]
    return found
