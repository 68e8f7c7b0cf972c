"""Fields answered by Python, beside rows, in one operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  good(goodId: ID!): Good
  goods(first: Int, after: String): [Good!]!
  best(id: ID): Good @resolver
  weather: Weather @resolver
  naps: Int @resolver
  now: DateTime! @resolver
  total: Decimal @resolver
  percent: String @resolver
  raw: String @resolver
}
enum How { CLIENT SECRET SQL NULL TYPE }
type Good @table(name: "goods") {
  goodId: ID!
  name: String!
  price: Decimal
  shop: Shop
  parts: [Part!]!
  stock: Int @resolver(requires: "goodId")
  label(style: String! = "plain", at: DateTime): String! @resolver(requires: "name price")
  similar: [Good]! @resolver
  broken(how: How!): String! @resolver
}
type Shop { shopId: ID! name: String! goods: [Good!]! }
type Part @key(fields: "goodId partNo") { goodId: ID! partNo: Int! good: Good! }
type Weather { text: String! degrees: Float! tomorrow: Weather }
"""


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "goods.graphql").write_text(
        SDL.replace(
            "shop: Shop", 'shop: Shop @relation(columns: ["shop_id"], references: ["shop_id"])'
        )
    )
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE shops (shop_id INT PRIMARY KEY, name VARCHAR(20))",
            "CREATE TABLE goods (good_id VARCHAR(20) PRIMARY KEY, name VARCHAR(20), "
            "price DECIMAL(9, 2), shop_id INT) CHARSET utf8mb4 COLLATE utf8mb4_bin",
            "CREATE TABLE parts (good_id VARCHAR(20), part_no INT, PRIMARY KEY (good_id, part_no))"
            " CHARSET utf8mb4 COLLATE utf8mb4_bin",
            "CREATE TABLE stock (good_id VARCHAR(20) PRIMARY KEY, pieces INT)"
            " CHARSET utf8mb4 COLLATE utf8mb4_bin",
            "INSERT INTO shops VALUES (1, 'Mitte')",
            "INSERT INTO goods VALUES ('a', 'Äpfel', 1.50, 1), ('b', 'Birnen', NULL, 404)",
            "INSERT INTO parts VALUES ('a', 1), ('a', 2)",
            "INSERT INTO stock VALUES ('a', 7)",
        )
        with open_api(url, folder, resolvers="tests.handler.resolvers.functions") as api:
            yield api


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            "{ goods { goodId stock } }",
            {"goods": [{"goodId": "a", "stock": 7}, {"goodId": "b", "stock": None}]},
            id="reads-a-table-of-its-own",
        ),
        pytest.param(
            '{ good(goodId: "a") { label'
            ' b: label(style: "bold", at: "2026-11-23T10:30:00+01:00") } }',
            {
                "good": {
                    "label": "Äpfel/1.50/plain/None",
                    "b": "Äpfel/1.50/bold/2026-11-23 09:30:00+00:00",
                }
            },
            id="required-fields-and-arguments",
        ),
        pytest.param(
            '{ good(goodId: "b") { similar { name'
            " parts { partNo good { name } } shop { name } } } }",
            {
                "good": {
                    "similar": [
                        {"name": "Birnen", "parts": [], "shop": None},
                        None,
                        None,
                        {
                            "name": "Äpfel",
                            "parts": [
                                {"partNo": 1, "good": {"name": "Äpfel"}},
                                {"partNo": 2, "good": {"name": "Äpfel"}},
                            ],
                            "shop": {"name": "Mitte"},
                        },
                    ]
                }
            },
            id="keys-of-rows",
        ),
        pytest.param(
            '{ best(id: "a") { name shop { goods { stock } } } none: best { name } }',
            {"best": {"name": "Äpfel", "shop": {"goods": [{"stock": 7}]}}, "none": None},
            id="key-of-one-row-at-the-root",
        ),
        pytest.param(
            "{ weather { text t: __typename tomorrow { degrees tomorrow { text } } } }",
            {
                "weather": {
                    "text": "sunny",
                    "t": "Weather",
                    "tomorrow": {"degrees": 3.0, "tomorrow": None},
                }
            },
            id="type-without-a-table",
        ),
        pytest.param(
            '{ now total __typename __type(name: "Good") { name } good(goodId: 1) { name } }',
            {
                "now": "2026-11-23T09:30:00Z",
                "total": "12.50",
                "__typename": "Query",
                "__type": {"name": "Good"},
                "good": None,
            },
            id="scalars-introspection-and-rows",
        ),
        pytest.param(
            "query ($no: Boolean = false)"
            " { now @skip(if: $no) goods { stock @include(if: $no) name } }",
            {"now": "2026-11-23T09:30:00Z", "goods": [{"name": "Äpfel"}, {"name": "Birnen"}]},
            id="skipped",
        ),
        pytest.param(
            "{ goods { ...f ... on Good { stock } } } fragment f on Good { x: stock ...g }"
            " fragment g on Good { stock name }",
            {
                "goods": [
                    {"x": 7, "stock": 7, "name": "Äpfel"},
                    {"x": None, "stock": None, "name": "Birnen"},
                ]
            },
            id="fragments",
        ),
    ],
)
def test_answer(api: Api, document: str, expected: dict[str, Any]) -> None:
    answer = api.run(document)
    assert answer.data == expected
    assert list(answer.data) == list(expected), "fields come in the order of the document"


