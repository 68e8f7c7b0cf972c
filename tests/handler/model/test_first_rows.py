"""The first row of a relation or of a list: ``@orderBy`` on a field that gives one object."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.compiler.extent import most_rows
from handler.compiler.sql import ParentKey, compile_by_parent, compile_rows
from handler.model.lists import Shape
from handler.model.relations import ToFirst
from tests.handler.compiler.plans import Compiler, statements
from tests.handler.model.mistakes import told

SDL = """
type Query {
  employees(first: Int): [Employee!]!
  newest(since: Date @filter(field: "fromDate", operator: GREATER), where: SalaryFilter): Salary
    @orderBy(fields: ["fromDate DESC"])
}
type Employee @key(fields: "empNo") {
  empNo: ID!
  boss: Employee @relation(columns: ["boss"], references: ["emp_no"])
  latestSalary(currency: Currency = EUR): Salary
    @relation(columns: ["emp_no"], references: ["emp_no"])
    @orderBy(fields: ["fromDate DESC"])
    @where(column: "is_void", value: 0)
  department: Department
    @relation(through: {table: "dept_emp", columns: ["emp_no"], references: ["dept_no"]})
    @orderBy(fields: ["edge.fromDate DESC"])
}
type Department @key(fields: "deptNo") { deptNo: ID! name: String position: String! @cursor }
type DeptEmp @table(name: "dept_emp") @key(fields: "empNo deptNo") {
  empNo: ID! deptNo: ID! fromDate: Date!
}
type Salary @key(fields: "empNo fromDate") {
  empNo: ID!
  fromDate: Date!
  currency: Currency @filterable
  amount: Int!
}
enum Currency { EUR USD }
"""
CONDITIONS = "k.`currency` = %s AND k.`is_void` = %s"
PAGE = (
    "(SELECT k.`emp_no`, k.`from_date` FROM `salaries` k WHERE k.`emp_no` = %s AND "
    f"{CONDITIONS} ORDER BY k.`from_date` DESC, k.`emp_no` DESC LIMIT %s)"
)
ROWS = (
    " page JOIN `salaries` t0 ON t0.`emp_no` = page.`emp_no` AND t0.`from_date` = "
    "page.`from_date` AND t0.`is_void` = %s"
)


def test_one_parent_reads_one_row() -> None:
    (found,) = statements(
        Compiler.of(SDL), "{ employees { latestSalary { amount } } }", keys=[("1",)], batch=1
    )
    assert found.text == (
        f"SELECT t0.`emp_no`, t0.`amount` FROM ({PAGE}){ROWS} ORDER BY t0.`from_date` DESC, "
        "t0.`emp_no` DESC LIMIT %s"
    )
    assert found.parameters == ("1", "EUR", 0, 1, 0, 1)


def test_all_parents_are_one_statement_of_one_row_each() -> None:
    document = "{ employees { latestSalary(currency: USD) { amount } } }"
    (found,) = statements(Compiler.of(SDL), document, keys=[("1",), ("2",)], batch=1)
    assert found.text == (
        f"SELECT t0.`emp_no`, t0.`amount` FROM ({PAGE} UNION ALL {PAGE}){ROWS} ORDER BY "
        "t0.`emp_no`, t0.`from_date` DESC LIMIT %s"
    )
    assert found.parameters == ("1", "USD", 0, 1, "2", "USD", 0, 1, 0, 2)


def test_more_parents_than_a_statement_holds_are_numbered_to_one_each() -> None:
    document = "{ employees { latestSalary { amount } } }"
    keys: list[ParentKey] = [(f"{number:010}",) for number in range(200)]
    (found,) = statements(Compiler.of(SDL), document, keys=keys, batch=1)
    assert "ROW_NUMBER() OVER (PARTITION BY k.`emp_no` ORDER BY k.`from_date` DESC" in found.text
    assert "WHERE page.n <= %s" in found.text
    assert found.parameters[-2:] == (1, 200)


def test_parents_whose_keys_the_server_finds_equal_have_a_row_each() -> None:
    plan, values = Compiler.of(SDL).bound("{ employees { latestSalary { amount } } }")
    (found,) = compile_by_parent(plan, plan.batches[1], values, [("a",), ("A",)])
    assert found.text.count("LIMIT %s)") == 2
    assert found.parameters == (0, "a", "EUR", 0, 1, 1, "A", "EUR", 0, 1, 0, 2)


def test_the_first_through_a_link_table_is_by_its_columns() -> None:
    document = "{ employees { department { name } } }"
    (one,) = statements(Compiler.of(SDL), document, keys=[("1",)], batch=1)
    assert one.text.endswith("ORDER BY t0_1.`from_date` DESC, t0_1.`dept_no` DESC LIMIT %s")
    assert one.parameters == ("1", 1)
    (both,) = statements(Compiler.of(SDL), document, keys=[("1",), ("2",)], batch=1)
    page = "WHERE k_1.`emp_no` = %s ORDER BY k_1.`from_date` DESC, k_1.`dept_no` DESC LIMIT %s)"
    assert both.text.count(page) == 2
    assert both.parameters == ("1", 1, "2", 1, 2)


def test_the_first_of_a_root_list_is_by_its_arguments() -> None:
    (found,) = statements(Compiler.of(SDL), "{ newest { amount } }")
    assert found.text == (
        "SELECT t0.`amount` FROM ((SELECT k.`emp_no`, k.`from_date` FROM `salaries` k "
        "ORDER BY k.`from_date` DESC, k.`emp_no` DESC LIMIT %s)) page "
        "JOIN `salaries` t0 ON t0.`emp_no` = page.`emp_no` AND t0.`from_date` = page.`from_date` "
        "ORDER BY t0.`from_date` DESC, t0.`emp_no` DESC LIMIT %s"
    )
    document = '{ newest(since: "2020-01-01", where: {currency: {eq: USD}}) { amount } }'
    (chosen,) = statements(Compiler.of(SDL), document)
    assert "k.`from_date` > %s AND k.`currency` = %s ORDER BY" in chosen.text
    assert chosen.parameters == ("2020-01-01", "USD", 1, 1)


def test_the_plan_and_the_rows_it_reads_are_one_a_parent() -> None:
    document = (
        "{ employees(first: 20) { boss { empNo } latestSalary { amount } } newest { amount } }"
    )
    plan, values = Compiler.of(SDL).bound(document)
    assert str(plan).splitlines()[4:] == [
        "    latestSalary = batch 1: first Salary for each emp_no, ordered by fromDate DESC, empNo "
        "DESC, where is_void = 0",
        "      amount = t0.amount as Int",
        "  newest = batch 2: first Salary, ordered by fromDate DESC, empNo DESC",
        "    amount = t0.amount as Int",
    ]
    assert most_rows(plan, values) == 21 + 20 + 1


def test_by_convention_it_is_the_other_side_of_a_relation_to_one() -> None:
    sdl = """
