"""What clients learn of a schema, compared with graphql-core."""

from __future__ import annotations

import re
from typing import Any

import graphql
import orjson
import pytest

from handler.access.limits import Allowance
from handler.errors import LimitError, RequestError
from handler.language import ast, introspection
from handler.language.document import BoundOperation, DocumentCache
from handler.language.introspection import IntrospectionCache, introspect
from handler.language.limits import Limits
from handler.language.printer import print_block_string, print_schema, print_string
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from tests.handler.language.reference import parse_value, reference_schema
from tests.handler.language.schemas import ORDERS, PETS

WRITTEN = """
"A schema of odd things."
schema { query: Root }

"A type \\\\ with a \\"quote\\"\\n\\nand a blank line\\n  indented"
type Root implements A & B {
  "  starts with blanks"
  a("of an argument" x: String = "a\\n\\"b\\"", y: [I!] = [{ n: 1.5 }]): Int
    @deprecated(reason: "say \\"b\\"")
  b: E
  "ends with a quote\\""
  c(x: ID = 7 @deprecated): [[S!]]
}

interface A implements B { a(x: String = "a\\n\\"b\\"", y: [I!] = [{ n: 1.5 }]): Int @deprecated
  b: E }
interface B { b: E }
union U = Root
enum E { X "why" Y @deprecated }
input I @oneOf { n: Float }
scalar S @specifiedBy(url: "https://example.com/s")
"" directive @repeat(a: Int = 1) repeatable on FIELD | VARIABLE_DEFINITION
type Mutation { not: Int }
"""

SCHEMAS = {"orders": ORDERS, "pets": PETS, "written": WRITTEN}


def full_query() -> str:
    return graphql.get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )


def prepare(schema: Schema, text: str, variables: dict[str, Any] | None = None) -> BoundOperation:
    limits = Limits(aliases=100, root_fields=100)
    return DocumentCache(schema, limits).prepare(text, None, variables or {})


