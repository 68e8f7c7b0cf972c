"""Every field with its arguments in every state: plan, values and statements can be made of it."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product
from pathlib import Path

import pytest

from handler.compiler.plan import Plan
from handler.compiler.sql import compile_facts, compile_rows
from handler.compiler.values import PlanValues
from handler.language.limits import Limits
from handler.language.operations import load_operations
from handler.language.schema import NonNull, named
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.sql.statement import Sql, Statement, join, sql, value, values
from tests.argument_states import SAMPLES, Case, State, covering, find_cases, find_places
from tests.handler.compiler.plans import ORDERS_SDL, Compiler

pytestmark = pytest.mark.slow

DOMAINS = Path(__file__).parents[2] / "domains"
FOLDERS = {"orders": ORDERS_SDL} | {
    path.parent.name: path for path in sorted(DOMAINS.glob("*/sdl")) if path.is_dir()
}


@cache
def compiler_of(domain: str) -> Compiler:
    schema = load_schema(FOLDERS[domain])
    return Compiler(schema, build_model(schema))


@cache
def cases_of(domain: str) -> list[Case]:
    compiler = compiler_of(domain)
    return [
        case
        for place in find_places(compiler.schema, compiler.model)
        for case in find_cases(compiler.schema, place)
    ]


def all_statements(plan: Plan, given: PlanValues) -> list[Statement]:
    """All that a plan can ask: for no parent, for one, and for two."""
    found: list[Statement] = []
    for batch in plan.batches:
        if batch.reads_rows:
            one, other = (("k",) * len(batch.link_columns), ("l",) * len(batch.link_columns))
            for keys in [None] if batch.parent is None else [[one], [one, other]]:
                found += compile_rows(plan, batch, given, keys)
                if keys and len(keys) > 1:
                    found += compile_rows(plan, batch, given, keys, bounds_each=True)
        if batch.facts and batch.parent is None:
            found.append(compile_facts(plan, batch, given))
    return found


@pytest.mark.parametrize("domain", FOLDERS)
def test_every_state_of_every_argument_makes_statements(domain: str) -> None:
    """A statement cannot be made with values that its text has no place for, or the reverse."""
    compiler = compiler_of(domain)
    assert cases_of(domain)
    for case in cases_of(domain):
        plan, given = compiler.bound(case.document, case.variables)
        assert all_statements(plan, given), case


@pytest.mark.parametrize("domain", FOLDERS)
def test_states_that_mean_the_same_choose_the_same_rows(domain: str) -> None:
    """Null, absent and not written are one; a default and a value are one."""
    compiler = compiler_of(domain)
    for case in cases_of(domain):
        _, given = compiler.bound(case.document, case.variables)
        _, plain = compiler.bound(case.plain)
        for found, expected in zip(given.batches, plain.batches, strict=True):
            assert found == expected, case
        assert given.choices == plain.choices, case


def test_first_page_by_a_null_cursor_asks_as_one_without_a_cursor() -> None:
    """The first question of every Relay client."""
    text = (
        "query ($c: ID!%s) { orders(customerId: $c, first: 4%s) { edges { node { orderId } }"
        " pageInfo { hasNextPage endCursor } totalCount } }"
    )
    compiler = compiler_of("orders")
    with_null = text % (", $a: String", ", after: $a")
    plan, given = compiler.bound(with_null, {"c": "VINET", "a": None})
    rows, facts = all_statements(plan, given)
    counted = "(SELECT COUNT(*) FROM `orders` r WHERE r.`customer_id` = %s)"
    assert facts == Statement(f"SELECT 0, {counted}", ("VINET",), batch=0)
    plan, given = compiler.bound(text % ("", ""), {"c": "VINET"})
    assert all_statements(plan, given) == [
        rows,
        Statement(
            "SELECT (SELECT COUNT(*) FROM `orders` r WHERE r.`customer_id` = %s)", ("VINET",), 0
        ),
    ]


def test_every_shipped_operation_with_every_subset_of_its_nullable_variables() -> None:
    compiler = compiler_of("orders")
    asked = 0
    for known in load_operations(ORDERS_SDL, compiler.schema, Limits()):
        declared = compiler.parse(known.text).operations[0].variables
        types = {v.variable.name: v.type.ref for v in declared}
        nullable = [v for v in declared if not isinstance(types[v.variable.name], NonNull)]
        required = [v for v in declared if v not in nullable]
        samples = {v.variable.name: SAMPLES[named(types[v.variable.name])] for v in required}
        chosen = [
            subset for size in range(len(nullable) + 1) for subset in combinations(nullable, size)
        ]
        for subset, others in product(chosen, ["absent", "null"]):
            given = dict(samples)
            for variable in nullable:
                name = variable.variable.name
                if variable in subset and name not in ("after", "before"):
                    given[name] = SAMPLES[named(types[name])]
                elif others == "null":
                    given[name] = None
            plan, bound = compiler.bound(known.text, given)
            assert all_statements(plan, bound), (known.name, given)
            asked += 1
    assert asked > 10


# ----------------------------------------------------------------- the generator, and the values


def test_covering_rows_let_every_two_levels_meet() -> None:
    factors: list[list[State | str]] = [list(State), list(State), ["x", "y"], list(State)]
    rows = list(covering(factors))
    for i, j in combinations(range(4), 2):
        assert {(row[i], row[j]) for row in rows} == set(product(factors[i], factors[j]))
    assert len(rows) < 7 * 7 * 2  # a product would be 686


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        pytest.param("SELECT %s", (), id="too-few"),
        pytest.param("SELECT 0", ("lost",), id="too-many"),
        pytest.param("SELECT `t%%s`", ("x",), id="a-doubled-percent-is-no-place"),
        pytest.param("SELECT `t%%%s`", (), id="a-place-behind-a-doubled-percent"),
    ],
)
def test_statement_with_another_number_of_places_than_values_is_refused(
    text: str, parameters: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="places for values"):
        Statement.of(Sql(text, parameters))


def test_parts_take_their_values_along() -> None:
    dropped = sql("a = ", value(1))
    kept = sql("b IN (", values([2, 3]), ")")
    assert dropped.parameters == (1,)
    assert join(" AND ", [kept, Sql("c IS NULL"), kept]) == Sql(
        "b IN (%s, %s) AND c IS NULL AND b IN (%s, %s)", (2, 3, 2, 3)
    )
    assert Statement.of(sql("SELECT 1 WHERE ", kept)).parameters == (2, 3)
