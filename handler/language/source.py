"""One text of SDL: its tokens and definitions, and errors that name a place in it.

With what has to be known of a definition before a schema is made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NoReturn

from msgspec import Struct

from handler.errors import ClientError, SchemaError
from handler.language import ast
from handler.language.lexer import Tokens, scan
from handler.language.limits import Limits
from handler.language.parser import parse_sdl
from handler.language.schema import Origin

# The SDL is the operator's own; these limits only guard against mistakes.
SDL_LIMITS = Limits(characters=10_000_000, tokens=1_000_000, brackets=100)


class Source(Struct, frozen=True):
    """One text. ``reserved``: it may declare names that start with two underscores."""

    file: str
    tokens: Tokens
    document: ast.Document
    reserved: bool
    made_at: Origin | None  # of what a text is made for that is in no file

    @classmethod
    def parse(
        cls, file: str, text: str, *, reserved: bool = False, made_at: Origin | None = None
    ) -> Source:
        """Raises ``SchemaError`` for a text that is no SDL."""
        try:
            tokens = scan(text.removeprefix("\ufeff"), SDL_LIMITS)
            if tokens.count == 0:
                return cls(file, tokens, ast.Document([], {}, [], 0), reserved, made_at)
            return cls(file, tokens, parse_sdl(tokens), reserved, made_at)
        except ClientError as error:
            location = error.locations[0] if error.locations else None
            raise SchemaError(error.message, file=file, location=location) from error

    def origin(self, at: int) -> Origin:
        """The place of the token with that number."""
        return self.made_at or Origin(self.file, self.tokens.location(at))

    def refuse(self, message: str, at: int) -> NoReturn:
        """Raise the ``SchemaError`` for the token with that number."""
        place = self.origin(at)
        raise SchemaError(message, file=place.file, location=place.location)


def like_of(node: ast.TypeDefinition) -> str:
    """The scalar that a definition says it is like, by ``@scalar``; empty if it says nothing.

    It is read before all values, which are checked by what it says.
    """
    for used in node.directives:
        for given in used.arguments if used.name == "scalar" else ():
            if given.name == "as" and isinstance(given.value, ast.StringValue):
                return given.value.value
    return ""


def taken_fields(
    sources: Sequence[Source],
) -> Iterator[tuple[Source, str, ast.FieldDefinition, str]]:
    """The fields of types whose rows stand in the table of an interface that has them, too: source,
    type, field and interface. What is said there is said of them."""
    found = [
        (source, each)
        for source in sources
        for each in source.document.definitions
        if isinstance(each, ast.TypeDefinition)
    ]
    over: dict[str, set[str]] = {}
    for _, each in found:
        if each.kind == "interface" and any(d.name == "discriminator" for d in each.directives):
            over.setdefault(each.name, set())
    for _, each in found:
        if each.name in over:
            over[each.name].update(field.name for field in each.fields)
    for source, each in found:
        for above in each.interfaces if each.kind == "type" else ():
            for field in each.fields:
                if field.name in over.get(above.name, ()):
                    yield source, each.name, field, above.name
