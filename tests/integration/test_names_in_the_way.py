"""A database whose names are words of GraphQL, or no names of it: it is served as any other."""

from __future__ import annotations

from collections.abc import Iterator

import graphql
import pytest

from aurora_graphql.check.compare import check
from aurora_graphql.dev.servers import MariaDb
from handler.language.printer import print_schema
from handler.stores.deadline import Deadline
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
schema @conventions(tableNames: SINGULAR) { query: Query }
type Query {
  subscriptions(first: Int, after: String): SubscriptionConnection!
  mutation(mutationId: ID!): Mutation
}
type Subscription @public {
  subscriptionId: ID! @column(integer: true)
  price: Decimal! @column(name: "unit price %")
  twice: Decimal! @expression(sql: "{unit price %} * {it's `n`} + 0.5")
  label: String! @expression(sql: "CONCAT('it''s 100 % ', {unit price %}, CHAR(123))")
  mutations(first: Int, after: String): MutationConnection!
    @relation(through: {table: "subscription mutation"})
}
extend type MutationEdge { weight: Int! }
type Mutation @public {
  mutationId: ID! @column(integer: true)
  subscriptions: [Subscription!]! @relation(through: {table: "subscription mutation"})
  subscriptionCount: Int! @count(of: "subscriptions")
}
"""
DOCUMENT = """{
  subscriptions(first: 1) {
    totalCount
    nodes { price twice label mutations(first: 1) {
      totalCount edges { weight node { mutationId subscriptionCount } } pageInfo { hasNextPage } } }
  }
  mutation(mutationId: 2) { __typename subscriptions { subscriptionId } }
}"""
DATA = {
    "subscriptions": {
        "totalCount": 2,
        "nodes": [
            {
                "price": "9.50",
                "twice": "19.50",
                "label": "it's 100 % 9.50{",
                "mutations": {
                    "totalCount": 2,
                    "edges": [{"weight": 7, "node": {"mutationId": "1", "subscriptionCount": 1}}],
                    "pageInfo": {"hasNextPage": True},
                },
            }
        ],
    },
    "mutation": {
        "__typename": "Mutation",
        "subscriptions": [{"subscriptionId": "1"}, {"subscriptionId": "2"}],
    },
}


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "types.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE subscription (subscription_id INT PRIMARY KEY,"
            " `unit price %` DECIMAL(6, 2) NOT NULL, `it's ``n``` INT NOT NULL)",
            "CREATE TABLE mutation (mutation_id INT PRIMARY KEY)",
            "CREATE TABLE `subscription mutation` (subscription_id INT, mutation_id INT,"
            " weight INT NOT NULL, PRIMARY KEY (subscription_id, mutation_id),"
            " KEY (mutation_id, subscription_id))",
            "INSERT INTO subscription VALUES (1, 9.5, 2), (2, 1, 1)",
            "INSERT INTO mutation VALUES (1), (2)",
            "INSERT INTO `subscription mutation` VALUES (1, 1, 7), (1, 2, 8), (2, 2, 9)",
        )
        with open_api(url, folder) as opened:
            yield opened


def test_rows_called_as_roots_are_rows(api: Api) -> None:
    assert api.run(DOCUMENT).data == DATA
    assert api.run_by_executor(DOCUMENT).data == DATA


def test_check_finds_nothing(api: Api) -> None:
    checked = api.loop.run_until_complete(check(api.engine.model, api.database, Deadline.after(30)))
    assert [str(each) for each in checked.findings] == []


def test_the_printed_schema_has_no_other_root(api: Api) -> None:
    printed = graphql.build_schema(print_schema(api.engine.schema))
    assert (printed.mutation_type, printed.subscription_type) == (None, None)
    assert "Subscription" in printed.type_map
