"""Orders in statements: what the rows of a list are sorted by, and where a page begins in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from handler.compiler.found_pages import key_names, label_places, page_alias
from handler.compiler.keyset import Range, ranges
from handler.compiler.plan import Batch
from handler.compiler.tables import Tables, link_alias
from handler.compiler.values import BatchValues
from handler.sql.names import quote
from handler.sql.statement import Sql, SqlValue, sql, value, values


class Orders(Tables):
    """Writes the order of a batch's rows, and the columns that rows found in it carry on."""

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
    ) -> str:
        """``fixed``: so many columns are left out, the first ones.

        Columns that equal those of a link table are named there, where an index has them behind
        the parent's key: MySQL takes none otherwise. ``is_found``: of rows whose pages were found,
        which have them, too."""
        terms = list(links)
        same = batch.linked_columns
        if is_found and batch.is_linked:
            same = dict(zip(batch.table.key, key_names(batch), strict=True))
        found = label_places(batch, self.storage) if is_found else {}
        places = {column.field: f"{page_alias(batch)}.{name}" for name, column in found.items()}
        for term in batch.order[fixed:]:
            name = places.get(term.column.field) or self.column(term.column, alias)
            if name in links:
                continue  # the same for all rows of a parent
            if same and not term.column.link:
                in_link = same.get(term.column.stored_name or "")
                name = name if in_link is None else f"{self.link(batch, alias)}.{quote(in_link)}"
            terms.append(f"{name} DESC" if term.descending != backward else name)
        return ", ".join(terms)


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
