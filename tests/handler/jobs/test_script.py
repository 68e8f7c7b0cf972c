"""Cutting an SQL file into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.jobs.script import ScriptError, ScriptStatement, split_script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" ;;\n; ", [], id="only-semicolons"),
        pytest.param("-- a; b\n# c; d\n/* e; \n f */;", [], id="only-comments"),
        pytest.param("A;\nB", [("A", 1), ("B", 2)], id="last-without-semicolon"),
        pytest.param("-- of B\n\nB -- why; so\n;", [("B", 3)], id="comments-around"),
        pytest.param("A /* x; */ B;C", [("A /* x; */ B", 1), ("C", 1)], id="comment-inside"),
        pytest.param("A -- x;\nB;", [("A -- x;\nB", 1)], id="line-comment-inside"),
        pytest.param(
            "SELECT 1--1;B", [("SELECT 1--1", 1), ("B", 1)], id="minus-minus-is-no-comment"
        ),
        pytest.param("A --", [("A", 1)], id="comment-at-the-end"),
        pytest.param("SELECT 4/2;B", [("SELECT 4/2", 1), ("B", 1)], id="division"),
        pytest.param(
            "a ';' \";\" `;`;b", [("a ';' \";\" `;`", 1), ("b", 1)], id="quoted-semicolons"
        ),
        pytest.param(r"a '\';' b;c", [(r"a '\';' b", 1), ("c", 1)], id="backslash"),
        pytest.param("a ''';' b;c", [("a ''';' b", 1), ("c", 1)], id="doubled-quote"),
        pytest.param("a `x``;`;b", [("a `x``;`", 1), ("b", 1)], id="doubled-backtick"),
        pytest.param(r"a `\`;b", [(r"a `\`", 1), ("b", 1)], id="backslash-in-a-name-is-plain"),
        pytest.param(
            "a '-- x' '/*';b", [("a '-- x' '/*'", 1), ("b", 1)], id="comment-signs-quoted"
        ),
        pytest.param("-- it's\nA;", [("A", 2)], id="quote-in-comment"),
        pytest.param("/*!40101 SET x = ';' */;", [("/*!40101 SET x = ';' */", 1)], id="executed"),
        pytest.param("/*M! SET x */", [("/*M! SET x */", 1)], id="executed-by-mariadb"),
        pytest.param("a 'x\ny';\nb", [("a 'x\ny'", 1), ("b", 3)], id="lines-in-strings"),
    ],
)
def test_split_finds(text: str, expected: list[tuple[str, int]]) -> None:
    assert split_script(text) == tuple(ScriptStatement(*each) for each in expected)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("A;\nB 'x;\n", "line 2: ' is opened and never closed", id="quote"),
        pytest.param('A "x\\";', 'line 1: " is opened', id="escaped-closing-quote"),
        pytest.param("\n\n`x;", "line 3: ` is opened", id="backtick"),
        pytest.param("A; /* x;", r"line 1: /\* is opened", id="comment"),
        pytest.param("A;\nDELIMITER //\n", "line 2: DELIMITER", id="delimiter"),
    ],
)
def test_split_refuses(text: str, problem: str) -> None:
    with pytest.raises(ScriptError, match=problem):
        split_script(text)


pieces = st.sampled_from(
    [
        "SELECT ",
        "x",
        "'a;b'",
        '"q;"',
        "`n;`",
        "/* c; */",
        "-- l;\n",
        "# h;\n",
        " ",
        "\n",
        "'\\''",
        "4/2",
        "-1",
    ]
)


@given(st.lists(st.lists(pieces, max_size=8).map("".join), max_size=6))
def test_split_cuts_only_between_statements(statements: list[str]) -> None:
    whole = split_script(";".join(f"S{number} {text}" for number, text in enumerate(statements)))
    assert [each.text.split()[0] for each in whole] == [f"S{n}" for n in range(len(statements))]


def test_an_unclosed_quote_costs_linear_time() -> None:
    with pytest.raises(ScriptError, match="line 1"):
        split_script("'" + "a''\\'" * 200_000)
