"""Grouped answers: types of ``@aggregate``, whose objects are groups of the rows of another type.

A group has its keys, fields with ``@group``, and what is made of its rows, fields with ``@count``,
``@sum`` and the like. Both are columns, of a table that a statement makes: filters, orders and
pages of groups are those of any rows. Every error is a ``SchemaError``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from handler.language.schema import (
    AppliedDirective,
    FieldDef,
    InterfaceType,
    ListOf,
    ObjectType,
    Origin,
    RowsType,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.aggregates import FUNCTIONS, Function
from handler.model.column import Column, ColumnRef
from handler.model.conditions import Filter, FilterArgument
from handler.model.directives import table_of
from handler.model.field import ModelField
from handler.model.lists import RowsField
from handler.model.relations import Hop, ToOne
from handler.model.sort_keys import AggregateKey, find_aggregate
from handler.model.tables import Table
from handler.model.time_spans import SPANS, Span, is_zone
from handler.scalars import COLUMNS
from handler.sql.stored_type import StoredType

if TYPE_CHECKING:
    from handler.model.builder import Builder

AGGREGATE, GROUP, FACET = "aggregate", "group", "facet"
HAVING = "having"  # the argument that chooses among the groups; all others choose rows


class GroupColumn(Column, frozen=True):
    """A field of a group: a column of the table that a statement makes of its rows."""

    way: tuple[ToOne, ...] = ()  # from the row to the one that has ``made_of``
    made_of: Column | None = None  # None: of the rows themselves
    told: tuple[tuple[str, str], ...] = ()  # the fields, by type and name, of which it tells

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Of the way, those to link tables among them."""
        return tuple(chain.from_iterable(one.path.hops for one in self.way))

    @abstractmethod
    def kept(self, storage: Any) -> StoredType | None:
        """The type of ``made_of``, if it is the type of this column, too. ``storage``: of the
        database's columns."""


class GroupKey(GroupColumn, frozen=True):
    """What all rows of a group have in common: a value, or the span of time in which one is."""

    span: Span | None = None
    zone: str = "UTC"

    @property
    def has_spellings(self) -> bool:
        """Whether values of a group may differ, as ``a`` and ``A`` do that compare as equal."""
        return self.span is None and not self.is_integer and COLUMNS[self.scalar].is_placed_by_type

    def kept(self, storage: Any) -> StoredType | None:
        return None if self.span else storage.of(self.made_of)

    @property
    def shown_name(self) -> str:
        name = self.stored_name or ""
        return f"{name} shown" if self.has_spellings else name


class GroupValue(GroupColumn, frozen=True, kw_only=True):
    """What a function makes of the rows of a group."""

    function: Function

    def kept(self, storage: Any) -> StoredType | None:
        if self.made_of is None or not self.function.picks:
            return None
        stored: StoredType | None = storage.of(self.made_of)
        return None if stored is None or stored.labels else stored  # MIN takes labels as texts


class GroupTable(Table, frozen=True, kw_only=True):
    """A type of groups; ``name`` is the table of the rows, whose type is ``source``."""

    source: str

    @property
    def keys(self) -> Mapping[str, GroupKey]:
        """The keys by field."""
        return self.of_kind(GroupKey)

    @property
    def made_of(self) -> tuple[str, ...]:
        columns = self.of_kind(GroupColumn).values()
        hops = [*chain.from_iterable(column.hops for column in columns)]
        made = [c.made_of for c in columns if isinstance(c.made_of, AggregateKey)]
        hops += chain.from_iterable(key.made.plain.hops for key in made)
        return tuple(dict.fromkeys((self.source, *(hop.target for hop in hops))))

    @property
    def told(self) -> Iterator[tuple[str, str]]:
        """The fields of whose values each group tells by being there: those of the keys."""
        for key in self.keys.values():
            yield from key.told


class GroupsChooser(Struct, frozen=True):
    """The arguments that choose among groups."""

    filters: tuple[Filter, ...]
    inputs: tuple[FilterArgument, ...]


