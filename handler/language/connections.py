"""Connections that the SDL names and nobody declares: they are made, as the pattern has them.

A field that gives an undeclared ``FilmConnection`` is given one for the rows of ``Film``, and with
it ``FilmEdge`` and ``PageInfo``; it tells the number of pages where a field may skip to one. Each
of them that is declared is left as it is.
Source: https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NoReturn

from handler.language import ast
from handler.language.schema import Named, NonNull, TypeRef, named
from handler.language.source import Source
from handler.language.suggestions import similar, suggest

CONNECTION, EDGE, PAGE_INFO = "Connection", "Edge", "PageInfo"  # ends of names, and a name

_OF_ROWS = ("type", "interface", "union")  # kinds of types
_CONNECTION = """
"A page of a list of `{row}`."
type {name} {{
  "The rows of the page, each with its cursor."
  edges: [{edge}!]!
  "The rows of the page."
  nodes: [{node}]!
  "Where the page stands in the list."
  pageInfo: PageInfo!
  "How many rows the whole list has."
  totalCount: Int!
{more}}}
"""
_TOTAL_PAGES = """  "How many pages of the size that is asked for the whole list fills."
  totalPages: Int!
"""
_EDGE = """
"One `{row}` of a page, and its cursor."
type {name} {{
  "The row."
  node: {row}!
  "Where the row stands in the list: what `after` and `before` take."
  cursor: String!
}}
"""
_PAGE_INFO = """
"Where a page stands in its list. Source: https://relay.dev/graphql/connections.htm"
type PageInfo {
  "Whether the list goes on behind this page."
  hasNextPage: Boolean!
  "Whether the list has rows before this page."
  hasPreviousPage: Boolean!
  "The cursor of the first row of this page; null if it has none."
  startCursor: String
  "The cursor of the last row of this page; null if it has none."
  endCursor: String
}
"""


def make_connections(sources: Sequence[Source]) -> Iterator[Source]:
    """What is to be added to the texts of a schema, each at the place that names it first.

    Raises ``SchemaError`` for a name whose type cannot be made.
    """
    return _Maker(sources).make()


class _Maker:
    def __init__(self, sources: Sequence[Source]) -> None:
        self.fields: list[tuple[Source, str, ast.FieldDefinition]] = []
        self.kinds: dict[str, str] = {}  # of the declared types by name, and of what is made
        self.nodes: dict[str, TypeRef] = {}  # by the name of a declared edge
        for source in sources:
            for each in source.document.definitions:
                if isinstance(each, ast.TypeDefinition):
                    if not each.extend:
                        self.kinds.setdefault(each.name, each.kind)
                    self.fields += ((source, each.name, field) for field in each.fields)
        self.counted: set[str] = set()  # names of connections whose pages have numbers
        for _, owner, field in self.fields:
            if field.name == "node":
                self.nodes[owner] = field.type.ref
            if any(argument.name == "offset" for argument in field.arguments):
                self.counted.add(named(field.type.ref))

    def make(self) -> Iterator[Source]:
        """Each connection and its edge in the order of their names, and ``PageInfo`` at the end."""
        info: tuple[Source, int] | None = None
        for source, owner, field in self.fields:
            name, at = named(field.type.ref), field.type.name_at
            if name in self.kinds:
                continue
            if is_connection(name):
                yield from self.connection(source, name, at)
            elif not is_connection(owner):
                continue
            elif name.endswith(EDGE) and self.is_row(name.removesuffix(EDGE)):
                yield self.edge(source, name, name.removesuffix(EDGE), at)
            elif name != PAGE_INFO:
                continue
            info = info or (source, at)
        if info is not None and PAGE_INFO not in self.kinds:
            yield _made(*info, _PAGE_INFO)

    def connection(self, source: Source, name: str, at: int) -> Iterator[Source]:
        stem = name.removesuffix(CONNECTION)
        edge = f"{stem}{EDGE}"
        node = self.nodes.get(edge)  # of an edge that is declared
        if node is None:
            if not self.is_row(stem):
                self.refuse(source, name, stem, at)
            node = NonNull(Named(stem))
        self.kinds[name] = "type"
        more = _TOTAL_PAGES if name in self.counted else ""
        text = _CONNECTION.format(name=name, edge=edge, node=node, row=named(node), more=more)
        yield _made(source, at, text)
        if edge not in self.kinds:
            yield self.edge(source, edge, stem, at)

    def edge(self, source: Source, name: str, row: str, at: int) -> Source:
        self.kinds[name] = "type"
        return _made(source, at, _EDGE.format(name=name, row=row))

    def is_row(self, name: str) -> bool:
        """Whether pages of that type can be made."""
        return self.kinds.get(name) in _OF_ROWS and not name.startswith("__")

    def refuse(self, source: Source, name: str, stem: str, at: int) -> NoReturn:
        declare = f"declare `type {name}` with a field `edges`"
        kind = self.kinds.get(stem)
        if kind is not None:
            source.refuse(
                f'"{name}" is not declared and cannot be made: pages are of the rows of a type, and'
                f" {stem} is declared as `{kind}`; give a type, or {declare}.",
                at,
            )
        rows = [each for each in self.kinds if self.is_row(each)]
        meant = suggest([f"{each}{CONNECTION}" for each in similar(stem, rows)])
        source.refuse(
            f'"{name}" is not declared and cannot be made: there is no type "{stem}" whose rows it'
            f" would give.{meant or f' Declare `type {stem}`, or {declare}.'}",
            at,
        )


def is_connection(name: str) -> bool:
    """Whether a type of that name is to be a connection."""
    return name.endswith(CONNECTION) and name != CONNECTION


def _made(source: Source, at: int, text: str) -> Source:
    return Source.parse(source.file, text, made_at=source.origin(at))
