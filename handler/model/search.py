"""Full text: arguments that search for words in several columns at once.

A FULLTEXT index finds them, over exactly these columns, and ``check`` tells where there is none.
Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handler.language.schema import (
    Element,
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
from handler.sql.operators import Operator


class Search(Filter, frozen=True):
    """An argument whose words are looked for in ``column`` and in all of the ``others``."""

    others: tuple[Column, ...] = ()
    is_boolean: bool = False  # signs before and behind words mean something

    is_search = True

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.column, *self.others)

    @property
    def needs_types(self) -> bool:
        return False


def read_search(
    schema: Schema,
    argument: InputValue,
    target: RowsType,
    columns: Mapping[str, Column],
    said: FilterBy,
) -> Search:
    """An argument, or a member of a filter input, with the operator MATCH."""
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
    return Search(argument.name, first, Operator.MATCH, is_required, tuple(others), said.is_boolean)


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
