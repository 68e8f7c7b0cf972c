"""What rows may be sorted by besides their own columns: values of the row that relations to one row
lead to, and aggregates.

A name in ``@orderBy`` and the way to a member of a sort input are read in one way. Every error is a
``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from handler.errors import SchemaError
from handler.language.schema import Element, FieldDef, RowsType, schema_error
from handler.model.aggregates import Aggregate
from handler.model.column import Column, ColumnRef
from handler.model.relations import Path, ToFirst, ToOne
from handler.scalars import COLUMNS
from handler.sql.operators import Operator

if TYPE_CHECKING:
    from handler.model.builder import Builder
    from handler.model.tables import Table


_NO_LINKS: Final[Mapping[str, Column]] = {}
_EXACT: Final = {"Decimal": ("CAST(", " AS DECIMAL(65, 30))"), "Float": ("(", " + 0E0)")}


class Step(Struct, frozen=True):
    """A relation to one row, or to the first of several, and the type that has it."""

    owner: str
    relation: ToOne | ToFirst


class FarKey(Column, frozen=True, kw_only=True):
    """A value of the row at the end of some relations; null where that row is not there, or not for
    the caller. Its ``field`` is the way to it, such as ``customer.name``."""

    way: tuple[Step, ...] = ()
    is_own: ClassVar[bool] = False

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple([step.relation.path for step in self.way])

    def place(self, target: str) -> tuple[str, str]:
        owner = self.way[-1].relation.target if self.way else target
        return owner, self.field.rpartition(".")[2]

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return [hop.target for path in self.paths for hop in path.hops]

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """Of the fields that lead to it, since they decide whether it is there."""
        return [(step.owner, step.relation.field) for step in self.way]


class AggregateKey(FarKey, frozen=True, kw_only=True):
    """An aggregate over the rows that a way leads to from the row itself, or from a far one."""

    made: Aggregate
    required: tuple[str, ...] = ()  # arguments, which nobody gives where rows are compared
    is_made: ClassVar[bool] = True

    @property
    def stored_name(self) -> None:
        return None

    @property
    def held(self) -> Column:
        picked = self.made.column if self.made.function.picks else None
        return self if picked is None else picked

    def objection(self, operator: Operator) -> str:
        argument = next((each for each in self.required), "")
        if argument:
            return f"made by its required argument {argument!r}, which nobody gives here"
        if operator.reads_text or operator is Operator.HAS:
            return f"an aggregate, which is compared as a whole and not by {operator.name}"
        return super().objection(operator)

    @property
    def is_placed_by_type(self) -> bool:
        return self.held is not self and self.held.is_placed_by_type

    @property
    def paths(self) -> tuple[Path, ...]:
        return (*FarKey.paths.fget(self), self.made.plain)  # type: ignore[attr-defined]  # a property

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return [hop.target for path in self.paths for hop in path.hops]

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        own = self.way[-1].relation.target if self.way else owner
        return [*FarKey.tells_of(self, owner, tables), *self.made.tells_of(own, tables)]


def find_key(
    builder: Builder,
    target: RowsType,
    element: Element,
    name: str,
    what: str,
    links: Mapping[str, Column] = _NO_LINKS,
) -> Column:
    """What ``name`` is in rows of ``target``. ``what`` names it, such as ``@orderBy``; ``links``:
    columns of the link table, by what orders call them."""
    if name in links:
        return _ordered(links[name], target.name, element, what)
    *way, last = name.split(".")
    steps: list[Step] = []
    owner = target
    for part in way:
        found = one_row(builder, owner, part)
        if found is None:
            raise _unknown(builder, target, element, name, what, links)
        steps.append(Step(owner.name, found))
        owner = builder.schema.rows_type(found.path.target)
    field_def = owner.fields.get(last)
    key = _key(builder, owner, field_def, element) if field_def is not None else None
    if key is None:
        raise _unknown(builder, target, element, name, what, links)
    _ordered(key, owner.name, element, what)
    return placed(key, tuple(steps), builder.keys[owner.name][0])


def one_row(builder: Builder, owner: RowsType, name: str) -> ToOne | ToFirst | None:
    """The relation of that name, if it leads to one row by whose values others are sorted."""
    first = builder.first(owner, name)
    if first is not None:
        builder.firsts.add((owner.name, name))
        return None if first.required else first
    found = builder.relation(owner, name)
    return found if isinstance(found, ToOne) else None


def placed(key: Column, way: Sequence[Step], table_key: Sequence[str]) -> Column:
    """The key as one of the rows where the way begins; ``table_key``: columns of the far table."""
    if not way:
        return key
    said: dict[str, Any] = asdict(key)
    said["field"] = ".".join([*(step.relation.field for step in way), key.field])
    said["is_nullable"] = True
    said["way"] = (*way, *said.get("way", ()))
    if isinstance(key, AggregateKey):
        return AggregateKey(**said)
    if key.stored_name is None:  # what is not there has no value, though its expression may have
        there = ColumnRef(table_key[0])
        said["parts"] = ("CASE WHEN ", there, " IS NOT NULL THEN ", *key.parts, " END")
    return FarKey(**said)


def _key(builder: Builder, owner: RowsType, field_def: FieldDef, element: Element) -> Column | None:
    column = builder.columns[owner.name].get(field_def.name)
    if column is not None and column.stored_name is None:
        before, after = exact(column.scalar)
        return replace(column, parts=(before, *column.parts, after))
    if column is not None:
        return column
    key = find_aggregate(builder, owner, field_def.name)
    if key is not None:
        _refuse_required(owner, field_def, element)
    return key


def find_aggregate(builder: Builder, owner: RowsType, name: str) -> AggregateKey | None:
    """The field of that name, if it is an aggregate, as what rows are sorted or chosen by."""
    field_def = owner.fields.get(name)
    made = builder.aggregate(owner, field_def) if field_def is not None else None
    if field_def is None or made is None:
        return None
    picked = made.column if made.function.picks else None
    return AggregateKey(
        field=made.field,
        scalar=made.scalar,
        is_nullable=made.is_nullable or made.function.is_null_of_nothing,
        parts=(),
        origin=made.origin,
        is_integer=picked is not None and picked.is_integer,
        enum_values=None if picked is None else picked.enum_values,
        made=made,
        required=tuple([a.name for a in field_def.arguments.values() if a.is_required]),
    )


def exact(scalar: str) -> tuple[str, str]:
    """What to write around a computed value, so that it is sorted by, compared with and sent as one
    and the same: the servers show 1/3 as 0.3333, and sort it with more digits."""
    return _EXACT.get(scalar, ("", ""))


def _refuse_required(owner: RowsType, field_def: FieldDef, element: Element) -> None:
    for argument in field_def.arguments.values():
        if argument.is_required:
            raise schema_error(
                element,
                f"{owner.name}.{field_def.name} cannot be sorted by: its argument "
                f"{argument.name!r} is required, and there is nobody to give it; sort by another "
                f"field",
            )


def _ordered(key: Column, owner: str, element: Element, what: str) -> Column:
    if not COLUMNS[key.scalar].has_order:
        raise schema_error(
            element,
            f"{what} names {owner}.{key.field}, which is {key.scalar}, and a {key.scalar} has no "
            f"order; take it away",
        )
    return key


def _unknown(
    builder: Builder,
    target: RowsType,
    element: Element,
    name: str,
    what: str,
    links: Mapping[str, Column],
) -> SchemaError:
    every = (*builder.columns[target.name].values(), *links.values())
    names = ", ".join(each.field for each in every if COLUMNS[each.scalar].has_order)
    return schema_error(
        element,
        f"{what} names {name!r}, which is nothing to sort {target.name} by; it may be one of "
        f"{names}, an aggregate, or such a field of one related row, as a.b",
    )