class GroupsField(RowsField, frozen=True, kw_only=True):
    """A field that gives groups. ``filters`` and ``inputs`` choose the rows of type ``source``."""

    source: str
    having: tuple[FilterArgument, ...] = ()  # chooses among the groups
    # Of groups beside a page: columns whose filters in the list do not hold for them.
    left_out: tuple[Column, ...] = ()

    @property
    def chosen(self) -> str:
        return self.source

    @property
    def all_inputs(self) -> tuple[FilterArgument, ...]:
        return (*self.inputs, *self.having)

    @property
    def groups_chooser(self) -> GroupsChooser:
        """What chooses among the groups."""
        return GroupsChooser((), self.having)


class Facet(ModelField, frozen=True):
    """A field of a connection: groups of all rows that the list has, whatever the page."""

    rows: GroupsField

    @property
    def field(self) -> str:
        return self.rows.field

    @property
    def origin(self) -> Origin:
        return self.rows.origin

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return self.rows.types_read(tables)


def is_group_type(type_def: RowsType) -> bool:
    """Whether a type is one of groups."""
    return type_def.directive(AGGREGATE) is not None


def source_of(builder: Builder, type_def: RowsType) -> RowsType:
    """The type of the rows that are grouped: an object type, or an interface or a union over one
    table. Raises ``SchemaError`` for what has no rows."""
    used = type_def.directive(AGGREGATE)
    assert used is not None
    name = str(used.arguments["of"])
    found = builder.schema.types.get(name)
    is_one_table = isinstance(found, InterfaceType) and name in builder.one_table.members
    is_rows = isinstance(found, ObjectType) and name not in builder.patterns
    is_of_rows = is_one_table or is_rows
    if not is_of_rows or not isinstance(found, RowsType) or is_group_type(found):
        raise schema_error(
            type_def,
            f"type {type_def.name}: @aggregate(of: {name!r}) must name a type of rows, whose "
            f"groups it describes",
        )
    for other in ("table", "key", "rowAccess", "searchable"):
        if type_def.directive(other):
            raise schema_error(
                type_def,
                f"type {type_def.name} is of groups of {name}: @{other} is for a type of rows; "
                f"take it away, the one of {name} holds",
            )
    return found


def read_groups(builder: Builder, type_def: ObjectType, kinds: Container[str]) -> GroupTable:
    """The type, all of whose fields are keys or made of the rows of a group.

    ``kinds``: the directives of which a field has one at most.
    """
    source = source_of(builder, type_def)
    reader = _Reader(builder, type_def, source, kinds)
    fields = {each.name: reader.field(each) for each in type_def.fields.values()}
    keys = [each.stored_name or "" for each in fields.values() if isinstance(each, GroupKey)]
    if not keys:
        raise schema_error(
            type_def,
            f"type {type_def.name} has no key: say by what the rows of {source.name} are grouped, "
            f"with @group on a field",
        )
    return GroupTable(
        type_name=type_def.name,
        name=reader.table,
        key=tuple(keys),
        unique_keys=(tuple(keys),),
        fields=fields,
        origin=type_def.origin,
        source=source.name,
    )