def test_operation_without_such_fields_is_compiled(api: Api) -> None:
    prepared = api.engine.prepare("{ goods { name } }", None, {}, api.development)
    assert api.engine.plan(prepared, api.development).plan.resolvers == ()
    prepared = api.engine.prepare("{ goods { name stock } }", None, {}, api.development)
    (node,) = api.engine.plan(prepared, api.development).plan.resolvers
    assert node.text(api.plan("{ goods { name } }"), None) == "Python Good.stock"


def test_literals_of_a_text_in_the_cache_are_not_those_of_another(api: Api) -> None:
    for style in ("one", "two"):
        answer = api.run(f'{{ good(goodId: "a") {{ label(style: "{style}") }} }}')
        assert answer.data == {"good": {"label": f"Äpfel/1.50/{style}/None"}}


@pytest.mark.parametrize(
    ("how", "message", "code"),
    [
        pytest.param("CLIENT", "ask again later", "BAD_REQUEST", id="meant-for-the-client"),
        pytest.param("SECRET", "Internal error", "INTERNAL", id="anything-else-is-masked"),
        pytest.param("SQL", "Internal error", "UPSTREAM_FAILED", id="database"),
        pytest.param(
            "NULL",
            "Cannot return null for non-nullable field Good.broken.",
            "NULL_VALUE",
            id="null",
        ),
        pytest.param(
            "TYPE",
            "String cannot represent the value that the resolver gave.",
            "RESOLVED_VALUE",
            id="wrong-type",
        ),
    ],
)
def test_error_is_one_of_the_field(api: Api, how: str, message: str, code: str) -> None:
    answer = api.run(f'{{ now good(goodId: "a") {{ name broken(how: {how}) }} }}')
    assert answer.body == {
        "data": {"now": "2026-11-23T09:30:00Z", "good": None},
        "errors": [
            {
                "message": message,
                "path": ["good", "broken"],
                "locations": [{"line": 1, "column": 32}],
                "code": code,
            }
        ],
    }


def test_percent_signs_in_sql_are_percent_signs(api: Api) -> None:
    assert api.run("{ percent }").data == {"percent": "Äpfel/3/09:30:05"}


def test_bytes_that_are_no_text_are_an_error_of_the_field(api: Api) -> None:
    assert [each["code"] for each in api.run("{ raw }").body["errors"]] == ["INTERNAL"]


def test_deadline_holds_for_resolvers(api: Api) -> None:
    answer = api.run("{ naps now }", budget_s=0.3)
    assert answer.body["data"] == {"naps": None, "now": "2026-11-23T09:30:00Z"}
    (error,) = answer.body["errors"]
    assert (error["path"], error["code"]) == (["naps"], "TIMEOUT")


NULL = (
    'Variable "$s" stands where the non-null type "{}" is expected and must not be null;'
    " leave it out to use the default."
)


def test_null_decides_no_selection_below_a_resolver(api: Api) -> None:
    answer = api.run(
        "query ($s: Boolean = true) { weather { text degrees @skip(if: $s) } }", {"s": None}
    )
    assert answer.body == {
        "errors": [
            {
                "message": NULL.format("Boolean!"),
                "locations": [{"line": 1, "column": 63}],
                "code": "BAD_USER_INPUT",
            }
        ]
    }


def test_null_for_an_argument_of_a_resolver_is_an_error_of_its_field(api: Api) -> None:
    answer = api.run(
        'query ($s: String = "x") { now good(goodId: "a") { label(style: $s) } }', {"s": None}
    )
    assert answer.body == {
        "data": {"now": "2026-11-23T09:30:00Z", "good": None},
        "errors": [
            {
                "message": NULL.format("String!"),
                "path": ["good", "label"],
                "locations": [{"line": 1, "column": 52}],
                "code": "BAD_USER_INPUT",
            }
        ],
    }


def test_fragments_of_another_operation_want_no_variables_of_this_one(api: Api) -> None:
    document = """
      query A { weather { ...a } }
      query B($s: Boolean!) { weather { ...b } }
      fragment a on Weather { text }
      fragment b on Weather { degrees @skip(if: $s) ...a }
    """
    assert api.run(document, operation_name="A").data == {"weather": {"text": "sunny"}}
    answer = api.run(document, {"s": False}, operation_name="B")
    assert answer.data == {"weather": {"degrees": 21.5, "text": "sunny"}}


def test_wrong_argument_refuses_the_request(api: Api) -> None:
    answer = api.run("query ($at: DateTime) { goods { label(at: $at) } }", {"at": "noon"})
    assert "data" not in answer.body
    assert answer.body["errors"][0]["code"] == "BAD_USER_INPUT"
