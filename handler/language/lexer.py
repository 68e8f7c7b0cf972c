"""The shield and the tokeniser: one linear pass over the text, before anything else looks at it.

``scan`` refuses what is too long, too deep or not GraphQL; after it, recursion over the document is
bounded. ``normalize`` takes the literals out of a text, for the cache of documents.

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary.Lexical-Tokens
"""

from __future__ import annotations

import re
from bisect import bisect_right

from handler.errors import DocumentSyntaxError, LimitError, Location
from handler.records import dataclass, field, names

MAX_BRACKETS = 150  # Python's stack has room for a thousand calls, six of them for a bracket


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one document may ask for. Every limit names itself in the error that it gives."""

    characters: int = 15_000
    tokens: int = 1_000
    brackets: int = 64  # nesting of (), [] and {}; bounds the recursion of the parser
    depth: int = 20  # nesting of fields, fragments followed, as in all limits below
    fields: int = 2_000
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    introspection_lists: int = 2  # lists of types or fields inside one another, in __schema
    merge_steps: int = 20_000  # fields looked at while proving that selections can be merged
    errors: int = 20  # in one answer
    cost: int = 5_000

    def __post_init__(self) -> None:
        for each in names(self):
            value = getattr(self, each)
            if value < 1:
                raise ValueError(f"limit {each} must be at least 1, got {value}")
        if self.brackets > MAX_BRACKETS:
            raise ValueError(
                f"limit brackets must be at most {MAX_BRACKETS}, got {self.brackets}: the parser"
                " and the validation are recursive"
            )


# Kinds of tokens. A punctuator is its own kind.
NAME, INT, FLOAT, STRING, BLOCK, END = "Name", "Int", "Float", "String", "BlockString", "<EOF>"
LITERALS = frozenset({INT, FLOAT, STRING, BLOCK})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

_STRING = r'"(?!"")(?:[^"\\\n\r]++|\\["\\/bfnrtu])*+"'
# Atomic instead of possessive: with a lookahead inside, Python 3.11.2 of Debian 12 gets that wrong.
_BLOCK = r'"""(?>(?:[^"\\]++|\\"""|\\|"(?!""))*)"""'
_INT = r"(?:0|[1-9][0-9]*+)(?![0-9.A-Za-z_])"
_FLOAT = r"(?:0|[1-9][0-9]*+)(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?|[eE][+-]?[0-9]++)(?![0-9.A-Za-z_])"

# Possessive quantifiers throughout: no backtracking, so the time is linear in the text. ``\Z`` is
# an alternative of its own because a search that fails after blanks would start at each of them.
_TOKEN = re.compile(
    rf"[ \t\n\r,\ufeff]*+(?:([_A-Za-z][_0-9A-Za-z]*+)|([{{}}()\[\]:!$=@|&]|\.\.\.)"
    rf"|({_STRING})|(-?{_INT})|(-?{_FLOAT})|({_BLOCK})|(\#[^\n\r]*+)|(\Z)|(.))",
    re.DOTALL,
)
_KINDS = ("", NAME, "", STRING, INT, FLOAT, BLOCK, "", END, "")
_PUNCTUATOR_GROUP, _STRING_GROUP, _COMMENT_GROUP, _END_GROUP, _BAD_GROUP = 2, 3, 7, 8, 9

_LINE_END = re.compile(r"\r\n|\n|\r")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")

# Starts with a set of characters, so that the search skips all others at the speed of memory; what
# was found is told by lookbehinds, and by the empty group at the end of each alternative.
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
# Placeholders begin with a blank: "a0-5" and "a00" must not become the same text.
_PLACEHOLDERS = ("", ' ""', " 0", " 0.0", "")
_DROPPED = 4


@dataclass(slots=True)
class Tokens:
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
            self.lines = _line_starts(self.text)
        return _locate(self.lines, self.starts[at])


def locate(text: str, offset: int) -> Location:
    """Line and column of an offset; columns count Unicode characters."""
    return _locate(_line_starts(text), offset)


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def _locate(lines: list[int], offset: int) -> Location:
    line = bisect_right(lines, offset)
    return Location(line, offset - lines[line - 1] + 1)


def scan(text: str, limits: Limits) -> Tokens:
    """Check and split a text in one pass.

    Raises ``LimitError`` for more characters, tokens or nested brackets than allowed, and
    ``DocumentSyntaxError`` for what is no token. NUL is refused everywhere, although the grammar
    has it: C libraries take it for the end of the text.
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
    """The error for a NUL or a lone surrogate anywhere in the text."""
    found = _UNSAFE.search(text) if "\x00" in text or not text.isascii() else None
    if found is None:
        return None
    return _syntax_error(f"Invalid character: U+{ord(found[0]):04X}.", text, found.start())


def normalize(text: str) -> tuple[str, list[str]]:
    """Replace Int, Float and String literals by `` 0``, `` 0.0`` and `` ""``, drop comments.

    Returns the new text and the raw literals in order. Two texts have the same new text only if
    their tokens are the same but for the literals. A text that is no GraphQL gives ``("", [])``.
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


# ----------------------------------------------------------------------------- string values

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]*)\}|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BLOCK_LINE = re.compile(r"\r\n|[\n\r]")


