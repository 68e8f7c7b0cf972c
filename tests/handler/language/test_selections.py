"""The one iterator over selections, what a field collects with it, and that nobody has another."""

from __future__ import annotations

import ast as python
from pathlib import Path

import pytest

from handler.language import ast
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from handler.language.sdl import build_schema
from handler.language.selections import collect_fields, is_included, walk
from handler.language.variables import NullVariableError

HANDLER = Path(__file__).parents[3] / "handler"
SCHEMA = build_schema(
    {
        "a.graphql": """
        interface Named { name: String }
        type A implements Named { name: String x: Int other: A }
        type B implements Named { name: String y: Int }
        type Query { found: Named a: A }
        """
    }
)
TEXT = """
query($no: Boolean = false) {
  a { x }
  ... on Named { name ...F ... { z @skip(if: true) } }
  ...F
  last @include(if: $no) { inside }
}
fragment F on A { x other { ...G } ...G }
fragment G on B { y }
"""


def parsed(text: str) -> ast.Document:
    return parse_document(scan(text, Limits(tokens=100_000, characters=1_000_000)))


def shown(document: ast.Document, **how: object) -> list[tuple[str, str]]:
    fragments = how.pop("fragments", document.fragments)
    found = walk([document.operations[0].selection_set], fragments, **how)  # type: ignore[arg-type]
    return [(getattr(node, "name", "..."), around) for node, around in found]


def test_a_walk_follows_each_fragment_once_and_knows_the_type_around() -> None:
    assert shown(parsed(TEXT), around="Query") == [
        ("a", "Query"),
        ("...", "Query"),
        ("name", "Named"),
        ("F", "Named"),
        ("x", "A"),
        ("other", "A"),
        ("G", "A"),
        ("y", "B"),
        ("...", "Named"),
        ("z", "Named"),
        ("F", "Query"),
        ("last", "Query"),
    ]


def test_a_deep_walk_goes_below_fields_whose_type_it_does_not_know() -> None:
    assert shown(parsed("{ a { x ...F } } fragment F on A { other { x } }"), deep=True) == [
        ("a", ""),
        ("x", ""),
        ("F", ""),
        ("other", "A"),
        ("x", ""),
    ]


def test_a_walk_without_fragments_follows_no_spread() -> None:
    assert shown(parsed("{ ...F ... on A { ...F x } }"), fragments={}) == [
        ("F", ""),
        ("...", ""),
        ("F", "A"),
        ("x", "A"),
    ]


def test_what_does_not_count_is_left_out_with_all_that_it_holds() -> None:
    def applies(condition: str) -> bool:
        return condition != "Named"

    assert shown(parsed(TEXT), around="Query", variables={"no": False}, applies=applies) == [
        ("a", "Query"),
        ("F", "Query"),
        ("x", "A"),
        ("other", "A"),
        ("G", "A"),
        ("y", "B"),
    ]


def test_walks_that_share_their_spreads_follow_each_once() -> None:
    document = parsed("{ ...F } fragment F on A { x }")
    sets = [document.operations[0].selection_set]
    spread: set[str] = set()
    first = [node for node, _ in walk(sets, document.fragments, spread=spread)]
    second = [node for node, _ in walk(sets, document.fragments, spread=spread)]
    assert [type(node) for node in first] == [ast.FragmentSpread, ast.Field]
    assert [type(node) for node in second] == [ast.FragmentSpread]


def test_a_chain_of_fragments_longer_than_the_stack_is_walked() -> None:
    parts = [f"fragment F{n} on A {{ ...F{n + 1} }}" for n in range(3_000)]
    text = "{ ...F0 } " + " ".join(parts) + " fragment F3000 on A { x }"
    assert shown(parsed(text))[-1] == ("x", "A")


@pytest.mark.parametrize(
    ("type_name", "variables", "expected"),
    [
        pytest.param("A", {"no": False}, {"a": 1, "name": 1, "x": 1, "other": 1}, id="of-A"),
        pytest.param("B", {"no": False}, {"a": 1, "name": 1}, id="of-B"),
        pytest.param(
            "B", {"no": True}, {"a": 1, "name": 1, "last": 1}, id="a-variable-lets-it-through"
        ),
        pytest.param("B", None, {"a": 1, "name": 1, "z": 1, "last": 1}, id="no-decision"),
    ],
)
def test_fields_are_collected_for_a_type(
    type_name: str, variables: dict[str, object] | None, expected: dict[str, int]
) -> None:
    document = parsed(TEXT)
    sets = [document.operations[0].selection_set]
    found = collect_fields(SCHEMA, document.fragments, variables, type_name, sets)
    assert {key: len(nodes) for key, nodes in found.items()} == expected


def test_fields_of_several_selection_sets_are_merged_in_their_order() -> None:
    document = parsed("{ a { x n: name ...F } b: a { other { x } x ...F } } fragment F on A { y }")
    fields = [node for node, _ in walk([document.operations[0].selection_set], {})]
    sets = [node.selection_set for node in fields if isinstance(node, ast.Field)]
    found = collect_fields(SCHEMA, document.fragments, {}, "A", [*sets, None])
    assert [(key, len(nodes)) for key, nodes in found.items()] == [
        ("x", 2),
        ("n", 1),
        ("y", 1),
        ("other", 1),
    ]


def test_a_condition_that_is_null_is_refused() -> None:
    (field,) = (
        parsed("query($v: Boolean = true) { a @skip(if: $v) }")
        .operations[0]
        .selection_set.selections
    )
    assert not is_included(field.directives, {"v": True})
    with pytest.raises(NullVariableError, match="must not be null"):
        is_included(field.directives, {"v": None})


def test_nobody_else_walks_over_selections_or_decides_on_skip_and_include() -> None:
    walks, decides = set(), set()
    for path in HANDLER.rglob("*.py"):
        for node in python.walk(python.parse(path.read_text())):
            gone_over: list[python.expr] = []
            if isinstance(node, python.For | python.comprehension):
                gone_over = [node.iter]
            elif isinstance(node, python.Call) and python.unparse(node.func) == "iter":
                gone_over = node.args
            if any(isinstance(e, python.Attribute) and e.attr == "selections" for e in gone_over):
                walks.add(path.relative_to(HANDLER).as_posix())
            if isinstance(node, python.Constant) and node.value in ("skip", "include"):
                decides.add(path.relative_to(HANDLER).as_posix())
    assert walks == {
        "language/selections.py",
        "compiler/collect.py",  # puts the selections of several fields into one
    }
    assert decides == {
        "language/selections.py",
        "language/printer.py",  # those that the specification declares
    }
