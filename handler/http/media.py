"""Media types and content negotiation.

Source: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct, field

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
HTML = "text/html"

_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TYPE = rf"(?a)\s*({_NAME}/{_NAME})\s*"
# Empty parameters are allowed: `a/b; ;q=1`.
_PARAMETER = rf"(?as);\s*(?:({_NAME})\s*=\s*({_NAME}|{_QUOTED}))?\s*"
# Parts of a list. An unterminated quoted string takes the rest: one pass, in linear time.
_PIECE = r'(?s)[^",]+|,|"(?:[^"\\]|\\.)*(?:"|\\?\Z)'
_QUALITY = r"(?a)0(?:\.\d*)?|1(?:\.0*)?"


class MediaType(Struct, frozen=True):
    """A media type: its name and the names of parameters in lower case, values without quotes.

    >>> parse_media_type('Application/JSON; Charset="UTF-8"')
    MediaType(name='application/json', parameters={'charset': 'UTF-8'})
    """

    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def is_utf8(self) -> bool:
        """Whether the charset is UTF-8, the default."""
        return self.parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def parse_media_type(text: str) -> MediaType | None:
    """Read the value of ``Content-Type`` or one element of ``Accept``; ``None`` if it is invalid.

    A duplicate parameter is invalid.
    """
    if text == JSON:  # the usual value; a cold start need not compile patterns for it
        return MediaType(JSON)
    found = re.match(_TYPE, text)
    if found is None:
        return None
    parameters: dict[str, str] = {}
    at = found.end()
    while at < len(text):
        parameter = re.compile(_PARAMETER).match(text, at)
        if parameter is None:
            return None
        at = parameter.end()
        name, value = parameter.groups()
        if name is None:
            continue
        if name.lower() in parameters:
            return None
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
        parameters[name.lower()] = value
    return MediaType(found.group(1).lower(), parameters)


@lru_cache(maxsize=64)  # it takes 7 us, and most clients always send the same header
def negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The offered media type that the client prefers; ``None`` if it accepts none of them.

    Each offer has the quality of the most specific range that matches it. Among equals a full name
    precedes a range, then the client's order counts, then that of the offers. An absent or empty
    header accepts everything; invalid elements are ignored.

    >>> negotiate("text/html;q=0.5, application/*", ("application/json", "text/html"))
    'application/json'
    """
    if accept is None or accept.strip() in ("", "*/*"):
        return offers[0]
    if accept in offers:  # see parse_media_type
        return accept
    ranges = list(_ranges(accept))
    best: tuple[float, int, int] | None = None
    chosen = None
    for offer in offers:
        names = ("*/*", offer.partition("/")[0] + "/*", offer)
        matches = [
            (names.index(name), -position, quality)
            for position, (name, quality) in enumerate(ranges)
            if name in names
        ]
        if not matches:
            continue
        specificity, position, quality = max(matches)
        rank = (quality, specificity, position)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


@lru_cache(maxsize=64)  # as above
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether the client accepts gzip. Without the header it does not: simple clients send none."""
    qualities = dict(_codings(accept_encoding or ""))
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0)))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Names and qualities in the order sent, but for those of other charsets than UTF-8."""
    for element in _elements(accept):
        media = parse_media_type(element)
        if media is None or not media.is_utf8:
            continue
        quality = _quality(media.parameters.get("q", "1"))
        if quality is not None:
            yield media.name, quality


def _elements(header: str) -> Iterator[str]:
    """Split at commas outside of quoted strings."""
    element: list[str] = []
    for piece in re.findall(_PIECE, header):
        if piece == ",":
            yield "".join(element)
            element = []
        else:
            element.append(piece)
    yield "".join(element)


def _codings(accept_encoding: str) -> Iterator[tuple[str, float]]:
    for element in accept_encoding.lower().split(","):
        name, _, parameter = element.partition(";")
        key, _, value = parameter.partition("=")
        quality = _quality(value.strip()) if key.strip() == "q" else 1.0
        if quality is not None:
            yield name.strip(), quality


def _quality(text: str) -> float | None:
    return float(text) if re.fullmatch(_QUALITY, text) else None
