"""Relations: both ends of every foreign key, links as many-to-many, and guesses by names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aurora_graphql.catalog import ForeignKey, LiveColumn
from aurora_graphql.project.names import camel, list_name, pascal, uncapitalized, words_of
from aurora_graphql.project.tables import Kept
from handler.sql.stored_type import WHOLE_NUMBERS

_ENDS: Final = frozenset(("id", "uuid", "guid", "fk", "ref"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key between two tables that are written, declared or guessed."""

    name: str  # the constraint's; of a guess the column's
    owner: Kept
    target: Kept
    columns: tuple[str, ...]
    references: tuple[str, ...]
    is_guessed: bool = False

    @property
    def is_required(self) -> bool:
        """Whether every row has one: a guess promises nothing."""
        columns = self.owner.columns
        return not self.is_guessed and not any(columns[name].is_nullable for name in self.columns)

    @property
    def is_unique(self) -> bool:
        """Whether at most one row there has it."""
        return any(set(key) <= set(self.columns) for key in self.owner.keys)


def find_links(tables: Sequence[Kept]) -> tuple[list[Link], list[str]]:
    """The links between the tables, and sentences on foreign keys that are none."""
    by_name = {table.name: table for table in tables}
    links, told = [], []
    for owner in tables:
        order = list(owner.live.columns)
        for found in sorted(
            owner.live.foreign_keys, key=lambda key: [order.index(name) for name in key.columns]
        ):
            target = by_name.get(found.table)
            if found.database:
                told.append(
                    f"{owner.name}: foreign key {found.name} leads into the database "
                    f"{found.database!r}, which is another one"
                )
            elif target is not None and _is_whole(owner, target, found):
                links.append(
                    Link(
                        name=found.name,
                        owner=owner,
                        target=target,
                        columns=found.columns,
                        references=found.references,
                    )
                )
    return _once(links), told


def _is_whole(owner: Kept, target: Kept, found: ForeignKey) -> bool:
    """Whether its columns are written, and those there are a key of the rows."""
    return set(found.columns) <= owner.columns.keys() and any(
        set(key) <= set(found.references) for key in target.keys
    )


def _once(links: Iterable[Link]) -> list[Link]:
    """Without those that say what another one says, as some databases have them."""
    found: dict[tuple[object, ...], Link] = {}
    for link in links:
        pairs = tuple(sorted(zip(link.columns, link.references, strict=True)))
        found.setdefault((link.owner.name, link.target.name, pairs), link)
    return list(found.values())


# -------------------------------------------------------------------------------------- guesses


def guess_links(tables: Sequence[Kept], singular_name: Callable[[str], str]) -> list[Link]:
    """Links by names, such as ``post_id`` and ``wp_posts.ID``, where the types fit.

    ``singular_name``: the name of one row of a table, as ``post``.
    """
    single = {
        table.name: table for table in tables if len(table.key) == 1 and not table.live.is_view
    }
    by_word = {tuple(words_of(singular_name(name))): table for name, table in single.items()}
    by_key: dict[str, list[Kept]] = {}
    for table in single.values():
        by_key.setdefault(table.key[0].lower(), []).append(table)
    links = []
    for owner in tables:
        if owner.live.is_view:
            continue
        for column in owner.columns.values():
            target = _guess(owner, column, by_word, by_key)
            if target is not None and _fits(column, target.columns[target.key[0]]):
                links.append(
                    Link(
                        name=column.name,
                        owner=owner,
                        target=target,
                        columns=(column.name,),
                        references=target.key,
                        is_guessed=True,
                    )
                )
    return links


def _guess(
    owner: Kept,
    column: LiveColumn,
    by_word: Mapping[tuple[str, ...], Kept],
    by_key: Mapping[str, Sequence[Kept]],
) -> Kept | None:
    words = words_of(column.name)
    is_indexed = any(index.columns[0].name == column.name for index in owner.live.indexes)
    if words[-1:] == ["parent"] and is_indexed and len(owner.key) == 1:
        return owner
    if len(words) < 2 or words[-1] not in _ENDS or owner.key == (column.name,):
        return None
    named = by_key.get(column.name.lower(), ())
    if len(named) == 1 and named[0] is not owner:
        return named[0]
    base = words[:-1]
    if base == ["parent"]:
        return owner if len(owner.key) == 1 else None
    for start in range(len(base)):  # comment_post_ID: a comment post, or else a post
        found = by_word.get(tuple(base[start:]))
        if found is not None:
            return found
    return None


def _fits(here: LiveColumn, there: LiveColumn) -> bool:
    """Whether an index of the other column serves the comparison."""
    if here.data_type in WHOLE_NUMBERS and there.data_type in WHOLE_NUMBERS:
        return not here.column_type.startswith("tinyint(1)")
    return (here.data_type, here.collation) == (there.data_type, there.collation)


# ---------------------------------------------------------------------------------------- names


def row_name(link: Link) -> tuple[str, bool]:
    """The field for the row that a link leads to, and whether it is other than its column's."""
    owner, target = link.owner, link.target
    plain = uncapitalized(target.type_name)
    words = words_of(link.columns[0])
    if len(link.columns) > 1 or not words:
        return plain, True
    there = words_of(link.references[0])
    if len(words) > 1 and (words[-1] in _ENDS or words[-1:] == there[-1:]):
        return camel(words[:-1]), True
    if words[-1:] and words[-1].endswith("id") and words[-1] != "id" and owner.columns:
        shorter = words[-1].removesuffix("id")
        if pascal((*words[:-1], shorter)).lower() == target.type_name.lower():
            return plain, True
    if words == ["id"] or words == there:
        return plain, plain != owner.fields[link.columns[0]]
    return camel(words), False


def rows_name(link: Link, *, is_alone: bool, row_field: str) -> str:
    """The field for the rows, or the one row, at the other end of a link."""
    owner, target = link.owner, link.target
    if owner is target and row_field == "parent" and not link.is_unique:
        return "children"
    name = uncapitalized(owner.type_name) if link.is_unique else list_name(owner.type_name)[0]
    by = f"By{row_field[:1].upper()}{row_field[1:]}"
    is_plain = is_alone or row_field == uncapitalized(target.type_name)
    return name if is_plain and owner is not target else name + by


def link_ends(links: Sequence[Link]) -> list[tuple[Link, Link]]:
    """The pairs of links of link tables, whose columns together are a key: from here, to there."""
    by_owner: dict[str, list[Link]] = {}
    for link in links:
        by_owner.setdefault(link.owner.name, []).append(link)
    found = []
    for own in by_owner.values():
        for here in own:
            for there in own:
                together = {*here.columns, *there.columns}
                is_key = any(set(key) == together for key in here.owner.keys)
                apart = set(here.columns).isdisjoint(there.columns)
                if here is not there and is_key and apart:
                    found.append((here, there))
    return found