class _Reader:
    def __init__(
        self, builder: Builder, owner: ObjectType, source: RowsType, kinds: Container[str]
    ) -> None:
        self.builder = builder
        self.kinds = kinds
        self.owner = owner
        self.source = source
        self.table = table_of(source, builder.conventions)

    def field(self, field_def: FieldDef) -> GroupColumn:
        what = f"{self.owner.name}.{field_def.name}"
        found = [used for used in field_def.directives if used.name in self.kinds]
        if len(found) != 1 or found[0].name not in _READERS:
            raise schema_error(
                field_def,
                f"{what}: a field of a type of groups is a key, with @group, or made of the rows "
                f"of a group, with one of @{', @'.join(FUNCTIONS)}",
            )
        if field_def.arguments:
            raise schema_error(field_def, f"{what}: a field of a group takes no arguments")
        if isinstance(nullable(field_def.type), ListOf):
            raise schema_error(field_def, f"{what} gives one value; make it no list")
        return _READERS[found[0].name](self, what, field_def, found[0])

    def way(
        self, what: str, field_def: FieldDef, said: str, *, has_aggregates: bool = False
    ) -> tuple[tuple[ToOne, ...], Column, bool, tuple[tuple[str, str], ...]]:
        """Where ``customer.country`` leads: the relations on the way, the column, whether it may be
        null because a row on the way may be missing, and all fields that are named.

        ``has_aggregates``: the last one may be an aggregate, too."""
        *before, last = said.split(".")
        owner: RowsType = self.source
        may_miss = False
        ones: list[ToOne] = []
        told: list[tuple[str, str]] = []
        for name in before:
            one = self.builder.relation(owner, name)
            if not isinstance(one, ToOne):
                raise schema_error(
                    field_def,
                    f"{what}: {name!r} in {said!r} must name a field of {owner.name} that leads to "
                    f"one row; to group what it leads to many of, make the type one of these rows",
                )
            told.append((owner.name, name))
            ones.append(one)
            may_miss = may_miss or one.is_nullable
            owner = self.builder.schema.rows_type(one.target)
        column = self.builder.columns[owner.name].get(last)
        if column is None and has_aggregates:
            column = find_aggregate(self.builder, owner, last)
        if isinstance(column, AggregateKey) and not COLUMNS[column.scalar].can_be_summed:
            column = None
        if isinstance(column, AggregateKey) and column.required:
            raise schema_error(
                field_def,
                f"{what}: {said!r} has the required argument {column.required[0]!r}, which nobody "
                f"gives in a group; name another field",
            )
        if column is None:
            fields = ", ".join(self.builder.columns[owner.name]) or "none"
            raise schema_error(
                field_def,
                f"{what}: {said!r} must name a column of {owner.name}; there are: {fields}",
            )
        return tuple(ones), column, may_miss, (*told, (owner.name, last))

    def key(self, what: str, field_def: FieldDef, used: AppliedDirective) -> GroupKey:
        said, by, zone = (used.arguments.get(name) for name in ("field", "by", "zone"))
        name = said or field_def.name
        way, column, may_miss, told = self.way(what, field_def, name)
        scalar = COLUMNS[column.scalar]
        if not scalar.has_order or scalar.has_members:
            raise schema_error(
                field_def,
                f"{what}: {name!r} is {column.scalar}, and groups need a value that has an order",
            )
        if zone is not None and (by is None or column.scalar != "DateTime"):
            raise schema_error(
                field_def,
                f"{what}: zone says on which day an instant is, for a DateTime that is grouped by "
                f"a span of time; take it away, or name one with by: MONTH",
            )
        if by is not None and column.scalar not in ("Date", "DateTime"):
            raise schema_error(
                field_def,
                f"{what}: {name!r} is {column.scalar}, and only a Date or a DateTime is grouped by "
                f"{by}; take by away",
            )
        if zone is not None and not is_zone(zone):
            raise schema_error(
                field_def,
                f"{what}: no time zone is called {zone!r}; name one such as Europe/Berlin",
            )
        wanted = column.scalar if by is None else "Date"
        self.check_type(what, field_def, wanted)
        if (may_miss or column.is_nullable) and not is_nullable(field_def.type):
            raise schema_error(
                field_def,
                f"{what}: {name!r} may be null, and the rows without it are a group, too; take the "
                f"! away",
            )
        return GroupKey(
            **self.common(field_def, wanted, way, column, told),
            is_integer=column.is_integer and by is None,
            enum_values=column.enum_values,
            span=None if by is None else SPANS[by],
            zone=zone or "UTC",
        )

    def value(self, what: str, field_def: FieldDef, used: AppliedDirective) -> GroupValue:
        function = FUNCTIONS[used.name]
        if used.arguments.get("of") is not None:
            raise schema_error(
                field_def,
                f"{what}: a group has its rows, of {self.source.name}; take `of` away",
            )
        name = used.arguments.get(function.by)
        way: tuple[ToOne, ...] = ()
        column, may_miss = None, False
        told: tuple[tuple[str, str], ...] = ()
        if name is not None:
            way, column, may_miss, told = self.way(what, field_def, name, has_aggregates=True)
            if not function.takes(column):
                raise schema_error(
                    field_def,
                    f"{what}({function.by}: {name!r}) must name a field that is {function.made_of}",
                )
        scalar = self.builder.schema.basis(named(field_def.type))
        unfit = function.unfit(scalar, column)
        if unfit:
            raise schema_error(
                field_def, f"{what} gives no {named(field_def.type)}; make the field {unfit}"
            )
        may_be_null = column is not None and (may_miss or column.is_nullable)
        if function.is_null_of_nothing and may_be_null and not is_nullable(field_def.type):
            raise schema_error(
                field_def,
                f"{what} is null in a group where {name} is null in all rows, and the field must "
                f"not be; take the ! away",
            )
        picked = column if function.picks else None
        return GroupValue(
            **self.common(field_def, scalar, way, column, told),
            is_integer=picked is not None and picked.is_integer,
            enum_values=None if picked is None else picked.enum_values,
            function=function,
        )

    def common(
        self,
        field_def: FieldDef,
        scalar: str,
        way: tuple[ToOne, ...],
        column: Column | None,
        told: tuple[tuple[str, str], ...],
    ) -> dict[str, Any]:
        # A name that no column of a table has, so that both may stand in one statement.
        name = f"{self.owner.name}.{field_def.name}"
        return {
            "field": field_def.name,
            "scalar": scalar,
            "is_nullable": is_nullable(field_def.type),
            "parts": (ColumnRef(name),),
            "origin": field_def.origin,
            "table": self.table,
            "way": way,
            "made_of": column,
            "told": told,
        }

    def check_type(self, what: str, field_def: FieldDef, wanted: str) -> None:
        given = self.builder.schema.basis(named(field_def.type))
        if given != wanted:
            raise schema_error(
                field_def, f"{what} gives no {named(field_def.type)}; make the field a {wanted}"
            )


