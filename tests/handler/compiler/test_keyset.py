"""Pages behind a cursor: their ranges, their order, and just the rows beyond it."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.sql.statement import Statement
from tests.handler.compiler.plans import PAGE_INFO, Compiler, statements


def test_page_behind_a_cursor_is_found_range_by_range() -> None:
    compiler = Compiler.of(
        'type Query { as(first: Int, after: String): AConnection! @orderBy(fields: ["n DESC"]) }'
        " type A { id: Int! n: Int! } type AConnection { nodes: [A!]! edges: [AEdge!]! }"
        " type AEdge { node: A! cursor: String! }"
    )
    order = compiler.plan("{ as { edges { cursor } } }").batches[0].order
    cursor = encode_cursor(fingerprint("Query.as", order), (b"5", b"7")).decode()
    text = "query ($c: String) { as(first: 2, after: $c) { nodes { n } } }"
    assert statements(compiler, text, {"c": cursor}) == [
        Statement(
            "SELECT t0.`n` FROM ("
            "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`id` FROM `as` k WHERE k.`n` < %s "
            "ORDER BY k.`n` DESC, k.`id` DESC LIMIT %s) UNION ALL "
            "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`id` FROM `as` k WHERE k.`n` = %s AND k.`id` < %s "
            "ORDER BY k.`id` DESC LIMIT %s)) page "
            "JOIN `as` t0 ON t0.`id` = page.`id` ORDER BY t0.`n` DESC, t0.`id` DESC LIMIT %s",
            (5, 3, 5, 7, 3, 3),
            batch=0,
        )
    ]


SORTED = Compiler.of(
    "type Query { as(s: S, first: Int, after: String, last: Int, before: String): AConnection }"
    " type A { id: Int! n: Int m: Int }"
    " enum S { "
    + " ".join(
        f'{"UD"[i]}{"UD"[j]}{"UD"[k]} @orderBy(fields: ["n {d[i]}", "m {d[j]}", "id {d[k]}"])'
        for d in [("ASC", "DESC")]
        for i, j, k in product((0, 1), repeat=3)
    )
    + " } type AConnection { edges: [AEdge!]! } type AEdge { node: A! cursor: String! } "
    + PAGE_INFO
)
ROWS = [(n, m, i) for i, (n, m) in enumerate(product((None, 1, 2), (None, 1, 2)))]


def satisfies(text: str, row: tuple[int | None, ...]) -> bool:
    """Evaluate a condition as SQL does, with its three values, over one row."""
    code = re.sub(r"k\.`(\w+)`", lambda found: f"row[{('n', 'm', 'id').index(found[1])}]", text)
    code = re.sub(r"(row\[\d\]) IS NOT NULL", r"(\1 is not None)", code)
    code = re.sub(r"(row\[\d\]) IS NULL", r"(\1 is None)", code)
    code = re.sub(
        r"(row\[\d\]) (<=|>=|<|>|=) (-?\d+)",
        lambda f: f"({f[1]} is not None and {f[1]} {'==' if f[2] == '=' else f[2]} {f[3]})",
        code,
    )
    code = code.replace(" AND ", " and ").replace(" OR ", " or ").replace("FALSE", "False")
    return bool(eval(code, {"row": row}))  # noqa: S307  # a condition that was written above


def sort_key(row: tuple[int | None, ...], sort: str) -> tuple[Any, ...]:
    values = ((-1 if part is None else part) for part in row)
    return tuple(
        value if letter == "U" else -value for value, letter in zip(values, sort, strict=True)
    )


@pytest.mark.parametrize("sort", ["".join(letters) for letters in product("UD", repeat=3)])
@pytest.mark.parametrize("direction", ["after", "before"])
def test_keyset_predicate_gives_just_the_rows_beyond_the_cursor(sort: str, direction: str) -> None:
    """Every order of three columns, every row as the cursor, NULLs in two of the columns."""
    ordered = sorted(ROWS, key=lambda row: sort_key(row, sort))
    size = "first" if direction == "after" else "last"
    field = f"as(s: {sort}, {direction}: $c, {size}: 9)"
    text = f"query ($c: String) {{ {field} {{ edges {{ cursor }} }} }}"
    order = SORTED.plan(text).batches[0].order
    for position, row in enumerate(ordered):
        raw = tuple(None if part is None else str(part).encode() for part in row)
        cursor = encode_cursor(fingerprint("Query.as", order), raw).decode()
        (found,) = statements(SORTED, text, {"c": cursor})
        conditions = re.findall(r" WHERE (.+?) ORDER BY ", found.text % found.parameters)
        beyond = [other for each in conditions for other in ordered if satisfies(each, other)]
        expected = ordered[position + 1 :] if direction == "after" else ordered[:position]
        assert sorted(beyond, key=ordered.index) == expected, conditions


def test_backward_page_reads_the_order_backward() -> None:
    (found,) = statements(SORTED, "{ as(s: UDU, last: 3) { edges { cursor } } }")
    assert found.text.endswith("ORDER BY t0.`n` DESC, t0.`m`, t0.`id` DESC LIMIT %s")
    assert found.parameters == (4,)
