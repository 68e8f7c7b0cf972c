"""The limits on one document, the same for all callers."""

from __future__ import annotations

from msgspec import Struct

# The root fields of introspection. Below them other limits hold than below fields with rows: those
# on rows would refuse the introspection query of every tool.
INTROSPECTION_ROOTS = frozenset({"__schema", "__type"})
MAX_BRACKETS = 150  # Python's stack holds a thousand calls; the parser makes six for a bracket


class Limits(Struct, frozen=True, kw_only=True):
    """The limits on one document; errors name the limit that is exceeded.

    ``handler.settings.variables`` has the ranges of these numbers.

    >>> Limits(depth=10).depth, Limits().cost
    (10, 5000)
    """

    characters: int = 15_000
    tokens: int = 1_000
    brackets: int = 64  # nesting of (), [] and {}; bounds the recursion of the parser
    depth: int = 20  # nesting of fields, fragments followed, as in all limits below
    fields: int = 2_000
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    introspection_depth: int = 20  # below __schema and __type; the query of tools has 15
    introspection_lists: int = 2  # nested lists of types or fields, in __schema
    merge_steps: int = 20_000  # selections examined to prove that fields can be merged
    filter_depth: int = 3  # of relations that a filter input follows
    filter_terms: int = 100  # comparisons of one filter input
    errors: int = 20  # of one document
    cost: int = 5_000
