"""Statements: with ``tables.py`` the only place that writes SQL and quotes identifiers.

Every statement is one bounded ``SELECT`` valid on MariaDB 10.11, MySQL 8 and Aurora MySQL 3, of
the text protocol, and without anything on which RDS Proxy pins a connection. Values are
parameters (``%s``), which ``stores/literals.py`` writes.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from handler.compiler.cursor import SqlValue
from handler.compiler.model import Column, Operator, Order, Relation, Shape
from handler.compiler.plan import (
    AggregateSlot,
    Batch,
    ColumnSlot,
    FactKind,
    FactSlot,
    Plan,
    Slot,
    StoredSlot,
)
from handler.compiler.tables import Statement, Tables, quote, related
from handler.compiler.values import BatchValues, Condition, PlanValues

MAX_STATEMENT_BYTES = 16_384 - 1  # RDS Proxy pins on statements of 16 KB and more
_RESERVE_BYTES = 256  # for the time limit that the connection adds

ParentKey: TypeAlias = tuple[SqlValue, ...]


def compile_rows(
    plan: Plan,
    batch: Batch,
    values: PlanValues,
    keys: Sequence[ParentKey] | None = None,
    *,
    bounds_each: bool = False,
) -> list[Statement]:
    """The rows of one batch; several statements only where one would be too large.

    ``keys``: the distinct keys of the parents, for a batch that has a link. Returns at most
    ``size + 1`` rows for each parent of a page, and of lists at most one more than all parents
    together may have; with ``bounds_each`` at most ``size + 1`` for each parent of these, too. The
    columns are those of ``batch.slots``.
    """
    if keys is None:
        return [_Writer(plan, values).rows(batch, None, bounds_each=False)]
    whole = _Writer(plan, values).rows(batch, keys, bounds_each=bounds_each)
    if _most_bytes(whole) <= MAX_STATEMENT_BYTES - _RESERVE_BYTES:
        return [whole]
    return [
        _Writer(plan, values).rows(batch, part, bounds_each=bounds_each)
        for part in _parts(plan, batch, values, keys)
    ]


def compile_facts(plan: Plan, batch: Batch, values: PlanValues) -> Statement:
    """Total count and the like of a root connection: one row, columns as in ``batch.facts``."""
    writer = _Writer(plan, values)
    facts = ", ".join(writer.fact(batch, kind, None) for kind in batch.facts)
    return Statement(f"SELECT {facts}", tuple(writer.parameters))


def _parts(
    plan: Plan, batch: Batch, values: PlanValues, keys: Sequence[ParentKey]
) -> Iterator[Sequence[ParentKey]]:
    """Split the keys so that each statement stays under the limit, whatever it escapes."""
    fixed = _Writer(plan, values).frame(batch, keys[:1])
    room = MAX_STATEMENT_BYTES - _RESERVE_BYTES - len(fixed.text.encode())
    room -= sum(_literal_bytes(value) for value in fixed.parameters)
    # A key of several columns is written as (`a`=1 AND `b`=2) OR ...
    overhead = sum(len(name.encode()) + 16 for name in batch.link_columns)
    overhead = 2 if len(batch.link_columns) == 1 else overhead
    start, used = 0, 0
    for position, key in enumerate(keys):
        size = sum(_literal_bytes(value) for value in key) + overhead
        if used + size > room and position > start:
            yield keys[start:position]
            start, used = position, 0
        used += size
    yield keys[start:]


def _most_bytes(statement: Statement) -> int:
    """The most that a statement takes with its parameters in it."""
    # Four bytes of UTF-8 for a character, each of them escaped: quick, and nearly always enough.
    literals = sum(
        8 * len(value) + 12 if isinstance(value, str | bytes) else len(str(value)) + 4
        for value in statement.parameters
    )
    text_bytes = len(statement.text.encode())
    if text_bytes + literals > MAX_STATEMENT_BYTES - _RESERVE_BYTES:
        literals = sum(map(_literal_bytes, statement.parameters))
    return text_bytes + literals


def _literal_bytes(value: SqlValue) -> int:
    """The most that a value takes as an escaped literal."""
    if isinstance(value, str):
        return len(value.encode(errors="surrogatepass")) * 2 + 12  # _utf8mb4 X'...'
    if isinstance(value, bytes):
        return len(value) * 2 + 11  # _binary X'...'
    return len(str(value)) + 4


class _Writer(Tables):
    """Writes the statements of one plan."""

    def __init__(self, plan: Plan, values: PlanValues) -> None:
        super().__init__(values.claims)
        self.plan = plan
        self.values = values

    # -------------------------------------------------------------------------------- rows

    def rows(
        self, batch: Batch, keys: Sequence[ParentKey] | None, *, bounds_each: bool
    ) -> Statement:
        wanted = self.values[batch.index]
        select = self._select(batch)
        if keys is not None and len(keys) > 1 and (batch.rows.paging or bounds_each):
            text = self._pages(batch, wanted, keys, select)
        else:
            text = self._one_list(batch, wanted, keys, select)
        return Statement(text, tuple(self.parameters))

    def frame(self, batch: Batch, keys: Sequence[ParentKey]) -> Statement:
        """The longest form that ``rows`` has, to find out how many keys fit beside it."""
        wanted = self.values[batch.index]
        select = self._select(batch)
        found = self._numbered(batch, wanted, keys)
        text = self._rows_of(batch, wanted, keys, select, found, is_numbered=True)
        return Statement(text, tuple(self.parameters))

    def _select(self, batch: Batch) -> str:
        return ", ".join(self._slot(slot) for slot in batch.slots)

    def _one_list(
        self,
        batch: Batch,
        wanted: BatchValues,
        keys: Sequence[ParentKey] | None,
        select: str,
    ) -> str:
        """The rows of all parents in one go, or one page."""
        joins = self._joins(batch)
        conditions = self._chosen(batch, wanted, "t0", keys)
        text = f"SELECT {select}{self.from_(batch.rows_read, 't0', conditions, joins)}"
        links = _columns("t0", batch.link_columns) if keys and len(keys) > 1 else []
        if batch.rows.shape is not Shape.OBJECT:
            order = self._order(batch.order, "t0", backward=wanted.is_backward, links=links)
            text += f" ORDER BY {order}"
        limit = wanted.size * len(keys or (1,)) + (batch.rows.shape is not Shape.OBJECT)
        return f"{text} LIMIT {self.value(limit)}"

    def _pages(
        self,
        batch: Batch,
        wanted: BatchValues,
        keys: Sequence[ParentKey],
        select: str,
    ) -> str:
        """One page for each parent: find the keys of its rows first, then read these rows."""
        before = len(self.parameters)
        page = f"({self._page(batch, wanted, keys[0])})"
        # The pages of the other parents differ in nothing but the key, which stands first.
        rest = self.parameters[before + len(keys[0]) :]
        for key in keys[1:]:
            self.parameters += (*key, *rest)
        found = " UNION ALL ".join([page] * len(keys))
        text = self._rows_of(batch, wanted, keys, select, found)
        literal_bytes = sum(_literal_bytes(value) for value in self.parameters)
        if len(text.encode()) + literal_bytes <= MAX_STATEMENT_BYTES - _RESERVE_BYTES:
            return text
        del self.parameters[before:]
        found = self._numbered(batch, wanted, keys)
        return self._rows_of(batch, wanted, keys, select, found, is_numbered=True)

    def _rows_of(
        self,
        batch: Batch,
        wanted: BatchValues,
        keys: Sequence[ParentKey],
        select: str,
        found: str,
        *,
        is_numbered: bool = False,
    ) -> str:
        matched = " AND ".join(f"t0.{quote(name)} = page.{quote(name)}" for name in batch.table.key)
        text = f"SELECT {select} FROM ({found}) page"
        text += self.join("JOIN", batch.rows_read, "t0", matched) + self._joins(batch)
        if is_numbered:
            text += f" WHERE page.n <= {self.value(wanted.size + 1)}"
        links = _columns("t0", batch.link_columns)
        order = self._order(batch.order, "t0", backward=wanted.is_backward, links=links)
        return f"{text} ORDER BY {order} LIMIT {self.value((wanted.size + 1) * len(keys))}"

    def _page(self, batch: Batch, wanted: BatchValues, key: ParentKey) -> str:
        """The keys of one parent's page; reads no more index entries than it gives."""
        named = ", ".join(_columns("k", batch.table.key))
        order = self._order(batch.order, "k", backward=wanted.is_backward)
        found = self.from_(batch.rows_read, "k", self._chosen(batch, wanted, "k", [key]))
        return f"SELECT {named}{found} ORDER BY {order} LIMIT {self.value(wanted.size + 1)}"

    def _numbered(self, batch: Batch, wanted: BatchValues, keys: Sequence[ParentKey]) -> str:
        """The keys of all children with their numbers: for more parents than pages fit into one
        statement. Reads the index entries of all children."""
        named = ", ".join(_columns("k", batch.table.key))
        partition = ", ".join(_columns("k", batch.link_columns))
        order = self._order(batch.order, "k", backward=wanted.is_backward)
        found = self.from_(batch.rows_read, "k", self._chosen(batch, wanted, "k", keys))
        number = f"ROW_NUMBER() OVER (PARTITION BY {partition} ORDER BY {order})"
        return f"SELECT {named}, {number} AS n{found}"

    def _joins(self, batch: Batch) -> str:
        """LEFT JOIN always: the optimizer then keeps the order of the first table's index."""
        text = ""
        for index, source in enumerate(batch.sources[1:], start=1):
            relation = source.relation
            assert relation is not None
            on = " AND ".join(
                f"t{index}.{quote(there)} = t{source.joined_to}.{quote(here)}"
                for here, there in zip(relation.columns, relation.references, strict=True)
            )
            text += self.join("LEFT JOIN", source.rows, f"t{index}", on)
        return text

    # ------------------------------------------------------------------------------- slots

    def _slot(self, slot: Slot) -> str:
        match slot:
            case ColumnSlot(source, column):
                return self.column(column, f"t{source}")
            case StoredSlot(source, name):
                return f"t{source}.{quote(name)}"
            case AggregateSlot(source, relation, rows, column):
                what = "COUNT(*)"
                if column is not None:
                    what = f"COALESCE(SUM({self.column(column, 'r')}), 0)"
                matched = related(relation, "r", f"t{source}")
                return f"(SELECT {what}{self.from_(rows, 'r', [matched])})"
            case FactSlot(source, index, kind):
                return self.fact(self.plan.batches[index], kind, source)

    def fact(self, batch: Batch, kind: FactKind, source: int | None) -> str:
        """One fact about a connection as a subquery; ``source`` is its parent's, if it has one."""
        wanted = self.values[batch.index]
        conditions = self._conditions(batch, wanted, "r")
        if source is not None:
            relation = Relation(batch.parent_columns, batch.link_columns)
            conditions.insert(0, related(relation, "r", f"t{source}"))
        if kind is FactKind.COUNT:
            return f"(SELECT COUNT(*){self.from_(batch.rows_read, 'r', conditions)})"
        if wanted.cursor is None:
            return "0"
        conditions.append(
            self._beyond(batch.order, wanted.cursor, "r", backward=not wanted.is_backward, at=True)
        )
        return f"EXISTS (SELECT 1{self.from_(batch.rows_read, 'r', conditions)})"

    # --------------------------------------------------------------------- which rows, how

    def _chosen(
        self,
        batch: Batch,
        wanted: BatchValues,
        alias: str,
        keys: Sequence[ParentKey] | None,
    ) -> list[str]:
        """What the request asks of rows; the key stands first."""
        conditions = [self._keys(alias, batch.link_columns, keys)] if keys else []
        conditions += self._conditions(batch, wanted, alias)
        if wanted.cursor is not None:
            conditions.append(
                self._beyond(batch.order, wanted.cursor, alias, backward=wanted.is_backward)
            )
        return conditions

    def _keys(self, alias: str, columns: tuple[str, ...], keys: Sequence[ParentKey]) -> str:
        names = _columns(alias, columns)
        if len(columns) == 1:
            if len(keys) == 1:
                return f"{names[0]} = {self.value(keys[0][0])}"
            self.parameters += [key[0] for key in keys]
            return f"{names[0]} IN ({', '.join(['%s'] * len(keys))})"
        pairs = (
            " AND ".join(
                f"{name} = {self.value(part)}" for name, part in zip(names, key, strict=True)
            )
            for key in keys
        )
        alternatives = " OR ".join(f"({pair})" for pair in pairs)
        return f"({alternatives})" if len(keys) > 1 else alternatives

    def _conditions(self, batch: Batch, wanted: BatchValues, alias: str) -> list[str]:
        if wanted.matches_nothing:
            return ["FALSE"]
        return [self._condition(condition, alias) for condition in wanted.conditions]

    def _condition(self, condition: Condition, alias: str) -> str:
        column = self.column(condition.filter.column, alias)
        operator = condition.filter.operator
        if isinstance(condition.value, tuple):
            return f"{column} IN ({', '.join(self.value(item) for item in condition.value)})"
        if operator is Operator.PREFIX:
            return f"{column} LIKE {self.value(condition.value)} ESCAPE '|'"
        return f"{column} {operator.value} {self.value(condition.value)}"

    def _order(self, order: Order, alias: str, *, backward: bool, links: Sequence[str] = ()) -> str:
        terms = list(links)
        for term in order:
            if self.column(term.column, alias) in links:
                continue  # the same for all rows of a parent
            direction = " DESC" if term.descending != backward else ""
            terms.append(self.column(term.column, alias) + direction)
        return ", ".join(terms)

    def _beyond(
        self,
        order: Order,
        cursor: tuple[SqlValue, ...],
        alias: str,
        *,
        backward: bool,
        at: bool = False,
    ) -> str:
        """Rows after the cursor in the order (or before it), and the one ``at`` it.

        NULL sorts before every value, in both servers. What holds for the first column of all
        these rows stands in front, because an index serves that as one range.
        """
        down = [term.descending != backward for term in order]
        lead = self._lead(order[0].column, cursor[0], alias, down=down[0]) if len(order) > 1 else ""
        alternatives = []
        for depth, (term, value) in enumerate(zip(order, cursor, strict=True)):
            if value is None and down[depth]:
                continue  # nothing comes after NULL on the way down
            parts = [
                self._equal(t.column, v, alias) for t, v in zip(order[:depth], cursor, strict=False)
            ]
            parts.append(self._step(term.column, value, alias, down=down[depth]))
            alternatives.append(" AND ".join(parts))
        if at:
            parts = [self._equal(t.column, v, alias) for t, v in zip(order, cursor, strict=True)]
            alternatives.append(" AND ".join(parts))
        return lead + "(" + (" OR ".join(alternatives) or "FALSE") + ")"

    def _lead(self, column: Column, value: SqlValue, alias: str, *, down: bool) -> str:
        name = self.column(column, alias)
        if value is None:
            return f"{name} IS NULL AND " if down else ""
        if not down:
            return f"{name} >= {self.value(value)} AND "
        if column.is_nullable:
            return f"({name} <= {self.value(value)} OR {name} IS NULL) AND "
        return f"{name} <= {self.value(value)} AND "

    def _equal(self, column: Column, value: SqlValue, alias: str) -> str:
        name = self.column(column, alias)
        return f"{name} IS NULL" if value is None else f"{name} = {self.value(value)}"

    def _step(self, column: Column, value: SqlValue, alias: str, *, down: bool) -> str:
        name = self.column(column, alias)
        if value is None:
            return f"{name} IS NOT NULL"
        if not down:
            return f"{name} > {self.value(value)}"
        if column.is_nullable:
            return f"({name} < {self.value(value)} OR {name} IS NULL)"
        return f"{name} < {self.value(value)}"


def _columns(alias: str, names: Sequence[str]) -> list[str]:
    return [f"{alias}.{quote(name)}" for name in names]
