"""Indexes: each way to rows that the SDL makes possible is served by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from aurora_graphql.catalog import Index, LiveColumn, LiveTable
from aurora_graphql.check.access_paths import (
    AccessPath,
    access_paths,
    combined_paths,
)
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.groups import group_paths
from aurora_graphql.check.live import Live
from aurora_graphql.check.remedies import create_index, partly_indexed, show_index
from aurora_graphql.check.serving import explain_statements, serving_indexes
from aurora_graphql.check.views import check_view_path
from handler.model.model import Model
from handler.sql.statement import SqlValue
from handler.sql.stored_type import NUMBERS
from handler.stores.mysql.database import RightsError
from handler.stores.mysql.time_limit import is_mariadb

_SAMPLES: Mapping[str, SqlValue] = {
    "date": "2000-01-01",
    "datetime": "2000-01-01",
    "timestamp": "2000-01-01",
    "time": "00:00:00",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "year": 2000,
}
_SORTED = "does not give the order"
_LACKS = ("not all of their columns exist", "not all of their columns exist and are shown")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no index serves a way to rows."""

    path: AccessPath
    reason: str
    rows: int | None  # that a request reads therefore
    remedy: str = ""


@dataclass(slots=True)
class Judge:
    """Finds the index of each way; the server is asked once for ways that are alike."""

    live: Live
    refused: list[tuple[AccessPath, str]] = field(default_factory=list)
    _known: dict[tuple[object, ...], Trouble | None] = field(default_factory=dict)

    @property
    def proved(self) -> int:
        """How many ways an index serves."""
        return sum(found is None for found in self._known.values())

    async def trouble(self, path: AccessPath) -> Trouble | None:
        """None if the way is served, or if nothing can be said, which ``refused`` tells."""
        table = self.live.tables.get(path.table)
        if table is None or not set(path.columns) <= table.columns.keys():
            self.refused.append((path, _LACKS[path.table in self.live.sight.limited]))
            return None
        way = (path.range, path.order, path.unserved, path.is_turned)
        key = (path.table, frozenset(path.equal), path.fixed, *way)
        if key not in self._known:
            try:
                found = await self._judge(path, table)
                if found and path.fixed and not path.unserved:
                    wider = replace(path, equal=(*path.equal, *path.fixed), fixed=())
                    found = await self._judge(wider, table)
                self._known[key] = found
            except RightsError as error:
                self.refused.append((path, str(error)))
                return None
        found = self._known[key]
        return found and replace(found, path=path)

    async def _judge(self, path: AccessPath, table: LiveTable) -> Trouble | None:
        rows = self.live.rows(table.name)
        if path.unserved:
            return Trouble(path, path.unserved, rows_read(path, table, rows))
        samples = {name: _sample(column) for name, column in table.columns.items()}
        if table.is_view:
            reason, rows = await check_view_path(path, samples, self.live)
            return Trouble(path, reason, rows) if reason else None
        partly = partly_indexed(table)
        if partly & {*path.equal, path.range}:
            path = replace(path, order=())  # the server sorts what it finds
        against = []
        for index in serving_indexes(path, table.indexes, partly=partly):
            reason = await self._explain(path, table, samples, index)
            if not reason:
                return await self._judge_turned(path, table)
            # MariaDB sorts what a unique index has in order, unless the key is a part of it.
            remedy = create_index(path, table) if index.is_unique and _SORTED in reason else ""
            against.append(Trouble(path, f"index {index.name!r} {reason}", rows, remedy))
        if against:
            return against[0]
        for unused in serving_indexes(path, table.indexes, hidden=True, partly=partly):
            reason = f"index {unused.name!r} is there, but the optimizer must not use it"
            return Trouble(path, reason, rows, show_index(unused, table))
        remedy = create_index(path, table)
        reason = "no index"
        sight = self.live.sight
        if path.table in sight.limited:
            reason += f" that {sight.account} sees, which has no right on all columns"
        if not remedy:
            reason += ", and none can hold these columns in whole"
        return Trouble(path, reason, rows_read(path, table, rows), remedy)

    async def _judge_turned(self, path: AccessPath, table: LiveTable) -> Trouble | None:
        """The same from the end: MySQL reads no range of an index backwards in which some columns
        ascend and others descend. MariaDB does, though it may sort a few rows all the same."""
        if not path.is_turned:
            return None
        (version,) = (await self.live.fetch("SELECT VERSION()")).rows[0]
        if is_mariadb((version or b"").decode()):
            return None
        order = tuple([replace(each, descending=not each.descending) for each in path.order])
        turned = replace(path, order=order, is_turned=False)
        found = await self._judge(turned, table)
        return found and replace(
            found,
            reason=f"read from its end, {found.reason}",
            remedy=found.remedy or create_index(turned, table),
        )

    async def _explain(
        self, path: AccessPath, table: LiveTable, samples: Mapping[str, SqlValue], index: Index
    ) -> str:
        """What the optimizer says against the index; nothing if it can use it."""
        nullable = [each.name for each in table.columns.values() if each.is_nullable]
        for statement in explain_statements(path, index, samples, nullable):
            line = (await self.live.explain(statement.text, *statement.parameters))[0]
            extra = line.get("Extra", "")
            if re.search("mpossible|no matching row|tables optimized away", extra):
                continue  # decided from the index itself
            if line.get("key") != index.name:
                return f"is not used: EXPLAIN says type {line.get('type')}"
            if "filesort" in extra:
                return f"{_SORTED}: EXPLAIN says {extra}"
        return ""


