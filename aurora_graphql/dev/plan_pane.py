"""What GraphiQL's plan pane shows: the plan as a tree, and each statement that it made.

All of it is of the real plan and the real run; ``EXPLAIN`` and the server's cost are asked for
afterwards, with the values that were sent.
"""

from __future__ import annotations

from typing import Any

import orjson

from aurora_graphql.check.live import EXPLAIN
from aurora_graphql.dev.sql_text import format_sql
from aurora_graphql.dev.tracing import Trace
from aurora_graphql.explain import Seen
from aurora_graphql.plan_view import sent_text, tree_of
from handler.answer import CACHED, Answer
from handler.engine.engine import Engine
from handler.engine.worst_case import worst_case
from handler.errors import HandlerError
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

WIDTH = 56  # characters of a line of SQL, in a pane beside the answer
_COLUMNS = ("table", "type", "key", "rows", "Extra", "filtered", "ref", "possible_keys")


async def describe_plan(
    trace: Trace, answer: Answer, engine: Engine, database: Database, deadline: Deadline
) -> dict[str, Any]:
    """The pane's content as JSON; the operation has been run, or its answer was in the cache.

    Of an answer from the cache the statements are sent now, so that they can be shown.
    """
    prepared, grant = trace.prepared, trace.grant
    assert prepared is not None
    assert grant is not None
    is_cached = answer.source in CACHED
    if is_cached:
        answer = await engine.execute(prepared, grant, database, deadline)
    plan = engine.plan(prepared, grant).plan
    seen, trace.seen = trace.seen, []  # what follows is not of the request
    return {
        "isCached": is_cached,
        "cost": worst_case(engine, prepared, grant, answer),
        "tree": tree_of(plan),
        "statements": [await _statement(each, database, deadline) for each in seen],
    }


async def _statement(seen: Seen, database: Database, deadline: Deadline) -> dict[str, Any]:
    told: dict[str, Any] = {
        "batch": seen.statement.batch,
        "sql": format_sql(sent_text(seen.statement), WIDTH),
        "rows": seen.rows,
        "ms": round(seen.milliseconds, 2),
        "failure": seen.failure,
        "explain": None,
        "explainError": "",
        "cost": None,
    }
    if seen.failure:
        return told
    try:
        found = await database.fetch(_asked(EXPLAIN, seen.statement), deadline)
        told["explain"] = _table(found)
        written = await database.fetch(_asked("EXPLAIN FORMAT=JSON", seen.statement), deadline)
        told["cost"] = _cost(written)
    except HandlerError as error:
        told["explainError"] = str(error)
    return told


def _asked(explain: str, statement: Statement) -> Statement:
    return Statement(f"{explain} {statement.text}", statement.parameters)


def _table(found: RowSet) -> dict[str, Any]:
    """Columns, and rows of texts; what the server leaves empty is empty."""
    columns = [name for name in _COLUMNS if name in found.names]
    rows = [dict(zip(found.names, row, strict=True)) for row in found.rows]
    return {
        "columns": columns,
        "rows": [[(row[name] or b"").decode() for name in columns] for row in rows],
    }


def _cost(found: RowSet) -> float | None:
    """What the server takes the whole statement to cost, in units of its own.

    MySQL 8 and 9 tell it, and MariaDB from 11 on; None of MariaDB 10.11.
    """
    told = orjson.loads(found.rows[0][0] or b"{}")
    block = told.get("query_block", told)
    for place in (block.get("cost_info", {}), block, told, told.get("query_plan", {})):
        for name in ("query_cost", "estimated_total_cost", "cost"):
            if name in place:
                return float(place[name])
    return None
