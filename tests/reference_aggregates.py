"""Values over many rows, in the naive executor: all rows on the way are gone through one by one.

A row that is reached twice counts twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, get_named_type

from tests.directives import aggregate, directive, way
from tests.domains.database import RawRow

if TYPE_CHECKING:
    from tests.reference import Reference


def resolver(
    reference: Reference,
    owner: GraphQLObjectType,
    field: GraphQLField,
    kind: str,
    used: Mapping[str, Any],
) -> Callable[..., Any]:
    """What answers such a field. ``kind``: of the directive, and ``used`` its arguments."""
    made = functools.partial(_Made, reference, owner, field, kind, used)

    def resolve(source: Any, info: Any, /, **arguments: Any) -> Any:
        return made(getattr(source, "row", None), arguments).shown()

    return resolve


def stored(
    reference: Reference,
    owner: GraphQLObjectType,
    field: GraphQLField,
    kind: str,
    used: Mapping[str, Any],
    row: RawRow,
    *,
    is_sorted: bool = False,
) -> str | None:
    """The text of the value without arguments, as a filter compares it, or an order."""
    made = _Made(reference, owner, field, kind, used, row, reference.defaults(field))
    found = made.text(is_sorted=is_sorted)
    return None if found is None else str(found)


@functools.cache
def pool(reference: Reference, place: str) -> list[Any]:
    """Values of such a field in all rows, for filters by it; of others none. ``place``:
    ``Type.field``."""
    owner_name, _, name = place.partition(".")
    owner = reference.types[owner_name]
    made = aggregate(owner.fields[name]) if name in owner.fields else None
    if made is None or directive(owner.ast_node, "aggregate") is not None:
        return []
    found: list[Any] = []
    reference.rows = reference.all_rows
    for row in reference.all_rows[reference.table(owner)][:40]:
        with suppress(GraphQLError):
            shown = _Made(reference, owner, owner.fields[name], *made, row, {}).shown()
            if shown is not None and get_named_type(owner.fields[name].type).name == "Int":
                shown = int(shown)  # a sum, which is a Decimal
            if shown is not None and shown not in found:
                found.append(shown)
    return found or [None]


class _Made:
    """One such value."""

    def __init__(
        self,
        reference: Reference,
        owner: GraphQLObjectType,
        field: GraphQLField,
        kind: str,
        used: Mapping[str, Any],
        row: RawRow | None,
        arguments: Mapping[str, Any],
    ) -> None:
        self.reference = reference
        self.field = field
        self.kind = kind
        self.way = way(reference.schema, owner, used["of"])
        self.last_owner, self.last = self.way[-1]
        self.target = reference.rows_field(self.last).target
        self.of = used.get("field") or used.get("distinct") or ""
        rows = self._reached(row)
        rows = [r for r in rows if self._matches(field, r, arguments, like=self.last)]
        defaults = reference.defaults(self.last, but=field.args)
        self.rows = [r for r in rows if self._matches(self.last, r, defaults)]
        texts = (reference.stored(self.target, self.of, r) for r in self.rows if self.of)
        self.texts = [each for each in texts if each is not None]

    def _matches(self, field: GraphQLField, row: RawRow, given: Any, **more: Any) -> bool:
        return self.reference.matches(field, self.target, row, given, **more)

    def _reached(self, row: RawRow | None) -> list[RawRow]:
        """The rows at the end, each as often as the way leads there."""
        reference, found = self.reference, [] if row is None else [row]
        for number, (owner, field) in enumerate(self.way):
            target = reference.rows_field(field).target
            if owner.name == "Query":
                found = [
                    each
                    for each in reference.rows_of(target)
                    if reference.is_shown(field, target, each)
                ]
            else:
                relation = reference.relation(owner, field)
                found = [far for each in found for far in reference.related(each, field, relation)]
            if number < len(self.way) - 1:
                shown = reference.defaults(field)
                found = [each for each in found if reference.matches(field, target, each, shown)]
        return found

    def text(self, *, is_sorted: bool = False) -> Any:
        """The value as the database has it: a text, or a number.

        Where rows are sorted by it, an average has all digits that a server keeps of a decimal: as
        many times nine as there are in four more than those of the column."""
        if self.kind == "count":
            values = {self.reference.sort_value(self.target, self.of, t) for t in self.texts}
            return len(values) if self.of else len(self.rows)
        if not self.texts and self.kind != "sum":
            return None
        if self.kind in ("sum", "avg"):
            total = sum(map(Decimal, self.texts), Decimal(0))
            if self.kind == "sum":
                return f"{total:.{self._scale()}f}"
            if get_named_type(self.field.type).name == "Float":
                return float(total) / len(self.texts)
            average = total / len(self.texts)
            digits = self._scale() + 4
            if is_sorted:
                return str(
                    average.quantize(Decimal(1).scaleb(-((digits + 8) // 9 * 9)), ROUND_DOWN)
                )
            return str(average.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
        key = functools.partial(self.reference.sort_value, self.target, self.of)
        return sorted(self.texts, key=key)[0 if self.kind == "min" else -1]

    def shown(self) -> Any:
        """The value as it goes out."""
        found = self.text()
        if self.kind not in ("min", "max"):
            is_int = get_named_type(self.field.type).name == "Int"
            if is_int and not -(2**31) <= int(found) < 2**31:
                raise GraphQLError("Int cannot represent the value that is stored")
            return found
        return self.reference.value(self.target, self.of, found)

    def _scale(self) -> int:
        """The digits behind the point that the column has."""
        rows = self.reference.every(self.last_owner, self.last)
        texts = (self.reference.stored(self.target, self.of, row) for row in rows)
        return max(len(text.partition(".")[2]) for text in texts if text is not None)
