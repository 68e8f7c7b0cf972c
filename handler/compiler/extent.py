"""How far a plan reaches: the most rows that its statements give, whatever the tables hold."""

from __future__ import annotations

import math

from handler.compiler.plan import Plan
from handler.compiler.values import PlanValues


def most_rows(plan: Plan, values: PlanValues) -> float:
    """Rows of all statements together; infinite where a resolver gives the keys.

    Of each page one row more than it shows is read, to know whether others follow. A list that
    holds more than it may is read a second time, which no answer shows: it is not counted.
    """
    rows = 0.0
    shown: dict[int, float] = {}  # by batch
    for batch in plan.batches:  # parents before their children
        wanted = values[batch.index]
        if batch.is_by_key:
            return math.inf
        parents = 1.0 if batch.parent is None else shown[batch.parent]
        shown[batch.index] = parents * wanted.size
        if batch.reads_rows and not wanted.matches_nothing:
            others = parents if batch.rows.paging else 1.0
            rows += shown[batch.index] + others * wanted.more
        if batch.parent is None and wanted.facts:
            rows += 1
    return rows
