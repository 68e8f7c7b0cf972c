"""Preparing requests: the cache, its bounds, and what it must not confuse."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest

from handler.errors import Location, RequestError
from handler.language import lexer
from handler.language.cost_formula import Sizes
from handler.language.document import DocumentCache
from handler.language.limits import Limits
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from handler.language.variables import coerce_arguments
from handler.model.costs import read_costs
from tests.handler.language.schemas import ORDERS


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema({"orders.graphql": ORDERS})


@pytest.fixture
def cache(schema: Schema) -> DocumentCache:
    return DocumentCache(schema, Limits(), sizes=lambda: Sizes(stated=read_costs(schema)))


def refusal(cache: DocumentCache, text: str, name: str | None = None, **raw: Any) -> list[str]:
    with pytest.raises(RequestError) as refused:
        cache.prepare(text, name, raw)
    return [f"{error.code}: {error.message}" for error in refused.value.errors]


def test_a_known_text_is_not_read_again(
    cache: DocumentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "query($id: ID!) { node(id: $id) { id } }"
    first = cache.prepare(text, None, {"id": 1})
    monkeypatch.setattr(lexer, "scan", None)
    monkeypatch.setattr(lexer, "normalize", None)
    second = cache.prepare(text, None, {"id": 2})
    assert second.operation is first.operation
    assert (first.variables, second.variables) == ({"id": "1"}, {"id": "2"})


def test_other_literals_share_the_operation_and_keep_their_values(
    cache: DocumentCache, schema: Schema
) -> None:
    texts = [
        f'{{ search(text: "{word}", limit: {limit}) {{ __typename }} }}'
        for word, limit in (("a", 1), ("b\\n", 22), ("", 333))
    ]
    prepared = [cache.prepare(text, None, {}) for text in texts]
    assert len(cache._documents) == 1
    assert len({each.operation.key for each in prepared}) == 1
    field: Any = prepared[0].operation.definition.selection_set.selections[0]
    definitions = schema.object("Query").fields["search"].arguments
    assert [
        coerce_arguments(definitions, field.arguments, schema, {}, each.literals)["text"]
        for each in prepared
    ] == ["a", "b\n", ""]
    assert [each.cost.types for each in prepared] == [2, 23, 334]


def test_literals_that_do_not_fit_are_refused_where_they_stand(cache: DocumentCache) -> None:
    cache.prepare("{ order(orderId: 1) { id } }", None, {})
    with pytest.raises(RequestError) as refused:
        cache.prepare("{ order(orderId: 99999999999) { id } }", None, {})
    assert refused.value.errors[0].locations == (Location(1, 18),)
    assert refused.value.errors[0].code == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("known", "text", "code"),
    [
        pytest.param(
            "{ a: order(orderId: 1) { id } a: order(orderId: 1) { id } }",
            "{ a: order(orderId: 1) { id } a: order(orderId: 2) { id } }",
            "GRAPHQL_VALIDATION_FAILED",
            id="fields-that-merge-only-with-equal-literals",
        ),
        pytest.param(
            '{ orders(filter: {orderedFrom: "2026-01-01T00:00:00Z"}) { totalCount } }',
            '{ orders(filter: {orderedFrom: "yesterday"}) { totalCount } }',
            "GRAPHQL_VALIDATION_FAILED",
            id="scalars-with-a-form",
        ),
        pytest.param(
            'query($f: OrderFilter = {minimum: "1"}) { orders(filter: $f) { totalCount } }',
            'query($f: OrderFilter = {minimum: "x"}) { orders(filter: $f) { totalCount } }',
            "GRAPHQL_VALIDATION_FAILED",
            id="defaults-of-variables",
        ),
        pytest.param(
            "{ settings(at: [1]) }",
            "{ settings(at: [" + "9" * 500 + "]) }",
            "GRAPHQL_VALIDATION_FAILED",
            id="literals-inside-json",
        ),
        pytest.param(
            '{ node(id: "a") { id } }',
            '{ node(id: "\\ud800") { id } }',
            "GRAPHQL_PARSE_FAILED",
            id="escapes",
        ),
        pytest.param(
            '"a" query { __typename }',
            '"\\ud800" query { __typename }',
            "GRAPHQL_PARSE_FAILED",
            id="escapes-in-descriptions",
        ),
        pytest.param(
            '{ node(id: "a") { id } }',
            '{ node(id: "\x00") { id } }',
            "GRAPHQL_PARSE_FAILED",
            id="nul",
        ),
        pytest.param(
            '{ node(id: "a") { id } }',
            '{ node(id: "' + "x" * 15_000 + '") { id } }',
            "LIMIT_EXCEEDED",
            id="too-long",
        ),
        pytest.param(
            '{ search(text: "a", limit: 5) { __typename } }',
            '{ search(text: "a", limit: 50000) { __typename } }',
            "LIMIT_EXCEEDED",
            id="too-dear",
        ),
    ],
)
def test_a_known_shape_with_wrong_literals_is_refused(
    cache: DocumentCache, known: str, text: str, code: str
) -> None:
    cache.prepare(known, None, {})
    assert refusal(cache, text)[0].startswith(f"{code}: ")
    assert refusal(
        DocumentCache(cache.schema, Limits(), sizes=lambda: cache.costs.sizes), text
    ) == refusal(cache, text)


def test_keys_are_the_same_in_every_process_and_differ_by_operation(
    cache: DocumentCache, schema: Schema
) -> None:
    text = "query A { __typename } query B { __typename }"
    keys = [cache.prepare(text, name, {}).operation.key for name in ("A", "B")]
    assert keys == [
        DocumentCache(schema, Limits()).prepare(text, name, {}).operation.key for name in ("A", "B")
    ]
    assert len(set(keys)) == 2
    single = "query A { __typename }"
    assert cache.prepare(single, None, {}).operation is cache.prepare(single, "A", {}).operation


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("query A { __typename }", "B", 'Unknown operation named "B".'),
        (
            "query A { __typename } query B { __typename }",
            None,
            "Must provide operation name if query contains multiple operations.",
        ),
        ("{ __typename }", "", 'Unknown operation named "".'),
    ],
)
def test_refuses_an_operation_that_is_not_there(
    cache: DocumentCache, text: str, name: str | None, message: str
) -> None:
    assert refusal(cache, text, name) == [f"OPERATION_RESOLUTION_FAILURE: {message}"]


def test_tells_places_in_the_text_at_hand(cache: DocumentCache) -> None:
    cache.prepare('{ node(id: "a") { id } }', None, {})
    prepared = cache.prepare('{ node(id: "a longer one") {\n id } }', None, {})
    field: Any = prepared.operation.definition.selection_set.selections[0]
    inner = field.selection_set.selections[0]
    assert prepared.locate(inner.at) == Location(2, 2)


def test_variables_are_refused_with_their_place(cache: DocumentCache) -> None:
    with pytest.raises(RequestError) as refused:
        cache.prepare("query(\n$id: ID!) { node(id: $id) { id } }", None, {})
    assert refused.value.errors[0].locations == (Location(2, 1),)


def test_refuses_a_shape_beyond_the_limits(schema: Schema) -> None:
    cache = DocumentCache(schema, Limits(depth=2, aliases=1, root_fields=1, directives=1))
    text = """query A { a: __typename b: __typename @skip(if: false) @include(if: true) ...F }
    fragment F on Query { orders { nodes { id } } }"""
    assert refusal(cache, text) == [
        'LIMIT_EXCEEDED: Operation "A" has a depth of 3; the limit is 2.',
        'LIMIT_EXCEEDED: Operation "A" has a number of root fields of 3; the limit is 1.',
        'LIMIT_EXCEEDED: Operation "A" has a number of aliases of 2; the limit is 1.',
        'LIMIT_EXCEEDED: Operation "A" has a number of directives of 2; the limit is 1.',
    ]


def test_refuses_what_costs_too_much_and_says_the_cost(schema: Schema) -> None:
    cache = DocumentCache(schema, Limits(cost=102))
    text = "query($n: Int) { orders(first: $n) { nodes { id } } }"
    assert cache.prepare(text, None, {"n": 98}).cost.total == 102
    with pytest.raises(RequestError) as refused:
        cache.prepare(text, None, {"n": 99})
    error = refused.value.errors[0]
    assert error.message == (
        "The operation costs up to 103; the limit is 102. Its heaviest fields: orders.nodes 100,"
        " orders 2. To lower it: a smaller first at orders, where it is 99, or ask for fewer"
        " fields."
    )
    assert error.extensions == {
        "cost": 103.0,
        "limit": 102,
        "heaviest": [
            {"path": ["orders", "nodes"], "cost": 100.0},
            {"path": ["orders"], "cost": 2.0},
        ],
    }


def test_a_cost_is_kept_for_its_own_literals_and_every_caller_without_a_limit_of_pages(
    cache: DocumentCache,
) -> None:
    three, five = (f"{{ orders(first: {size}) {{ nodes {{ id }} }} }}" for size in (3, 5))
    sized = "{ orders { nodes { id } } }"

    def costs(*asked: tuple[str, int | None]) -> list[float]:
        return [cache.prepare(text, None, {}, most).cost.total for text, most in asked]

    known = [(three, None), (five, None), (three, None), (sized, None), (sized, 2), (sized, None)]
    whole = costs((sized, None))[0]
    smaller = costs((sized, 2))[0]
    assert smaller < whole
    assert costs(*known) == costs(*known) == [7, 9, 7, whole, smaller, whole]
    first, second = (cache.prepare(three, None, {}).cost for _ in range(2))
    assert first is second


def test_variables_decide_a_cost_in_each_request(cache: DocumentCache) -> None:
    text = "query($n: Int = 4) { orders(first: $n) { nodes { id } } }"
    given: list[dict[str, Any]] = [{"n": 3}, {}, {"n": 5}, {"n": 3}]
    assert [cache.prepare(text, None, each).cost.total for each in given] == [7, 8, 9, 7]


def test_without_introspection_nothing_is_suggested(schema: Schema) -> None:
    cache = DocumentCache(schema, Limits(), introspection=False, suggestions=False)
    assert refusal(cache, "{ __schema { description } }") == [
        "GRAPHQL_VALIDATION_FAILED: Introspection is turned off on this server; field"
        ' "__schema" cannot be queried.'
    ]
    assert "Did you mean" not in refusal(cache, "{ ordr { id } }")[0]
    text = "query($s: [OrderStatus!]) { orders(filter: {status: $s}) { totalCount } }"
    assert "Did you mean" not in refusal(cache, text, s=["PAI"])[0]


def test_the_cache_is_bounded_by_bytes_and_drops_the_oldest(schema: Schema) -> None:
    cache = DocumentCache(schema, Limits(), capacity_bytes=30_000)
    texts = [f"{{ a{n}: __typename }}" for n in range(100)]
    for text in texts:
        cache.prepare(text, None, {})
        cache.prepare(texts[0], None, {})
    kept = cache._documents
    assert kept.currsize == sum(each.used_bytes for each in kept.values()) <= 30_000
    assert 5 < len(kept) < 20
    hits = [text for text in texts if text in kept.by_text]
    assert hits[0] == texts[0]
    assert hits[1:] == texts[100 - len(hits) + 1 :]


@pytest.mark.slow
def test_distinct_documents_leave_no_memory_behind(schema: Schema) -> None:
    """Distinct by their literals, by their aliases, and wrong ones: all flat."""
    cache = DocumentCache(schema, Limits(), capacity_bytes=300_000)

    def serve(start: int, stop: int) -> None:
        for n in range(start, stop):
            cache.prepare(f'{{ node(id: "{n}") {{ id }} }}', None, {})
            if n % 20 == 0:
                cache.prepare(f"{{ a{n}: __typename }}", None, {})
                with pytest.raises(RequestError):
                    cache.prepare(f"{{ a{n} }}", None, {})

    serve(0, 5_000)
    gc.collect()
    tracemalloc.start()
    serve(5_000, 20_000)
    gc.collect()
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 600_000
