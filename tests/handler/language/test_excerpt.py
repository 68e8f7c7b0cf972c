"""The line that an error is about, and the carets under the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.errors import Location, SchemaError
from handler.language.excerpt import excerpt
from handler.language.files import quoting
from handler.language.operations import load_operations
from handler.language.sdl import load_schema
from handler.model.builder import build_model


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        pytest.param(
            "type Film {\n  actors: [Actor!]!\n}",
            (2, 3),
            ["    actors: [Actor!]!", "    ^^^^^^"],
            id="name-of-a-field",
        ),
        pytest.param(
            "  type Film @public {", (1, 3), ["    type Film @public {", "    ^^^^^^^^^"], id="type"
        ),
        pytest.param(
            "extend type Film { a: Int }",
            (1, 1),
            ["    extend type Film { a: Int }", "    ^^^^^^^^^^^^^^^^"],
            id="extension",
        ),
        pytest.param(
            "type: String", (1, 1), ["    type: String", "    ^^^^"], id="field-called-type"
        ),
        pytest.param(
            "films: X! @orderBy(fields: 1)",
            (1, 11),
            ["    films: X! @orderBy(fields: 1)", "              ^^^^^^^^"],
            id="directive",
        ),
        pytest.param(
            'a: Int @x(y: "a \\" b")',
            (1, 14),
            ['    a: Int @x(y: "a \\" b")', "                 ^^^^^^^^"],
            id="string",
        ),
        pytest.param("a: Int )", (1, 8), ["    a: Int )", "           ^"], id="punctuator"),
        pytest.param("a: -1.5", (1, 4), ["    a: -1.5", "       ^^^^"], id="number"),
        pytest.param(
            "\t\ta:\tInt", (1, 6), ["    a:\tInt", "      \t^^^"], id="tabs-stay-in-both-lines"
        ),
        pytest.param(
            '"電影" x: Int', (1, 6), ['    "電影" x: Int', "           ^"], id="wide-before"
        ),
        pytest.param(
            '"e\u0301" x: Int', (1, 6), ['    "e\u0301" x: Int', "        ^"], id="combining-before"
        ),
        pytest.param('"é" x: Int', (1, 5), ['    "é" x: Int', "        ^"], id="accent-before"),
        pytest.param("a\x1b[31m: Int", (1, 1), ["    a?[31m: Int", "    ^"], id="escape"),
        pytest.param("a\r\nbc: X\r\n", (2, 1), ["    bc: X", "    ^^"], id="crlf"),
        pytest.param("a\rbc: X\r", (2, 1), ["    bc: X", "    ^^"], id="cr"),
        pytest.param("a\n\n\nx: Y", (4, 4), ["    x: Y", "       ^"], id="empty-lines"),
        pytest.param("x" * 300, (1, 1), [f"    {'x' * 100}…", f"    {'^' * 100}"], id="long-name"),
        pytest.param(
            f"{'a ' * 100}name: Int{' b' * 100}",
            (1, 201),
            [f"    …{'a ' * 20}name: Int{' b' * 25} …", f"    {' ' * 41}^^^^"],
            id="long-line-both-ways",
        ),
        pytest.param(
            f"{'a ' * 100}name: Int",
            (1, 201),
            [f"    …{'a ' * 20}name: Int", f"    {' ' * 41}^^^^"],
            id="end-of-a-long-line",
        ),
        pytest.param("type A {\n", (2, 1), [], id="end-of-the-text"),
        pytest.param("type A {", (1, 9), ["    type A {", "            ^"], id="end-of-a-line"),
        pytest.param("type A {", (1, 10), [], id="behind-the-line"),
        pytest.param("type A {", (7, 9), [], id="no-such-line"),
    ],
)
def test_excerpt(text: str, place: tuple[int, int], expected: list[str]) -> None:
    assert excerpt(text, Location(*place)).split("\n") == (expected or [""])


@given(st.text(max_size=250), st.integers(1, 4), st.integers(1, 250))
def test_carets_are_under_the_place_of_any_text(text: str, line: int, column: int) -> None:
    found = excerpt(text, Location(line, column))
    if found:
        shown, carets = found.split("\n")
        assert set(carets) <= set(" \t^")
        assert all(each == "\t" or each.isprintable() for each in shown)
        assert len(shown) <= 4 + 100 + 2


# ----------------------------------------------------------------------- of the files of an API


def refusal(directory: Path) -> str:
    with pytest.raises(SchemaError) as caught:
        load(directory)
    return str(caught.value)


def load(directory: Path) -> None:
    with quoting(directory):
        schema = load_schema(directory)
        build_model(schema)
        load_operations(directory, schema)


FINE = "type Query { films: [Film!]! }\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"type Film {\n\tfilmId: ID!\n\tactors: [Actr!]!\n}",
            'sdl/film.graphql:3:11: Unknown type "Actr".\n    actors: [Actr!]!\n             ^^^^',
            id="tab",
        ),
        pytest.param(
            b"\xef\xbb\xbftype Film { a: Nothing }",
            'sdl/film.graphql:1:16: Unknown type "Nothing". Did you mean "String"?\n'
            "    type Film { a: Nothing }\n                   ^^^^^^^",
            id="byte-order-mark",
        ),
        pytest.param(
            b"type Film {\r\n  filmId: ID!\r\n  a: Nothing\r\n}\r\n",
            'sdl/film.graphql:3:6: Unknown type "Nothing". Did you mean "String"?\n'
            "    a: Nothing\n       ^^^^^^^",
            id="crlf",
        ),
        pytest.param(
            'type Film @public { filmId: ID! "größer" a: Nothing }'.encode(),
            'sdl/film.graphql:1:45: Unknown type "Nothing". Did you mean "String"?\n'
            '    type Film @public { filmId: ID! "größer" a: Nothing }\n'
            "                                                ^^^^^^^",
            id="not-ascii",
        ),
        pytest.param(
            b"type Film {\n  filmId: ID!\n  a: Int = 1\n}",
            'sdl/film.graphql:3:10: Syntax Error: Expected Name, found "=".\n'
            "    a: Int = 1\n           ^",
            id="syntax",
        ),
        pytest.param(
            b"type Film {\n  filmId: ID!",
            "sdl/film.graphql:2:14: Syntax Error: Expected Name, found <EOF>.\n"
            "    filmId: ID!\n               ^",
            id="end-of-the-file",
        ),
        pytest.param(
            b"type Film {\xff",
            "film.graphql: not UTF-8 at byte 11; save the file as UTF-8.",
            id="not-utf-8",
        ),
    ],
)
def test_a_mistake_is_shown_in_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sdl").mkdir()
    (tmp_path / "sdl" / "query.graphql").write_text(FINE)
    (tmp_path / "sdl" / "film.graphql").write_bytes(content)
    assert refusal(Path("sdl")) == expected
    assert refusal(tmp_path / "sdl") == expected


def test_an_operation_is_shown_in_its_line(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "query.graphql").write_text(FINE + "type Film { filmId: ID! }")
    (tmp_path / "operations" / "one.graphql").write_bytes(b"\xef\xbb\xbfquery One { film }")
    assert refusal(tmp_path) == (
        f'{tmp_path}/operations/one.graphql:1:14: Cannot query field "film" on type "Query". Did'
        ' you mean "films"?\n'
        "    ?query One { film }\n"
        "                 ^^^^"
    )
