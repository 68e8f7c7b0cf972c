"""Which rows of a table a caller sees: by the conditions that hold for all of them, and by the row
rules of the model that hold for one kind of caller.

A table enters a plan, and by it a statement, only as ``VisibleRows``, and only ``Visibility`` makes
them: what reads a table cannot leave its rules out. Conditions and rules are shape and part of the
plan; the claims that rules compare with are values and travel beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from handler.access.rules import Requirement
from handler.compiler.comparison import Compare, compare, is_range
from handler.compiler.parameters import parameter_of_text
from handler.compiler.search import search
from handler.compiler.storage import UNKNOWN, Storage
from handler.model.column import Column
from handler.model.conditions import NEVER, And, Condition, Filter, Or, Where
from handler.model.groups import GroupColumn, GroupTable
from handler.model.model import Model
from handler.model.relations import Hop, Path
from handler.model.sort_keys import AggregateKey
from handler.model.tables import ClaimRule, RowRule, Table
from handler.model.united import UnitedTable, of_type
from handler.scalars.string import is_impossible
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, sql, value

MAX_CLAIM_CHARACTERS = 500  # what the authorizer lets through


class GuardWriter(Protocol):
    """What row rules ask of who writes a statement: see ``tables.py``."""

    storage: Storage
    claims: Mapping[str, str]  # of the caller

    def column(self, column: Column, alias: str) -> str:
        """The text of a column of the table that has this alias."""

    def from_path(
        self, path: VisiblePath, alias: str, start: str, conditions: Sequence[Sql]
    ) -> Sql:
        """The rows at the end of a path from a row, as ``Tables`` writes them."""


class ClaimGuard(Condition, frozen=True):
    """The column equals the caller's claim."""

    column: Column
    claim: str

    def sql(self, writer: GuardWriter, alias: str) -> Sql:
        name = writer.column(self.column, alias)
        claim = writer.claims.get(self.claim)
        storage = writer.storage
        if storage is not UNKNOWN and (
            storage.lacks(self.column, claim) or is_impossible(storage.of(self.column), claim)
        ):
            claim = None
        claimed, exact = claim_parameters(self.column, claim)
        is_exact = sql(f"CAST({name} AS BINARY) = ", value(exact))
        if isinstance(claimed, int):
            # A column of numbers (5) may display zeros in front of them; one of texts has to hold
            # these digits and nothing else.
            is_exact = sql(f"(COERCIBILITY({name}) = 5 OR ", is_exact, ")")
        return sql(f"{name} = ", value(claimed), " AND ", is_exact)

    def columns(self) -> Iterator[Column]:
        yield self.column

    def __str__(self) -> str:
        return f"{self.column.field} = claim {self.claim}"


class ThroughGuard(Condition, frozen=True):
    """One of the rows at the end of a path belongs to the row."""

    field: str
    path: VisiblePath

    @property
    def rows(self) -> VisibleRows:
        """The rows at its end."""
        return self.path.target

    def sql(self, writer: GuardWriter, alias: str) -> Sql:
        depth = int(alias[1:].partition("_")[0]) if alias[0] == "g" else 0
        inner = f"g{depth + 1}"
        found = writer.from_path(self.path, inner, alias, [])
        return sql("EXISTS (SELECT 1", found, ")")


Guard: TypeAlias = ClaimGuard | ThroughGuard


class VisibleRows(Struct, frozen=True):
    """The rows of a table for which all guards hold."""

    table: Table
    guards: tuple[Condition, ...]
    kinds: tuple[VisibleRows, ...] = ()  # of those members of a union that the caller may read
    is_partial: bool = False  # whether others see more of the table than the caller may

    def __str__(self) -> str:
        """Such as ``order.customerId = claim customer_id``; empty where all rows are visible."""
        return " and ".join(_texts(self.guards, ""))

    def leaves(self) -> Iterator[Condition]:
        """The guards, and what those are made of that are made of others."""
        for guard in self.guards:
            yield from guard.leaves()

    @property
    def reads_range(self) -> bool:
        """Whether a condition chooses them by a range of values."""
        return any(map(is_range, self.leaves()))

    @property
    def needs_types(self) -> bool:
        """Whether a condition depends on the type of a column in the database."""
        return any(each.filter.needs_types for each in self.leaves() if isinstance(each, Compare))

    def all_read(self) -> Iterator[VisibleRows]:
        """These rows, and all that are read to find out which ones they are."""
        yield self
        for guard in self.leaves():
            if isinstance(guard, ThroughGuard):
                yield from guard.path.all_read()

    def claims(self) -> Iterator[str]:
        """Names of the claims that decide; some perhaps more than once."""
        for rows in self.all_read():
            yield from (guard.claim for guard in rows.leaves() if isinstance(guard, ClaimGuard))


