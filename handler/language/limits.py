"""What one document may ask for, whoever sends it."""

from __future__ import annotations

from msgspec import Struct

# Below these stands a question about the schema. It has limits of its own: what bounds the work of
# rows would stop the query of every tool, and what that one may ask would be much of rows.
INTROSPECTION_ROOTS = frozenset({"__schema", "__type"})
MAX_BRACKETS = 150  # Python's stack has room for a thousand calls, six of them for a bracket


class Limits(Struct, frozen=True, kw_only=True):
    """What one document may ask for. Every limit names itself in the error that it gives."""

    characters: int = 15_000
    tokens: int = 1_000
    brackets: int = 64  # nesting of (), [] and {}; bounds the recursion of the parser
    depth: int = 20  # nesting of fields, fragments followed, as in all limits below
    fields: int = 2_000
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    introspection_depth: int = 20  # of __schema and __type; the query that tools send has 15
    introspection_lists: int = 2  # lists of types or fields inside one another, in __schema
    merge_steps: int = 20_000  # fields looked at while proving that selections can be merged
    errors: int = 20  # in one answer
    cost: int = 5_000

    def __post_init__(self) -> None:
        for each in self.__struct_fields__:
            value = getattr(self, each)
            if value < 1:
                raise ValueError(f"limit {each} must be at least 1, got {value}")
        if self.brackets > MAX_BRACKETS:
            raise ValueError(
                f"limit brackets must be at most {MAX_BRACKETS}, got {self.brackets}: the parser"
                " and the validation are recursive"
            )
