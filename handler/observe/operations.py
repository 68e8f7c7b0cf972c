"""Metrics of single operations: those that a setting lists by name, and all others as one.

A client chooses the name of its operation, so a name that is not listed makes no metric. Imported
only where a setting lists one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from handler.answer import CACHED
from handler.observe.contract import FUNCTION, NAMESPACE, OF_OPERATION, OPERATION, OTHERS
from handler.observe.record import RequestRecord


def add_operation(
    fields: Mapping[str, object],
    record: RequestRecord,
    listed: Collection[str],
    *,
    function_name: str,
    at_ms: int,
) -> dict[str, object]:
    """The metrics of a request with those of its operation beside them.

    The number of requests is the number of samples of any of them but ``HitRate``, which is there
    where the response cache was asked.
    """
    values: dict[str, float] = {
        "Latency": round(record.duration_s * 1000, 3),
        "Errors": 1 if record.codes else 0,
        "Statements": record.statements,
        "Rows": record.rows,
        "Cost": record.cost,
    }
    if record.source != "off":
        values["HitRate"] = 100 if record.source in CACHED else 0
    described = {
        "Namespace": NAMESPACE,
        "Dimensions": [[FUNCTION, OPERATION]],
        "Metrics": [{"Name": name, "Unit": OF_OPERATION[name]} for name in values],
    }
    before: Any = fields.get("_aws") or {"CloudWatchMetrics": []}
    about = {"Timestamp": at_ms, "CloudWatchMetrics": [*before["CloudWatchMetrics"], described]}
    name = record.operation if record.operation in listed else OTHERS
    return {**fields, "_aws": about, FUNCTION: function_name, OPERATION: name, **values}
