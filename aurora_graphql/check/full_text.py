"""Arguments that search for words: is there an index of words over exactly their columns?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live
from aurora_graphql.check.remedies import create_full_text
from handler.compiler.search import search
from handler.compiler.tables import Tables
from handler.errors import UpstreamError
from handler.language.schema import Origin
from handler.model.conditions import Filter
from handler.model.model import Model
from handler.sql.names import quote
from handler.sql.statement import Statement, sql
from handler.stores.mysql.database import RightsError

_LACKS_INDEX: Final = 1191  # ER_FT_MATCHING_KEY_NOT_FOUND


async def check_full_text(model: Model, live: Live) -> AsyncIterator[Finding]:
    """Searches that the server refuses."""
    for about, used, origin in _searches(model):
        found = live.tables.get(used.column.table)
        names = [column.stored_name or "" for column in used.columns]
        if found is None or not set(names) <= found.columns.keys():
            continue  # said of the table
        try:
            refusal = await _refusal(used, live)
        except RightsError as error:
            yield Finding(
                kind=Kind.UNPROVED,
                about=f"search {about}",
                message=f"that words are found by {about}: {error}",
                origin=origin,
                severity=Severity.NOTE,
                table=found.name,
            )
            continue
        if refusal:
            remedy = create_full_text(names, found)
            yield Finding(
                kind=Kind.FILTER,
                about=about,
                message=f"{about} searches {found.name} ({', '.join(names)}), and {refusal}",
                origin=origin,
                table=found.name,
                remedies=(remedy,) if remedy else (),
            )


def _searches(model: Model) -> Iterator[tuple[str, Filter, Origin]]:
    """Each search of the SDL: its name, and where it stands."""
    for (owner, name), field in model.all_fields("Query"):
        for used in field.filters:
            if used.is_search:
                yield f"{owner}.{name}({used.argument})", used, field.origin
    for given in model.each_input():
        for used in given.searches():
            yield f"{given.name}({used.argument})", used, model.table(given.target).origin


async def _refusal(used: Filter, live: Live) -> str:
    """What the server says against a search; nothing if it answers."""
    condition = search(used, "a").sql(Tables({}), "k")
    asked = Statement.of(
        sql("SELECT 1 FROM ", quote(used.column.table), " k WHERE ", condition, " LIMIT 1")
    )
    try:
        await live.explain(asked.text, *asked.parameters)
    except RightsError:
        raise
    except UpstreamError as error:
        cause = error.__cause__
        if error.retryable or cause is None or not cause.args:
            raise
        if cause.args[0] == _LACKS_INDEX:
            return "no FULLTEXT index has exactly these columns"
        return f"the server refuses that: {cause.args[-1]}"
    return ""
