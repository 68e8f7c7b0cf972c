"""Which rows the reference finds: by arguments, and by filter inputs."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from tests.directives import EDGE, PAGE_ARGUMENTS, directive
from tests.domains.database import RawRow
from tests.filter_inputs import OPERATORS
from tests.kinds import ROWS
from tests.reference_search import finds, search_member, search_of
from tests.reference_sorts import TYPE, SortedValues


class FilteredRows(SortedValues):
    """Whether a row passes what is asked of it."""

    def matches(
        self,
        field: GraphQLField,
        target: GraphQLObjectType,
        row: RawRow,
        arguments: Mapping[str, Any],
        like: GraphQLField | None = None,
    ) -> bool:
        """Whether a row passes all filters; ``like`` has arguments that say how they compare."""
        for name, value in arguments.items():
            if name in PAGE_ARGUMENTS or name in ("order", "sort") or value is None:
                continue
            kind = get_named_type(field.args[name].type)
            if isinstance(kind, GraphQLInputObjectType):
                if not self.fulfils(kind, target, row, value):
                    return False
                continue
            used = directive(field.args[name].ast_node, "filter") or {}
            if not used and like is not None and name in like.args:
                used = directive(like.args[name].ast_node, "filter") or {}
            searched = search_of(used, name, is_several=TYPE in row)
            if searched is not None:
                if not self.finds(target, row, *searched, value):
                    return False
                continue
            column = used.get("field") or name
            operator = used.get("operator", "EQUAL")
            if is_list_type(get_nullable_type(field.args[name].type)):
                operator = {"EQUAL": "IN", "NOT_EQUAL": "NOT_IN"}.get(operator, operator)
            if not self.passes(target, column, operator, row, value):
                return False
        return True

    def searched(self, target: GraphQLObjectType, fields: Sequence[str]) -> Sequence[str]:
        """The fields that are searched: those of the type's ``@searchable``, if none is named."""
        used = directive(target.ast_node, "searchable")
        return fields or (used or {})["fields"]

    def finds(
        self,
        target: GraphQLObjectType,
        row: RawRow,
        fields: Sequence[str],
        is_boolean: bool,
        value: str,
    ) -> bool:
        """Whether a row has words of a text in some of these fields."""
        texts = [self.stored(target, field, row) for field in self.searched(target, fields)]
        return finds(texts, value, self.fold, is_boolean=is_boolean)

    def fulfils(
        self,
        kind: GraphQLInputObjectType,
        target: GraphQLObjectType,
        row: RawRow,
        given: Mapping[str, Any],
    ) -> bool:
        """Whether a row passes a filter input: each of its members holds or does not."""
        return all(
            self.member_holds(kind, target, row, name, value)
            for name, value in given.items()
            if value is not None
        )

    def member_holds(
        self,
        kind: GraphQLInputObjectType,
        target: GraphQLObjectType,
        row: RawRow,
        name: str,
        value: Any,
    ) -> bool:
        if name == "and":
            return all(self.fulfils(kind, target, row, each) for each in value)
        if name == "or":
            return any(self.fulfils(kind, target, row, each) for each in value)
        if name == "not":
            return not self.fulfils(kind, target, row, value)
        is_of_edges = kind.name.endswith("EdgeFilter")
        searched = None if is_of_edges else search_member(target, name)
        if searched is not None:
            return self.finds(target, row, *searched, value)
        inner = get_named_type(kind.fields[name].type)
        assert isinstance(inner, GraphQLInputObjectType)
        if is_of_edges and name == "node":
            return self.fulfils(inner, target, row, value)
        field_name = EDGE + name if is_of_edges else name
        field = target.fields[field_name]
        if not isinstance(get_named_type(field.type), ROWS):
            return all(
                self.passes(target, field_name, OPERATORS[word], row, each)
                for word, each in value.items()
                if each is not None
            )
        rows = self.rows_field(field)
        related = self.related(row, field, self.relation(target, field))
        if not rows.is_list and not rows.is_connection:
            return any(self.fulfils(inner, rows.target, each, value) for each in related)
        shown = [r for r in related if self.matches(field, rows.target, r, self.defaults(field))]
        below = get_named_type(next(iter(inner.fields.values())).type)
        assert isinstance(below, GraphQLInputObjectType)
        found = functools.partial(self.fulfils, below, rows.target)
        quantified = {
            "some": lambda wanted: any(found(each, wanted) for each in shown),
            "none": lambda wanted: not any(found(each, wanted) for each in shown),
            "every": lambda wanted: all(found(each, wanted) for each in shown),
        }
        return all(quantified[word](wanted) for word, wanted in value.items() if wanted is not None)
