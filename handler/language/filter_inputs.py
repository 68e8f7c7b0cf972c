"""Filter inputs that the SDL names and nobody declares: made from what is marked ``@filterable``.

An argument ``where: FilmFilter`` is given an input over the fields of ``Film`` that are marked, and
``and``, ``or`` and ``not``; a field of one value is given the operators that fit it, and a relation
the input of the rows that it leads to, or of its edges if a field of these is marked. Each of them
that is declared is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from handler.language import ast
from handler.language.connections import CONNECTION
from handler.language.made_names import FILTER
from handler.language.printer import print_block_string, print_value
from handler.language.schema import ListOf, TypeRef, named, nullable
from handler.language.source import Source, like_of, taken_fields
from handler.language.suggestions import similar, suggest
from handler.scalars import COLUMNS
from handler.sql.operators import COMBINED, MEMBERS, NODE, Operator

_DESCRIPTIONS = {
    Operator.EQUAL: "Is this.",
    Operator.NOT_EQUAL: "Has a value, which is another.",
    Operator.IN: "Is one of these; of an empty list, none is.",
    Operator.NOT_IN: "Has a value, which is none of these.",
    Operator.LESS: "Is less.",
    Operator.LESS_OR_EQUAL: "Is less or equal.",
    Operator.GREATER: "Is greater.",
    Operator.GREATER_OR_EQUAL: "Is greater or equal.",
    Operator.PREFIX: "Begins with this.",
    Operator.CONTAINS: "Has this somewhere.",
    Operator.HAS: "Has this item.",
    Operator.IS_NULL: "`true`: has no value; `false`: has one.",
}

_QUANTIFIERS = {
    "some": "Some row that it leads to.",
    "none": "No row that it leads to.",
    "every": "Every row that it leads to, also where it leads to none.",
}
_VALUES = ("scalar", "enum")  # kinds of types
_NAMED = frozenset(each.name for each in MEMBERS.values())
_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
_ROWS = ("type", "interface")


def make_filter_inputs(sources: Sequence[Source]) -> Iterator[Source]:
    """What is to be added to the texts of a schema, each at the place that names it first.

    Raises ``SchemaError`` for a name whose input cannot be made.
    """
    return _Maker(sources).make()


class _Field(Struct, eq=False):
    """A field that is marked, and where."""

    owner: str
    source: Source
    field: ast.FieldDefinition
    operators: tuple[Operator, ...]  # those that are named; empty: all that fit
    own_input: str = ""  # the name of the input for this field alone


class _Search(Struct, eq=False):
    """A ``@searchable`` of a type, and where."""

    owner: str
    source: Source
    at: int
    name: str = "search"  # of the member
    texts: tuple[str, ...] = ()  # of its other arguments

    @classmethod
    def of(cls, owner: ast.TypeDefinition, source: Source, used: ast.Directive) -> _Search:
        """As it is written; the schema refuses what is no text or no list of them."""
        given = {each.name: each.value for each in used.arguments}
        name = given.pop("name", None)
        texts = tuple(f"{key}: {print_value(each)}" for key, each in given.items())
        found = cls(owner.name, source, used.at, texts=texts)
        if isinstance(name, ast.StringValue):
            found.name = name.value
        return found


class _Maker:
    def __init__(self, sources: Sequence[Source]) -> None:
        self.kinds: dict[str, str] = {}  # of the declared types by name, and of what is made
        self.marked: dict[str, list[_Field]] = {}  # by type
        self.searched: dict[str, list[_Search]] = {}  # by type
        self.types: dict[str, dict[str, TypeRef]] = {}  # of fields, by type
        self.like: dict[str, str] = {}  # by type: the scalar that it is like, or nothing
        self.waiting: list[tuple[Source, str, int]] = []  # names, where they stand
        for source in sources:
            for each in source.document.definitions:
                if isinstance(each, ast.TypeDefinition):
                    self._read(source, each)
        self.edges = {
            named(fields["edges"])
            for name, fields in self.types.items()
            if "edges" in fields and name.endswith(CONNECTION)
        }
        self._mark_members(sources)
        self.lists = {self._list_name(rows): rows for rows in self.kinds}
        self.own: dict[str, _Field] = {}  # by the names of their own inputs
        for marked in chain.from_iterable(self.marked.values()):
            if marked.operators and self.kinds.get(named(marked.field.type.ref)) in _VALUES:
                marked.own_input = self._own_name(marked)
                self.own[marked.own_input] = marked

    def _read(self, source: Source, found: ast.TypeDefinition) -> None:
        if not found.extend:
            self.kinds.setdefault(found.name, found.kind)
        self.like[found.name] = like_of(found) or self.like.get(found.name, "")
        for member in found.input_fields:
            self._name(source, member)
        for used in found.directives:
            if used.name == "searchable" and found.kind == "type":
                self.searched.setdefault(found.name, []).append(_Search.of(found, source, used))
        types = self.types.setdefault(found.name, {})
        for field in found.fields:
            types[field.name] = field.type.ref
            for argument in field.arguments:
                self._name(source, argument)
            for used in field.directives:
                if used.name == "filterable" and found.kind in _ROWS:
                    marked = _Field(found.name, source, field, _named_operators(used))
                    self.marked.setdefault(found.name, []).append(marked)

    def _mark_members(self, sources: Sequence[Source]) -> None:
        """Of types whose rows stand in the table of an interface: what is marked there, too."""
        for source, owner, field, above in taken_fields(sources):
            for marked in self.marked.get(above, ()):
                known = self.marked.setdefault(owner, [])
                is_own = any(each.field.name == field.name for each in known)
                if marked.field.name == field.name and not is_own:
                    known.append(_Field(owner, source, field, marked.operators))

    def _name(self, source: Source, value: ast.InputValueDefinition) -> None:
        self.waiting.append((source, named(value.type.ref), value.type.name_at))

    def _list_name(self, rows: str) -> str:
        """A name for the input of lists of a type, which is that of no type's values or rows."""
        return self._free(f"{rows}List", ())

    def _own_name(self, marked: _Field) -> str:
        """A name for the input of one field, which is that of no type's and of no other field's."""
        name = marked.field.name
        taken = self.lists.keys() | self.own.keys()
        return self._free(f"{marked.owner}{name[0].upper()}{name[1:]}", taken)

    def _free(self, stem: str, taken: Container[str]) -> str:
        while (
            stem in self.kinds
            or (name := f"{stem}{FILTER}") in taken
            or self.kinds.get(name, "input") != "input"
        ):
            stem += "Field"
        return name

    def make(self) -> Iterator[Source]:
        """Each in the order in which it is named."""
        for source, name, at in self.waiting:  # what is made names more of them
            if name.endswith(FILTER) and name not in self.kinds:
                text = self._text(source, name, at)
                if text is None:
                    source.refuse(self._unknown(name), at)
                self.kinds[name] = "input"
                made = Source.parse(source.file, text, made_at=source.origin(at))
                for each in made.document.definitions:
                    assert isinstance(each, ast.TypeDefinition)
                    for member in each.input_fields:
                        self.waiting.append((source, named(member.type.ref), at))
                yield made

    def _text(self, source: Source, name: str, at: int) -> str | None:
        stem = name.removesuffix(FILTER)
        kind = self.kinds.get(stem)
        if kind in _ROWS:
            return self._of_rows(source, name, stem, at)
        if kind in _VALUES:
            operators = COLUMNS[self.like[stem] or stem].operators
            return _input(f"How a value of `{stem}` compares.", name, _compared(stem, operators))
        rows = self.lists.get(name, "")
        if self.kinds.get(rows) in _ROWS:
            members = [(told, word, f"{rows}{FILTER}") for word, told in _QUANTIFIERS.items()]
            return _input(f"The rows of `{rows}` that a row leads to.", name, members)
        if self.kinds.get(rows) in _VALUES:
            items = _compared(rows, (Operator.HAS, Operator.IS_NULL))
            return _input(f"What a list of `{rows}` holds.", name, items)
        own = self.own.get(name)
        if own is not None:
            told = f"How `{own.owner}.{own.field.name}` compares."
            return _input(told, name, _compared(named(own.field.type.ref), own.operators))
        return None

    def _unknown(self, name: str) -> str:
        stem = name.removesuffix(FILTER)
        names = [each for each in self.kinds if each in self.marked]
        meant = suggest([f"{each}{FILTER}" for each in similar(stem, names)])
        return (
            f'"{name}" is not declared and cannot be made: there is no type "{stem}" whose rows it'
            f" would choose.{meant or f' Declare `type {stem}`, or `input {name}`.'}"
        )

    def _of_rows(self, source: Source, name: str, stem: str, at: int) -> str:
        if stem not in self.marked and stem not in self.searched:
            source.refuse(
                f'"{name}" is not declared and cannot be made: no field of {stem} may be filtered'
                f" by; write @filterable on those that may, or declare `input {name}`.",
                at,
            )
        members = [
            ("All of these hold.", "and", f"[{name}!]"),
            ("One of these holds; of an empty list, none does.", "or", f"[{name}!]"),
            ("This does not hold.", "not", name),
        ]
        is_of_edges = stem in self.edges
        for marked in self.marked.get(stem, ()):
            field = marked.field
            if is_of_edges and field.name == NODE:
                continue  # the model refuses the mark
            if field.name in COMBINED:
                marked.source.refuse(
                    f"{stem}.{field.name} cannot be @filterable, because `{field.name}` combines"
                    f" filters; give the field another name, with @column(name:).",
                    field.at,
                )
            told = field.description or f"By `{field.name}`."
            members.append((told, field.name, self._member(marked)))
        node = self.types[stem].get(NODE)
        if is_of_edges and node is not None and named(node) in self.marked:
            members.append(("By the row.", NODE, f"{named(node)}{FILTER}"))
        members += self._searches(stem, {name for _, name, _ in members})
        return _input(
            f"Which rows of `{stem}`: everything that is given has to hold.", name, members
        )

    def _searches(self, stem: str, taken: set[str]) -> Iterator[tuple[str, str, str]]:
        for found in self.searched.get(stem, ()):
            if found.name in taken:
                found.source.refuse(
                    f"{stem}Filter has a member `{found.name}` already: give the @searchable of"
                    f" {stem} another name.",
                    found.at,
                )
            if not _NAME.fullmatch(found.name):
                found.source.refuse(
                    f'@searchable(name: "{found.name}") of {stem} is no name of a member: letters,'
                    f" digits and _, such as `search`.",
                    found.at,
                )
            taken.add(found.name)
            used = ", ".join(("operator: MATCH", *found.texts))
            yield "Words of these stand in a row.", found.name, f"String @filter({used})"

    def _member(self, marked: _Field) -> str:
        """The name of the input for one field."""
        if marked.own_input:
            return marked.own_input
        ref = marked.field.type.ref
        target = named(ref)
        rows = self._rows(target)
        is_many = rows != target or isinstance(nullable(ref), ListOf)
        return self._list_name(rows) if is_many else f"{rows}{FILTER}"

    def _rows(self, name: str) -> str:
        """Of a connection the type of its edges, if a field of them is marked, or of its rows; or
        else the type itself."""
        edges = self.types.get(name, {}).get("edges")
        if edges is None or not name.endswith(CONNECTION):
            return name
        edge = named(edges)
        node = self.types.get(edge, {}).get(NODE)
        return edge if edge in self.marked else named(node) if node else name


def _named_operators(used: ast.Directive) -> tuple[Operator, ...]:
    """None of them for all, and for what the schema or the model refuses."""
    for argument in used.arguments:
        if argument.name == "operators":
            given = argument.value
            nodes = given.values if isinstance(given, ast.ListValue) else [given]
            names = [getattr(each, "name", "") for each in nodes]
            if all(name in _NAMED for name in names):
                return tuple(Operator[name] for name in names)
    return ()


def _compared(scalar: str, operators: Sequence[Operator]) -> list[tuple[str, str, str]]:
    """The members that compare values of a scalar or an enum."""
    members = []
    for name, operator in MEMBERS.items():
        if operator in operators:
            kind = "Boolean" if operator is Operator.IS_NULL else scalar
            members.append(
                (_DESCRIPTIONS[operator], name, f"[{kind}!]" if operator.takes_list else kind)
            )
    return members


def _input(told: str, name: str, members: Sequence[tuple[str, str, str]]) -> str:
    lines = [print_block_string(told), f"input {name} {{"]
    for description, member, kind in members:
        lines += [print_block_string(description), f"{member}: {kind}"]
    return "\n".join([*lines, "}"])
