"""Names in SQL: the only place that quotes them."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)  # the names of a model, again in each statement
def quote(identifier: str) -> str:
    """An identifier of SQL; a percent sign is doubled because the driver formats the text."""
    return "`" + identifier.replace("`", "``").replace("%", "%%") + "`"
