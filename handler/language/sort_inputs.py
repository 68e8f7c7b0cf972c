"""Sort inputs that the SDL names and nobody declares: made from what is marked ``@sortable``.

An argument ``sort: [CustomerSort!]`` is given an input over the fields of ``Customer`` that are
marked, of which one is given: a field of one value with its direction, a relation to one row with a
key of that. Edges have keys of the link table, and as ``node`` those of the row. What is declared
is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handler.language import ast
from handler.language.connections import CONNECTION, EDGE
from handler.language.made_names import DIRECTION, DIRECTIONS, SORT
from handler.language.printer import print_block_string
from handler.language.schema import ListOf, named, nullable
from handler.language.source import Source, taken_fields
from handler.language.suggestions import similar, suggest
from handler.sql.operators import NODE

_ROWS = ("type", "interface")  # kinds of types

_DIRECTION = f"""
"In which direction rows are sorted. What has no value stands first where it ascends."
enum {DIRECTION} {{
  "The least first."
  {DIRECTIONS[0]}
  "The greatest first."
  {DIRECTIONS[1]}
}}
"""


def make_sort_inputs(sources: Sequence[Source]) -> Iterator[Source]:
    """What is to be added to the texts of a schema, each at the place that names it first.

    Raises ``SchemaError`` for a name whose input cannot be made.
    """
    return _Maker(sources).make()


class _Maker:
    def __init__(self, sources: Sequence[Source]) -> None:
        self.kinds: dict[str, str] = {}  # of the declared types by name, and of what is made
        self.marked: dict[str, list[tuple[Source, ast.FieldDefinition]]] = {}  # by type
        self.nodes: dict[str, str] = {}  # the type of ``node``, by that of the edge
        self.waiting: list[tuple[Source, str, int]] = []  # names, where they stand
        for source in sources:
            for each in source.document.definitions:
                if isinstance(each, ast.TypeDefinition):
                    self._read(source, each)
        for source, owner, field, above in taken_fields(sources):
            own = [each.name for _, each in self.marked.get(owner, ())]
            there = [each.name for _, each in self.marked.get(above, ())]
            if field.name in there and field.name not in own:
                self.marked.setdefault(owner, []).append((source, field))

    def _read(self, source: Source, found: ast.TypeDefinition) -> None:
        if not found.extend:
            self.kinds.setdefault(found.name, found.kind)
        self._wait(source, found.input_fields)
        for field in found.fields:
            self._wait(source, field.arguments)
            if field.name == NODE and found.name.endswith(EDGE):
                self.nodes[found.name] = named(field.type.ref)
            if found.kind in _ROWS and any(used.name == "sortable" for used in field.directives):
                self.marked.setdefault(found.name, []).append((source, field))

    def _wait(self, source: Source, values: Sequence[ast.InputValueDefinition]) -> None:
        self.waiting += [(source, named(each.type.ref), each.type.name_at) for each in values]

    def make(self) -> Iterator[Source]:
        """Each in the order in which it is named."""
        for source, name, at in self.waiting:  # what is made names more of them
            if name in self.kinds:
                continue
            if name == DIRECTION:
                yield self._made(source, name, "enum", _DIRECTION, at)
            elif name.endswith(SORT):
                yield self._made(source, name, "input", self._text(source, name, at), at)

    def _made(self, source: Source, name: str, kind: str, text: str, at: int) -> Source:
        self.kinds[name] = kind
        made = Source.parse(source.file, text, made_at=source.origin(at))
        for each in made.document.definitions:
            assert isinstance(each, ast.TypeDefinition)
            self.waiting += [(source, named(member.type.ref), at) for member in each.input_fields]
        return made

    def _text(self, source: Source, name: str, at: int) -> str:
        stem = name.removesuffix(SORT)
        if self.kinds.get(stem) not in _ROWS:
            names = [each for each in self.kinds if each in self.marked]
            meant = suggest([f"{each}{SORT}" for each in similar(stem, names)])
            source.refuse(
                f'"{name}" is not declared and cannot be made: there is no type "{stem}" whose rows'
                f" it would sort.{meant or f' Declare `type {stem}`, or `input {name} @oneOf`.'}",
                at,
            )
        node = self.nodes.get(stem, "")
        if stem not in self.marked and node not in self.marked:
            source.refuse(
                f'"{name}" is not declared and cannot be made: no field of {stem} may be sorted by;'
                f" write @sortable on those that may, or declare `input {name} @oneOf`.",
                at,
            )
        lines = [
            print_block_string(f"One key by which rows of `{stem}` are sorted."),
            f"input {name} @oneOf {{",
        ]
        for marked_at, field in self.marked.get(stem, ()):
            target = named(field.type.ref)
            is_rows = self.kinds.get(target) in _ROWS
            is_many = isinstance(nullable(field.type.ref), ListOf) or target.endswith(CONNECTION)
            if is_rows and is_many:
                marked_at.refuse(
                    f"{stem}.{field.name} leads to many rows, by which no row is sorted; take"
                    f" @sortable away, or sort by an aggregate over them, such as @count.",
                    field.at,
                )
            told = field.description or f"By `{field.name}`."
            lines.append(print_block_string(told))
            lines.append(f"{field.name}: {f'{target}{SORT}' if is_rows else DIRECTION}")
        if node in self.marked:
            lines += [print_block_string("By the row."), f"{NODE}: {node}{SORT}"]
        return "\n".join([*lines, "}"])
