"""The values of string literals."""

from __future__ import annotations

import re

from handler.errors import DocumentSyntaxError
from handler.language.locations import syntax_error

_ESCAPE = r"\\(?:u\{([0-9A-Fa-f]*)\}|u([0-9A-Fa-f]{4})|(.))"
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BLOCK_LINE = r"\r\n|[\n\r]"


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
    for match in re.finditer(_ESCAPE, raw, re.DOTALL):
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
    lines = re.split(_BLOCK_LINE, raw)
    indents = [len(line) - len(bare) for line in lines[1:] if (bare := line.lstrip(" \t"))]
    common = min(indents, default=0)
    lines = [lines[0], *(line[common:] for line in lines[1:])]
    first, last = 0, len(lines)
    while first < last and not lines[first].strip(" \t"):
        first += 1
    while last > first and not lines[last - 1].strip(" \t"):
        last -= 1
    return "\n".join(lines[first:last])


def _bad_escape(escape: str, text: str, offset: int) -> DocumentSyntaxError:
    shown = escape if len(escape) <= 20 else escape[:20] + "..."
    return syntax_error(f'Invalid Unicode escape sequence: "{shown}".', text, offset)
