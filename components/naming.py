"""Pure: names that fit AWS's limits, and tags."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

MANAGED_BY: Final = "pulumi"

_HASH_CHARACTERS: Final = 6


def physical_name(name: str, *, limit: int) -> str:
    """``name``, or if it is too long for AWS, its beginning and a short hash of the whole.

    Equal names give equal results, different names different ones, and a dash is never doubled or
    last. ``limit``: characters, at least 8.
    """
    if limit < _HASH_CHARACTERS + 2:
        raise ValueError(f"limit must be at least {_HASH_CHARACTERS + 2} characters, got {limit}")
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{name[: limit - _HASH_CHARACTERS - 1].rstrip('-')}-{digest}"


def stack_tags(*, project: str, stack: str) -> dict[str, str]:
    """The tags of everything that one stack owns."""
    return {"project": project, "stack": stack, "managed-by": MANAGED_BY}


def merge_tags(callers: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The tags a component was given, over its ``own``: a caller's tag wins."""
    return {**own, **callers}
