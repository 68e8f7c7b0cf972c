"""Random filter inputs for a domain, with values that mean something for its rows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from tests.directives import EDGE
from tests.reference import Reference
from tests.reference_aggregates import pool as values_of
from tests.reference_search import TEXTS, search_member


class RandomFilters:
    """Draws filter inputs that follow relations and combine others."""

    def __init__(self, reference: Reference, pools: Mapping[str, list[Any]], seed: int) -> None:
        self.reference = reference
        self.pools = pools
        self.random = random.Random(seed)

    def draw(self, target: str, depth: int = 2, size: int = 3) -> dict[str, Any]:
        """A filter over rows of a type."""
        kind = self.reference.schema.type_map[f"{target}Filter"]
        assert isinstance(kind, GraphQLInputObjectType)
        return self.drawn(kind, self.reference.types[target], depth, size)

    def draw_edges(self, owner: str, field: str, depth: int = 2) -> dict[str, Any]:
        """A filter over the edges of a list through a link table."""
        found = self.reference.types[owner].fields[field]
        edge = f"{get_named_type(found.type).name.removesuffix('Connection')}Edge"
        kind = self.reference.schema.type_map[f"{edge}Filter"]
        assert isinstance(kind, GraphQLInputObjectType)
        return self.drawn(kind, self.reference.rows_field(found).target, depth, 3)

    def drawn(
        self, kind: GraphQLInputObjectType, target: GraphQLObjectType, depth: int, size: int
    ) -> dict[str, Any]:
        """A filter of that kind; ``target``: with the fields of a link, if it is over edges."""
        names = [name for name in kind.fields if depth > 0 or name not in ("and", "or", "not")]
        wanted = self.random.sample(names, k=min(len(names), self.random.randint(1, size)))
        return {name: self.member(kind, target, name, depth) for name in wanted}

    def member(
        self, kind: GraphQLInputObjectType, target: GraphQLObjectType, name: str, depth: int
    ) -> Any:
        if self.random.random() < 0.03:
            return None
        if name in ("and", "or"):
            count = self.random.randint(0, 3)
            return [self.drawn(kind, target, depth - 1, 2) for _ in range(count)]
        if name == "not":
            return self.drawn(kind, target, depth - 1, 2)
        edge = EDGE if kind.name.endswith("EdgeFilter") else ""
        if not edge and search_member(target, name) is not None:
            return self.random.choice(TEXTS)
        inner = get_named_type(kind.fields[name].type)
        assert isinstance(inner, GraphQLInputObjectType)
        if edge and name == "node":
            return self.drawn(inner, target, depth, 2)
        field = target.fields[edge + name]
        if isinstance(get_named_type(field.type), GraphQLObjectType):
            rows = self.reference.rows_field(field)
            is_many = rows.is_list or rows.is_connection
            far = get_named_type(inner.fields["some"].type) if is_many else inner
            assert isinstance(far, GraphQLInputObjectType)
            below = {} if depth <= 0 else self.drawn(far, rows.target, depth - 1, 2)
            if not is_many:
                return below
            words = self.random.sample(["some", "none", "every"], k=self.random.choice([1, 1, 2]))
            return dict.fromkeys(words, below)
        words = list(inner.fields)
        return {
            word: self.value(f"{target.name}.{edge}{name}", word)
            for word in self.random.sample(
                words, k=self.random.choice([1, 1, 1, min(2, len(words))])
            )
        }

    def value(self, place: str, word: str) -> Any:
        if word == "isNull":
            return self.random.random() < 0.5
        pool = self.pools.get(place) or values_of(self.reference, place)
        if word in ("in", "notIn"):
            pool = [each for each in pool if each is not None] or [0]
            return [self.random.choice(pool) for _ in range(self.random.randint(0, 3))]
        return self.random.choice(pool)
