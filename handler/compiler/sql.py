"""Statements: with ``tables.py`` the only place that writes SQL and quotes identifiers.

Every statement is one bounded ``SELECT`` valid on MariaDB 10.11, MySQL 8 and Aurora MySQL 3, of
the text protocol, and without anything on which RDS Proxy pins a connection. Values are
parameters (``%s``), which ``stores/mysql/literals.py`` writes.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from functools import partial
from itertools import chain
from math import inf
from typing import TypeAlias

from handler.compiler.found_pages import (
    is_by_key,
    is_found_whole,
    key_names,
    number_names,
    page_alias,
)
from handler.compiler.groups import (
    compile_groups,
    compile_groups_by_parent,
    count_groups,
    has_groups_beyond,
)
from handler.compiler.keyset import Range, beyond, ranges
from handler.compiler.orders import Orders, columns_of, of_parents
from handler.compiler.plan import Batch, FactKind, Plan
from handler.compiler.search import Matches
from handler.compiler.sizes import KEYS_BYTES, MOST_BYTES, literal_bytes, most_bytes
from handler.compiler.united import compile_united, count_united, has_united_beyond
from handler.compiler.values import BatchValues, PlanValues
from handler.errors import LimitError
from handler.model.conditions import NEVER, And
from handler.model.lists import Shape
from handler.sql.names import quote
from handler.sql.statement import Sql, SqlValue, Statement, join, sql, value

ParentKey: TypeAlias = tuple[SqlValue, ...]
# Not by an index whose first columns are left open: MySQL takes that for quicker, without regard to
# the order and the limit. ``k`` is the alias of the rows whose keys are found.
NO_SKIP_SCAN = "/*+ NO_SKIP_SCAN(k) */"


def compile_rows(
    plan: Plan,
    batch: Batch,
    given: PlanValues,
    keys: Sequence[ParentKey] | None = None,
    *,
    bounds_each: bool = False,
    is_distinct: bool = False,
    most_rows: float = inf,
) -> list[Statement]:
    """The rows of one batch; several statements only where one would be too large.

    ``keys``: the distinct keys of the parents, for a batch that has a link. Returns at most
    ``size + more`` rows for each parent of a page, and of lists at most one more than all parents
    together may have; with ``bounds_each`` at most ``size + more`` for each parent of these, too,
    and with ``is_distinct``, where moreover no row comes twice though a link table holds it twice.
    No statement gives more than ``most_rows``, what the request may still read and one more. The
    columns are those of ``batch.slots``. Raises ``LimitError`` where the values of the request
    leave too little room for keys.
    """
    writer = StatementWriter(plan, given, most_rows)
    if keys is None:
        return [Statement.of(writer.rows(batch, None, bounds_each=False), batch.index)]
    write = partial(writer.rows, bounds_each=bounds_each)
    if is_distinct:
        write = partial(writer.numbered_rows, is_distinct=True)
    whole = write(batch, keys)
    if most_bytes(whole) <= MOST_BYTES:
        return [Statement.of(whole, batch.index)]
    return [Statement.of(write(batch, part), batch.index) for part in _parts(writer, batch, keys)]


def compile_by_parent(
    plan: Plan,
    batch: Batch,
    given: PlanValues,
    keys: Sequence[ParentKey],
    *,
    is_distinct: bool = False,
    most_rows: float = inf,
) -> list[Statement]:
    """The rows of each parent by itself, at most ``size + more``, with one column more at the end:
    the parent's number among ``keys``.

    For keys that the server may find equal though their bytes are not: by a collation, by blanks
    at the end, or by another type. A row that equals two keys comes twice. ``is_distinct``: as for
    ``compile_rows``. Raises ``LimitError``.
    """
    writer = StatementWriter(plan, given, most_rows)

    def statements(numbered: Sequence[tuple[int, ParentKey]]) -> Iterator[Statement]:
        whole = writer.rows_by_parent(batch, numbered, is_distinct=is_distinct)
        if most_bytes(whole) <= MOST_BYTES:
            yield Statement.of(whole, batch.index)
        elif len(numbered) == 1:
            raise _too_long(batch, whole)
        else:
            middle = len(numbered) // 2
            yield from statements(numbered[:middle])
            yield from statements(numbered[middle:])

    return list(statements(list(enumerate(keys))))


def compile_facts(plan: Plan, batch: Batch, given: PlanValues) -> Statement:
    """Total count and the like of a root connection: one row, columns as in ``batch.facts``."""
    writer = StatementWriter(plan, given)
    facts = [writer.fact(batch, kind, None) for kind in batch.facts]
    return Statement.of(sql("SELECT ", join(", ", facts)), batch.index)


def _parts(
    writer: StatementWriter, batch: Batch, keys: Sequence[ParentKey]
) -> Iterator[Sequence[ParentKey]]:
    """Split the keys so that each statement stays under the limit, whatever it escapes."""
    fixed = writer.frame(batch, keys[:1])
    room = MOST_BYTES - most_bytes(fixed)
    if room < KEYS_BYTES:
        raise _too_long(batch, fixed)
    # A key of several columns is written as (`a`=1 AND `b`=2) OR ...
    overhead = sum(len(name.encode()) + 16 for name in batch.link_columns)
    overhead = 2 if len(batch.link_columns) == 1 else overhead
    start, used = 0, 0
    for position, key in enumerate(keys):
        size = sum(map(literal_bytes, key)) + overhead
        if used + size > room and position > start:
            yield keys[start:position]
            start, used = position, 0
        used += size
    yield keys[start:]


def _too_long(batch: Batch, whole: Sql) -> LimitError:
    return LimitError(
        f"{batch.field} makes a statement of {most_bytes(whole)} bytes, more than the "
        f"{MOST_BYTES - KEYS_BYTES} that leave room for the rows it belongs to; send shorter "
        f"values or a shorter cursor, or ask for fewer fields"
    )


class StatementWriter(Orders):
    """Writes the statements of one plan for the values of one request."""

    def __init__(self, plan: Plan, given: PlanValues, most_rows: float = inf) -> None:
        super().__init__(given.claims, given.storage)
        self.plan = plan
        self.given = given
        self.most_rows = most_rows

    # -------------------------------------------------------------------------------- rows

    def rows(self, batch: Batch, keys: Sequence[ParentKey] | None, *, bounds_each: bool) -> Sql:
        """The rows of one batch for these parents, in one statement of whatever size."""
        if batch.groups:
            return compile_groups(self, batch, keys, bounds_each=bounds_each)
        if batch.united:
            return compile_united(self, batch)
        several = len(keys or ()) > 1
        is_first = batch.rows.shape is Shape.FIRST
        if keys and several and (batch.rows.paging or is_first or bounds_each):
            return self._pages(batch, keys)
        if several or batch.is_one or batch.is_linked:
            return self._one_list(batch, keys)
        wanted = self.given[batch.index]
        if wanted.reads_range or batch.is_computed:
            return self._one_page(batch, keys)
        is_all = not (keys or wanted.chosen or batch.rows_read.guards)
        is_known = (is_all and is_by_key(batch)) or is_found_whole(batch, wanted.chosen)
        if not batch.rows.is_page or is_known:
            return self._one_list(batch, keys)
        return self._one_page(batch, keys)

    def frame(self, batch: Batch, keys: Sequence[ParentKey]) -> Sql:
        """The longest form that ``rows`` has, to find out how many keys fit beside it."""
        if batch.groups:
            return self.rows(batch, keys, bounds_each=True)
        return self.numbered_rows(batch, keys, is_distinct=bool(batch.place))

    def _select(self, batch: Batch) -> Sql:
        parts: list[str | Sql] = []
        for slot in batch.slots:
            parts += (", ", slot.sql(self, batch))
        return sql(*parts[1:])

    def _one_list(self, batch: Batch, keys: Sequence[ParentKey] | None) -> Sql:
        """The rows of all parents in one go, or one page."""
        wanted = self.given[batch.index]
        parts: list[str | Sql] = [
            "SELECT ",
            self._select(batch),
            self.from_(
                batch.rows_read,
                "t0",
                self._chosen(batch, wanted, "t0", keys),
                *(self.links(batch.path, "t0") if batch.path else ()),
                *self._joins(batch),
            ),
        ]
        if not batch.is_one:
            link = self.link(batch, "t0")
            links = columns_of(link, batch.link_columns) if keys and len(keys) > 1 else []
            order = self.order(batch, "t0", backward=wanted.is_backward, links=links)
            parts += (" ORDER BY ", order)
        parts += (" LIMIT ", self._limit(wanted.size, len(keys or (1,)), wanted.more))
        if wanted.offset:
            parts += (" OFFSET ", value(wanted.offset))
        return sql(*parts)

    def _one_page(self, batch: Batch, keys: Sequence[ParentKey] | None) -> Sql:
        """A page that may begin inside its order: find the keys of its rows first.

        MySQL may read all rows before it where another index has all columns that are asked for,
        and where two ranges together seem to be the whole table. For the first page of a table both
        servers read all of such an index, and sort it, where a hundredth of the rows is asked for
        or more: 10,000 rows for 100.
        """
        wanted = self.given[batch.index]
        starts: Sequence[Range | None] = (None,)
        if wanted.start is not None and not batch.is_computed:
            backward = wanted.is_backward
            starts = ranges(batch.order, wanted.start, self.storage, backward=backward)
        key = keys[0] if keys else None
        pages = [sql("(", self._page(batch, wanted, key, start=start), ")") for start in starts]
        whole = self._rows_of(batch, wanted, (key,), join(" UNION ALL ", pages))
        if len(pages) == 1 or most_bytes(whole) <= MOST_BYTES:
            return whole
        # Each range repeats the filters: all of them as one condition say the same.
        return self._rows_of(batch, wanted, (key,), self._page(batch, wanted, key))

    def _pages(self, batch: Batch, keys: Sequence[ParentKey]) -> Sql:
        """One page for each parent: find the keys of its rows first, then read these rows."""
        if not batch.starts_in_link:
            return self.numbered_rows(batch, keys, is_distinct=False)
        wanted = self.given[batch.index]
        page = self._page(batch, wanted, keys[0])
        # The pages of the other parents differ in nothing but the key, which stands first in the
        # WHERE; the joins of link tables, which stand before it, may have values of row rules.
        start = sum(len(each.parameters) for each in self.joined(batch, "k"))
        head, rest = page.parameters[:start], page.parameters[start + len(keys[0]) :]
        found = Sql(
            " UNION ALL ".join([f"({page.text})"] * len(keys)),
            tuple(chain.from_iterable((*head, *key, *rest) for key in keys)),
        )
        whole = self._rows_of(batch, wanted, keys, found)
        if most_bytes(whole) <= MOST_BYTES:
            return whole
        return self.numbered_rows(batch, keys, is_distinct=False)

    def rows_by_parent(
        self, batch: Batch, numbered: Sequence[tuple[int, ParentKey]], *, is_distinct: bool
    ) -> Sql:
        """The rows of these parents, each with its parent's number, in one statement."""
        if batch.groups:
            return compile_groups_by_parent(self, batch, numbered)
        wanted, (*_, name) = self.given[batch.index], number_names(batch)
        pages = []
        for at, key in numbered:
            more = sql(", ", value(at), f" AS {name}")
            if is_distinct:
                page = self._numbered(batch, [key], more, is_distinct=True)
            else:
                page = self._page(batch, wanted, key, more)
            pages.append(sql("(", page, ")"))
        first = [self._first_ones(batch, is_distinct=True)] if is_distinct else []
        found, by = join(" UNION ALL ", pages), f"{page_alias(batch)}.{name}"
        return self._rows_of(batch, wanted, numbered, found, *first, by=by)

    def numbered_rows(self, batch: Batch, keys: Sequence[ParentKey], *, is_distinct: bool) -> Sql:
        """The rows of these parents; with ``is_distinct`` one of those at the same place."""
        found = self._numbered(batch, keys, is_distinct=is_distinct)
        first = self._first_ones(batch, is_distinct=is_distinct)
        is_numbered = batch.is_linked and not is_distinct
        return self._rows_of(
            batch, self.given[batch.index], keys, found, first, is_numbered=is_numbered
        )

    def _rows_of(
        self,
        batch: Batch,
        wanted: BatchValues,
        parents: Sized,
        found: Sql,
        *conditions: Sql,
        by: str | None = None,
        is_numbered: bool = False,
    ) -> Sql:
        """The rows whose keys were ``found``, in the order of their parents, or ``by`` a column
        that comes with them.

        ``is_numbered``: their numbers stand with what is found, so that this is sorted alone.
        """
        page = page_alias(batch)
        matched = " AND ".join(
            f"t0.{quote(name)} = {page}.{quote(found_as)}"
            for name, found_as in zip(batch.table.key, key_names(batch), strict=True)
        )
        links = [by] if by is not None else []
        if by is None and len(parents) > 1:
            links = columns_of(self.link(batch, "t0"), batch.link_columns)
        return sql(
            "SELECT ",
            self._select(batch),
            "" if by is None else f", {by}",
            " FROM (",
            found,
            f") {page}",
            self.join("JOIN", batch.rows_read, "t0", matched),
            *self._joins(batch),
            *conditions,
            " ORDER BY ",
            ", ".join([*links, f"{page}.{number_names(batch)[0]}"])
            if is_numbered
            else self.order(batch, "t0", backward=wanted.is_backward, links=links, is_found=True),
            " LIMIT ",
            self._limit(wanted.size + wanted.more, len(parents), 0),
        )

    def _limit(self, each: int, parents: int, more: int) -> Sql:
        """So many rows of each parent and some more, or as many as the request may read at all."""
        return value(int(min(each * parents + more, self.most_rows)))

    def _page(
        self,
        batch: Batch,
        wanted: BatchValues,
        key: ParentKey | None,
        more: Sql | None = None,
        start: Range | None = None,
    ) -> Sql:
        """The keys of a page of one parent, or of the root, or of what it has in a range; reads no
        more index entries than it gives."""
        fixed = self.fixed(batch, wanted, start)
        return sql(
            f"SELECT {NO_SKIP_SCAN} " if wanted.reads_range else "SELECT ",
            ", ".join(self.found(batch)),
            more or "",
            self._children(batch, wanted, None if key is None else [key], start),
            " ORDER BY ",
            self.order(batch, "k", backward=wanted.is_backward, fixed=fixed),
            " LIMIT ",
            value(wanted.size + wanted.more),
            *((" OFFSET ", value(wanted.offset)) if wanted.offset else ()),
        )

    def _numbered(
        self, batch: Batch, keys: Sequence[ParentKey], more: Sql | str = "", *, is_distinct: bool
    ) -> Sql:
        """The keys of all children with their numbers: for more parents than pages fit into one
        statement. Reads the index entries of all children.

        With ``is_distinct`` those at the same place have one number, and another counts them.
        """
        wanted, (number, copy, _) = self.given[batch.index], number_names(batch)
        named = ", ".join(self.found(batch))
        partition = ", ".join(columns_of(self.link(batch, "k"), batch.link_columns))
        order = self.order(batch, "k", backward=wanted.is_backward)
        numbers = "DENSE_RANK" if is_distinct else "ROW_NUMBER"
        over = f"{numbers}() OVER (PARTITION BY {partition} ORDER BY "
        counted = sql(over, order, f") AS {number}")
        if is_distinct:
            place = ", ".join(self.column(column, "k") for column in batch.place_columns)
            again = f", ROW_NUMBER() OVER (PARTITION BY {partition}, {place}) AS {copy}"
            counted = sql(counted, again)
        children = self._children(batch, wanted, keys)
        return sql(f"SELECT {named}, ", counted, more, children)

    def _first_ones(self, batch: Batch, *, is_distinct: bool) -> Sql:
        """Of what is numbered the first ones of each parent."""
        wanted = self.given[batch.index]
        page, (number, copy, _) = page_alias(batch), number_names(batch)
        end = wanted.offset + wanted.size + wanted.more
        first = sql(f" WHERE {page}.{number} <= ", value(end))
        if wanted.offset:
            first = sql(first, f" AND {page}.{number} > ", value(wanted.offset))
        return sql(first, f" AND {page}.{copy} = ", value(1)) if is_distinct else first

    # ------------------------------------------------------------------------ link tables

    def _children(
        self,
        batch: Batch,
        wanted: BatchValues,
        keys: Sequence[ParentKey] | None,
        start: Range | None = None,
    ) -> Sql:
        chosen = self._chosen(batch, wanted, "k", keys, start)
        return self.from_(batch.rows_read, "k", chosen, *self.joined(batch, "k"))

    def _joins(self, batch: Batch) -> Iterator[Sql]:
        for index, source in enumerate(batch.sources[1:], start=1):
            yield self.joined_one(source, f"t{index}", f"t{source.joined_to}")

    # ------------------------------------------------------------------------------- facts

    def fact(self, batch: Batch, kind: FactKind, source: int | None) -> Sql:
        """One fact about a connection as a subquery; ``source`` is its parent's, if it has one.

        One that needs no question is the constant 0.
        """
        wanted = self.given[batch.index]
        if kind not in wanted.facts:
            return _ZERO
        if batch.groups:
            is_count = kind is FactKind.COUNT
            return count_groups(self, batch) if is_count else has_groups_beyond(self, batch)
        if batch.united:
            is_count = kind is FactKind.COUNT
            return count_united(self, batch) if is_count else has_united_beyond(self, batch)
        alias = "k" if batch.is_computed else "r"  # the rows of an aggregate are called r
        is_root = source is None or batch.path is None
        conditions = self.conditions(
            wanted.chosen, alias, is_all=is_root and not batch.rows_read.guards
        )
        if kind is FactKind.COUNT:
            rows = self._of_parent(batch, alias, source, conditions)
            return sql("(SELECT COUNT(*)", rows, ")")
        if wanted.offset:  # rows are before the page if there are any
            any_row = sql("SELECT 1", self._of_parent(batch, alias, source, conditions), " LIMIT 1")
            return sql("COALESCE((", any_row, "), 0)")
        start = wanted.start
        assert start is not None  # or nothing would be asked
        backward = not wanted.is_backward
        found = beyond(batch.order, start, self.storage, backward=backward, at=True)
        # Whether the first row of all stands there: an index gives that row, also of each parent,
        # though MySQL needs to be told that these come in the order of their columns, too.
        down = {term.descending != wanted.is_backward for term in batch.order}
        direction = " DESC" if (down == {True} or (len(down) > 1 and wanted.is_backward)) else ""
        link = self.link(batch, alias)
        links = columns_of(link, batch.link_columns) if source is not None else ()
        return sql(
            f"COALESCE((SELECT /*+ NO_SKIP_SCAN({alias}) */ ",
            found.sql(self, alias),
            self._of_parent(batch, alias, source, conditions, *self.sorted_by(batch, alias)),
            " ORDER BY ",
            *(f"{name}{direction}, " for name in links),
            self.order(batch, alias, backward=wanted.is_backward),
            " LIMIT 1), 0)",
        )

    def _of_parent(
        self, batch: Batch, alias: str, source: int | None, conditions: list[Sql], *joins: Sql
    ) -> Sql:
        if source is None or batch.path is None:
            return self.from_(batch.rows_read, alias, conditions, *joins)
        return self.from_path(batch.path, alias, f"t{source}", conditions, *joins)

    # --------------------------------------------------------------------- which rows, how

    def _chosen(
        self,
        batch: Batch,
        wanted: BatchValues,
        alias: str,
        keys: Sequence[ParentKey] | None,
        start: Range | None = None,
    ) -> list[Sql]:
        """What the request asks of rows; the key stands first. ``start``: a part of those beyond
        where the page begins."""
        conditions = [of_parents(self.link(batch, alias), batch.link_columns, keys)] if keys else []
        is_all = not (keys or batch.rows_read.guards or wanted.after or wanted.before)
        conditions += self.conditions(wanted.chosen, alias, is_all=is_all)
        for place, backward in ((wanted.after, False), (wanted.before, True)):
            if place is None:
                continue
            if start is not None and backward == wanted.is_backward:
                rest = start.condition
            else:
                rest = beyond(batch.order, place, self.storage, backward=backward)
            conditions.append(rest.sql(self, alias))
        return conditions

    def conditions(self, chosen: And, alias: str, *, is_all: bool = False) -> list[Sql]:
        """The conditions that a request has put on rows. ``is_all``: nothing else chooses them."""
        parts = chosen.parts if chosen.can_match else (NEVER,)
        if is_all and len(parts) == 1 and isinstance(parts[0], Matches):
            return [parts[0].score(self, alias)]
        return [part.sql(self, alias) for part in parts]


_ZERO = Sql("0")
