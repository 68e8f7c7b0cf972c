"""The SQL of a resolver: what in it is a parameter, and what is text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from handler.compiler.tables import ResolverSqlError, compile_text
from handler.compiler.visible import Visibility
from handler.sql.statement import Statement
from tests.handler.compiler.plans import Compiler

VISIBILITY = Visibility(
    Compiler.of("type Query { orders: [Order!] } type Order { orderId: ID! }").model,
    lambda _: False,
    lambda _: True,
)


def compile_(text: str, *parameters: Any) -> Statement:
    return compile_text(text, parameters, VISIBILITY, {})


@pytest.mark.parametrize(
    ("text", "parameters", "sent"),
    [
        pytest.param("SELECT 1", (), "SELECT 1", id="nothing"),
        pytest.param("a LIKE 'x%'", (), "a LIKE 'x%'", id="like-without-parameters"),
        pytest.param("a LIKE '%x%' AND b = %s", (7,), "a LIKE '%x%' AND b = <7>", id="like-with"),
        pytest.param("a LIKE '50%%' AND b = %s", (7,), "a LIKE '50%' AND b = <7>", id="doubled"),
        pytest.param("a LIKE '%%'", (), "a LIKE '%'", id="doubled-alone"),
        pytest.param("a % 2 = %s", (0,), "a % 2 = <0>", id="modulo"),
        pytest.param("a %% 2 = %s", (0,), "a % 2 = <0>", id="modulo-doubled"),
        pytest.param("a%(b)s", (), "a%(b)s", id="modulo-of-brackets"),
        pytest.param(
            "DATE_FORMAT(x, '%Y-%m-%d %H:%i:%s') = %s",
            ("now",),
            "DATE_FORMAT(x, '%Y-%m-%d %H:%i:%s') = <now>",
            id="a-format-with-seconds",
        ),
        pytest.param("'it''s %s' = %s", (1,), "'it''s %s' = <1>", id="a-quote-doubled"),
        pytest.param(r"'\'%s' = %s", (1,), r"'\'%s' = <1>", id="a-quote-escaped"),
        pytest.param('"%s" = `%s`', (), '"%s" = `%s`', id="other-quotes"),
        pytest.param(
            "1 -- %s {x}\n# %s\n/* %s */ + %s",
            (1,),
            "1 -- %s {x}\n# %s\n/* %s */ + <1>",
            id="comments",
        ),
        pytest.param("1--%s", (1,), "1--<1>", id="minus-minus-is-no-comment"),
        pytest.param("'{Order}' = %s", (1,), "'{Order}' = <1>", id="braces-in-a-text"),
        pytest.param("%s%s%%s", (1, 2), "<1><2>%s", id="side-by-side"),
        pytest.param(
            "SELECT COUNT(*) FROM {Order} o WHERE o.x LIKE '%a' AND o.y = %s",
            (1,),
            "SELECT COUNT(*) FROM (SELECT v.`order_id` FROM `orders` v) o WHERE o.x LIKE '%a'"
            " AND o.y = <1>",
            id="rows-of-a-type",
        ),
    ],
)
def test_places_are_where_a_value_can_stand(
    text: str, parameters: Sequence[Any], sent: str
) -> None:
    statement = compile_(text, *parameters)
    assert statement.text % tuple(f"<{value!s}>" for value in statement.parameters) == sent
    assert statement.parameters == tuple(parameters)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (None, None),
        ("é", "é"),
        (b"\0", b"\0"),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (Decimal("1.50"), Decimal("1.50")),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 9, 30, 0, 5), "2026-11-23 09:30:00.000005"),  # naive on purpose
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "2026-11-23 09:30:00.000000"),
        (
            datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-22 23:30:00.000000",
        ),
    ],
)
def test_values_of_sql(given: Any, value: Any) -> None:
    assert compile_("SELECT %s", given) == Statement("SELECT %s", (value,))


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [
        pytest.param(
            "SELECT %s",
            (),
            "a resolver's SQL has 1 %s and is given 0 parameters; a %s within quotes or a comment"
            " is text",
            id="too-few",
        ),
        pytest.param(
            "SELECT '%s'",
            ("Jane",),
            "a resolver's SQL has 0 %s and is given 1 parameters; a %s within quotes or a comment"
            " is text",
            id="quoted",
        ),
        pytest.param(
            "SELECT 'a",
            (),
            "a resolver's SQL opens ' and never closes it; a sign of a text is best given as a"
            " parameter",
            id="open-quote",
        ),
        pytest.param(
            "a IN %s",
            (["Jane"],),
            "parameter 1 of a resolver's SQL is a list; give a text, bytes, a number, a date, a"
            " datetime or None, and one %s for each",
            id="a-list",
        ),
        pytest.param(
            "a = %s AND b = %s",
            (1, float("nan")),
            "parameter 2 of a resolver's SQL is a number that is not finite; give a text, bytes, a"
            " number, a date, a datetime or None, and one %s for each",
            id="no-number",
        ),
        pytest.param(
            "SELECT * FROM {Nobody} n",
            (),
            "a resolver's SQL names {Nobody}, which is no type with a table",
            id="unknown-type",
        ),
    ],
)
def test_what_cannot_be_sent_is_said(text: str, parameters: Sequence[Any], message: str) -> None:
    with pytest.raises(ResolverSqlError) as caught:
        compile_(text, *parameters)
    assert str(caught.value) == message


def test_the_name_of_a_table_with_row_rules_is_refused_wherever_it_stands() -> None:
    rule = '@rowAccess(field: "orderId", claim: "c")'
    visibility = Visibility(
        Compiler.of(
            "type Query { orders: [Order!] shorts: [Short!] }"
            f" type Order {rule} {{ orderId: ID! }}"
            f' type Short @table(name: "orders") @key(fields: "orderId") {rule} {{ orderId: ID! }}'
        ).model,
        lambda _: False,
        lambda _: True,
    )
    for text in ("SELECT 1 FROM orders", "SELECT 1 FROM `Orders` o"):
        with pytest.raises(ResolverSqlError) as raised:
            compile_text(text, (), visibility, {})
        assert str(raised.value) == (
            "a resolver reads 'orders', which has row rules; write {Order} or {Short} with an alias"
            " instead, which stands for the rows that the caller sees"
        )
    for text in ("SELECT 1 FROM all_orders", "SELECT 1 FROM orders2"):
        assert compile_text(text, (), visibility, {}) == Statement(text, ())


def test_the_rows_of_a_type_have_every_column_that_its_fields_need() -> None:
    compiled = Compiler.of(
        "type Query { orders: [Order!] }"
        ' type Order { orderId: ID! net: Int @expression(sql: "{gross} - {tax}")'
        ' customer: Customer items: [Item!]! itemCount: Int! @count(of: "items") }'
        " type Customer { customerId: ID! } type Item { itemId: ID! orderId: ID! }"
    )
    visibility = Visibility(compiled.model, lambda _: False, lambda _: True)
    assert compile_text("SELECT o.* FROM {Order} o", (), visibility, {}) == Statement(
        "SELECT o.* FROM (SELECT v.`order_id`, v.`gross`, v.`tax`, v.`customer_id`"
        " FROM `orders` v) o",
        (),
    )
