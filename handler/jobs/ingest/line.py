"""A record becomes a line: the values that feed the tables, typed and checked.

A layout is made of the mapping and of the tables as the database has them. Each different value of
a line has one slot, however many columns it feeds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from handler.jobs.ingest.catalog import TableType
from handler.jobs.ingest.mapping import ColumnRule, InputMapping
from handler.jobs.ingest.numbering import SEPARATOR, LineNumbers
from handler.jobs.ingest.report import IngestError
from handler.jobs.ingest.table import Borrowed, Table
from handler.jobs.ingest.values import Reader, whole_range

SHOWN_CHARACTERS = 40


class LineError(ValueError):
    """A record cannot be used. ``masked`` says the same without what the record holds."""

    def __init__(self, text: str, masked: str) -> None:
        super().__init__(text)
        self.masked = masked


class Slot(Struct):
    """One value of a line. ``columns``: of the input, the first that has a value wins."""

    columns: tuple[str, ...]
    reader: Reader
    default: Any
    is_required: bool


class Numbered(Struct, frozen=True):
    """A slot that takes the next number within a group where the line has none."""

    slot: int
    group: tuple[int, ...]
    weighs: tuple[bool, ...]  # by slot of the group: texts that differ may be the same value
    most: int
    name: str  # of the column
    within: str  # names of the other columns of the key


@dataclass
class Layout:
    """How a line is read, and which of its values each table takes."""

    slots: list[Slot] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    numbered: Numbered | None = None


def build_layout(mapping: InputMapping, types: Mapping[str, TableType]) -> Layout:
    """Fit the mapping to the tables. Raises ``IngestError`` for what cannot work."""
    layout = Layout()
    known: dict[object, int] = {}
    generated = mapping.written_columns()
    for name, rule in mapping.tables.items():
        found = types[name]
        columns = rule.ordered_columns
        slots: list[int] = []
        borrowed: dict[int, Borrowed] = {}
        for at, column in enumerate(columns):
            each = rule.rule(column)
            if each.row_of is not None:
                borrowed[at] = Borrowed(each.row_of, each.column or column)
                slots.append(0)
                continue
            kind = found.columns[column]
            is_required = (
                (column in rule.key and not rule.optional and not each.numbered)
                or (kind.must_be_given and column not in rule.key)
            ) and each.fallback is None
            identity = (each, kind, is_required)
            if (slot := known.get(identity)) is None or each.numbered:
                slot = known[identity] = len(layout.slots)
                reader = Reader(f"{name}.{column}", kind, each, mapping.dialect)
                layout.slots.append(
                    Slot(
                        tuple(map(mapping.column, each.names)),
                        reader,
                        _default(mapping, each, reader),
                        is_required,
                    )
                )
            slots.append(slot)
            if each.numbered:
                if layout.numbered is not None:
                    raise IngestError(f"{name}.{column}: only one column can be numbered")
                layout.numbered = _numbered(name, column, slot, columns, rule.key, slots, found)
        layout.tables.append(
            Table.build(
                name,
                columns=columns,
                reads=tuple(sorted(generated[name] - set(columns))),
                slots=tuple(slots),
                borrowed=borrowed,
                rule=rule,
                found=found,
                always=frozenset(
                    column
                    for column, slot in zip(columns, slots, strict=True)
                    if layout.slots[slot].is_required or layout.slots[slot].default is not None
                ),
            )
        )
    return layout


def _numbered(
    name: str,
    column: str,
    slot: int,
    columns: tuple[str, ...],
    key: list[str],
    slots: list[int],
    found: TableType,
) -> Numbered:
    kind = found.columns[column]
    try:
        _, end = whole_range(kind)
    except KeyError:
        raise IngestError(f"{name}.{column} is numbered and no whole number: {kind.text}") from None
    others = [each for each in key if each != column]
    places = [columns.index(each) for each in others]
    if any(place >= len(slots) for place in places):
        raise IngestError(f"{name}: the numbered column {column} has to stand last in the key")
    return Numbered(
        slot,
        tuple(slots[place] for place in places),
        tuple(found.columns[each].weighs for each in others),
        end - 1,
        column,
        ", ".join(others),
    )


def _default(mapping: InputMapping, rule: ColumnRule, reader: Reader) -> Any:
    given = next((mapping.defaults[name] for name in rule.names if name in mapping.defaults), None)
    text = rule.default if given is None else given
    if text is None:
        return None
    try:
        found = reader.read(text)
    except ValueError as error:
        raise IngestError(f"the default of {reader.place}, {_shown(text)}, {error}") from error
    reader.has_fitted = False  # no line has been seen
    reader.misfits.clear()
    return found


class LineReader:
    """Reads records by one layout."""

    def __init__(self, layout: Layout, mapping: InputMapping) -> None:
        self._slots = layout.slots
        self._ways = tuple(  # of each slot: its first column, the others, how it is read
            (next(iter(slot.columns), ""), slot.columns[1:], slot.reader.read, slot.default, slot)
            for slot in layout.slots
        )
        self._numbered = layout.numbered
        self._has_read = False
        # expected columns that no record had so far
        self.unseen = {
            mapping.column(name): None for name in mapping.names() if mapping.is_expected(name)
        }

    def numbers(self) -> LineNumbers | None:
        """The counter of the numbered column, if there is one."""
        numbered = self._numbered
        return (
            LineNumbers(column=numbered.name, within=numbered.within, most=numbered.most)
            if numbered
            else None
        )

    def read(self, values: Mapping[str, object]) -> list[Any]:
        """Check all values. Raises ``LineError`` for the first that cannot be used."""
        if self.unseen:
            self._has_read = True
            for column in values:
                self.unseen.pop(column, None)
        line: list[Any] = []
        for column, others, read, default, slot in self._ways:
            value = values.get(column)
            found, asked = None, column
            try:
                if value is not None:
                    found = read(value)
                if found is None and others:
                    for asked in others:
                        value = values.get(asked)
                        if value is not None and (found := read(value)) is not None:
                            break
            except ValueError as error:
                raise _unusable(asked, value, str(error), slot.reader) from error
            except TypeError as error:  # the cache cannot hold a list or an object
                raise _unusable(asked, value, "is not a single value", slot.reader) from error
            if found is None:
                found = default
                if found is None and slot.is_required:
                    named = " or ".join(slot.columns) or slot.reader.place
                    raise LineError(f"{named} is missing", f"{named} is missing")
            line.append(found)
        return line

    def number(self, line: list[Any], numbers: LineNumbers) -> None:
        """Give the line its number. Raises ``NumberError``."""
        numbered = self._numbered
        if numbered is not None:
            group = self._group([line[slot] for slot in numbered.group], numbered)
            line[numbered.slot] = numbers.number(group, line[numbered.slot])

    def unnumbered_group(self, values: Mapping[str, object]) -> str | None:
        """The group of a line that cannot be used but takes a number of it, if it can be read."""
        numbered = self._numbered
        if numbered is None or any(
            value is not None and str(value).strip()
            for value in map(values.get, self._slots[numbered.slot].columns)
        ):
            return None
        group = []
        for at in numbered.group:
            slot = self._slots[at]
            try:
                found = next(
                    (
                        each
                        for column in slot.columns
                        if (value := values.get(column)) is not None
                        and (each := slot.reader.read(value)) is not None
                    ),
                    slot.default,
                )
            except (ValueError, TypeError):
                return None
            if found is None:
                return None
            group.append(found)
        return self._group(group, numbered)

    def notes(self) -> Iterator[str]:
        """What a run should mention at its end: most likely slips in the mapping."""
        for column in self.unseen if self._has_read else ():
            yield f"no line has the mapped column {column!r}"
        for slot in self._slots:
            if better := slot.reader.better_format():
                yield f"{' or '.join(slot.columns)}: {better}"

    @staticmethod
    def _group(values: list[Any], numbered: Numbered) -> str:
        # Values that may be one in the database are one group: their numbers only have gaps.
        return SEPARATOR.join(
            _folded(str(value)) if weighs else str(value)
            for value, weighs in zip(values, numbered.weighs, strict=True)
        )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def _unusable(column: str, value: object, error: str, reader: Reader) -> LineError:
    place = f"{reader.place} is {reader.kind.text}"
    return LineError(
        f"{column} {_shown(value)} {error}", f"{column}: {_kind(value)} {error}; {place}"
    )


def _kind(value: object) -> str:
    kinds: dict[type, str] = {str: "a text", bool: "a truth", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