type Query { products: [Product!]! }
type Product { id: ID! cover: Image @orderBy(fields: ["place"]) }
type Image { id: ID! place: Int! }
"""
    found = Compiler.of(sdl).model.tables["Product"].fields["cover"]
    assert isinstance(found, ToFirst)
    assert (found.path.first.columns, found.path.first.references) == (("id",), ("product_id",))
    assert (found.rows.shape, found.rows.default_size) == (Shape.FIRST, 1)


def test_its_cursor_is_the_place_in_the_order_of_the_key() -> None:
    plan = Compiler.of(SDL).plan("{ employees { department { position } } }")
    joined = Compiler.of(
        SDL.replace("department: Department", "d: Department department: Department")
    ).plan("{ employees { d { position } } }")
    first, one = plan.batches[1].shape.members[0], joined.batches[0].slots
    assert [slot.text(plan.batches[1]) for slot in plan.batches[1].slots][-1] == "t0.dept_no"
    assert one
    (member,) = joined.root.members[0].node.below(joined)[0]
    assert member.node.below(joined)[0][0].node.fingerprint == first.node.fingerprint  # type: ignore[attr-defined]  # both are cursors


def test_an_order_by_what_a_caller_may_not_read_forbids_it() -> None:
    sdl = """
type Query { as: [A!]! @public newest: B @public @orderBy(fields: ["at"]) }
type A @public { id: ID! b: B @orderBy(fields: ["at DESC"]) }
type B @public { id: ID! at: Int @authenticated }
"""
    caller = Principal(kind=CallerKind.ANONYMOUS)
    plan, values = Compiler.of(sdl).bound("{ as { b { id } } newest { id } }", principal=caller)
    assert plan.has_forbidden
    assert [batch.field for batch in plan.batches] == ["Query.as"]
    assert compile_rows(plan, plan.batches[0], values)


def mistake(field: str, more: str = "", query: str = "as: [A!]!") -> str | None:
    return told(
        f"type Query {{ {query} }} type A {{ id: ID! n: Int a2: A @relation(columns: "
        f'["x"], references: ["id"]) {more}\n {field} }} type B {{ id: ID! n: Int a: A }}\n'
        "input AFilter { b: BFilter } input BFilter { n: Int }"
    )


FIRST = '@orderBy(fields: ["n"])'


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param(
            mistake(f"b: B! {FIRST}"),
            "field 'b' gives the first of several rows by its @orderBy, and null where there is "
            "none; take the ! away",
            id="never-null",
        ),
        pytest.param(
            mistake(f"b(first: Int): B {FIRST}"),
            "field 'b' gives one row: it takes no 'first'",
            id="pages",
        ),
        pytest.param(
            mistake(f"b: B {FIRST} @page(maximum: 2)"),
            "field 'b': @page is for a list or a connection of rows; take it away",
            id="size",
        ),
        pytest.param(
            mistake('b: B @orderBy(fields: ["a.n"])', query="as(where: AFilter): [A!]!"),
            "A.b is the first row by a.n, which is no column of these rows, so that nothing is "
            "chosen or ordered by that row; take its @filterable and @sortable away, or order it "
            "by columns",
            id="a-filter-by-the-first-in-the-order-of-others",
        ),
        pytest.param(
            mistake('b: B @orderBy(fields: ["a.n"])', query='as: [A!]! @orderBy(fields: ["b.n"])'),
            "A.b is the first row by a.n, which is no column of these rows, so that nothing is "
            "chosen or ordered by that row; take its @filterable and @sortable away, or order it "
            "by columns",
            id="an-order-by-the-first-in-the-order-of-others",
        ),
        pytest.param(
            mistake(f"b(n: Int!): B {FIRST}", query="as(where: AFilter): [A!]!"),
            "AFilter.b: A.b has the required argument 'n', so that it shows no rows without it; "
            "filter by another relation",
            id="a-filter-by-the-first-of-what-an-argument-chooses",
        ),
        pytest.param(
            mistake('b: B @relation(columns: ["id"], references: ["id"]) ' + FIRST),
            "A.b leads to one B, of which id is a key, so that there is no first one; take "
            "@orderBy away",
            id="by-a-key",
        ),
        pytest.param(
            mistake(f'c: Int! @count(of: "b") b: B {FIRST}'),
            "A.c: @count(of: 'b') must name fields that lead to rows, and 'b' of A is "
            "none; there are: a2",
            id="counted",
        ),
        pytest.param(
            mistake('b: B @orderBy(fields: ["m"])'),
            "@orderBy names 'm', which is nothing to sort B by; it may be one of "
            "id, n, an aggregate, or such a field of one related row, as a.b",
            id="no-field",
        ),
    ],
)
def test_what_is_no_first_row_is_refused(sdl: str | None, message: str) -> None:
    assert str(sdl).partition(": ")[2] == message


def test_a_declared_filter_may_lead_through_it() -> None:
    assert mistake(f"b: B {FIRST}", query="as(where: AFilter): [A!]!") is None


def test_a_look_up_by_a_key_has_no_first_row() -> None:
    assert told(f"type Query {{\n a(id: ID!): A {FIRST} }} type A {{ id: ID! n: Int }}") == (
        "test.graphql:2:2: Query.a gives one A, of which its required arguments hold a key, so "
        "that there is no first one; take @orderBy away"
    )
