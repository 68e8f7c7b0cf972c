"""Random filter inputs for a domain, with values that mean something for its rows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from tests.reference import Reference


class RandomFilters:
    """Draws filter inputs that follow relations and combine others."""

    def __init__(self, reference: Reference, pools: Mapping[str, list[Any]], seed: int) -> None:
        self.reference = reference
        self.pools = pools
        self.random = random.Random(seed)

    def draw(self, target: str, depth: int = 2, size: int = 3) -> dict[str, Any]:
        kind = self.reference.schema.type_map[f"{target}Filter"]
        assert isinstance(kind, GraphQLInputObjectType)
        names = [name for name in kind.fields if depth > 0 or name not in ("and", "or", "not")]
        wanted = self.random.sample(names, k=min(len(names), self.random.randint(1, size)))
        return {name: self.member(target, name, depth) for name in wanted}

    def member(self, target: str, name: str, depth: int) -> Any:
        if self.random.random() < 0.03:
            return None
        if name in ("and", "or"):
            return [self.draw(target, depth - 1, 2) for _ in range(self.random.randint(0, 3))]
        if name == "not":
            return self.draw(target, depth - 1, 2)
        owner = self.reference.types[target]
        field = owner.fields[name]
        inner = self.reference.schema.type_map[f"{target}Filter"].fields[name].type  # type: ignore[attr-defined]
        if isinstance(get_named_type(field.type), GraphQLObjectType):
            rows = self.reference.rows_field(field)
            below = {} if depth <= 0 else self.draw(rows.target.name, depth - 1, 2)
            if not rows.is_list and not rows.is_connection:
                return below
            words = self.random.sample(["some", "none", "every"], k=self.random.choice([1, 1, 2]))
            return dict.fromkeys(words, below)
        words = list(get_named_type(inner).fields)
        return {
            word: self.value(f"{target}.{name}", word)
            for word in self.random.sample(
                words, k=self.random.choice([1, 1, 1, min(2, len(words))])
            )
        }

    def value(self, place: str, word: str) -> Any:
        if word == "isNull":
            return self.random.random() < 0.5
        pool = self.pools[place]
        if word in ("in", "notIn"):
            return [self.random.choice(pool) for _ in range(self.random.randint(0, 3))]
        return self.random.choice(pool)
