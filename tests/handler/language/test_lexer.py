"""The shield: what it takes, what it refuses, and where it says the fault is."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from graphql import GraphQLSyntaxError
from graphql.language import Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from handler.errors import DocumentSyntaxError, LimitError, Location
from handler.language.lexer import END, normalize, scan
from handler.language.limits import Limits
from handler.language.locations import locate
from handler.language.strings import dedent, string_value

WIDE = Limits(characters=10_000_000, tokens=1_000_000, brackets=150)


def reference_tokens(text: str) -> list[tuple[str, int]]:
    """Kind and offset of each token, as graphql-core reads them."""
    lexer = Lexer(Source(text))
    found: list[tuple[str, int]] = []
    while lexer.advance().kind != TokenKind.EOF:
        found.append((lexer.token.kind.value, lexer.token.start))
    return found


def own_tokens(text: str) -> list[tuple[str, int]]:
    tokens = scan(text, WIDE)
    return list(zip(tokens.kinds[:-1], tokens.starts[:-1], strict=True))


FRAGMENTS = st.sampled_from(
    [
        *"{}()[]:!$=@|&,.\n\r\t -+0123456789eEabux_\"\\#'?;é\ufeff😀",
        "...",
        '"""',
        '\\"""',
        '""',
        '"text"',
        "\r\n",
        "-12",
        "1.5",
        "1e3",
        "\\u0041",
        "\\uD83D\\uDE00",
        "\\u{1F600}",
        "\\n",
        "name",
    ]
)


def outcome(text: str) -> list[tuple[str, int]] | tuple[Location, ...]:
    """The tokens of a text, or where it is refused."""
    try:
        return own_tokens(text)
    except DocumentSyntaxError as error:
        return error.locations


def reference_outcome(text: str) -> list[tuple[str, int]] | tuple[Location, ...]:
    try:
        return reference_tokens(text)
    except GraphQLSyntaxError as error:
        return tuple(Location(each.line, each.column) for each in error.locations or ())


@given(st.lists(FRAGMENTS, max_size=12).map("".join))
def test_reads_every_text_as_the_reference_does(text: str) -> None:
    assert outcome(text) == reference_outcome(text)


@given(st.lists(FRAGMENTS, max_size=12).map("".join))
def test_string_values_are_those_of_the_reference(text: str) -> None:
    for quoted in (f'"{text}"', f'"""{text}"""'):
        lexer = Lexer(Source(quoted))
        try:
            token = lexer.advance()
            if lexer.advance().kind != TokenKind.EOF:
                continue
        except GraphQLSyntaxError:
            continue
        assert string_value(scan(quoted, WIDE).texts[0]) == token.value


@pytest.mark.parametrize(
    ("text", "message", "location"),
    [
        pytest.param("{ a ? }", 'Unexpected character: "?".', Location(1, 5), id="no-token"),
        pytest.param('{ a(b: "x', "Unterminated string.", Location(1, 10), id="string-to-the-end"),
        pytest.param('"a\nb"', "Unterminated string.", Location(1, 3), id="string-to-the-line-end"),
        pytest.param('"""a\nb', "Unterminated string.", Location(2, 2), id="block-string"),
        pytest.param(
            "01", 'Invalid number, unexpected digit after 0: "1".', Location(1, 2), id="01"
        ),
        pytest.param(
            "1.", "Invalid number, expected digit but got: <EOF>.", Location(1, 3), id="1."
        ),
        pytest.param("1a", 'Invalid number, expected digit but got: "a".', Location(1, 2), id="1a"),
        pytest.param(
            '"\\q"', 'Invalid character escape sequence: "\\q".', Location(1, 2), id="escape"
        ),
        pytest.param(
            '"\\uD800"',
            'Invalid Unicode escape sequence: "\\uD800".',
            Location(1, 2),
            id="lone-surrogate-escape",
        ),
        pytest.param(
            '"\\u{110000}"',
            'Invalid Unicode escape sequence: "\\u{110000}".',
            Location(1, 2),
            id="beyond-unicode",
        ),
        pytest.param("{ a\x00b }", "Invalid character: U+0000.", Location(1, 4), id="nul"),
        pytest.param("# \x00", "Invalid character: U+0000.", Location(1, 3), id="nul-in-comment"),
        pytest.param("{ \ud800 }", "Invalid character: U+D800.", Location(1, 3), id="surrogate"),
        pytest.param("a..b", 'Unexpected "..", did you mean "..."?', Location(1, 2), id="two-dots"),
    ],
)
def test_refuses(text: str, message: str, location: Location) -> None:
    with pytest.raises(DocumentSyntaxError) as refused:
        scan(text, Limits())
    assert refused.value.message == f"Syntax Error: {message}"
    assert refused.value.locations == (location,)


