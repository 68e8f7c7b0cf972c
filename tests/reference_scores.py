"""Orders by relevance: how well each row fits a text is asked of the server by itself.

The name of such a key says what is searched for: ``relevance(words) of [fields, mode, text]``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLField, GraphQLObjectType

from tests.directives import Order, directive
from tests.domains.database import RawRow, read_scores
from tests.reference_search import search_of, server_text
from tests.reference_sorts import TYPE
from tests.reference_united import UnitedRows

_RELEVANCE = re.compile(r"relevance\((\w+)\)")
_OF = ") of "


class ScoredRows(UnitedRows):
    """Rows in an order by how well they fit the words of an argument."""

    def order(self, field: GraphQLField, arguments: Mapping[str, Any]) -> Order:
        given = self.defaults(field) | dict(arguments)
        return tuple(
            (self._named(field, name, given), descending)
            for name, descending in super().order(field, arguments)
        )

    def _named(self, field: GraphQLField, name: str, arguments: Mapping[str, Any]) -> str:
        found = _RELEVANCE.fullmatch(name)
        if found is None:
            return name
        argument = field.args[found[1]]
        target = self.rows_field(field).target
        used = directive(argument.ast_node, "filter")
        searched = search_of(used, found[1], is_several=target.name in self.united)
        assert searched is not None
        return f"{name[:-1]}{_OF}{json.dumps([*searched, arguments.get(found[1])])}"

    def shown_name(self, name: str) -> str:
        return name.partition(_OF)[0] + ")" if _OF in name else name

    def key_text(self, owner: GraphQLObjectType, name: str, row: RawRow) -> str | None:
        _, _, said = name.partition(_OF)
        if not said:
            return super().key_text(owner, name, row)
        fields, is_boolean, text = json.loads(said)
        if text is None:
            return "0"
        one = self.one_type(owner, row)
        key = tuple(row[self.column(one, each)] for each in self.key(one))
        return self._scores(one.name, tuple(self.searched(one, fields)), is_boolean, text)[key]

    @functools.cache  # noqa: B019  # one reference lives as long as its tests
    def _scores(
        self, name: str, fields: Sequence[str], is_boolean: bool, text: str
    ) -> dict[tuple[str | None, ...], str]:
        """By key, how well each row of a table fits a text."""
        owner = self.types[name]
        return read_scores(
            self.url,
            self.table(owner),
            [self.column(owner, each) for each in self.key(owner)],
            [self.column(owner, each) for each in fields],
            server_text(text, is_boolean=is_boolean),
            "BOOLEAN" if is_boolean else "NATURAL LANGUAGE",
        )

    def sort_value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        if _OF in field:
            return (1, float(raw or 0))
        return super().sort_value(found, field, raw)

    def place_of(
        self, target: GraphQLObjectType, order: Order, cursor: str | None
    ) -> list[str | None] | None:
        """A page goes on behind a row, by what its relevance is for what is searched now."""
        place = super().place_of(target, order, cursor)
        names = [name for name, _ in order]
        if place is None or TYPE in names or not any(_OF in name for name in names):
            return place
        key = {each: place[names.index(each)] for each in self.key(target)}
        for row in self.rows[self.table(target)]:
            if all(row[self.column(target, each)] == value for each, value in key.items()):
                return [
                    self.key_text(target, name, row) if _OF in name else known
                    for name, known in zip(names, place, strict=True)
                ]
        return place
