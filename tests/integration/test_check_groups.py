"""The check of groups: what reads all rows is told by its size, with an index where one helps."""

from __future__ import annotations

import pytest

from aurora_graphql.check.finding import Severity
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked
from tests.handler.compiler.plans import Compiler
from tests.integration.servers import run_script

TABLES = (
    "CREATE TABLE shops (shop_id INT PRIMARY KEY, country VARCHAR(9))",
    "CREATE TABLE orders (order_id INT PRIMARY KEY, shop_id INT NOT NULL,"
    " state VARCHAR(9) NOT NULL, placed_at DATETIME, KEY (shop_id), KEY (placed_at))",
)
TYPES = """
type Shop { shopId: ID! @column(integer: true) country: String byState: [ByState!]! }
type Order { orderId: ID! @column(integer: true) state: String! placedAt: DateTime shop: Shop! }
type ByState @aggregate(of: "Order") { state: String! @group orders: Int! @count }
type ByMonth @aggregate(of: "Order") {
  month: Date @group(field: "placedAt", by: MONTH)
  country: String @group(field: "shop.country")
  orders: Int! @count
}
"""


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(
            "byState: [ByState!]!",
            [
                "no index (ordered by state), reads about 10,000,000 rows -> "
                "CREATE INDEX `orders_by_state` ON `orders` (`state`);"
            ],
            id="a-column-that-no-index-has-in-front",
        ),
        pytest.param(
            "byMonth: [ByMonth!]!",
            [
                "month is a span of time and country is of another table, so that no index has the "
                "rows of a group together: all are read that the arguments choose; require one "
                "that an index serves, reads about 10,000,000 rows"
            ],
            id="spans-and-other-tables",
        ),
        pytest.param(
            'byMonth(since: DateTime! @filter(field: "placedAt", operator: GREATER)): [ByMonth!]!',
            [],
            id="an-argument-that-must-be-given",
        ),
        pytest.param(
            "byState(state: String!): [ByState!]!",
            [
                "no index (by state), reads about 10,000,000 rows -> "
                "CREATE INDEX `orders_by_state` ON `orders` (`state`);"
            ],
            id="an-argument-that-must-be-given-without-an-index",
        ),
    ],
)
def test_says_which_groups_read_all_rows(
    database: DatabaseUrl, field: str, expected: list[str]
) -> None:
    run_script(database, *TABLES)
    model = Compiler.of(f"type Query {{ shop(shopId: ID!): Shop {field} }} {TYPES}").model
    found = checked(model, database, MANY).of(Severity.ERROR, Severity.WARNING)
    assert [" -> ".join((each.message, *each.remedies)) for each in found] == expected
    assert all(each.about.startswith("Query.by") and each.table == "orders" for each in found)


def test_says_which_relation_to_groups_has_no_index(database: DatabaseUrl) -> None:
    run_script(database, TABLES[0], TABLES[1].replace("KEY (shop_id), ", ""))
    model = Compiler.of(f"type Query {{ shop(shopId: ID!): Shop }} {TYPES}").model
    found = checked(model, database, MANY).of(Severity.ERROR)
    assert [each.about for each in found] == ["Shop.byState"]


SHOWN = """
type Query { byState(state: String): [ByState!]! }
type Order @where(field: "channel", value: "web") {
  orderId: ID! @column(integer: true) channel: String! state: String!
}
type ByState @aggregate(of: "Order") { state: String! @group orders: Int! @count }
"""


@pytest.mark.parametrize(
    ("indexes", "expected"),
    [
        pytest.param("KEY (channel), KEY (channel, state)", [], id="beginning-with-the-condition"),
        pytest.param("KEY (channel), KEY (state)", [], id="without-the-condition"),
        pytest.param(
            "KEY (state)", ["no index (by @where channel)"], id="none-finds-the-rows-of-the-type"
        ),
        pytest.param("KEY (channel)", ["no index (by state)"], id="none-finds-what-is-chosen"),
    ],
)
def test_an_index_may_begin_with_the_condition_of_the_type(
    database: DatabaseUrl, indexes: str, expected: list[str]
) -> None:
    run_script(
        database,
        "CREATE TABLE orders (order_id INT PRIMARY KEY, channel VARCHAR(9) NOT NULL,"
        f" state VARCHAR(9) NOT NULL, {indexes})",
    )
    found = checked(Compiler.of(SHOWN).model, database, MANY).findings
    assert [each.message.partition(",")[0] for each in found] == expected
