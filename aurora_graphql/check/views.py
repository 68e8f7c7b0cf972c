"""Views: they have no indexes of their own, so that the server's plan tells what they read."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_graphql.check.access_paths import AccessPath
from aurora_graphql.check.live import Live
from handler.sql.names import quote
from handler.sql.statement import SqlValue


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
    read = {line["table"]: int(line["rows"]) for line in lines if _reads_all(line)}
    return (
        (f"the view reads {', '.join(read)} in whole", max(read.values())) if read else ("", None)
    )


def _reads_all(line: Mapping[str, str]) -> bool:
    """Whether all rows of a table are read, or sorted; along an index it stops at the LIMIT."""
    if line.get("table", "<").startswith("<") or not line.get("rows", "").isdecimal():
        return False
    extra = line.get("Extra", "")
    along = line.get("type") == "index" and "Using where" not in extra
    return "filesort" in extra or (line.get("type") in ("ALL", "index") and not along)
