"""Catalogues as a server would tell them, written in short."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aurora_graphql.catalog import ForeignKey, Index, IndexColumn, LiveColumn, LiveTable
from handler.sql.stored_type import TEXTS


def column(name: str, words: str) -> LiveColumn:
    """Such as ``varchar(20) null``; behind ``#`` its comment, behind ``=`` its default."""
    words, _, comment = words.partition("#")
    words, _, default = words.partition("=")
    invisible = " invisible" in words
    words = words.replace(" invisible", "").strip()
    is_null = words.endswith(" null")
    kind = words.removesuffix(" null")
    data_type = re.split(r"\W", kind)[0]
    size = re.search(r"\((\d+)\)", kind)
    is_text = data_type in TEXTS - {"uuid", "inet4", "inet6"}
    return LiveColumn(
        name,
        data_type,
        kind,
        is_null,
        "utf8mb4_unicode_520_ci" if is_text else None,
        4 * int(size[1]) if size else 20 if "(" in kind else 65_535 if is_text else 0,
        default.strip(),
        tuple(re.findall(r"'([^']*)'", kind)),
        comment.strip(),
        is_invisible=invisible,
        is_json=data_type == "json",
    )


def table(
    name: str,
    columns: Mapping[str, str],
    key: Sequence[str] = (),
    *,
    unique: Sequence[Sequence[str]] = (),
    indexes: Sequence[Sequence[str]] = (),
    foreign: Mapping[str, str] | None = None,
    comment: str = "",
    engine: str = "InnoDB",
    is_view: bool = False,
) -> LiveTable:
    """``foreign``: columns with commas to ``table.column, column``."""
    found = [Index("PRIMARY", _parts(key), is_unique=True)] if key else []
    found += [Index(f"u{at}", _parts(each), is_unique=True) for at, each in enumerate(unique)]
    found += [Index(f"i{at}", _parts(each)) for at, each in enumerate(indexes)]
    keys = []
    for own, there in (foreign or {}).items():
        other, _, references = there.partition(".")
        keys.append(
            ForeignKey(
                f"{name}_{own.replace(', ', '_')}",
                tuple(own.split(", ")),
                other,
                tuple(references.split(", ")),
            )
        )
    return LiveTable(
        name,
        {each: column(each, words) for each, words in columns.items()},
        found,
        keys,
        is_view=is_view,
        engine="" if is_view else engine,
        comment=comment,
    )


def _parts(names: Sequence[str]) -> tuple[IndexColumn, ...]:
    return tuple(
        IndexColumn(each.removesuffix(" DESC"), descending=each.endswith(" DESC")) for each in names
    )


def database(*tables: LiveTable) -> dict[str, LiveTable]:
    """The tables by name."""
    return {each.name: each for each in tables}
