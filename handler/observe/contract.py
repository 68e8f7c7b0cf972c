"""What the handler's log and a stack agree on: ``contract.json`` beside this module.

``components/contract.py`` reads the same file. ``LOG_LEVELS``: from the one with most lines to the
one with fewest. The names of metrics are those that the handler writes and a dashboard shows.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from handler.paths import read_beside

_WRITTEN: Final[dict[str, Any]] = orjson.loads(read_beside(__file__, "contract.json"))
_METRICS: Final[dict[str, Any]] = _WRITTEN["metrics"]

LOG_LEVELS: Final[tuple[str, ...]] = tuple(_WRITTEN["log_levels"])
NAMESPACE: Final[str] = _METRICS["namespace"]
FUNCTION: Final[str] = _METRICS["function"]  # the dimension of all metrics
OPERATION: Final[str] = _METRICS["operation"]  # the second one of those of operations
OTHERS: Final[str] = _METRICS["others"]  # all operations that are not listed; no name is like it
OPERATIONS_MAX: Final[int] = _METRICS["operations_max"]
OPERATION_NAME: Final[str] = _METRICS["operation_name"]  # a regular expression
OF_OPERATION: Final[dict[str, str]] = _METRICS["of_operation"]  # units of its metrics, by name
