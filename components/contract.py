"""Rules that the handler and the stack share, read from the handler's data files.

The components do not import the handler; ``handler/access/trust.py`` and
``handler/observe/contract.py`` read the same files. ``surface`` reads that of HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

HANDLER: Final = Path(__file__).resolve().parent.with_name("handler")
"""The handler's sources, which are installed beside these."""


def _read(room: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(
        (HANDLER / room / "contract.json").read_text(encoding="utf-8")
    )
    return found


_ACCESS: Final = _read("access")

API_KEY: Final = str(_ACCESS["api_key"])
"""A regular expression for an entry ``name=sha256 scope scope``."""

ISSUER: Final = str(_ACCESS["issuer"])
"""A regular expression for an issuer's address; the handler also accepts addresses beyond it."""

ISSUERS_MAX: Final = int(_ACCESS["issuers_max"])

_OBSERVE: Final = _read("observe")
_METRICS: Final[Mapping[str, Any]] = _OBSERVE["metrics"]

LOG_LEVELS: Final[tuple[str, ...]] = tuple(_OBSERVE["log_levels"])
"""From the one with most lines to the one with fewest."""

NAMESPACE: Final = str(_METRICS["namespace"])
"""Of the metrics that the API's function writes into its log; they are by ``FUNCTION``."""

FUNCTION: Final = str(_METRICS["function"])
OPERATION: Final = str(_METRICS["operation"])
"""Dimensions. Metrics of operations have both."""

OTHERS: Final = str(_METRICS["others"])
"""What stands for all operations that have no metrics of their own."""

OPERATIONS_MAX: Final = int(_METRICS["operations_max"])
OPERATION_NAME: Final = str(_METRICS["operation_name"])
"""A regular expression."""

METRICS_OF_OPERATION: Final[Mapping[str, str]] = _METRICS["of_operation"]
"""Their units by name."""
