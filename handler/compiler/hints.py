"""What the model's cache hints say about one field or about rows of a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from handler.model.caching import CacheHint
from handler.model.model import Model

# None stands for rows of which nothing is said, so that the answer may not be cached.
Hints: TypeAlias = Iterator[CacheHint | None]


def hints_of_rows(own: CacheHint | None, model: Model, target: str) -> Hints:
    """What a field over rows and their type say; ``own``: what the field says itself."""
    groups = model.groups.get(target)
    for kind in model.kinds(target):
        places = dict.fromkeys((target, kind))  # of an interface what it says and its members say
        hints = [own, *(model.cache_hints.get((each,)) for each in places)]
        said = [hint for hint in hints if hint]
        is_timed = any(hint.max_age_s is not None for hint in said)
        if is_timed or groups is not None:
            yield from said
        else:
            yield None
    for name in groups.made_of if groups else ():
        hint = model.cache_hints.get((name,))
        if is_timed:
            yield from [hint] if hint else ()
        elif name not in model.links:
            yield from hints_of_rows(None, model, name)


def own_hint(model: Model, name: str) -> CacheHint | None:
    """What a field says, such as ``Order.total``, or else the connection that it gives."""
    return model.cache_hints.get(tuple(name.split(".")))
