"""Mutants of the code that no test can notice, or need not: each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SURVIVORS: Final[Mapping[str, str]] = {}
"""Mutant -> why nobody notices it, and why that may be so."""
