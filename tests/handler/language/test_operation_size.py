"""The shape of operations with their fragments written out."""

from __future__ import annotations

import pytest

from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.operation_size import OperationSize, find_excess, measure
from handler.language.parser import parse_document


def shape(text: str) -> OperationSize:
    document = parse_document(scan(text, Limits(characters=100_000, tokens=10_000)))
    return measure(document.operations[0], document.fragments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{ a }", OperationSize(depth=1, fields=1, root_fields=1), id="one-field"),
        pytest.param(
            "query($v: Int @d) @d { a: b @d { c ... @d { e: f } } }",
            OperationSize(depth=2, fields=3, root_fields=1, aliases=2, directives=4),
            id="everything",
        ),
        pytest.param(
            "{ ...F ...F x { ...F } } fragment F on Q @d { a: b { c } }",
            OperationSize(depth=3, fields=7, root_fields=3, aliases=3, directives=3),
            id="fragments-count-each-time",
        ),
        pytest.param(
            "{ __schema { types { fields { args { type { fields { name } } } } } } }",
            OperationSize(
                depth=1,
                fields=7,
                root_fields=1,
                lists=2,
                introspection_lists=2,
                introspection_depth=7,
            ),
            id="introspection-lists",
        ),
        pytest.param(
            "{ a { b } ...F } fragment F on Q { __type(name: T) { ...T } }"
            " fragment T on __Type { ofType { ofType { name } } }",
            OperationSize(depth=2, fields=6, root_fields=2, introspection_depth=4),
            id="introspection-beside-rows",
        ),
        pytest.param(
            "{ fields { interfaces { fields { name } } } }",
            OperationSize(depth=4, fields=4, root_fields=1, lists=3),
            id="fields-of-these-names-elsewhere-are-free",
        ),
        pytest.param(
            "{ ...F } fragment F on Q { a ...F }",
            OperationSize(depth=1, fields=1, root_fields=1),
            id="a-cycle-ends",
        ),
        pytest.param("{ ...None }", OperationSize(), id="an-unknown-fragment-is-nothing"),
    ],
)
def test_measures(text: str, expected: OperationSize) -> None:
    assert shape(text) == expected


def test_a_fragment_bomb_is_measured_without_being_written_out() -> None:
    parts = [f"fragment F{n} on Q {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(60)]
    found = shape("{ ...F0 } " + " ".join(parts) + " fragment F60 on Q { c }")
    assert found.depth == 61
    assert found.fields == 2 * (2**60 - 1) + 2**60


def test_a_long_chain_of_fragments_needs_no_deep_stack() -> None:
    parts = [f"fragment F{n} on Q {{ a {{ ...F{n + 1} }} }}" for n in range(900)]
    found = shape("{ ...F0 } " + " ".join(parts) + " fragment F900 on Q { c }")
    assert found.depth == 901


def test_each_limit_names_itself() -> None:
    limits = Limits(
        depth=1,
        fields=1,
        root_fields=1,
        aliases=1,
        directives=1,
        introspection_lists=1,
        introspection_depth=1,
    )
    found = OperationSize(2, 3, 4, 5, 6, 7, 8, 9)
    assert [error.message for error in find_excess(found, limits, "The operation")] == [
        "The operation has a depth of 2; the limit is 1.",
        "The operation has a number of fields of 3; the limit is 1.",
        "The operation has a number of root fields of 4; the limit is 1.",
        "The operation has a number of aliases of 5; the limit is 1.",
        "The operation has a number of directives of 6; the limit is 1.",
        "The operation has introspection lists inside one another to a depth of 8; the limit is 1.",
        "The operation has introspection to a depth of 9; the limit is 1.",
    ]
    assert find_excess(OperationSize(1, 1, 1, 1, 1, 9, 1, 1), limits, "The operation") == []
