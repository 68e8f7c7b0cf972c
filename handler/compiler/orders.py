"""Orders in statements: what the rows of a list are sorted by, and where a page begins in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec.structs import replace

from handler.compiler.found_pages import key_names, label_places, page_alias
from handler.compiler.keyset import Range, ranges
from handler.compiler.made_keys import MadeKey
from handler.compiler.plan import Batch, Plan, Source
from handler.compiler.search import searched_by
from handler.compiler.tables import Tables, link_alias, source_alias
from handler.compiler.values import BatchValues, PlanValues
from handler.model.aggregates import ROWS, Aggregate
from handler.model.conditions import StoredTest
from handler.model.search import Relevance
from handler.model.sort_keys import exact
from handler.sql.names import quote
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, join, sql, value, values


class Orders(Tables):
    """Writes the order of a batch's rows, and the columns that rows found in it carry on."""

    plan: Plan
    given: PlanValues

    def link(self, batch: Batch, alias: str) -> str:
        """The alias of the table that has the columns by which parents are known."""
        return link_alias(batch.path, alias) if batch.path else alias

    def found(self, batch: Batch) -> list[str]:
        """What a page selects: the keys of its rows, and what is needed of a link table."""
        keys = columns_of("k", batch.table.key)
        if not batch.is_linked:
            return keys
        named = zip(keys, key_names(batch), strict=True)
        carried = columns_of(self.link(batch, "k"), batch.link_names)
        places = label_places(batch, self.storage).items()
        carried += [f"{self.column(column, 'k')} + 0 AS {name}" for name, column in places]
        return [*(f"{key} AS {name}" for key, name in named), *carried]

    def joined(self, batch: Batch, alias: str) -> list[Sql]:
        """The joins to rows of a list: of the tables between them and their parents, and of those
        whose columns they are sorted by."""
        links = self.links(batch.path, alias) if batch.path else []
        return [*links, *self.sorted_by(batch, alias)] if batch.order_sources else links

    def sorted_by(self, batch: Batch, alias: str) -> Iterator[Sql]:
        """The joins of the tables whose columns the rows are sorted by."""
        for number in batch.order_sources:
            source = batch.sources[number]
            there, here = source_alias(alias, number), source_alias(alias, source.joined_to)
            yield self.joined_one(source, there, here)

    def joined_one(self, source: Source, there: str, here: str) -> Sql:
        """The join of a table to an earlier one. LEFT JOIN always: the optimizer then keeps the
        order of the first table's index."""
        on: str | Sql
        if source.first is not None:
            on = source.first.is_row(self, there, f"{there}o", here)
        else:
            assert source.hop is not None
            on = source.hop.on(there, here)
        return self.join("LEFT JOIN", source.rows, there, on)

    def made(self, key: MadeKey | Relevance, alias: str, *, is_shown: bool = False) -> Sql:
        """An aggregate of the rows with this alias, as what is sorted by, or as what is shown; or
        how relevant they are.

        NULL where it is one of a far row that is not there.
        """
        if isinstance(key, Relevance):
            return self.relevance(key, alias)
        start = source_alias(alias, key.source)
        made = key.made if is_shown else self._sorted(key.made)

        def read(more: Sequence[Sql]) -> Sql:
            return self.from_path(key.over, ROWS, start, more)

        before, after = exact(key.scalar)
        found = sql(f"{before}(", made.function.sql(made, self, read), f"){after}")
        if not key.source:
            return found
        there = f"{start}.{quote(key.presence)}"
        return sql(f"(CASE WHEN {there} IS NOT NULL THEN ", found, " END)")

    def relevance(self, key: Relevance, alias: str) -> Sql:
        """The same for all rows where nothing is searched for.

        What a server calls relevance depends on how many rows of the table have a word: to a caller
        who may not see them all, it is how many of the words a row has."""
        searched = searched_by(self.given[key.batch].chosen, key)
        if searched is None:
            return Sql("0E0")
        searched = replace(searched, search=key.search)
        if not self.plan.batches[key.batch].rows_read.is_partial:
            return searched.score(self, alias)
        found = [sql("(", each.sql(self, alias), ")") for each in searched.found_words()]
        return sql("(", join(" + ", found), ")") if found else Sql("0E0")

    def place(self, key: MadeKey | Relevance, part: SqlValue) -> Sql:
        """What a page begins at. The relevance of its row changes with each write to the table, and
        that of its cursor counts where the row is gone."""
        if not isinstance(key, Relevance) or key.is_as_found:
            return value(part)
        batch = self.plan.batches[key.batch]
        found = [
            StoredTest(column, Operator.EQUAL, given).sql(self, "p")
            for column, given in key.row
            if column.stored_name in batch.table.key
        ]
        row = self.from_(batch.rows_read, "p", found)
        return sql("COALESCE((SELECT ", self.relevance(key, "p"), row, "), ", value(part), ")")

    def _sorted(self, made: Aggregate) -> Aggregate:
        """One that picks a label as one that picks its place in the column's type."""
        column = made.column
        stored = self.storage.of(column) if column is not None and made.function.picks else None
        if column is None or stored is None or not stored.labels:
            return made
        return replace(made, column=replace(column, parts=(*column.parts, " + 0")))

    def fixed(self, batch: Batch, wanted: BatchValues, start: Range | None) -> int:
        """How many of the order's first columns are the same in a page: MariaDB sorts what is all
        NULL."""
        order = batch.order
        fixed = start.fixed if start else 0
        for place, backward in ((wanted.after, False), (wanted.before, True)):
            if place is not None and place[0] is None:
                fixed = max(fixed, ranges(order, place, self.storage, backward=backward)[0].fixed)
        return fixed

    def order(
        self,
        batch: Batch,
        alias: str,
        *,
        backward: bool,
        links: Sequence[str] = (),
        is_found: bool = False,
        fixed: int = 0,
    ) -> str | Sql:
        """``fixed``: so many columns are left out, the first ones.

        Columns that equal those of a link table are named there, where an index has them behind
        the parent's key: MySQL takes none otherwise. ``is_found``: of rows whose pages were found,
        which have them, too."""
        terms = list(links)
        same = batch.linked_columns
        if is_found and batch.is_linked:
            same = dict(zip(batch.table.key, key_names(batch), strict=True))
        parameters: tuple[SqlValue, ...] = ()
        found = label_places(batch, self.storage) if is_found else {}
        places = {column.field: f"{page_alias(batch)}.{name}" for name, column in found.items()}
        for term in batch.order[fixed:]:
            column = term.column
            if column.is_made:
                assert isinstance(column, MadeKey | Relevance)
                made = self.made(column, alias)
                parameters += made.parameters
                terms.append(f"{made.text} DESC" if term.descending != backward else made.text)
                continue
            name = places.get(column.field) or self.column(column, alias)
            if name in links:
                continue  # the same for all rows of a parent
            if same and not column.link and column.is_own:
                in_link = same.get(column.stored_name or "")
                name = name if in_link is None else f"{self.link(batch, alias)}.{quote(in_link)}"
            terms.append(f"{name} DESC" if term.descending != backward else name)
        text = ", ".join(terms)
        return Sql(text, parameters) if parameters else text


def columns_of(alias: str, names: Sequence[str]) -> list[str]:
    return [f"{alias}.{quote(name)}" for name in names]


def of_parents(alias: str, columns: tuple[str, ...], keys: Sequence[tuple[SqlValue, ...]]) -> Sql:
    """The condition for rows of these parents."""
    names = columns_of(alias, columns)
    if len(columns) == 1:
        if len(keys) == 1:
            return sql(f"{names[0]} = ", value(keys[0][0]))
        return sql(f"{names[0]} IN (", values([key[0] for key in keys]), ")")
    pair = " AND ".join([f"{name} = %s" for name in names])
    if len(keys) == 1:
        return Sql(pair, keys[0])
    alternatives = " OR ".join([f"({pair})"] * len(keys))
    return Sql(f"({alternatives})", tuple(chain.from_iterable(keys)))
