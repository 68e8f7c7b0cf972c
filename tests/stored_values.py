"""How what a database stores goes out, compares with arguments and is ordered."""

from __future__ import annotations

import base64
import functools
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from handler.stores.url import DatabaseUrl
from tests.directives import EDGE, Directives, Order, aggregate, directive, way
from tests.domains.database import RawRow, read_ranks, read_sides
from tests.reference_groups import made_of, source_name

# Scalars whose values have an order of their own.
_ORDERED = frozenset(
    ("Int", "BigInt", "Boolean", "Decimal", "Float", "DateTime", "Date", "UUID", "Time", "Bytes")
)


def seconds(text: str) -> Decimal:
    """Of a TIME."""
    hours, minutes, rest = text.lstrip("-").split(":")
    found = int(hours) * 3600 + int(minutes) * 60 + Decimal(rest)
    return -found if text.startswith("-") else found


def side_of(order: Order, left: Sequence[Any], right: Sequence[Any]) -> int:
    """Which of two rows comes first, by what they are sorted by."""
    for (_, descending), x, y in zip(order, left, right, strict=True):
        if x != y:
            return -1 if (x < y) != descending else 1
    return 0


class StoredValues(Directives):
    """The values behind a schema. ``expressions``: Python for ``Type.field`` that has
    ``@expression``.

    ``fold``: what a text equals, in the collation of the domain's ``String`` columns.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        sdl: str,
        expressions: Mapping[str, Callable[[RawRow], str | None]],
        *,
        fold: Callable[[str], str] = lambda text: text,
        **sizes: int,
    ) -> None:
        super().__init__(sdl, **sizes)
        self.url = url
        self.expressions = expressions
        self.fold = fold

    def stored(self, found: GraphQLObjectType, field: str, row: RawRow) -> str | None:
        """The text behind a field that is a single value of a row."""
        if directive(found.fields[field].ast_node, "expression"):
            return self.expressions[f"{found.name}.{field}"](row)
        return row[self.column(found, field)]

    def value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        """A stored text as the value that goes out."""
        if raw is None:
            return None
        named = get_named_type(found.fields[field].type)
        if is_list_type(get_nullable_type(found.fields[field].type)):
            assert isinstance(named, GraphQLEnumType)
            return [self.name_of(named, label) for label in raw.split(",") if raw]
        if isinstance(named, GraphQLEnumType):
            return self.name_of(named, raw)
        match named.name:
            case "Int":
                if not -(2**31) <= int(raw) < 2**31:
                    raise GraphQLError("Int cannot represent the value that is stored")
                return int(raw)
            case "Float":
                return float(raw)
            case "Boolean":
                return raw != "0"
            case "DateTime":
                moment = datetime.fromisoformat(raw)
                fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
                return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
            case "JSON":
                return json.loads(raw)
            case "Time":
                return raw.rstrip("0").rstrip(".") if "." in raw else raw
            case "UUID":
                return raw.lower()
        return raw

    def name_of(self, enum: GraphQLEnumType, raw: str) -> str:
        """The enum's name for a stored text."""
        for name, value in enum.values.items():
            used = directive(value.ast_node, "value")
            if raw == (used["column"] if used else name):
                return str(name)
        raise GraphQLError("the enum has no name for the value that is stored")

    @functools.cache  # noqa: B019  # one reference lives as long as its tests
    def ranks(self, table: str, column: str) -> dict[str, int]:
        """The order of texts in the database."""
        return read_ranks(self.url, (table, column))

    @functools.cache  # noqa: B019  # one reference lives as long as its tests
    def _sides(self, table: str, column: str, text: str) -> dict[str, int]:
        """On which side of another text the database has those of a column."""
        return read_sides(self.url, table, column, text)

    def _rank(self, table: str, column: str, text: str) -> float:
        """The place of a text in the order of the database; between two where no row has it, as
        that of a row that is gone."""
        known = self.ranks(table, column)
        if text in known:
            return known[text]
        sides = self._sides(table, column, text)
        equal = [known[each] for each, side in sides.items() if side == 0]
        before = [known[each] for each, side in sides.items() if side < 0]
        return equal[0] if equal else max(before, default=0) + 0.5

    def sort_value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        """NULL comes first; texts as the database orders them."""
        if raw is None:
            return (0, 0)
        place = self.origin(found, field)
        if place is not None:
            return self.sort_value(*place, raw)
        if self.is_ranked(found, field):
            return (1, self._rank(*self.text_place(found, field), raw))
        named = get_named_type(found.fields[field].type).name
        if named in ("Decimal", "Float"):
            return (1, Decimal(raw) if named == "Decimal" else float(raw))
        if named in ("DateTime", "Date", "UUID"):
            return (1, raw)
        if named == "Time":
            return (1, seconds(raw))
        if named == "Bytes":
            return (1, base64.b64decode(raw))
        return (1, int(raw))

    def is_ranked(self, found: GraphQLObjectType, field: str) -> bool:
        """Whether the database alone knows the order of a field's values: texts and labels."""
        if (directive(found.fields[field].ast_node, "column") or {}).get("integer"):
            return False
        return get_named_type(found.fields[field].type).name not in _ORDERED

    def text_place(self, found: GraphQLObjectType, field: str) -> tuple[str, str]:
        """The table and the column of a field."""
        column = self.column(found, field)
        if column.startswith(EDGE):
            return found.extensions["link"], column.removeprefix(EDGE)
        return self.table(found), column

    def _text_side(self, found: GraphQLObjectType, field: str, raw: str, value: str) -> int:
        """Whether a stored text stands before another one, behind it, or neither."""
        owner, name = self.origin(found, field) or (found, field)
        made = aggregate(owner.fields[name])
        if made is not None:  # one of the values of rows that are led to
            _, last = way(self.schema, owner, made[1]["of"])[-1]
            owner, name = self.rows_field(last).target, made[1]["field"]
        if directive(owner.fields[name].ast_node, "expression"):
            left, right = self.fold(raw), self.fold(value)
            return (left > right) - (left < right)
        return self._sides(*self.text_place(owner, name), value)[raw]

    def origin(self, found: GraphQLObjectType, field: str) -> tuple[GraphQLObjectType, str] | None:
        """The field of rows whose values a field of groups has; None for any other."""
        name = source_name(found)
        said = made_of(found, field) if name else None
        if name is None or said is None:
            return None
        owner = self.types[name]
        *before, last = said.split(".")
        for each in before:
            owner = self.rows_field(owner.fields[each]).target
        return owner, last

    def compare(self, found: GraphQLObjectType, order: Order, left: Any, right: Any) -> int:
        """Which of two rows (or positions) comes first."""
        return side_of(
            order, self.sort_values(found, order, left), self.sort_values(found, order, right)
        )

    def sort_values(self, found: GraphQLObjectType, order: Order, place: Any) -> list[Any]:
        """What a row (or a position) is sorted by."""
        return [
            self.sort_value(found, field, text)
            for (field, _), text in zip(order, place, strict=True)
        ]

    def position(self, found: GraphQLObjectType, order: Order, row: RawRow) -> list[str | None]:
        """The texts of the ordered columns."""
        return [row[self.column(found, field)] for field, _ in order]

    def shown_name(self, name: str) -> str:
        """What a key of an order is called in cursors."""
        return name

    def cursor(self, found: GraphQLObjectType, order: Order, row: RawRow, place: str) -> str:
        """The documented form of a cursor."""
        terms = ",".join(
            self.shown_name(field) + ("-" if descending else "+") for field, descending in order
        )
        mark = f"{zlib.crc32(f'{place}:{terms}'.encode()):08x}"
        content = json.dumps(
            [1, mark, *self.position(found, order, row)], ensure_ascii=False, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    def place_of(
        self, target: GraphQLObjectType, order: Order, cursor: str | None
    ) -> list[str | None] | None:
        """The position that a cursor holds, if there is one."""
        if cursor is None:
            return None
        found: list[str | None]
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2:]
        return found

    def passes(
        self, target: GraphQLObjectType, column: str, operator: str, row: RawRow, value: Any
    ) -> bool:
        """Whether what is stored compares so to an argument; NULL never does."""
        raw = self.stored(target, column, row)
        if operator == "IS_NULL":
            return bool(value) == (raw is None)
        return raw is not None and self.holds(target, column, operator, raw, value)

    def holds(
        self, target: GraphQLObjectType, column: str, operator: str, raw: str, value: Any
    ) -> bool:
        """Whether a stored text compares so to an argument."""
        if operator in ("NOT_EQUAL", "NOT_IN"):
            return not self.holds(target, column, operator.removeprefix("NOT_"), raw, value)
        if operator == "IN":
            return any(self.holds(target, column, "EQUAL", raw, v) for v in value if v is not None)
        named = get_named_type(target.fields[column].type)
        used = directive(target.fields[column].ast_node, "column") or {}
        if operator == "PREFIX":
            # LIKE compares letters beyond 16 bits as they are, though = finds them all equal.
            wide, found = _wide(value), _wide(raw)
            begins = self.fold(raw).startswith(self.fold(value))
            return begins and found[: len(wide)] == wide
        if operator == "CONTAINS":
            return self.fold(value) in self.fold(raw) and _wide(value) in _wide(raw)
        left: Any = raw
        right: Any = value
        if operator == "HAS":
            return value in self.value(target, column, raw)
        if isinstance(named, GraphQLEnumType):
            mapped = directive(named.values[value].ast_node, "value")
            right = mapped["column"] if mapped else value
        elif named.name in ("Int", "BigInt", "Decimal", "Float"):
            left, right = Decimal(raw), Decimal(str(value))
        elif used.get("integer"):
            right = str(value)
            if operator != "EQUAL":  # as numbers; what is the text of none finds nothing
                if not right.lstrip("-").isdigit() or str(int(right)) != right:
                    return False
                left, right = int(raw), int(right)
        elif named.name == "Boolean":
            left, right = raw != "0", value
        elif named.name == "DateTime":
            left = datetime.fromisoformat(raw).replace(tzinfo=UTC)
            right = datetime.fromisoformat(value)
        elif named.name == "Time":
            left, right = seconds(raw), seconds(value)
        elif named.name == "Bytes":
            left, right = base64.b64decode(raw), base64.b64decode(value)
        elif named.name == "UUID":
            left, right = raw.lower(), value.lower()
        elif named.name == "String" and operator != "EQUAL":
            left, right = self._text_side(target, column, raw, value), 0
        elif named.name == "String":
            left, right = self.fold(raw), self.fold(value)
        compared: dict[str, Callable[[], bool]] = {
            "EQUAL": lambda: left == right,
            "LESS": lambda: left < right,
            "LESS_OR_EQUAL": lambda: left <= right,
            "GREATER": lambda: left > right,
            "GREATER_OR_EQUAL": lambda: left >= right,
        }
        return compared[operator]()


def _wide(text: str) -> str:
    return "".join(c for c in text if ord(c) > 0xFFFF)
