"""What a stack needs at a load, and which quota it meets first: pure arithmetic and one simulation.

Service times and shares are those of the bill (``aurora_graphql.preview.traffic``), so that both
say the same. ``Quota`` is one of AWS's, with its page: yours are in the console of Service Quotas.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from aurora_graphql.preview.traffic import Traffic
from handler.stores.redis.versions import SHARDS

COLD_MS: Final = 600.0  # a start that a request waits for: ours is measured, AWS's is assumed
SECONDS: Final = 20  # that are simulated
STEPS_A_SECOND: Final = 1_000
SCALING_UNITS: Final = 1_000  # environments that a function may gain at once ...
SCALING_REFILL_S: Final = 100.0  # ... and in every second from then on
REQUESTS_PER_CONCURRENCY: Final = 10
READER_ACUS: Final = 32  # of one reader, before another one is better than a larger one


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One limit of AWS. ``raised_by``: what to do when it is met."""

    name: str
    limit: float
    source: str
    raised_by: str


_APIGATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html"
_AURORA = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
    "aurora-serverless-v2.setting-capacity.html"
)
_CACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html"


@dataclass(frozen=True, kw_only=True)
class Load:
    """The result of one simulation. Environments: at the end, when all are warm."""

    environments: int
    cold_starts: int
    refused: int  # requests that Lambda turned away while it could not start more
    refused_until_s: float
    requests: int


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that a load needs, beside the most that there is of it."""

    quota: Quota
    amount: float

    @property
    def share(self) -> float:
        """Of the limit; above 1 it breaks."""
        return self.amount / self.quota.limit


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What so many requests a second need."""

    requests_s: int
    load: Load
    misses_s: float
    acus: float
    readers: int
    client_connections: int  # to the proxy, of all environments
    busy_connections: int  # of the database, at the same time
    ecpus_s: float
    concurrency: int  # that Lambda wants to see: of environments, or of requests a second
    needs: tuple[Need, ...] = field(default=())

    def broken(self) -> list[Need]:
        """What is beyond a limit, the worst first."""
        return sorted((one for one in self.needs if one.share > 1), key=lambda one: -one.share)


def simulate(
    requests_s: int, traffic: Traffic, *, concurrency: int = 1_000_000, seed: int = 1
) -> Load:
    """All requests of some seconds, which begin at once on a function without environments.

    Requests come at random (a Poisson process). Each takes a free environment for its time, or a
    new one, which takes ``COLD_MS`` more; new ones are limited by Lambda's scaling rate and by
    ``concurrency``. A request that gets none is refused, as the gateway hands on Lambda's 429.
    """
    chance = random.Random(seed)
    ending: deque[int] = deque([0] * (STEPS_A_SECOND * 2), maxlen=STEPS_A_SECOND * 2)
    environments = busy = cold = refused = requests = 0
    units, refused_until, peak = float(SCALING_UNITS), 0, 0
    mean = requests_s / STEPS_A_SECOND
    for step in range(SECONDS * STEPS_A_SECOND):
        busy -= ending.popleft()
        ending.append(0)
        units = min(SCALING_UNITS, units + SCALING_REFILL_S / STEPS_A_SECOND)
        for _ in range(_poisson(chance, mean)):
            requests += 1
            took_ms = traffic.hit_ms if chance.random() < traffic.hit_rate else traffic.miss_ms
            if busy == environments:
                if units < 1 or environments >= concurrency:
                    refused += 1
                    refused_until = step
                    continue
                units -= 1
                environments += 1
                cold += 1
                took_ms += COLD_MS
            busy += 1
            ending[int(took_ms * STEPS_A_SECOND / 1000) - 1] += 1
        if step >= (SECONDS - 10) * STEPS_A_SECOND:  # of the last ten seconds, when all are warm
            peak = max(peak, busy)
    return Load(
        environments=peak,
        cold_starts=cold,
        refused=refused,
        refused_until_s=refused_until / STEPS_A_SECOND,
        requests=requests,
    )


def _poisson(chance: random.Random, mean: float) -> int:
    """How many of a random process fall into one step."""
    if mean > 30:  # where the normal distribution is the same to the eye
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, least = 0, chance.random(), math.exp(-mean)
    while product > least:
        count += 1
        product *= chance.random()
    return count


def capacity(requests_s: int, traffic: Traffic, *, pool_size: int) -> Capacity:
    """What a load needs. ``pool_size``: the most connections of one environment."""
    load = simulate(requests_s, traffic)
    misses_s = requests_s * (1 - traffic.hit_rate)
    acus = misses_s / traffic.misses_per_acu_s
    readers = max(2, math.ceil(acus / READER_ACUS))
    busy = math.ceil(misses_s * traffic.miss_ms / 1000)
    units = requests_s * max(1.0, traffic.answer_kb * traffic.compression)
    concurrency = max(load.environments, requests_s / REQUESTS_PER_CONCURRENCY)
    needs = (
        Need(
            quota=Quota(
                name="API Gateway, requests a second of an account in a region",
                limit=10_000,
                source=_APIGATEWAY,
                raised_by="ask for more; spread over regions; answer GETs from a CDN",
            ),
            amount=requests_s,
        ),
        Need(
            quota=Quota(
                name="Lambda, concurrency of an account in a region: ten requests a second each",
                limit=1_000,
                source=_LAMBDA,
                raised_by="ask for more, and raise functionReservedConcurrency",
            ),
            amount=concurrency,
        ),
        Need(
            quota=Quota(
                name="Aurora, ACUs of 15 readers of 256",
                limit=15 * 256,
                source=_AURORA,
                raised_by="a longer maxAge, tables of sums, more shards of the data",
            ),
            amount=acus,
        ),
        Need(
            quota=Quota(
                name="Aurora, connections of the readers at 32 ACU (3,000 each)",
                limit=readers * 3_000,
                source=_AURORA,
                raised_by="more readers, or a larger databaseMaxCapacityAcu",
            ),
            amount=busy,
        ),
        Need(
            quota=Quota(
                name=f"ElastiCache Serverless, units a second of {SHARDS} slots of 30,000",
                limit=SHARDS * 30_000,
                source=_CACHE,
                raised_by="CACHE_LOCAL_S keeps answers in each environment; a replication group",
            ),
            amount=units,
        ),
    )
    return Capacity(
        requests_s=requests_s,
        load=load,
        misses_s=misses_s,
        acus=acus,
        readers=readers,
        client_connections=load.environments * pool_size,
        busy_connections=busy,
        ecpus_s=units,
        concurrency=math.ceil(concurrency),
        needs=needs,
    )
