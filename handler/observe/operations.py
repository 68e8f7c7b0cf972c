"""Metrics of single operations: those that a setting lists by name, and all others as one.

A client chooses the name of its operation, so a name that is not listed makes no metric. Imported
only where a setting lists one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from handler.answer import CACHED
from handler.observe.contract import FUNCTION, NAMESPACE, OF_OPERATION, OPERATION, OTHERS
from handler.observe.record import RequestRecord

HIT_RATE: Final = "HitRate"


def _described(names: Iterable[str]) -> dict[str, object]:
    return {
        "Namespace": NAMESPACE,
        "Dimensions": [[FUNCTION, OPERATION]],
        "Metrics": [{"Name": name, "Unit": OF_OPERATION[name]} for name in names],
    }


_ALL: Final = _described(OF_OPERATION)
_WITHOUT_CACHE: Final = _described(name for name in OF_OPERATION if name != HIT_RATE)


def add_operation(
    fields: Mapping[str, object],
    record: RequestRecord,
    listed: Collection[str],
    function_name: str,
    at_ms: int,
) -> dict[str, object]:
    """The metrics of a request with those of its operation beside them.

    The number of requests is the number of samples of any of them but ``HitRate``, which is there
    where the response cache was asked.
    """
    duration_s, source, name = record.duration_s, record.source, record.operation
    is_asked = source != "off"
    before: Any = fields.get("_aws")
    described = [_ALL if is_asked else _WITHOUT_CACHE]
    added: dict[str, object] = {
        "_aws": {
            "Timestamp": at_ms,
            "CloudWatchMetrics": before["CloudWatchMetrics"] + described if before else described,
        },
        FUNCTION: function_name,
        OPERATION: name if name in listed else OTHERS,
        "Latency": int(duration_s * 1_000_000 + 0.5) / 1000,
        "Errors": 1 if record.codes else 0,
        "Statements": record.statements,
        "Rows": record.rows,
        "Cost": record.cost,
    }
    if is_asked:
        added[HIT_RATE] = 100 if source in CACHED else 0
    return {**fields, **added}
