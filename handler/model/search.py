"""Full text: arguments that search for words in several columns at once.

A FULLTEXT index finds them, over exactly these columns, and ``check`` tells where there is none.
Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from handler.language.schema import (
    Element,
    FieldDef,
    InputValue,
    ListOf,
    NonNull,
    RowsType,
    Schema,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.directives import FilterBy, searches_of
from handler.model.groups import GroupColumn
from handler.sql.operators import Operator

if TYPE_CHECKING:
    from handler.model.tables import Table

_RELEVANCE: Final = r"relevance\(\s*(\w+)\s*\)"


class Search(Filter, frozen=True):
    """An argument whose words are looked for in ``column`` and in all of the ``others``."""

    others: tuple[Column, ...] = ()
    is_boolean: bool = False  # signs before and behind words mean something
    key: tuple[str, ...] = ()  # columns that tell the rows of the table apart

    is_search = True

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.column, *self.others)

    @property
    def needs_types(self) -> bool:
        return False


class Relevance(Column, frozen=True, kw_only=True):
    """How well a row fits the words of a search, as a key of an order: a number of the server's.

    It depends on all rows of the table, and changes with each write to it. So a page goes on behind
    a row, by what that row's relevance is then: ``row`` is its key.
    """

    search: Search
    batch: int = -1  # of a plan, whose argument has the words
    row: tuple[tuple[Column, Any], ...] = ()  # where a page begins, as columns and values
    is_as_found: bool = False  # a page goes on behind the number that its cursor has
    is_own: ClassVar[bool] = False
    is_made: ClassVar[bool] = True

    @property
    def stored_name(self) -> None:
        return None

    @property
    def is_placed_by_type(self) -> bool:
        return False

    def place(self, target: str) -> tuple[str, str]:
        return self.search.column.place(target)

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        return [column.place(owner) for column in self.search.others]


def relevance_of(
    name: str, searches: Mapping[str, Filter] | None, element: Element, field_def: FieldDef
) -> Relevance | None:
    """What ``relevance(search)`` is in an order of a list; None for any other name.

    ``searches``: the arguments of the list that choose rows, by name; None of a list of groups.
    """
    found = re.fullmatch(_RELEVANCE, name)
    if found is None:
        return None
    if searches is None:
        raise schema_error(
            element,
            f"@orderBy names {name}, which is of a row, and this list gives groups of rows; order "
            f"them by their own fields",
        )
    used = searches.get(found[1])
    if not isinstance(used, Search):
        raise schema_error(
            element,
            f"@orderBy names {name}, and the list {field_def.name!r} "
            f"({field_def.origin.file}:{field_def.origin.location.line}) has no argument "
            f"{found[1]!r} that searches: write "
            f"{found[1]}: String @filter(operator: MATCH, fields: [...])",
        )
    return Relevance(
        field=name,
        scalar="Float",
        is_nullable=False,
        parts=(),
        origin=used.column.origin,
        search=used,
    )


def read_search(
    schema: Schema,
    argument: InputValue,
    target: RowsType,
    columns: Mapping[str, Column],
    key: tuple[str, ...],
    said: FilterBy,
) -> Search:
    """An argument, or a member of a filter input, with the operator MATCH.

    ``columns``: of the rows by field; ``key``: the columns of their key.
    """
    what = f"argument {argument.name!r}"
    if said.fields and said.field:
        raise schema_error(argument, f"{what}: write field or fields, not both")
    given = schema.basis(named(argument.type))
    if given != "String" or isinstance(nullable(argument.type), ListOf):
        raise schema_error(
            argument, f"{what} is a {argument.type}, but the operator MATCH takes one String"
        )
    names = said.fields or (said.field or argument.name,)
    first, *others = _searched(argument, what, target, columns, names)
    is_required = isinstance(argument.type, NonNull)
    return Search(
        argument.name,
        first,
        Operator.MATCH,
        is_required,
        others=tuple(others),
        is_boolean=said.is_boolean,
        key=key,
    )


def check_searchable(target: RowsType, columns: Mapping[str, Column]) -> None:
    """Refuse a ``@searchable`` over what no FULLTEXT index holds."""
    for used in searches_of(target):
        _searched(target, f"type {target.name}: @searchable", target, columns, used.fields)


def _searched(
    element: Element,
    what: str,
    target: RowsType,
    columns: Mapping[str, Column],
    names: Sequence[str],
) -> list[Column]:
    """The columns of these fields, in which words are looked for."""
    texts = {
        name: column
        for name, column in columns.items()
        if column.scalar == "String" and column.stored_name and not column.link
        if not isinstance(column, GroupColumn)  # of a table that a statement makes
    }
    if not names:
        raise schema_error(element, f"{what} names no field to search in; name some in fields")
    for name in names:
        if name not in texts:
            among = ", ".join(texts) or f"none, because {target.name} has no such field"
            raise schema_error(
                element,
                f"{what} searches {name!r}, which is no String of {target.name} with a column of "
                f"its own; it may be one of {among}",
            )
        if names.count(name) > 1:
            raise schema_error(element, f"{what} names {name!r} twice")
    return [texts[name] for name in names]