def ask(schema: Schema, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    prepared = prepare(schema, text, variables)
    answer: dict[str, Any] = {}
    for node in prepared.operation.definition.selection_set.selections:
        assert isinstance(node, ast.Field)
        answer[node.response_key] = orjson.loads(
            introspect(
                schema, node, prepared.operation.fragments, prepared.variables, prepared.literals
            )
        )
    return answer


@pytest.mark.parametrize("sdl", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_a_client_builds_the_same_schema(sdl: str) -> None:
    schema = build_schema({"a.graphql": sdl})
    answer: Any = ask(schema, full_query())
    client = graphql.print_schema(graphql.build_client_schema(answer))
    printed = print_schema(schema)
    assert client == graphql.print_schema(graphql.build_schema(printed))
    blank = re.compile(r"^ +$", re.MULTILINE)  # the reference indents blank lines of descriptions
    assert blank.sub("", client).strip() == printed.strip()
    # And the same as the reference makes of the SDL, but for the order of the types.
    expected = graphql.print_schema(reference_schema(sdl))
    assert sorted(client.split("\n\n")) == sorted(expected.split("\n\n"))


def test_answers_what_the_reference_answers_about_the_types_of_introspection() -> None:
    schema = build_schema({"a.graphql": PETS})
    text = (
        '{ __type(name: "__Type") { name kind fields(includeDeprecated: true) { name type { name'
        " kind ofType { name kind ofType { name } } } args { name type { name kind ofType { name }"
        " } defaultValue isDeprecated } } } }"
    )
    expected = graphql.graphql_sync(graphql.build_schema(PETS), text).data
    assert expected is not None
    assert ask(schema, text) == expected


def test_deprecated_elements_are_left_out_unless_asked_for() -> None:
    schema = build_schema({"a.graphql": ORDERS})
    text = """query($d: Boolean!) {
      status: __type(name: "OrderStatus") { enumValues(includeDeprecated: $d) { name
        isDeprecated deprecationReason } }
      customer: __type(name: "Customer") { fields { name } }
    }"""
    names = {"status": {"enumValues": [{"name": "LOST", "isDeprecated": True}]}}
    answer = ask(schema, text, {"d": True})
    assert answer["status"]["enumValues"][-1] == {
        **names["status"]["enumValues"][0],
        "deprecationReason": "No longer supported",
    }
    assert "email" not in [field["name"] for field in answer["customer"]["fields"]]
    answer = ask(schema, text, {"d": False})
    assert [value["name"] for value in answer["status"]["enumValues"]] == [
        "OPEN",
        "PAID",
        "SHIPPED",
    ]


def test_merges_aliases_fragments_and_conditions() -> None:
    schema = build_schema({"a.graphql": ORDERS})
    text = """query($no: Boolean = false) {
      __schema { ...F __typename q: queryType { name } description @include(if: $no) }
      nothing: __type(name: "Nothing") { name }
    }
    fragment F on __Schema { q: queryType { kind } mutationType { name } ... @skip(if: true) {
      types { name } } }"""
    assert ask(schema, text) == {
        "__schema": {
            "q": {"kind": "OBJECT", "name": "Query"},
            "mutationType": None,
            "__typename": "__Schema",
        },
        "nothing": None,
    }


def test_the_cache_tells_questions_apart() -> None:
    schema = build_schema({"a.graphql": ORDERS})
    documents = DocumentCache(schema, Limits())
    cache = IntrospectionCache(schema, entries=2)

    def name(text: str, variables: dict[str, Any] | None = None) -> Any:
        prepared = documents.prepare(text, None, variables or {})
        node = prepared.operation.definition.selection_set.selections[0]
        assert isinstance(node, ast.Field)
        answer = cache.answer(
            node, prepared.operation.fragments, prepared.variables, prepared.literals
        )
        return orjson.loads(answer)

    for _ in range(2):
        assert name('{ __type(name: "Order") { name } }') == {"name": "Order"}
        assert name('{ __type(name: "Product") { name } }') == {"name": "Product"}
        by_variable = "query($n: String!) { __type(name: $n) { name } }"
        assert name(by_variable, {"n": "Order"}) == {"name": "Order"}
        assert name(by_variable, {"n": "Hit"}) == {"name": "Hit"}
    assert len(documents._documents) == 2


def test_a_known_question_is_not_answered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = build_schema({"a.graphql": ORDERS})
    prepared = prepare(schema, full_query())
    node = prepared.operation.definition.selection_set.selections[0]
    assert isinstance(node, ast.Field)
    cache = IntrospectionCache(schema)
    first = cache.answer(node, prepared.operation.fragments, {}, prepared.literals)
    monkeypatch.setattr(introspection, "introspect", None)
    assert cache.answer(node, prepared.operation.fragments, {}, prepared.literals) is first


STANDARD = {
    "graphiql": full_query(),  # every option that a schema of the specification has
    "codegen": graphql.get_introspection_query(descriptions=False, input_value_deprecation=True),
    "of-old": graphql.get_introspection_query(),
    "deeper-types": graphql.get_introspection_query(type_depth=14),
    "of-one-type": '{ __type(name: "Query") { fields { type { name ofType { name } } } } }',
}


@pytest.mark.parametrize("text", STANDARD.values(), ids=STANDARD.keys())
def test_what_tools_ask_passes_the_lowest_limits_of_depth_and_cost(text: str) -> None:
    schema = build_schema({"a.graphql": ORDERS})
    for limits in (Limits(), Limits(depth=1, cost=1)):
        prepared = DocumentCache(schema, limits).prepare(text, None, {})
        assert (prepared.operation.depth, prepared.cost.total) == (1, 1)
        Allowance(depth=1, cost=1).check(
            prepared.operation.depth, prepared.cost.total, prepared.cost_error
        )


def nested(*levels: str) -> str:
    return "{ " + " { ".join(levels) + " }" * len(levels)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            nested("__schema", "types", *["ofType"] * 18, "name"),
            "The operation has introspection to a depth of 21; the limit is 20.",
            id="of-type-of-type",
        ),
        pytest.param(
            nested('__type(name: "Query")', *["ofType"] * 40, "name"),
            "The operation has introspection to a depth of 42; the limit is 20.",
            id="of-one-type",
        ),
        pytest.param(
            nested("__schema", "types", *["fields", "type"] * 3, "name"),
            "The operation has introspection lists inside one another to a depth of 3;"
            " the limit is 2.",
            id="fields-of-types-of-fields",
        ),
        pytest.param(
            nested("__schema", "types", *["possibleTypes", "interfaces"] * 2, "name"),
            "The operation has introspection lists inside one another to a depth of 4;"
            " the limit is 2.",
            id="interfaces-of-possible-types",
        ),
        pytest.param(
            "{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } }"
            " fragment B on __Type { inputFields { type { ...C } } }"
            " fragment C on __Type { ofType { fields { name } } }",
            "The operation has introspection lists inside one another to a depth of 3;"
            " the limit is 2.",
            id="by-fragments",
        ),
        pytest.param(
            "{ " + " ".join(f"s{n}: __schema {{ types {{ name }} }}" for n in range(31)) + " }",
            "The operation has a number of root fields of 31; the limit is 20.",
            id="many-times",
        ),
    ],
)
def test_what_only_an_attacker_asks_is_refused_by_limits_of_its_own(
    text: str, message: str
) -> None:
    schema = build_schema({"a.graphql": ORDERS})
    with pytest.raises(RequestError) as refused:
        DocumentCache(schema, Limits(depth=100, cost=10**9)).prepare(text, None, {})
    assert message in [error.message for error in refused.value.errors]


