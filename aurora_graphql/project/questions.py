"""Fields of ``Query``: look-ups by each key, and the lists that the indexes of a table serve."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aurora_graphql.catalog import IndexColumn
from aurora_graphql.project.description import Argument, Enum, Root
from aurora_graphql.project.lists import (
    PAGE,
    Order,
    equal_argument,
    equal_filters,
    groups_of,
    order_enum,
    orders_of,
    range_filters,
    search_filters,
    with_relevance,
)
from aurora_graphql.project.names import Namer, list_name, pascal, uncapitalized, words_of
from aurora_graphql.project.tables import Kept

_TIMES = ("date", "datetime", "timestamp")


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be asked of one table, and the enums of its orders."""

    roots: Sequence[Root]
    enums: Sequence[Enum]


class Questions:
    """Gives every table its fields of ``Query``, by names that are free.

    ``renamed``: sentences on those that are called otherwise than by rule.
    """

    def __init__(self, names: Namer, types: Namer) -> None:
        self.names = names
        self.types = types
        self.renamed: list[str] = []

    def of(self, table: Kept, types: Mapping[str, str], linked: Collection[str]) -> Asked:
        """``types``: of the fields by column; ``linked``: columns that lead to other rows."""
        name = table.type_name
        one = " ".join(words_of(name)) or name
        many, has_plural = list_name(name)
        found = [self._look_up(table, at, types, one) for at in range(len(table.keys))]
        field = self.names.take(many, f"{uncapitalized(name)}List", f"{many}Rows")
        if not has_plural or field != many:
            self.renamed.append(f"the list of {name} is the field {field}")
        what = " ".join(words_of(many)) if has_plural else f"rows of {one}"
        orders = orders_of(table, (), linked)
        enum_name = self.types.take(f"{name}Order", f"{name}OrderBy")
        enum = order_enum(enum_name, table, orders, f"Orders of `{field}`.")
        if enum:
            enum = with_relevance(enum, table)
        arguments = list(equal_filters(table, types.__getitem__))
        arguments += search_filters(table, what)
        if enum:
            arguments.append(Argument(name="orderBy", type=enum.name))
        told = ", unless another order is chosen." if enum else "."
        found.append(_list(table, field, arguments, f"{_capital(what)} by their key{told}"))
        found += self._ranges(table, orders, field, what)
        found += self._groups(table, types, linked, field, what)
        return Asked(found, [enum] if enum else [])

    def _look_up(self, table: Kept, at: int, types: Mapping[str, str], one: str) -> Root:
        key = table.keys[at]
        fields = [table.fields[part] for part in key]
        wish = uncapitalized(table.type_name) + (f"By{_joined(fields)}" if at else "")
        return Root(
            field=self.names.take(wish, f"{wish}Row"),
            target=table.type_name,
            arguments=[equal_argument(table, part, f"{types[part]}!") for part in key],
            is_list=False,
            description=f"One {one} by {' and '.join(fields)}, or null.",
        )

    def _ranges(
        self, table: Kept, orders: Sequence[Order], list_field: str, what: str
    ) -> list[Root]:
        """A list in the order of each indexed column, by a range of it or by how it begins."""
        found = []
        for order in orders:
            column = order.columns[0]
            if column.name in table.key or len(order.columns) > 1:
                continue
            if chosen := range_filters(table, column.name, what):
                field = self.names.take(f"{list_field}By{_joined([table.fields[column.name]])}")
                terms, told = _directed(table, column)
                told = f"{_capital(what)} by {told}"
                found.append(_list(table, field, chosen, told, terms))
        return found

    def _groups(
        self,
        table: Kept,
        types: Mapping[str, str],
        linked: Collection[str],
        list_field: str,
        what: str,
    ) -> list[Root]:
        """A list for each index of several columns: of the rows that are equal in all but the last
        one, in the order of that."""
        found = []
        for equal, column in groups_of(table, linked):
            fields = [table.fields[name] for name in equal]
            field = self.names.take(f"{list_field}By{_joined(fields)}")
            terms, told = _directed(table, column)
            given = " and ".join(f"`{each}`" for each in fields)
            arguments = [
                *(equal_argument(table, name, f"{types[name]}!") for name in equal),
                *range_filters(table, column.name, what),
            ]
            told = f"{_capital(what)} of one {given}, by {told}"
            found.append(_list(table, field, arguments, told, terms))
        return found


def _list(
    table: Kept,
    field: str,
    arguments: Sequence[Argument],
    description: str,
    order: Sequence[str] = (),
) -> Root:
    return Root(
        field=field,
        target=table.type_name,
        arguments=[*arguments, *PAGE],
        is_list=True,
        order=order,
        description=description,
    )


def _directed(table: Kept, column: IndexColumn) -> tuple[list[str], str]:
    """The order by a column, of times the latest first, and the words for it."""
    is_time = table.columns[column.name].data_type in _TIMES
    terms = Order((column,)).terms(table, turned=is_time != column.descending)
    return terms, f"`{table.fields[column.name]}`" + (", the latest first." if is_time else ".")


def _joined(fields: Sequence[str]) -> str:
    """``TypeAndStatus``, for the end of a name."""
    return "And".join(pascal((field,)) for field in fields)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
