"""What became of one mutant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """``caught_by``: the test that failed, ``import``, ``timeout``, or nothing: a survivor.

    The code as it is has no name, and must survive.
    """

    mutant: str
    caught_by: str
