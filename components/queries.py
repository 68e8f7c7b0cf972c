"""Saved queries of CloudWatch Logs Insights, over the lines that the API's function writes.

They cost nothing until somebody runs one. The fields are those of ``docs/log.md``, and of Lambda's
own ``platform.report``:
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_REQUESTS: Final = 'filter message = "request"'

QUERIES: Final[Mapping[str, str]] = {
    "slow requests": f"""fields @timestamp, operation, durationMs, databaseMs, cacheMs, handlerMs,
    statements, rows, cache, start, requestId
| {_REQUESTS}
| sort durationMs desc
| limit 50""",
    "failed requests": f"""fields @timestamp, operation, client, status, errors.0.code,
    errors.0.path, errors.0.cause, requestId
| {_REQUESTS} and ispresent(errors.0.code)
| sort @timestamp desc
| limit 100""",
    "failures behind them": """fields @timestamp, error, text, cause, at.0, requestId
| filter message = "failure"
| sort @timestamp desc
| limit 100""",
    "errors by field": f"""{_REQUESTS} and ispresent(errors.0.code)
| stats count(*) as requests by errors.0.path, errors.0.code, errors.0.cause, operation
| sort requests desc""",
    "by operation": f"""{_REQUESTS}
| stats count(*) as requests, count(errors.0.code) as failed, pct(durationMs, 50) as p50,
    pct(durationMs, 99) as p99, avg(databaseMs) as database, avg(statements) as sent,
    avg(rows) as rowsRead by operation, operationHash
| sort requests desc""",
    "by caller and client": f"""{_REQUESTS}
| stats count(*) as requests, count(errors.0.code) as failed, sum(cost) as spent,
    pct(durationMs, 99) as p99 by caller, client, clientVersion
| sort requests desc""",
    "cold starts": f"""{_REQUESTS} and start != "warm"
| stats count(*) as starts, pct(durationMs, 50) as p50, max(durationMs) as longest
    by start, bin(1h)""",
    "memory and restores": """filter type = "platform.report"
| stats count(*) as invocations, max(record.metrics.maxMemoryUsedMB) as usedMb,
    max(record.metrics.memorySizeMB) as givenMb, max(record.metrics.durationMs) as longestMs,
    count(record.metrics.restoreDurationMs) as restores,
    max(record.metrics.restoreDurationMs) as longestRestoreMs,
    count(record.metrics.initDurationMs) as coldStarts,
    max(record.metrics.initDurationMs) as longestInitMs by bin(1h)""",
    "cost": f"""{_REQUESTS}
| stats count(*) as requests, sum(cost) as spent, avg(cost) as each, max(cost) as most,
    max(costLimit) as allowed by operation, caller
| sort spent desc""",
}
"""By name."""
