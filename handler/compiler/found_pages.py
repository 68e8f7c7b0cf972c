"""Pages whose keys a statement finds first, as a table in it: which of them need that, and what it
and its columns are called.

Those of rows behind a link table have its columns that the statement needs, under their own names,
and so the link table's alias.
"""

from __future__ import annotations

from collections.abc import Sequence

from handler.compiler.comparison import Compare
from handler.compiler.plan import Batch
from handler.compiler.storage import Storage
from handler.compiler.tables import link_alias
from handler.model.column import Column
from handler.model.conditions import And


def is_by_key(batch: Batch) -> bool:
    """Whether rows come in the order of their key, in which a table lies."""
    names = [term.column.stored_name for term in batch.order if term.column.is_own]
    return names == list(batch.table.key) and len(names) == len(batch.order)


def is_found_whole(batch: Batch, chosen: And) -> bool:
    """Whether what looks for the keys of a page reads all that is shown of its rows, so that
    nothing is left to be read by them: columns of the key, of the order, of the parent and of
    filters."""
    columns = [term.column for term in batch.order]
    columns += [part.filter.column for part in chosen.parts if isinstance(part, Compare)]
    own = [each for each in columns if each.is_own and not each.link and not each.source]
    read = {*batch.table.key, *batch.link_columns, *(each.stored_name for each in own)}
    return all(slot.own_column() in read for slot in batch.slots)


def page_alias(batch: Batch) -> str:
    """What the pages are called."""
    return "page" if batch.path is None or batch.path.is_direct else link_alias(batch.path, "t0")


def key_names(batch: Batch) -> Sequence[str]:
    """What the keys of the rows are called in them."""
    if not batch.is_linked:
        return batch.table.key
    return [unlike(f"key{number}", batch.link_names) for number in range(len(batch.table.key))]


def page_names(batch: Batch) -> Sequence[str]:
    """The names of their columns."""
    return (*key_names(batch), *batch.link_names)


def number_names(batch: Batch) -> tuple[str, str, str]:
    """What is called the number of a row among those of its parent, of a row that comes again, and
    of the parent."""
    names = page_names(batch)
    return unlike("n", names), unlike("copy", names), unlike("parent", names)


def label_places(batch: Batch, storage: Storage) -> dict[str, Column]:
    """Columns of a link table by whose labels pages are ordered, and what their places in the
    order are called in what was found: a UNION makes texts of labels, which sort otherwise."""
    if not batch.is_linked or not storage.columns:
        return {}
    columns = [term.column for term in batch.order if term.column.link]
    names = page_names(batch)
    return {
        unlike(f"place{number}", names): column
        for number, column in enumerate(columns)
        if (stored := storage.of(column)) is not None and stored.labels
    }


def unlike(name: str, others: Sequence[str]) -> str:
    """A name for a column of ours that is none of theirs, whose letters' case does not count."""
    taken = {other.lower() for other in others}
    while name in taken:
        name += "_"
    return name
