"""What an estimate assumes about a month of use, since no graph says it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

HOURS: Final = 730.0
SECONDS: Final = HOURS * 3600


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Requests of one month and what each of them takes. Every field can be another in your case.

    Durations are of a warm function with one CPU: docs/performance.md measures 5 ms for 100 orders
    without a network, and a statement costs about one round trip more.
    """

    requests: float = 10_000_000
    hit_rate: float = 0.8  # of the requests that the response cache answers, where there is one
    answer_kb: float = 20
    compression: float = 0.25  # of an answer that is left on the wire
    hit_ms: float = 6
    miss_ms: float = 20
    authorizer_ms: float = 5
    authorizer_misses: float = 0.05  # of the requests, where the gateway caches the authorizer
    cold_starts: float = 0.001  # of the requests
    misses_per_acu_s: float = 100  # what one ACU answers in a second
    reads_per_miss: float = 0.5  # pages that are not in the buffer pool
    log_kb: float = 2.0  # of a request: access log, the function's lines, Lambda's, the flow log
    firewall_log_kb: float = 1.5
    operation_log_kb: float = 0.4  # of a request, where operations have metrics of their own
    cache_metrics: float = 8  # that the handler counts its answers by, in its log
    idle_log_gb: float = 0.5  # of a month without a request: audit, flow log, trail
    database_gb: float = 10
    changed_daily: float = 0.02  # of the database, for backups beyond its size
    cached_gb: float = 0.5
    stored_gb: float = 5  # in buckets
    day_of_use_hours: float = 8  # of somebody at work with a database that may pause

    def __post_init__(self) -> None:
        if self.requests < 0:
            raise ValueError(f"requests must be 0 or more, got {self.requests:g}")
        if not 0 <= self.hit_rate <= 1:
            raise ValueError(f"hit_rate must be between 0 and 1, got {self.hit_rate:g}")

    def silenced(self) -> Traffic:
        """The same month without a request: data is there, nobody asks."""
        return replace(self, requests=0)

    def share_of_time_with_a_request(self, window_s: float, requests: float) -> float:
        """How much of the month has a request within the last ``window_s``, if they come at random.

        The gaps between random arrivals are exponential.
        """
        return 1 - math.exp(-requests / SECONDS * window_s)