def test_rows_beside_a_question_about_the_schema_keep_their_limits() -> None:
    schema = build_schema({"a.graphql": ORDERS})
    text = "{ __schema { types { name } } orders(first: 5) { nodes { id } } }"
    with pytest.raises(RequestError) as refused:
        DocumentCache(schema, Limits(depth=2)).prepare(text, None, {})
    assert [error.message for error in refused.value.errors] == [
        "The operation has a depth of 3; the limit is 2."
    ]
    alone = "{ orders(first: 5) { nodes { id } } }"
    costs = [DocumentCache(schema, Limits()).prepare(each, None, {}).cost for each in (text, alone)]
    assert costs[0] == costs[1]


def test_kept_answers_are_bounded_by_their_bytes() -> None:
    """Each alias makes another answer; a few thousand of them were a hundred megabytes."""
    schema = build_schema({"a.graphql": ORDERS})
    cache = IntrospectionCache(schema, capacity_bytes=20_000)

    def answer(text: str) -> bytes:
        prepared = prepare(schema, text)
        node = prepared.operation.definition.selection_set.selections[0]
        assert isinstance(node, ast.Field)
        return cache.answer(node, prepared.operation.fragments, {}, prepared.literals)

    for number in range(40):
        answer(f"{{ __schema {{ types {{ a{number}: name }} }} }}")
        kept = [answer for _, answer in cache._answers.values()]
        assert cache._answers.currsize == sum(map(len, kept)) <= 20_000
    assert 5 < len(kept) < 40
    assert len(answer(full_query())) > 20_000
    assert [answer for _, answer in cache._answers.values()] == kept


def test_cached_answers_are_bounded_by_their_number() -> None:
    schema = build_schema({"a.graphql": ORDERS})
    cache = IntrospectionCache(schema, entries=4)
    prepared = []  # kept here: an id would be used again
    for number in range(9):
        prepared.append(prepare(schema, f"{{ __schema {{ a{number}: __typename }} }}"))
        node = prepared[-1].operation.definition.selection_set.selections[0]
        assert isinstance(node, ast.Field)
        cache.answer(node, {}, {}, prepared[-1].literals)
    assert [answer for _, answer in cache._answers.values()] == [
        b'{"a%d":"__Schema"}' % number for number in range(5, 9)
    ]
    assert len(cache._variables) == 4


def test_schema_of_some_hundred_tables_is_shown_whole() -> None:
    names = [f"Table{at}" for at in range(400)]
    fields = " ".join(f'"What the column {at} holds." column{at}: String!' for at in range(30))
    types = "".join(f"type {name} {{ {fields} }} " for name in names)
    asked = " ".join(f"one{name}: {name}" for name in names)
    schema = build_schema({"a.graphql": f"type Query {{ {asked} }} {types}"})
    shown = ask(schema, full_query())
    assert len(orjson.dumps(shown)) > 2_500_000
    assert set(names) < {each["name"] for each in shown["__schema"]["types"]}


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introspection, "MAX_ANSWER_CHARACTERS", 10_000)
    schema = build_schema({"a.graphql": ORDERS})
    with pytest.raises(LimitError, match="limit of 10000 characters"):
        ask(schema, full_query())


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        'say "b"',
        '"""',
        "a\\",
        " a",
        "a\n b",
        "a\n\nb",
        "\na",
        " a\n b",
        "a\tb",
        "\x00",
        "\r",
    ],
)
def test_printed_strings_keep_their_value(value: str) -> None:
    for text in (print_string(value), print_block_string(value)):
        node = parse_value(text)
        assert isinstance(node, ast.StringValue)
        assert node.value == value
