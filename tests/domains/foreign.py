"""Databases that nobody here made as domains: SDL made for them, with filters, over all their rows.

Views are left out, and columns that the reference does not read: blobs and geometries.
"""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path
from typing import Any

import graphql
from graphql import get_named_type

from aurora_graphql.project.command import Options, run
from handler.stores.url import DatabaseUrl
from tests.directives import directive
from tests.documents import documents
from tests.domains.filled import Filled
from tests.reference import Reference

SIZES = {"page_size": 3, "page_size_max": 20}  # what a naive executor can follow
_LEFT = re.compile(r"^  \w+: (GeoJSON|Bytes)!?.*\n", re.MULTILINE)
_ROOTS = re.compile(r"^extend type Query \{(.*?)^\}", re.DOTALL | re.MULTILINE)
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
    sdl = _with_one_root("\n".join(each.read_text() for each in sorted(folder.glob("*.graphql"))))
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