@pytest.mark.parametrize(
    ("text", "limits", "message"),
    [
        pytest.param(
            "{a}" + " " * 8,
            Limits(characters=10),
            "The document has 11 characters; the limit is 10.",
            id="characters",
        ),
        pytest.param(
            "{a b}",
            Limits(tokens=3),
            "The document has more than 3 tokens, which is the limit.",
            id="tokens",
        ),
        pytest.param(
            "{a(b: [[",
            Limits(brackets=3),
            "The document nests brackets deeper than the limit of 3.",
            id="brackets",
        ),
    ],
)
def test_names_the_limit(text: str, limits: Limits, message: str) -> None:
    with pytest.raises(LimitError) as refused:
        scan(text, limits)
    assert refused.value.message == message


def test_a_document_at_its_limits_passes() -> None:
    text = "{a(b:[1])}"
    assert scan(text, Limits(characters=10, tokens=10, brackets=3)).count == 10


def test_locations_count_all_line_ends_and_unicode_characters() -> None:
    tokens = scan('a\rb\r\nc\n"😀" d', Limits())
    assert [tokens.location(at) for at in range(5)] == [
        Location(1, 1),
        Location(2, 1),
        Location(3, 1),
        Location(4, 1),
        Location(4, 5),
    ]
    assert tokens.kinds[5] == END
    assert locate("", 0) == Location(1, 1)


@pytest.mark.parametrize(
    ("text", "shape", "literals"),
    [
        pytest.param(
            '{a(x:1 y:-2.5e3 z:"q\\"" b:"""x " y""")}',
            '{a(x: 0 y: 0.0 z: "" b: "")}',
            ["1", "-2.5e3", '"q\\""', '"""x " y"""'],
            id="all-kinds",
        ),
        pytest.param("{a1 b_2 c:d0e}", "{a1 b_2 c:d0e}", [], id="digits-in-names-stay"),
        pytest.param("[a0-5]", "[a0 0]", ["-5"], id="a-number-next-to-a-name-stays-apart"),
        pytest.param('{a # "x" 1\n}', "{a \n}", [], id="comments-go"),
        pytest.param('"# no comment"', ' ""', ['"# no comment"'], id="hash-in-a-string"),
        pytest.param('{a(b:"x)}', "", [], id="open-string"),
        pytest.param("{a(b:01)}", "", [], id="no-number"),
        pytest.param("{a(b:1.x)}", "", [], id="no-float"),
    ],
)
def test_normalizes(text: str, shape: str, literals: list[str]) -> None:
    assert normalize(text) == (shape, literals)


@given(st.lists(FRAGMENTS, max_size=10).map("".join))
def test_a_normal_text_has_the_same_tokens_but_for_the_literals(text: str) -> None:
    try:
        tokens = scan(text, WIDE)
    except DocumentSyntaxError:
        return
    shape, literals = normalize(text)
    assert literals == tokens.literals
    kinds = ["String" if kind == "BlockString" else kind for kind in tokens.kinds]
    again = scan(shape, WIDE)
    assert again.kinds == kinds
    assert normalize(shape)[0].replace(" ", "") == shape.replace(" ", "")


def test_dedents_as_the_specification_shows() -> None:
    raw = "\n    Hello,\n      World!\n\n    Yours,\n      GraphQL.\n  "
    assert dedent(raw) == "Hello,\n  World!\n\nYours,\n  GraphQL."


HOSTILE = {
    "blanks": " " * 15_000,
    "comments": "#\n" * 7_500,
    "open-strings": '"a' * 7_500,
    "open-block": '"""' + '"a' * 7_400,
    "escapes": '"' + "\\n" * 7_000 + '"',
    "unicode-escapes": '"' + "\\u0041" * 2_400 + '"',
    "surrogate-escapes": '"' + "\\uD83D\\uDE00" * 1_200 + '"',
    "long-escape": '"\\u{' + "0" * 14_000 + '41}"',
    "minus-signs": "-" * 15_000,
    "digits": "1" * 15_000,
    "fraction": "1." + "1" * 14_000,
    "brackets": "[" * 15_000,
    "line-ends": "{" + "\n" * 14_990 + "?",
    "backslashes": '"' + "\\" * 14_000,
    "quotes": '"' * 15_000,
    "one-name": "a" * 15_000,
    "ten-megabytes": '{a(b:"' + "x" * 10_000_000 + '")}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_costs_milliseconds(text: str) -> None:
    def spent_s() -> float:
        started = time.process_time()
        with suppress(DocumentSyntaxError, LimitError):
            scan(text, Limits())
        normalize(text[:15_000])
        return time.process_time() - started

    assert min(spent_s() for _ in range(3)) < 0.05  # in one of them no garbage was collected
