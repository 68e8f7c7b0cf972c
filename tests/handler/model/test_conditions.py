"""Conditions: what SQL a tree of them becomes, and what it knows of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handler.compiler.comparison import Compare
from handler.compiler.tables import Tables
from handler.compiler.visible import ClaimGuard, ThroughGuard
from handler.language.schema import BUILT_IN
from handler.model.column import Column, ColumnRef
from handler.model.conditions import NEVER, And, Condition, Constant, Not, Null, Or, StoredTest
from handler.sql.operators import Operator
from handler.sql.statement import Sql


def column(name: str, *, is_nullable: bool = True) -> Column:
    return Column(name, "Int", is_nullable, (ColumnRef(name),), BUILT_IN, table="t")


def is_(name: str, value: int | None) -> StoredTest:
    return StoredTest(column(name), Operator.EQUAL, value)


A, B, C = is_("a", 1), is_("b", 2), is_("c", 3)


@pytest.mark.parametrize(
    ("condition", "text", "parameters"),
    [
        pytest.param(A, "t.`a` = %s", (1,), id="one"),
        pytest.param(And((A, B)), "t.`a` = %s AND t.`b` = %s", (1, 2), id="and"),
        pytest.param(Or((A, B)), "(t.`a` = %s OR t.`b` = %s)", (1, 2), id="or"),
        pytest.param(
            And((Or((A, B)), C)),
            "(t.`a` = %s OR t.`b` = %s) AND t.`c` = %s",
            (1, 2, 3),
            id="or-within-and-stays-together",
        ),
        pytest.param(
            Or((And((A, B)), C)),
            "(t.`a` = %s AND t.`b` = %s OR t.`c` = %s)",
            (1, 2, 3),
            id="and-binds-closer",
        ),
        pytest.param(
            Or((Or((A, B)), C)),
            "((t.`a` = %s OR t.`b` = %s) OR t.`c` = %s)",
            (1, 2, 3),
            id="or-within-or",
        ),
        pytest.param(
            And((And((A, B)), C)),
            "t.`a` = %s AND t.`b` = %s AND t.`c` = %s",
            (1, 2, 3),
            id="and-within-and",
        ),
        pytest.param(Not(A), "(t.`a` = %s) IS NOT TRUE", (1,), id="not"),
        pytest.param(
            Not(And((A, B))),
            "(t.`a` = %s AND t.`b` = %s) IS NOT TRUE",
            (1, 2),
            id="not-of-all-of-an-and",
        ),
        pytest.param(
            Not(Or((A, B))), "(t.`a` = %s OR t.`b` = %s) IS NOT TRUE", (1, 2), id="not-or"
        ),
        pytest.param(
            And((Not(A), B)), "(t.`a` = %s) IS NOT TRUE AND t.`b` = %s", (1, 2), id="not-within-and"
        ),
        pytest.param(Not(Not(A)), "NOT ((t.`a` = %s) IS NOT TRUE)", (1,), id="not-not"),
        pytest.param(
            Not(Null(column("a"))), "NOT (t.`a` IS NULL)", (), id="not-of-what-is-never-unknown"
        ),
        pytest.param(
            Not(Or((Null(column("a")), NEVER))),
            "NOT (t.`a` IS NULL OR FALSE)",
            (),
            id="not-of-alternatives-that-are-never-unknown",
        ),
        pytest.param(And(), "TRUE", (), id="and-of-nothing-is-true"),
        pytest.param(Or(), "(FALSE)", (), id="or-of-nothing-is-false"),
        pytest.param(Or((A,)), "(t.`a` = %s)", (1,), id="or-of-one"),
        pytest.param(NEVER, "FALSE", (), id="never"),
        pytest.param(Constant(holds=True), "TRUE", (), id="always"),
        pytest.param(Null(column("a")), "t.`a` IS NULL", (), id="null"),
        pytest.param(Null(column("a"), is_null=False), "t.`a` IS NOT NULL", (), id="not-null"),
        pytest.param(
            StoredTest(column("a"), Operator.IN, (1, 2)), "t.`a` IN (%s, %s)", (1, 2), id="in"
        ),
        pytest.param(StoredTest(column("a"), Operator.IN, ()), "FALSE", (), id="in-nothing"),
        pytest.param(
            StoredTest(column("a"), Operator.NOT_IN, (1, 2)),
            "t.`a` NOT IN (%s, %s)",
            (1, 2),
            id="not-in",
        ),
        pytest.param(
            StoredTest(column("a"), Operator.NOT_EQUAL, 1), "t.`a` <> %s", (1,), id="not-equal"
        ),
        pytest.param(
            StoredTest(column("a"), Operator.PREFIX, "x|%%"),
            "t.`a` LIKE %s ESCAPE '|'",
            ("x|%%",),
            id="prefix",
        ),
    ],
)
def test_sql(condition: Condition, text: str, parameters: tuple[object, ...]) -> None:
    assert condition.sql(Tables({}), "t") == Sql(text, parameters)  # type: ignore[arg-type]  # values


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param(A, True, id="a-value"),
        pytest.param(is_("a", None), False, id="compared-with-null"),
        pytest.param(StoredTest(column("a"), Operator.IN, ()), False, id="in-nothing"),
        pytest.param(Null(column("a")), True, id="null"),
        pytest.param(Null(column("a", is_nullable=False)), False, id="null-where-none-is"),
        pytest.param(Null(column("a", is_nullable=False), is_null=False), True, id="not-null"),
        pytest.param(And((A, NEVER)), False, id="and-with-never"),
        pytest.param(And(), True, id="and-of-nothing"),
        pytest.param(Or((NEVER, A)), True, id="or-with-never"),
        pytest.param(Or((NEVER, is_("a", None))), False, id="or-of-nevers"),
        pytest.param(Or(), False, id="or-of-nothing"),
        pytest.param(Not(NEVER), True, id="not-never"),
        pytest.param(Not(And()), False, id="not-all"),
        pytest.param(Not(Not(NEVER)), True, id="not-known-without-the-database"),
    ],
)
def test_whether_a_row_can_match(condition: Condition, *, expected: bool) -> None:
    assert condition.can_match is expected


def test_a_tree_knows_its_leaves_and_columns() -> None:
    nulls = Null(column("d"))
    tree = And((Or((A, Not(B))), Not(And((C, nulls))), NEVER))
    assert list(tree.leaves()) == [A, B, C, nulls, NEVER]
    assert [each.field for each in tree.columns()] == ["a", "b", "c", "d"]


def kinds(base: type[Condition]) -> Iterator[type[Condition]]:
    """The classes below one that no other stands upon."""
    for each in base.__subclasses__():
        yield from kinds(each) if each.__subclasses__() else (each,)


def test_every_kind_of_condition_has_its_sql() -> None:
    found = set(kinds(Condition))
    assert found > {And, Or, Not, Null, StoredTest, Constant, Compare, ClaimGuard, ThroughGuard}
    assert {each for each in found if each.sql is Condition.sql} == set()
