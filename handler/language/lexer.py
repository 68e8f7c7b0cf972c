"""The lexer: text to tokens, in one linear pass that also enforces the limits on text.

``scan`` refuses what is too long, nested too deep, or no GraphQL; recursion over what it accepts is
bounded. ``normalize`` replaces the literals of a text, for the key of the document cache.

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary.Lexical-Tokens
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from handler.errors import DocumentSyntaxError, LimitError, Location
from handler.language.limits import Limits
from handler.language.locations import line_starts, locate, locate_in, syntax_error
from handler.language.strings import unescape

# Kinds of tokens. A punctuator is its own kind.
NAME, INT, FLOAT, STRING, BLOCK, END = "Name", "Int", "Float", "String", "BlockString", "<EOF>"
LITERALS = frozenset({INT, FLOAT, STRING, BLOCK})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

_STRING = r'"(?!"")(?:[^"\\\n\r]++|\\["\\/bfnrtu])*+"'
# Atomic instead of possessive: with a lookahead inside, Python 3.11.2 of Debian 12 gets that wrong.
_BLOCK = r'"""(?>(?:[^"\\]++|\\"""|\\|"(?!""))*)"""'
_INT = r"(?:0|[1-9][0-9]*+)(?![0-9.A-Za-z_])"
_FLOAT = r"(?:0|[1-9][0-9]*+)(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?|[eE][+-]?[0-9]++)(?![0-9.A-Za-z_])"

# Possessive quantifiers do not backtrack, so the time is linear in the text. ``\Z`` is one of the
# alternatives because a search that failed after blanks would begin again at each of them.
_TOKEN = re.compile(
    rf"[ \t\n\r,\ufeff]*+(?:([_A-Za-z][_0-9A-Za-z]*+)|([{{}}()\[\]:!$=@|&]|\.\.\.)"
    rf"|({_STRING})|(-?{_INT})|(-?{_FLOAT})|({_BLOCK})|(\#[^\n\r]*+)|(\Z)|(.))",
    re.DOTALL,
)
_KINDS = ("", NAME, "", STRING, INT, FLOAT, BLOCK, "", END, "")
_PUNCTUATOR_GROUP, _STRING_GROUP, _COMMENT_GROUP, _END_GROUP, _BAD_GROUP = 2, 3, 7, 8, 9

_UNSAFE = re.compile("[\x00\ud800-\udfff]")

# Begins with a set of characters, so that the search skips all others quickly. Lookbehinds say
# which of them was found, and the empty group at the end of an alternative which kind of literal.
_ALONE = r"(?<![_0-9A-Za-z].)"  # the digit just read is not part of a name
_LITERAL = re.compile(
    r'["#\-0-9](?:'
    rf'(?<=")(?:{_STRING[1:]}|{_BLOCK[1:]})()'
    rf"|(?:(?<=-)(?:0|[1-9][0-9]*+)|{_ALONE}(?:(?<=0)|(?<=[1-9])[0-9]*+))"
    r"(?:(?![0-9.A-Za-z_])()"
    r"|(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?|[eE][+-]?[0-9]++)(?![0-9.A-Za-z_])())"
    r"|(?<=#)[^\n\r]*+()"
    rf'|(?<=["\-])|(?<=[0-9]){_ALONE})',
    re.DOTALL,
)
# They begin with a blank: "a0-5" and "a00" must not become the same text.
_PLACEHOLDERS = ("", ' ""', " 0", " 0.0", "")
_DROPPED = 4


class Tokens(Struct):
    """The tokens of one text, in parallel lists; the last one has the kind ``END``."""

    text: str
    kinds: list[str]
    texts: list[str]
    starts: list[int]  # offsets into the text
    lines: list[int] = field(default_factory=list)  # offsets of their starts, found when asked for

    @property
    def count(self) -> int:
        """How many tokens there are, the end not counted."""
        return len(self.kinds) - 1

    @property
    def literals(self) -> list[str]:
        """The raw texts of Int, Float and String literals in their order."""
        return [text for kind, text in zip(self.kinds, self.texts, strict=True) if kind in LITERALS]

    def location(self, at: int) -> Location:
        """Line and column of the token with that number."""
        if not self.lines:
            self.lines = line_starts(self.text)
        return locate_in(self.lines, self.starts[at])


def scan(text: str, limits: Limits) -> Tokens:
    """The tokens of a text.

    Raises ``LimitError`` for more characters, tokens or nested brackets than allowed, and
    ``DocumentSyntaxError`` for what is no token. NUL is refused everywhere, although the grammar
    allows it in strings and comments: C libraries take it for the end of the text.

    >>> scan("{ total }", Limits()).texts
    ['{', 'total', '}', '']
    """
    if len(text) > limits.characters:
        raise LimitError(
            f"The document has {len(text)} characters; the limit is {limits.characters}."
        )
    if unsafe := find_unsafe(text):
        raise unsafe
    kinds: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    depth = 0
    room = limits.tokens
    for match in _TOKEN.finditer(text):
        group = match.lastindex or 0
        if group == _COMMENT_GROUP:
            continue
        part = match[group]
        start = match.start(group)
        if group == _PUNCTUATOR_GROUP:
            kinds.append(part)
            if part in _OPENING:
                depth += 1
                if depth > limits.brackets:
                    raise LimitError(
                        f"The document nests brackets deeper than the limit of {limits.brackets}.",
                        locations=[locate(text, start)],
                    )
            elif part in _CLOSING:
                depth -= 1
        elif group == _BAD_GROUP:
            raise _refusal(text, start)
        else:
            kinds.append(_KINDS[group])
            if group == _STRING_GROUP and "\\" in part:
                unescape(part, text, start)
        texts.append(part)
        starts.append(start)
        if group == _END_GROUP:
            break
        room -= 1
        if room < 0:
            raise LimitError(
                f"The document has more than {limits.tokens} tokens, which is the limit.",
                locations=[locate(text, start)],
            )
    return Tokens(text, kinds, texts, starts)


def find_unsafe(text: str) -> DocumentSyntaxError | None:
    """The error for a NUL or a lone surrogate in the text, if there is one."""
    found = _UNSAFE.search(text) if "\x00" in text or not text.isascii() else None
    if found is None:
        return None
    return syntax_error(f"Invalid character: U+{ord(found[0]):04X}.", text, found.start())


def normalize(text: str) -> tuple[str, list[str]]:
    """The text without comments, its literals replaced by `` 0``, `` 0.0`` and `` ""``.

    Returns it with the raw literals in order. Two texts have the same normal text only if their
    tokens differ in nothing but literals. A text that is no GraphQL gives ``("", [])``.

    >>> normalize('{ order(id: 7, note: "now") { total } }')
    ('{ order(id:  0, note:  "") { total } }', ['7', '"now"'])
    """
    literals: list[str] = []
    broken = False

    def replace(match: re.Match[str]) -> str:
        nonlocal broken
        group = match.lastindex or 0
        if group == 0:
            broken = True
        elif group != _DROPPED:
            literals.append(match[0])
        return _PLACEHOLDERS[group]

    shape = _LITERAL.sub(replace, text)
    return ("", []) if broken else (shape, literals)


# ------------------------------------------------------------------------------------ errors

# The longest start of a number that more characters could still complete.
_NUMBER_START = re.compile(
    r"-?+(?:(?:0|[1-9][0-9]*+)"
    r"(?:\.(?:[0-9]++(?:[eE][+-]?+[0-9]*+)?+)?+|[eE][+-]?+[0-9]*+)?+)?+"
)
_STRING_START = re.compile(r'"(?:[^"\\\n\r]++|\\["\\/bfnrtu])*+')


def _show(text: str, offset: int) -> str:
    if offset >= len(text):
        return END
    char = text[offset]
    if char == '"':
        return "'\"'"
    return f'"{char}"' if " " <= char <= "~" else f"U+{ord(char):04X}"


def _refusal(text: str, start: int) -> DocumentSyntaxError:
    """The error for text that is no token, with the location that graphql-core gives it."""
    char = text[start]
    if text.startswith('"""', start):
        return syntax_error("Unterminated string.", text, len(text))
    if char == '"':
        end = _STRING_START.match(text, start)
        offset = end.end() if end else start
        if offset < len(text) and text[offset] == "\\":
            escape = text[offset : offset + 2]
            if len(escape) == 2:
                return syntax_error(f'Invalid character escape sequence: "{escape}".', text, offset)
        return syntax_error("Unterminated string.", text, offset)
    if char in "-0123456789":
        number = _NUMBER_START.match(text, start)
        offset = number.end() if number else start
        shown = _show(text, offset)
        if number and number[0] in ("0", "-0") and text[offset : offset + 1].isdigit():
            return syntax_error(f"Invalid number, unexpected digit after 0: {shown}.", text, offset)
        return syntax_error(f"Invalid number, expected digit but got: {shown}.", text, offset)
    if char == "'":
        return syntax_error(
            "Unexpected single quote character ('), did you mean to use a double quote (\")?",
            text,
            start,
        )
    if text.startswith("..", start):
        return syntax_error('Unexpected "..", did you mean "..."?', text, start)
    return syntax_error(f"Unexpected character: {_show(text, start)}.", text, start)