class VisibleGroups(VisibleRows, frozen=True, kw_only=True):
    """Groups of the rows of ``source`` that the caller sees."""

    source: VisibleRows
    ways: Mapping[tuple[Hop, ...], VisiblePath]  # to rows that have keys and values
    made: Mapping[str, VisiblePath] = {}  # by field: the rows that its aggregate is made of

    def __str__(self) -> str:
        return str(self.source)

    def all_read(self) -> Iterator[VisibleRows]:
        yield from self.source.all_read()
        for way in (*self.ways.values(), *self.made.values()):
            yield from way.all_read()


class VisibleUnion(VisibleRows, frozen=True):
    """Rows of several tables, those of ``kinds``."""

    def __str__(self) -> str:
        told = ((each.table.type_name, str(each)) for each in self.kinds)
        return ", ".join(f"{name}: {which}" for name, which in told if which)

    @property
    def needs_types(self) -> bool:
        return any(each.needs_types for each in self.kinds)

    def all_read(self) -> Iterator[VisibleRows]:
        for each in self.kinds:
            yield from each.all_read()


class VisiblePath(Struct, frozen=True):
    """A path, and of each table on it the rows that the caller sees; others do not lead on."""

    hops: tuple[Hop, ...]
    rows: tuple[VisibleRows, ...]  # to which each hop leads
    may_repeat: bool = False  # a row at its end, if a link table holds a pair twice

    @property
    def target(self) -> VisibleRows:
        """The rows at its end."""
        return self.rows[-1]

    @property
    def is_direct(self) -> bool:
        """Whether no link table stands between."""
        return len(self.hops) == 1

    def all_read(self) -> Iterator[VisibleRows]:
        """All that is read to follow it."""
        for rows in self.rows:
            yield from rows.all_read()


