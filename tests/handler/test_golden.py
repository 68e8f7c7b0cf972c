"""Golden cases: documents over the Northwind orders with their plans, statements and answers.

A case is a folder ``golden/<name>/`` with ``request.graphql``, perhaps ``variables.json``, and
``caller.json`` (scopes and claims of a token; ``null``: nobody) where it is not development's;
``pytest --rewrite-golden`` writes the other three files. Every answer is also asked of
Tartiflette's executor and of the naive reference, so that a wrong answer is not frozen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handler.fields.introspection import IntrospectionNode
from handler.sql.statement import MAX_STATEMENT_BYTES, Statement
from handler.stores.url import DatabaseUrl
from tests.apis import Answer, Api
from tests.callers import ANONYMOUS, DEVELOPMENT, Caller, Oracle, token
from tests.conftest import SDL
from tests.domains.orders.values import fold, line_total
from tests.finished import compare_finished
from tests.reference import Reference

GOLDEN = Path(__file__).parent / "golden"
_CLAUSES = r"LEFT JOIN|(?<!LEFT )JOIN|WHERE|GROUP BY|ORDER BY|UNION ALL|LIMIT"
_CLAUSE = re.compile(rf" ((?<!YEAR_MONTH )FROM|{_CLAUSES}) ")
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

    @property
    def caller(self) -> Caller:
        """Who asks."""
        file = self.folder / "caller.json"
        if not file.exists():
            return DEVELOPMENT
        found = json.loads(file.read_text())
        if found is None:
            return ANONYMOUS
        return token(self.folder.name, *found["scopes"], **found["claims"])

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
def oracle(northwind_database: DatabaseUrl) -> Oracle:
    sdl = (SDL / "orders.graphql").read_text()
    expressions = {"OrderItem.lineTotal": line_total}
    return Oracle(Reference(northwind_database, sdl, expressions, fold=fold))


def sql_text(statements: tuple[Statement, ...]) -> str:
    """Statements as they are frozen, of MariaDB: the text, and the parameters in a comment."""
    lines = []
    for statement in statements:
        lines.append(_CLAUSE.sub(r"\n\1 ", statement.text) + ";")
        if statement.parameters:
            lines.append(f"-- {', '.join(map(repr, statement.parameters))}")
        lines.append("")
    return "\n".join(lines).replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin")


def run(case: Case, northwind: Api) -> Answer:
    return northwind.run(case.document, case.variables, principal=case.caller.principal)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 40


def test_plan_statements_and_answer(
    case: Case, northwind: Api, pytestconfig: pytest.Config
) -> None:
    rewrite = bool(pytestconfig.getoption("rewrite_golden"))
    answer = run(case, northwind)
    plan = northwind.plan(case.document, case.variables, case.caller.principal)
    case.compare("plan.txt", f"{plan}\n", rewrite=rewrite)
    case.compare("statements.sql", sql_text(answer.statements), rewrite=rewrite)
    text = json.dumps(answer.body, indent=2, ensure_ascii=False)
    case.compare("response.json", f"{text}\n", rewrite=rewrite)


def test_what_is_finished_is_what_is_written_anew(
    case: Case, northwind: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_finished(monkeypatch)
    first, *others = [run(case, northwind) for _ in range(3)]
    assert [each.body for each in others] == [first.body] * 2


def test_executor_gives_the_same_answer_by_the_same_statements(case: Case, northwind: Api) -> None:
    principal = case.caller.principal
    plan = northwind.plan(case.document, case.variables, principal)
    if all(isinstance(member.node, IntrospectionNode) for member in plan.root.members):
        pytest.skip("the executor is not asked about the schema alone")
    compiled = run(case, northwind)
    executed = northwind.run_by_executor(case.document, case.variables, principal)
    assert executed == compiled
    assert executed.text == compiled.text


def test_reference_gives_the_same_answer(case: Case, northwind: Api, oracle: Oracle) -> None:
    if "__schema" in case.document or "__type(" in case.document:
        pytest.skip("the schema of the reference has its own introspection")
    expected = oracle.run(case.caller, case.document, case.variables)
    body = run(case, northwind).body
    for error in body.get("errors", []):
        del error["code"]  # the reference has none
    assert body == expected


def test_statements_are_as_many_as_the_plan_says(case: Case, northwind: Api) -> None:
    """One for each level at most, and one for what is told about a root connection."""
    plan = northwind.plan(case.document, case.variables, case.caller.principal)
    answer = run(case, northwind)
    expected = sum(
        batch.reads_rows + (batch.parent is None and bool(batch.facts)) for batch in plan.batches
    )
    assert len(answer.statements) <= expected
    assert all(len(s.text) <= MAX_STATEMENT_BYTES for s in answer.statements)


# ------------------------------------------------------------------------------- row rules

GUARDED = {"orders", "customers", "order_items"}
SOMEBODY = token("somebody", "orders:read", customer_id="VINET")


def test_every_guarded_table_stands_beside_its_guard(case: Case, northwind: Api) -> None:
    """In all statements of all cases, asked by one customer."""
    answer = northwind.run(case.document, case.variables, principal=SOMEBODY.principal)
    for statement in answer.statements:
        assert list(unguarded(statement.text)) == []


def test_who_sees_all_rows_asks_as_in_development(case: Case, northwind: Api) -> None:
    """Rules that do not hold leave no trace in a statement."""
    manager = token("manager", "orders:read", "orders:read:all", customer_id="VINET")
    answer = northwind.run(case.document, case.variables, principal=manager.principal)
    assert answer.statements == northwind.run(case.document, case.variables).statements


def unguarded(text: str) -> Iterator[str]:
    """Where a statement reads a guarded table without the condition beside it."""
    for found in re.finditer(r"(?:FROM|JOIN) `(\w+)` (\w+)", text):
        table, alias = found.groups()
        conditions = _conditions(text, found.end())
        if table in GUARDED and not _is_guarded(table, alias, conditions):
            yield text[found.start() :]


def _conditions(text: str, start: int) -> list[str]:
    """What has to hold in the clause of a table, cut at the ANDs between its conditions."""
    depth, end = 0, len(text)
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth < 0:
            end = at
            break
    parts, depth, last = [], 0, start
    is_join = text.startswith(" ON ", start)
    for found in re.finditer(
        r"[()]| (?:AND|ON|WHERE|GROUP BY|ORDER BY|LIMIT|LEFT JOIN|JOIN) ", text
    ):
        if not start <= found.start() < end:
            continue
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0 and found[0] not in "()":
            parts.append(text[last : found.start()])
            last = found.end()
            if is_join and "JOIN" in found[0]:
                return parts  # what follows is of another table
    return [*parts, text[last:end]]


def _is_guarded(table: str, alias: str, conditions: list[str]) -> bool:
    if table != "order_items":
        name = f"{alias}.`customer_id`"
        return {f"{name} = %s", f"CAST({name} AS BINARY) = %s"} <= set(conditions)
    guard = re.compile(
        r"EXISTS \(SELECT 1 FROM `orders` (g\d)"
        rf" WHERE \1\.`order_id` = {alias}\.`order_id` AND .*\)\Z"
    )
    return any(guard.match(each) for each in conditions)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT t0.`order_id` FROM `orders` t0 WHERE t0.`order_id` = %s LIMIT %s",
        "SELECT 1 FROM `orders` t0 WHERE t0.`customer_id` = %s LIMIT %s",
        "SELECT 1 FROM `orders` t0 WHERE (t0.`customer_id` = %s OR TRUE)"
        " AND CAST(t0.`customer_id` AS BINARY) = %s",
        "SELECT (SELECT COUNT(*) FROM `orders` r), 1 FROM `products` t0"
        " WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s",
        "SELECT 1 FROM `products` t0 LEFT JOIN `orders` t1 ON t1.`order_id` = t0.`order_id`"
        " LEFT JOIN `products` t2 ON t1.`customer_id` = %s"
        " AND CAST(t1.`customer_id` AS BINARY) = %s",
        "SELECT 1 FROM `order_items` t0 WHERE EXISTS (SELECT 1 FROM `orders` g1 WHERE"
        " g1.`order_id` = t0.`order_id`)",
    ],
)
def test_a_missing_guard_would_be_seen(text: str) -> None:
    assert list(unguarded(text))