def string_value(raw: str) -> str:
    """The value of a string literal, quotes included in ``raw``, escapes resolved.

    Raises ``DocumentSyntaxError`` for a bad escape; its location counts within ``raw``.
    """
    if raw.startswith('"""'):
        return dedent(raw[3:-3].replace('\\"""', '"""'))
    return unescape(raw, raw, 0) if "\\" in raw else raw[1:-1]


def unescape(raw: str, text: str, start: int) -> str:
    """The value of a quoted string with escapes; ``text`` and ``start`` are for the error."""
    parts: list[str] = []
    at = 1
    lead: tuple[int, int, str] | None = None  # a leading surrogate: its code, offset, text
    for match in _ESCAPE.finditer(raw):
        here = match.start()
        if lead is not None and (here != at or match[2] is None):
            raise _bad_escape(lead[2], text, start + lead[1])
        parts.append(raw[at:here])
        at = match.end()
        if match[3] is not None:
            if match[3] == "u":
                raise _bad_escape(raw[here : here + 6], text, start + here)
            parts.append(_SIMPLE[match[3]])
            continue
        digits = match[1] if match[2] is None else match[2]
        code = int(digits, 16) if digits else -1
        if lead is not None:
            if not 0xDC00 <= code <= 0xDFFF:
                raise _bad_escape(lead[2], text, start + lead[1])
            code = 0x10000 + ((lead[0] - 0xD800) << 10) + (code - 0xDC00)
            lead = None
        elif match[2] is not None and 0xD800 <= code <= 0xDBFF:
            lead = (code, here, match[0])
            continue
        if not (0 <= code <= 0xD7FF or 0xE000 <= code <= 0x10FFFF):
            raise _bad_escape(match[0], text, start + here)
        parts.append(chr(code))
    if lead is not None:
        raise _bad_escape(lead[2], text, start + lead[1])
    parts.append(raw[at:-1])
    return "".join(parts)


def dedent(raw: str) -> str:
    """The value of a block string: common indentation and blank first and last lines removed.

    Source: https://spec.graphql.org/September2025/#BlockStringValue()
    """
    lines = _BLOCK_LINE.split(raw)
    indents = [len(line) - len(bare) for line in lines[1:] if (bare := line.lstrip(" \t"))]
    common = min(indents, default=0)
    lines = [lines[0], *(line[common:] for line in lines[1:])]
    first, last = 0, len(lines)
    while first < last and not lines[first].strip(" \t"):
        first += 1
    while last > first and not lines[last - 1].strip(" \t"):
        last -= 1
    return "\n".join(lines[first:last])


# ------------------------------------------------------------------------------------ errors

# The longest start of a number that more characters could still complete.
_NUMBER_START = re.compile(
    r"-?+(?:(?:0|[1-9][0-9]*+)"
    r"(?:\.(?:[0-9]++(?:[eE][+-]?+[0-9]*+)?+)?+|[eE][+-]?+[0-9]*+)?+)?+"
)
_STRING_START = re.compile(r'"(?:[^"\\\n\r]++|\\["\\/bfnrtu])*+')


def _syntax_error(message: str, text: str, offset: int) -> DocumentSyntaxError:
    return DocumentSyntaxError(f"Syntax Error: {message}", locations=[locate(text, offset)])


def _bad_escape(escape: str, text: str, offset: int) -> DocumentSyntaxError:
    shown = escape if len(escape) <= 20 else escape[:20] + "..."
    return _syntax_error(f'Invalid Unicode escape sequence: "{shown}".', text, offset)


def _show(text: str, offset: int) -> str:
    if offset >= len(text):
        return END
    char = text[offset]
    if char == '"':
        return "'\"'"
    return f'"{char}"' if " " <= char <= "~" else f"U+{ord(char):04X}"


def _refusal(text: str, start: int) -> DocumentSyntaxError:
    """Why no token starts here; the offset is where the reference implementation puts it."""
    char = text[start]
    if text.startswith('"""', start):
        return _syntax_error("Unterminated string.", text, len(text))
    if char == '"':
        end = _STRING_START.match(text, start)
        offset = end.end() if end else start
        if offset < len(text) and text[offset] == "\\":
            escape = text[offset : offset + 2]
            if len(escape) == 2:
                return _syntax_error(
                    f'Invalid character escape sequence: "{escape}".', text, offset
                )
        return _syntax_error("Unterminated string.", text, offset)
    if char in "-0123456789":
        number = _NUMBER_START.match(text, start)
        offset = number.end() if number else start
        shown = _show(text, offset)
        if number and number[0] in ("0", "-0") and text[offset : offset + 1].isdigit():
            return _syntax_error(
                f"Invalid number, unexpected digit after 0: {shown}.", text, offset
            )
        return _syntax_error(f"Invalid number, expected digit but got: {shown}.", text, offset)
    if char == "'":
        return _syntax_error(
            "Unexpected single quote character ('), did you mean to use a double quote (\")?",
            text,
            start,
        )
    if text.startswith("..", start):
        return _syntax_error('Unexpected "..", did you mean "..."?', text, start)
    return _syntax_error(f"Unexpected character: {_show(text, start)}.", text, start)