class Visibility(Struct, eq=False):
    """What one kind of caller sees; ``is_lifted`` says whether a rule does not hold for it.

    ``may_read``: whether it may read a type at all; rows of others are not among those of their
    interfaces and unions.
    """

    _model: Model
    _is_lifted: Callable[[Requirement], bool]
    _may_read: Callable[[str], bool]
    _known: dict[str, VisibleRows] = field(default_factory=dict)

    def rows(self, type_name: str, conditions: Sequence[Where] = ()) -> VisibleRows:
        """The rows of a type, or of a link table, that such a caller sees.

        ``conditions``: of a field that gives them, beside those of the type. Raises KeyError
        without a table.
        """
        known = self._known.get(type_name)
        if known is None:
            table = self._model.table(type_name)
            if isinstance(table, GroupTable):
                return self._groups(table, conditions)
            if isinstance(table, UnitedTable):
                own = [
                    self.rows(kind, of_type(tuple(conditions), kind))
                    for kind in table.kinds
                    if self._may_read(kind)
                ]
                is_partial = any(each.is_partial for each in own)
                return VisibleUnion(table, (), tuple(own), is_partial)
            kinds = tuple([self.rows(name) for name in table.kinds if self._may_read(name)])
            guards = tuple(self._guards(table, kinds))
            known = VisibleRows(table, guards, kinds, self._is_partial(table.name))
            self._known[type_name] = known
        if not conditions:
            return known
        guards = (*_constant((conditions,)), *known.guards)
        return VisibleRows(known.table, guards, known.kinds, known.is_partial)

    def _is_partial(self, table_name: str) -> bool:
        """Whether a table may have rows that the caller does not see and others do."""
        over = [self._model.tables[name] for name in self.types_of(table_name)]
        return any(
            not self._may_read(table.type_name)
            or not all(self._is_lifted(rule.unless) for rule in table.row_rules)
            for table in over
            if not table.kinds
        )

    def _guards(self, table: Table, kinds: Sequence[VisibleRows]) -> Iterator[Condition]:
        """Which rows are of the type, and which of these the caller sees."""
        if table.kinds:
            yield _of_kinds(table, kinds)
        yield from _constant(self._model.conditions(table.type_name))
        for rule in table.row_rules:
            guard = self._guard(rule)
            if guard is not None:
                yield guard

    def _groups(self, table: GroupTable, conditions: Sequence[Where]) -> VisibleGroups:
        ways = {column.hops for column in table.of_kind(GroupColumn).values() if column.way}
        paths = {hops: self.path(Path(hops)) for hops in sorted(ways, key=str)}
        rows = self.rows(table.source, conditions)
        made = {
            name: self.path(column.made_of.made.plain)
            for name, column in table.of_kind(GroupColumn).items()
            if isinstance(column.made_of, AggregateKey)
        }
        return VisibleGroups(table, (), source=rows, ways=paths, made=made)

    def path(self, path: Path) -> VisiblePath:
        """A relation's path over the rows that such a caller sees."""
        rows = tuple([self.rows(hop.target, hop.conditions) for hop in path.hops])
        return VisiblePath(path.hops, rows, bool(path.links) and not path.key)

    def claims(self) -> tuple[str, ...]:
        """Names of all claims that decide what such a caller sees."""
        every = (self.rows(name) for name in self._model.tables)
        return tuple(sorted({name for rows in every for name in rows.claims()}))

    def guarded_tables(self) -> frozenset[str]:
        """The tables that have row rules, those that do not hold for such a caller included."""
        return frozenset(table.name for table in self._model.tables.values() if table.row_rules)

    def types_of(self, table_name: str) -> list[str]:
        """The types that are read from a table."""
        return [name for name, table in self._model.tables.items() if table.name == table_name]

    def _guard(self, rule: RowRule) -> Guard | None:
        if self._is_lifted(rule.unless):
            return None
        if isinstance(rule, ClaimRule):
            return ClaimGuard(rule.column, rule.claim)
        path = self.path(rule.one.path)
        # Where all rows are visible, whatever leads there is, and what leads to none as well.
        is_guarded = any(rows.guards for rows in path.rows)
        return ThroughGuard(rule.one.field, path) if is_guarded else None


def _constant(alternatives: Sequence[Sequence[Where]]) -> Sequence[Condition]:
    """What ``@where`` says, all of one of the alternatives."""
    found = [[_said(each) for each in every] for every in alternatives]
    if len(found) < 2:
        return found[0] if found else ()
    return [Or(tuple([And(tuple(every)) for every in found]))]


def _said(found: Where) -> Condition:
    used = found.filter
    return search(used, found.value) if used.is_search else compare(used, found.value)


def _of_kinds(table: Table, kinds: Sequence[VisibleRows]) -> Condition:
    """Of an interface or a union: the rows of the members that the caller may read."""
    members = table.members
    assert members is not None
    if not kinds:
        return NEVER
    if len(kinds) == 1:
        return And(kinds[0].guards)
    if all(len(each.guards) == 1 for each in kinds):
        values = tuple([members.values[each.table.type_name] for each in kinds])
        return Compare(Filter("", members.column, Operator.IN), values)
    return Or(tuple([And(each.guards) for each in kinds]))


def _texts(guards: Sequence[Condition], path: str) -> Iterator[str]:
    for guard in guards:
        if isinstance(guard, ThroughGuard):
            for on_the_way in guard.path.rows:
                yield from _texts(on_the_way.guards, f"{path}{guard.field}.")
        elif isinstance(guard, And):
            yield from _texts(guard.parts, path)
        elif isinstance(guard, Or):
            yield f"({' or '.join(' and '.join(_texts([each], path)) for each in guard.parts)})"
        else:
            yield f"{path}{guard}"


def claim_parameters(column: Column, claim: str | None) -> tuple[SqlValue, SqlValue]:
    """What a column has to equal: by its own comparison, which an index serves, and as bytes.

    The comparison alone would take texts in other letters, and ``7x`` for 7, as equal. Two NULLs,
    which nothing equals, for a claim that is missing, empty, that ends in blanks (the server pads
    with them) or that no such column can hold.
    """
    if not claim or claim != claim.strip() or len(claim) > MAX_CLAIM_CHARACTERS:
        return None, None
    try:
        return parameter_of_text(column, claim), claim.encode()
    except ValueError:
        return None, None
