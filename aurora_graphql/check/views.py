"""Views: they have no indexes of their own, so that the server's plan tells what they read."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_graphql.check.access_paths import AccessPath
from aurora_graphql.check.live import Live
from handler.sql.names import quote
from handler.sql.statement import SqlValue

_READS_ALL = ("ALL", "index")


async def check_view_path(
    path: AccessPath, samples: Mapping[str, SqlValue], live: Live
) -> tuple[str, int | None]:
    """What a way to rows of a view reads, as EXPLAIN says; an empty text if that is little.

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
    read = [
        max(int(line["rows"]), live.least_rows)
        for line in lines
        if line.get("rows", "").isdecimal()
        and (line.get("type") in _READS_ALL or "filesort" in line.get("Extra", ""))
        and not line.get("table", "").startswith("<")
    ]
    if not read:
        return "", None
    whole = [line["table"] for line in lines if line.get("type") in _READS_ALL]
    return f"the view reads {', '.join(dict.fromkeys(whole)) or 'what it sorts'} in whole", max(
        read
    )
