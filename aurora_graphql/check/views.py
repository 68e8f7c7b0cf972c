"""Views: they have no indexes of their own, so that the server's plan tells what they read."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Final

from aurora_graphql.check.access_paths import AccessPath
from aurora_graphql.check.live import Live
from handler.sql.names import quote
from handler.sql.statement import SqlValue

# What is made before the statement's own rows are looked for, such as the groups of a view.
_MADE_WHOLE: Final = ("DERIVED", "UNION", "MATERIALIZED")


async def check_view_path(
    path: AccessPath, samples: Mapping[str, SqlValue], live: Live
) -> tuple[str, int | None]:
    """What a way to rows of a view reads, as EXPLAIN says; an empty text if that is little.

    By the rows that are there: over few the optimizer reads all, whatever indexes there are.
    Raises ``RightsError`` where the account may not see it.
    """
    parameters = [samples[name] for name in path.equal]
    conditions = [f"{quote(name)} = %s" for name in path.equal]
    if path.range is not None:
        conditions.append(f"{quote(path.range)} >= %s")
        parameters.append(samples[path.range])
    listed = [quote(c.name) + (" DESC" if c.descending else "") for c in path.order]
    text = f"SELECT {', '.join(map(quote, path.columns)) or '1'} FROM {quote(path.table)}"  # noqa: S608 # of the catalogue
    text += f" WHERE {' AND '.join(conditions)}" if conditions else ""
    text += f" ORDER BY {', '.join(listed)}" if listed else ""
    lines = await live.explain(f"{text} LIMIT 10", *parameters)
    read: dict[str, int] = {}
    for line in lines:
        if _reads_all(line):
            read[line["table"]] = int(line["rows"])
    for made in {line.get("id") for line in lines if line.get("select_type") in _MADE_WHOLE}:
        joined = [line for line in lines if line.get("id") == made and _is_table(line)]
        if joined:
            read[" with ".join(line["table"] for line in joined)] = prod(
                int(line["rows"]) for line in joined
            )
    return (
        (f"the view reads {', '.join(read)} in whole", max(read.values())) if read else ("", None)
    )


def _reads_all(line: Mapping[str, str]) -> bool:
    """Whether all rows of a table are read, or sorted; along an index it stops at the LIMIT."""
    if not _is_table(line) or line.get("select_type") in _MADE_WHOLE:
        return False
    extra = line.get("Extra", "")
    along = line.get("type") == "index" and "Using where" not in extra
    return "filesort" in extra or (line.get("type") in ("ALL", "index") and not along)


def _is_table(line: Mapping[str, str]) -> bool:
    """Whether it is about a table, whose rows are counted, and not about what was made before."""
    return not line.get("table", "<").startswith("<") and line.get("rows", "").isdecimal()
