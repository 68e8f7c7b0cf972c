"""The comparison of a model with a live database: everything that ``check`` finds by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.columns import check_table
from aurora_graphql.check.conditions import check_conditions
from aurora_graphql.check.contents import check_contents, check_totals
from aurora_graphql.check.dates import check_dates
from aurora_graphql.check.expressions import check_expressions
from aurora_graphql.check.filters import check_filters, check_sorts
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.full_text import check_full_text
from aurora_graphql.check.keys import check_key
from aurora_graphql.check.live import Live, read_live
from aurora_graphql.check.members import check_members, with_own_fields
from aurora_graphql.check.orders import check_offsets, check_orders, check_united, rows_fields
from aurora_graphql.check.paths import Judge, check_paths
from aurora_graphql.check.relations import check_relation, edge_tables
from handler.model.model import Model
from handler.model.relations import Relation
from handler.model.tables import Table
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, each once, and what it looked at."""

    findings: tuple[Finding, ...]
    tables: Mapping[str, LiveTable]  # of the SDL, as far as they exist
    paths: int  # ways to rows that an index serves

    def of(self, *severities: Severity) -> list[Finding]:
        """The findings of these severities."""
        return [each for each in self.findings if each.severity in severities]


async def check(
    model: Model, database: Database, deadline: Deadline, *, least_rows: int = 0
) -> Checked:
    """Compare the model with the database. Raises ``UpstreamError`` if it cannot be asked.

    ``least_rows``: each table is judged as if it had at least so many.
    """
    live = await read_live(model, database, deadline, least_rows)
    judge = Judge(live)
    findings = await compare(model, live, judge)
    return summed(findings, model, live, judge)


def summed(findings: list[Finding], model: Model, live: Live, judge: Judge) -> Checked:
    """The findings, each once. None hides another: of two with one name the second has a number."""
    kept: list[Finding] = []
    times: dict[str, int] = {}
    for each in dict.fromkeys(findings):
        times[each.name] = number = times.get(each.name, 0) + 1
        kept.append(replace(each, about=f"{each.about} ({number})") if number > 1 else each)
    names = dict.fromkeys(t.name for t in (*model.tables.values(), *model.links.values()))
    tables = {name: live.tables[name] for name in names if name in live.tables}
    return Checked(tuple(kept), tables, judge.proved)


async def compare(model: Model, live: Live, judge: Judge) -> list[Finding]:
    """All findings of a model, but for those of operations."""
    findings: list[Finding] = []
    for table in (*map(with_own_fields, model.tables.values()), *edge_tables(model)):
        findings += [each async for each in check_table(table, live)]
        findings += check_members(table, live)
        for field in table.of_kind(Relation).values():
            findings += [each async for each in check_relation(model, table, field, live)]
        if table.name in live.tables:
            findings += await _of_table(table, live)
    for name, rows in rows_fields(model):
        findings += [each async for each in check_orders(name, rows, live)]
    findings += check_conditions(model, live)
    findings += [each async for each in check_filters(model, live)]
    findings += [each async for each in check_full_text(model, live)]
    findings += check_sorts(model, live)
    findings += check_offsets(model, live)
    findings += check_united(model, live)
    findings += check_totals(model)
    findings += await check_paths(model, judge)
    return findings


async def _of_table(table: Table, live: Live) -> list[Finding]:
    """What its rows hold, as far as the account may read them."""
    found = live.tables[table.name]
    findings: list[Finding] = []
    try:
        for key in table.unique_keys:
            if told := await check_key(table, key, found, live):
                findings.append(told)
        findings += [each async for each in check_contents(table, live)]
        findings += [each async for each in check_expressions(table, live)]
        findings += [each async for each in check_dates(table, live)]
    except RightsError as error:
        findings.append(
            Finding(
                kind=Kind.UNPROVED,
                about=f"contents of {table.type_name}",
                message=f"expressions, dates and numbers of {table.type_name}: {error}",
                origin=table.origin,
                severity=Severity.NOTE,
                table=table.name,
            )
        )
    return findings
