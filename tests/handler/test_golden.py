"""Golden cases: documents over the Northwind orders with their plans, statements and answers.

A case is a folder ``golden/<name>/`` with ``request.graphql`` and perhaps ``variables.json``;
``pytest --rewrite-golden`` writes the other three files. Every answer is also asked of
Tartiflette's executor and of the naive reference, so that a wrong answer is not frozen.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handler.compiler.plan import IntrospectionNode
from handler.compiler.sql import MAX_STATEMENT_BYTES
from handler.compiler.tables import Statement
from handler.stores.url import DatabaseUrl
from tests.apis import Api
from tests.conftest import SDL
from tests.domains.orders.values import fold, line_total
from tests.reference import Reference

GOLDEN = Path(__file__).parent / "golden"
_CLAUSE = re.compile(r" (FROM|LEFT JOIN|(?<!LEFT )JOIN|WHERE|ORDER BY|UNION ALL|LIMIT) ")
CASES = sorted(path.name for path in GOLDEN.iterdir())


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def document(self) -> str:
        """The text of the request."""
        return (self.folder / "request.graphql").read_text()

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the request."""
        file = self.folder / "variables.json"
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def compare(self, name: str, text: str, *, rewrite: bool) -> None:
        """Compare with a frozen file, or freeze it."""
        file = self.folder / name
        if rewrite:
            file.write_text(text)
        assert text == file.read_text(), f"{file} differs; --rewrite-golden writes it anew"


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(GOLDEN / str(request.param))


@pytest.fixture(scope="module")
def reference(northwind_database: DatabaseUrl) -> Reference:
    sdl = (SDL / "orders.graphql").read_text()
    return Reference(northwind_database, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)


def sql_text(statements: tuple[Statement, ...]) -> str:
    """Statements as they are frozen: the text, and the parameters in a comment."""
    lines = []
    for statement in statements:
        lines.append(_CLAUSE.sub(r"\n\1 ", statement.text) + ";")
        if statement.parameters:
            lines.append(f"-- {', '.join(map(repr, statement.parameters))}")
        lines.append("")
    return "\n".join(lines)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40


def test_plan_statements_and_answer(
    case: Case, northwind: Api, pytestconfig: pytest.Config
) -> None:
    rewrite = bool(pytestconfig.getoption("rewrite_golden"))
    answer = northwind.run(case.document, case.variables)
    plan = northwind.plan(case.document, case.variables)
    case.compare("plan.txt", f"{plan}\n", rewrite=rewrite)
    case.compare("statements.sql", sql_text(answer.statements), rewrite=rewrite)
    text = json.dumps(answer.body, indent=2, ensure_ascii=False)
    case.compare("response.json", f"{text}\n", rewrite=rewrite)


def test_executor_gives_the_same_answer_by_the_same_statements(case: Case, northwind: Api) -> None:
    plan = northwind.plan(case.document, case.variables)
    if all(isinstance(member.node, IntrospectionNode) for member in plan.root.members):
        pytest.skip("the executor is not asked about the schema alone")
    compiled = northwind.run(case.document, case.variables)
    executed = northwind.run_by_executor(case.document, case.variables)
    assert executed == compiled
    assert executed.text == compiled.text


def test_reference_gives_the_same_answer(case: Case, northwind: Api, reference: Reference) -> None:
    if "__schema" in case.document or "__type(" in case.document:
        pytest.skip("the schema of the reference has its own introspection")
    assert (
        reference.run(case.document, case.variables)
        == northwind.run(case.document, case.variables).body
    )


def test_statements_are_as_many_as_the_plan_says(case: Case, northwind: Api) -> None:
    """One for each level at most, and one for what is told about a root connection."""
    plan = northwind.plan(case.document, case.variables)
    answer = northwind.run(case.document, case.variables)
    expected = sum(
        batch.reads_rows + (batch.parent is None and bool(batch.facts)) for batch in plan.batches
    )
    assert len(answer.statements) <= expected
    assert all(len(s.text) <= MAX_STATEMENT_BYTES for s in answer.statements)
