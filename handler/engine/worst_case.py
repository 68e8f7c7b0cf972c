"""What an operation may come to at most, told to a request that asks for it and to budgets."""

from __future__ import annotations

from typing import Any

from handler.access.grant import Grant
from handler.answer import Answer
from handler.compiler.extent import most_rows
from handler.compiler.plan import Plan
from handler.compiler.values import bind
from handler.engine.cost_rate_limits import price
from handler.engine.engine import Engine
from handler.language.document import BoundOperation


def worst_case(
    engine: Engine, prepared: BoundOperation, grant: Grant, answer: Answer | None = None
) -> dict[str, Any]:
    """Cost, objects, rows and statements, with the parts of the cost by path.

    ``statements`` are those that were sent for the ``answer``, if it was computed.
    """
    limits = engine.settings.limits
    plan = engine.plan(prepared, grant).plan
    values = bind(
        plan,
        engine.schema,
        prepared.variables,
        prepared.literals,
        prepared.locate,
        grant.claims,
        prepared.page_size_max,
        limits,
    )
    statements = count_statements(plan)
    parts = prepared.operation.formula.explain(
        prepared.variables, prepared.literals, prepared.page_size_max
    ).parts
    return {
        "cost": prepared.cost.total,
        "limit": limits.cost,
        "objects": prepared.cost.types,
        "rows": min(most_rows(plan, values), engine.settings.request_rows_max),
        "statements": (answer and answer.statements) or statements,
        "price": price(prepared.cost.total, statements),
        "parts": [{"path": list(each.path), "cost": each.cost} for each in parts],
    }


def count_statements(plan: Plan) -> int:
    """How many a plan sends, if none has to be split."""
    return len(plan.totals) + sum(
        batch.reads_rows + bool(batch.facts and batch.parent is None) for batch in plan.batches
    )
