"""Compares what is finished with what is written anew: the same statements, for all that is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from handler.compiler.finished import FinishedStatements
from handler.compiler.plan import Batch
from handler.compiler.sql import ParentKey, compile_rows
from handler.compiler.values import PlanValues
from handler.sql.statement import Sql, Statement


def compare_finished(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """From now on each statement is written both ways. Counts ``all`` of them, and those that had
    to be written ``anew``."""
    rows = FinishedStatements.rows
    found: Counter[str] = Counter()

    def written(*given: Any, **more: Any) -> list[Statement]:
        found["anew"] += 1
        return compile_rows(*given, **more)

    monkeypatch.setattr("handler.compiler.finished.compile_rows", written)

    def both(
        self: FinishedStatements,
        batch: Batch,
        given: PlanValues,
        keys: Sequence[ParentKey] | None,
        most_rows: float,
    ) -> list[Statement]:
        made = rows(self, batch, given, keys, most_rows)
        anew = compile_rows(self._plan, batch, given, keys, most_rows=most_rows)
        assert texts_of(made) == texts_of(anew)
        for each in made:
            Statement.of(Sql(each.text, each.parameters))  # which counts its places
        found["all"] += 1
        return made

    monkeypatch.setattr(FinishedStatements, "rows", both)
    return found


def texts_of(statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Texts and parameters, with the types of these: 1 is not 1.0."""
    return [(each.text, [(type(value), value) for value in each.parameters]) for each in statements]