async def check_paths(model: Model, judge: Judge) -> list[Finding]:
    """A finding for each place and the fields by which it asks, and what was not looked at."""
    paths = chain(access_paths(model), group_paths(model))
    troubles = [found for path in paths if (found := await judge.trouble(path))]
    findings = list(findings_of(troubles))
    findings += _combined(model, judge.live)
    by_reason: dict[str, list[AccessPath]] = {}
    for path, reason in judge.refused:
        by_reason.setdefault(reason, []).append(path)
    for reason, refused in by_reason.items():
        for table, them in _by_table(refused):
            findings.append(
                Finding(
                    kind=Kind.UNPROVED,
                    about=f"indexes of {table}" + (" (columns)" if reason in _LACKS else ""),
                    message=f"indexes for {len(them)} access paths, such as {them[0].purpose}: "
                    f"{reason}",
                    origin=them[0].origin,
                    severity=Severity.NOTE,
                    table=table,
                )
            )
    return findings


def _by_table(paths: Iterable[AccessPath]) -> Iterator[tuple[str, list[AccessPath]]]:
    for table, them in groupby(sorted(paths, key=lambda path: path.table), lambda p: p.table):
        yield table, list(them)


def findings_of(troubles: Sequence[Trouble], kind: Kind = Kind.INDEX) -> Iterator[Finding]:
    """Those of one place by the same fields are one, but for an order that no index can give."""
    groups: dict[tuple[str, str], list[Trouble]] = {}
    for each in troubles:
        path, about = each.path, each.path.about
        if not each.remedy and not path.arguments and path.order and path.detail:
            about = f"{path.place} ordered by {path.detail}"
        groups.setdefault((path.table, about), []).append(each)
    for (table, about), them in groups.items():
        reasons: dict[str, list[Trouble]] = {}
        for each in them:
            reasons.setdefault(each.reason, []).append(each)
        told = "; ".join(
            f"{reason}{_asked(same)}, reads {_counted(same)}" for reason, same in reasons.items()
        )
        rows = [each.rows for each in them]
        known = [each for each in rows if each is not None]
        yield Finding(
            kind=kind,
            about=about,
            message=told,
            origin=them[0].path.origin,
            severity=Severity.by_rows(None if None in rows else max(known)),
            table=table,
            remedies=tuple(_fewest(them)),
        )


def _asked(troubles: Sequence[Trouble]) -> str:
    """By which arguments and in which orders, each once."""
    if len(troubles) == 1:
        return f" ({troubles[0].path.asked})" if troubles[0].path.asked else ""
    arguments = dict.fromkeys(name for each in troubles for name in each.path.arguments)
    orders = dict.fromkeys(each.path.ordered for each in troubles if not each.path.arguments)
    by = f"by {', '.join(arguments)}" if arguments else ""
    ordered = "ordered by " + ", or ".join(filter(None, orders)) if any(orders) else ""
    told = "; ".join(filter(None, (by, ordered)))
    return f" ({told})" if told else ""


def _counted(troubles: Sequence[Trouble]) -> str:
    rows = [each.rows for each in troubles if each.rows is not None]
    return f"about {max(rows):,} rows" if rows else "rows whose number is not known"


def _fewest(troubles: Sequence[Trouble]) -> Iterator[str]:
    """The remedies without those that begin another one: a longer index serves both."""
    remedies = list(dict.fromkeys(each.remedy for each in troubles if each.remedy))
    for remedy in remedies:
        columns = remedy.rpartition("(")[2].removesuffix(");")
        if not any(
            other != remedy and other.rpartition("(")[2].startswith(f"{columns}, ")
            for other in remedies
        ):
            yield remedy


def _combined(model: Model, live: Live) -> Iterator[Finding]:
    """A note for each list that has indexes for its arguments, but not for some together."""
    for name, rows, ways in combined_paths(model):
        table = live.tables.get(model.tables[rows.target].name)
        if table is None or table.is_view:
            continue
        partly = partly_indexed(table)
        known: dict[AccessPath, bool] = {}

        def is_served(
            path: AccessPath,
            table: LiveTable = table,
            partly: frozenset[str] = partly,
            known: dict[AccessPath, bool] = known,
        ) -> bool:
            if path not in known:
                exists = set(path.columns) <= table.columns.keys()
                known[path] = not exists or bool(
                    serving_indexes(path, table.indexes, partly=partly)
                )
            return known[path]

        for way in ways:
            lacking = next((path for path in way.together if not is_served(path)), None)
            if lacking is not None and all(map(is_served, way.alone)):
                yield Finding(
                    kind=Kind.UNPROVED,
                    about=f"{name} by several arguments",
                    message=f"not all that have an index have one together, such as "
                    f"{lacking.asked}; what clients ask is looked at as a known operation",
                    origin=rows.origin,
                    severity=Severity.NOTE,
                    table=table.name,
                )
                break


def rows_read(path: AccessPath, table: LiveTable, rows: int | None) -> int | None:
    """How many rows a request reads for want of an index: those that another index finds by some
    of the columns that must be equal, or all."""
    found = [rows] if rows is not None else []
    for index in table.indexes:
        names = [column.name for column in index.columns]
        led = 0
        while led < len(names) and names[led] in path.equal:
            led += 1
        if led and not index.shown_by and len(index.distinct) >= led and table.rows:
            found.append(max(1, table.rows // max(1, index.distinct[led - 1])))
    return min(found, default=None)


def _sample(column: LiveColumn) -> SqlValue:
    return _SAMPLES.get(column.data_type, 1 if column.data_type in NUMBERS else "a")
