"""What the rules of a schema give to one caller."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Grant(Struct, frozen=True):
    """Made by ``AccessRules.grant``; everything that decides on access reads it from here.

    ``satisfied``: bit *i* is set if the caller satisfies ``AccessRules.requirements[i]``. It shapes
    plans, so it is part of their keys; ``claims`` are values and travel beside a plan. ``identity``
    tells callers apart: kind, issuer and subject as one text, which two callers never share.
    """

    satisfied: int
    claims: Mapping[str, str]
    identity: str