_READERS: Mapping[str, Callable[..., GroupColumn]] = {
    GROUP: _Reader.key,
    **dict.fromkeys(FUNCTIONS, _Reader.value),
}


def as_groups(rows: RowsField, source: str) -> GroupsField:
    """A list of groups, which was read as one of rows."""
    choosing = [each for each in rows.inputs if each.argument == HAVING]
    values = {name: getattr(rows, name) for name in RowsField.__struct_fields__}
    values["inputs"] = tuple(each for each in rows.inputs if each not in choosing)
    return GroupsField(**values, source=source, having=tuple(choosing))


def towards_groups(hops: tuple[Hop, ...], groups: str) -> tuple[Hop, ...]:
    """The hops to rows as those to their groups."""
    return (*hops[:-1], replace(hops[-1], target=groups))


def refuse_key(
    builder: Builder, owner: ObjectType, field_def: FieldDef, used: AppliedDirective
) -> NoReturn:
    """The error for a key of groups in a type of rows."""
    raise schema_error(
        field_def,
        f"{owner.name}.{field_def.name}: @{GROUP} is for a type of groups; write @{AGGREGATE}(of: "
        f'"...") on {owner.name}, or take it away',
    )


def read_facets(builder: Builder) -> dict[tuple[str, str], Facet]:
    """The fields of connections that give groups, by connection and field."""
    found = {}
    for connection in builder.connections.values():
        owner = builder.schema.object(connection.name)
        for name in connection.facets:
            found[connection.name, name] = _facet(builder, owner, owner.fields[name])
            if builder.groups[found[connection.name, name].rows.target].source != connection.node:
                raise schema_error(
                    owner.fields[name],
                    f"{owner.name}.{name} must give groups of {connection.node}, of whose rows "
                    f"{owner.name} is a page",
                )
    return found


def check_facets(owner: RowsType, facets: Mapping[tuple[str, str], ModelField]) -> None:
    """Refuse a ``@facet`` on a field that is none."""
    for name, field_def in owner.fields.items():
        if field_def.directive(FACET) and (owner.name, name) not in facets:
            raise schema_error(
                field_def,
                f"{owner.name}.{name}: @{FACET} is for a list of groups beside the page of a "
                f"connection; take it away",
            )


def _facet(builder: Builder, owner: ObjectType, field_def: FieldDef) -> Facet:
    target = builder.schema.object(named(field_def.type))
    source = builder.source_of(target)
    for argument in field_def.arguments.values():
        if argument.name not in _OF_FACETS:
            raise schema_error(
                argument,
                f"{owner.name}.{field_def.name} is over the rows that the list has, which its own "
                f"arguments choose: it takes {', '.join(_OF_FACETS)} alone",
            )
    rows = builder.lists.groups(field_def, target, source)
    used = field_def.directive(FACET)
    own: tuple[Column, ...] = ()
    if used is not None and not used.arguments["ownFilter"]:
        keys = builder.groups[target.name].keys.values()
        own = tuple(key.made_of for key in keys if key.made_of is not None)
    return Facet(replace(rows, left_out=own))


_OF_FACETS = ("first", HAVING)
