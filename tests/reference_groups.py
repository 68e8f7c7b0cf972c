"""Groups of rows by plain Python: what ``@aggregate``, ``@group`` and facets mean.

A group is a row like any other once it is made: its columns are the fields of its type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
)

from tests.directives import PAGE_ARGUMENTS, aggregate, directive, group_keys, snake
from tests.domains.database import RawRow

if TYPE_CHECKING:
    from tests.reference import Reference


def source_name(found: Any) -> str | None:
    """The type of the rows that a type's groups are made of; None for a type of rows."""
    used = directive(found.ast_node, "aggregate") if found.ast_node else None
    return used["of"] if used else None


def made_of(found: GraphQLObjectType, field: str) -> str | None:
    """The field, perhaps behind relations, whose values a field of a group shows or is one of."""
    node = found.fields[field].ast_node
    used = directive(node, "group")
    if used is not None:
        return None if used.get("by") else str(used.get("field") or field)
    kind, said = aggregate(found.fields[field]) or ("", {})
    return str(said["field"]) if kind in ("min", "max") else None


def first_day(raw: str, by: str, zone: str | None) -> str:
    """The day with which the span begins in which a time is."""
    moment = datetime.fromisoformat(raw)
    if zone is not None:
        moment = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = moment.date()
    match by:
        case "WEEK":
            day -= timedelta(days=day.weekday())
        case "MONTH":
            day = day.replace(day=1)
        case "QUARTER":
            day = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "YEAR":
            day = date(day.year, 1, 1)
    return day.isoformat()


class Groups:
    """Makes the groups of one type."""

    def __init__(self, reference: Reference, found: GraphQLObjectType) -> None:
        self.reference = reference
        self.found = found
        self.source = reference.types[source_name(found) or ""]

    def of(self, rows: Sequence[RawRow]) -> list[RawRow]:
        """The groups of these rows, as rows of their type's columns."""
        members: dict[tuple[Any, ...], list[RawRow]] = {}
        for row in rows:
            members.setdefault(tuple(self.same(n, row) for n in group_keys(self.found)), []).append(
                row
            )
        return [
            {snake(name): self.text(name, group) for name in self.found.fields}
            for group in members.values()
        ]

    def at(self, said: str, row: RawRow) -> tuple[GraphQLObjectType, str, str | None]:
        """Where ``customer.country`` leads from a row: the type, the field and what is stored."""
        *before, last = said.split(".")
        owner, here = self.source, [row]
        for name in before:
            field = owner.fields[name]
            here = self.reference.rows_related(owner, field, here[0]) if here else []
            owner = self.reference.rows_field(field).target
        return owner, last, self.reference.stored(owner, last, here[0]) if here else None

    def same(self, name: str, row: RawRow) -> Any:
        """What rows of a group have in common."""
        used = directive(self.found.fields[name].ast_node, "group") or {}
        owner, field, raw = self.at(used.get("field") or name, row)
        if used.get("by"):
            return None if raw is None else first_day(raw, used["by"], used.get("zone"))
        return self.reference.sort_value(owner, field, raw)

    def text(self, name: str, group: Sequence[RawRow]) -> str | None:
        """The text of a field of a group."""
        field = self.found.fields[name]
        used = directive(field.ast_node, "group")
        if used is not None and used.get("by"):
            return self.same(name, group[0])  # type: ignore[no-any-return]  # a day
        if used is not None:
            texts = [self.at(used.get("field") or name, row)[2] for row in group]
            return min((text for text in texts if text is not None), key=str.encode, default=None)
        return self.made(field, group)

    def made(self, field: GraphQLField, group: Sequence[RawRow]) -> str | None:
        """What a function makes of a group."""
        kind, used = aggregate(field) or ("", {})
        name = used.get("distinct" if kind == "count" else "field")
        if name is None:
            return str(len(group))
        owner, last, _ = self.at(name, group[0])
        stored = [self.at(name, row)[2] for row in group]
        texts = [text for text in stored if text is not None]
        if kind == "count":
            return str(len({self.reference.sort_value(owner, last, text) for text in texts}))
        if kind in ("min", "max"):
            ordered = sorted(texts, key=lambda text: self.reference.sort_value(owner, last, text))
            return ordered[0 if kind == "min" else -1] if ordered else None
        total = sum(map(Decimal, texts), Decimal(0))
        scale = self.reference.digits(owner, last)
        if kind == "sum":
            return f"{total:.{scale}f}"
        if not texts:
            return None
        average = total / len(texts)
        if get_named_type(field.type).name == "Float":
            return repr(float(total) / len(texts))
        return str(average.quantize(Decimal(1).scaleb(-scale - 4), ROUND_HALF_UP))


def without_own(
    field: GraphQLField, arguments: Mapping[str, Any], own: Sequence[str]
) -> dict[str, Any]:
    """The arguments of a list without what they ask of some fields of its rows alone."""
    kept = {}
    for name, value in arguments.items():
        kind = get_named_type(field.args[name].type)
        if name == "sort":
            continue
        if isinstance(kind, GraphQLInputObjectType) and value is not None:
            kept[name] = _pruned(value, own)
            continue
        used = directive(field.args[name].ast_node, "filter") or {}
        is_filter = name not in PAGE_ARGUMENTS and name != "order"
        if not (is_filter and (used.get("field") or name) in own):
            kept[name] = value
    return kept


def _pruned(given: Mapping[str, Any], own: Sequence[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name == "and":
            kept[name] = [_pruned(each, own) for each in value]
            continue
        told = set(_told({name: value}))
        if not told or not told <= set(own):
            kept[name] = value
    return kept


def _told(given: Mapping[str, Any]) -> list[str]:
    """The fields that a filter compares; those of other rows by names that no field has."""
    found: list[str] = []
    for name, value in given.items():
        if value is None:
            continue
        if name in ("and", "or"):
            found += [each for part in value for each in _told(part)]
        elif name == "not":
            found += _told(value)
        elif isinstance(value, dict) and not any(isinstance(v, dict) for v in value.values()):
            found += [name] if any(v is not None for v in value.values()) else []
        else:
            found.append(f"{name}.")
    return found
