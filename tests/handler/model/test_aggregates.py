"""One value over the rows of a relation: what the SDL may ask for, and what it is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handler.compiler.sql import compile_rows
from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.aggregates import FUNCTIONS, Aggregate
from handler.model.builder import build_model
from tests.handler.compiler.plans import Compiler

TYPES = """
enum State { NEW @value(column: "n") OLD }
type B @key(fields: "id") {
  id: ID! number: Int big: BigInt price: Decimal ratio: Float name: String day: Date at: DateTime
  time: Time is: Boolean state: State uuid: UUID data: JSON
  states: [State!]
  zero: Date @column(zeroIsNull: true) twice: Int @expression(sql: "{number} * 2")
}
"""


def sdl(field: str) -> str:
    """A type A with a relation to B and one more field."""
    return (
        "type Query { as: [A!]! a(id: ID!): A } "
        f"type A {{ id: ID! bs(state: State = NEW): [B!]! one: B\n {field} }}{TYPES}"
    )


def selected(field: str) -> str:
    """The SQL of a field, without the condition that leads to its rows."""
    compiler = Compiler.of(sdl(field).replace("(state: State = NEW)", ""))
    name = field.partition(":")[0]
    plan, values = compiler.bound(f"{{ a(id: 1) {{ {name} }} }}")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    text = statement.text.removeprefix("SELECT (SELECT ").partition(" WHERE ")[0]
    return text.removesuffix(" FROM `bs` r")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ('x: Int! @count(of: "bs")', "COUNT(*)"),
        ('x: Int! @count(of: "bs", distinct: "name")', "COUNT(DISTINCT r.`name`)"),
        ('x: Int! @count(of: "bs", distinct: "twice")', "COUNT(DISTINCT (r.`number` * 2))"),
        ('x: Decimal! @sum(of: "bs", field: "price")', "COALESCE(SUM(r.`price`), 0)"),
        ('x: Int @sum(of: "bs", field: "twice")', "COALESCE(SUM((r.`number` * 2)), 0)"),
        ('x: Int @min(of: "bs", field: "number")', "MIN(r.`number`)"),
        ('x: ID @max(of: "bs", field: "id")', "MAX(r.`id`)"),
        ('x: Date @max(of: "bs", field: "day")', "MAX(r.`day`)"),
        ('x: DateTime @min(of: "bs", field: "at")', "MIN(r.`at`)"),
        ('x: Time @min(of: "bs", field: "time")', "MIN(r.`time`)"),
        ('x: String @min(of: "bs", field: "name")', "MIN(r.`name`)"),
        ('x: State @max(of: "bs", field: "state")', "MAX(r.`state`)"),
        ('x: Boolean @max(of: "bs", field: "is")', "MAX(r.`is`)"),
        ('x: UUID @max(of: "bs", field: "uuid")', "MAX(r.`uuid`)"),
        ('x: Int @max(of: "bs", field: "twice")', "MAX((r.`number` * 2))"),
        ('x: Decimal @avg(of: "bs", field: "price")', "AVG(r.`price`)"),
        ('x: Decimal @avg(of: "bs", field: "number")', "AVG(r.`number`)"),
        ('x: Float @avg(of: "bs", field: "big")', "AVG(r.`big` + 0E0)"),
        ('x: Float @avg(of: "bs", field: "ratio")', "AVG(r.`ratio` + 0E0)"),
    ],
)
def test_each_function_is_one_of_sql(field: str, expected: str) -> None:
    assert selected(field) == expected


@pytest.mark.parametrize(
    ("field", "made"),
    [
        ('x: Date @min(of: "bs", field: "zero")', "MIN(r.`zero`)"),
        ('x: Int! @count(of: "bs", distinct: "zero")', "COUNT(DISTINCT r.`zero`)"),
    ],
)
def test_dates_that_are_shown_as_null_are_none_of_the_values(field: str, made: str) -> None:
    compiler = Compiler.of(sdl(field))
    plan, values = compiler.bound("{ a(id: 1) { x } }")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    assert (
        f"(SELECT {made} FROM `bs` r WHERE r.`a_id` = t0.`id` AND YEAR(r.`zero`) <> 0"
        " AND MONTH(r.`zero`) <> 0 AND DAYOFMONTH(r.`zero`) <> 0 AND r.`state` = %s)"
    ) in statement.text
    assert statement.parameters[0] == "n"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        *(
            (
                f'x: Int! @{name}(of: "bs", field: "number")'.replace("Int", kind),
                f"@{name} is null where there are no rows, and the field must not be; take the ! "
                f"away",
            )
            for name, kind in (("min", "Int"), ("max", "Int"), ("avg", "Float"))
        ),
        (
            'x: JSON @min(of: "bs", field: "data")',
            "@min(field: 'data') must name a field of B that is a value that has an order",
        ),
        (
            'x: State @max(of: "bs", field: "states")',
            "@max(field: 'states') must name a field of B that is a value that has an order",
        ),
        (
            'x: Int! @count(of: "bs", distinct: "data")',
            "@count(distinct: 'data') must name a field of B that is a value that has an order",
        ),
        (
            'x: Int @max(of: "bs", field: "nothing")',
            "@max(field: 'nothing') must name a field of B that is a value that has an order",
        ),
        (
            'x: Float @avg(of: "bs", field: "day")',
            "@avg(field: 'day') must name a field of B that is an Int, BigInt, Float or Decimal",
        ),
        (
            'x: Float @avg(of: "one", field: "number")',
            "@avg(of: 'one') leads to one row at most; name a list or a connection on the way, or "
            "show the row's own field",
        ),
        (
            'x: BigInt @min(of: "bs", field: "number")',
            "@min gives no BigInt; make the field of the type Int",
        ),
        (
            'x: String @max(of: "bs", field: "state")',
            "@max gives no String; make the field of the type State",
        ),
        (
            'x: Int @avg(of: "bs", field: "number")',
            "@avg gives no Int; make the field a Float or a Decimal",
        ),
        (
            'x: Decimal @avg(of: "bs", field: "ratio")',
            "@avg gives no Decimal; make the field a Float",
        ),
        (
            'x: String! @count(of: "bs")',
            "@count gives no String; make the field an Int, BigInt, Float or Decimal",
        ),
        (
            'x: Boolean @sum(of: "bs", field: "number")',
            "@sum gives no Boolean; make the field an Int, BigInt, Float or Decimal",
        ),
        (
            'x: [Int!] @max(of: "bs", field: "number")',
            "@max gives one value, and [Int!] is a list; make it no list",
        ),
    ],
)
def test_what_cannot_be_made_of_the_rows_is_refused(field: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": sdl(field)}))
    assert str(caught.value) == f"a.graphql:2:2: A.x: {message}"


def test_a_page_and_an_order_choose_nothing_of_one_value() -> None:
    with pytest.raises(SchemaError, match="is one value: it takes no 'first', only arguments that"):
        build_model(build_schema({"a.graphql": sdl('x(first: Int): Int @count(of: "bs")')}))


def test_pages_of_the_relation_choose_nothing_and_each_argument_chooses_once() -> None:
    field = 'x(state: State = OLD): Int @count(of: "bs")'
    given = sdl(field).replace("bs(state:", "bs(first: Int = 5, state:")
    found = build_model(build_schema({"a.graphql": given})).tables["A"].fields["x"]
    assert [(each.argument, each.column.field) for each in found.filters] == [("state", "state")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_answers_what_is_asked_of_a_field(name: str) -> None:
    of = 'of: "bs"' if name == "count" else 'of: "bs", field: "number"'
    kind = "Float" if name == "avg" else "Int"
    field = f"x(day: Date): {kind} @{name}({of})"
    model = build_model(build_schema({"a.graphql": sdl(field)}))
    found = model.tables["A"].fields["x"]
    assert isinstance(found, Aggregate)
    relation = model.tables["A"].fields["bs"].path
    assert relation is not None
    assert found.path == found.plain
    assert replace(found.path.first, conditions=()) == relation.first
    assert [str(each) for each in found.path.first.conditions] == ['state EQUAL "NEW"']
    assert (found.target, found.rows, found.columns) == ("B", None, ())
    assert [each.argument for each in found.filters] == ["day"]
    assert list(found.types_read(model.tables)) == ["B"]
    told = [("A", "bs")] if name == "count" else [("A", "bs"), ("B", "number")]
    assert list(found.tells_of("A", model.tables)) == told
    assert found.may_pass == (name == "sum")
