"""Every fault alone, while environments carry mixed reads: right, or a typed error in its time.

The short ones run with every change, with few environments; all of them with 32 at night.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from handler.app import App
from tests.faults.cases import CASES, Case
from tests.faults.site import POOL_SIZE, Servers, open_servers, open_site
from tests.faults.traffic import DOCUMENTS, Traffic

BUDGET_S = 2.0
SHORT = {
    "Redis killed",
    "Redis full",
    "Redis holds keys of another type",
    "database killed and restarted",
    "database fails over to another address",
    "database frozen at connect",
    "statements over their time",
    "a column comes and goes",
    "the password changed",
    "clock an hour ahead",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of these tests alone, to be frozen and killed."""
    with open_servers(tmp_path_factory.mktemp("survived")) as found:
        yield found


@pytest.mark.parametrize(
    ("case", "count", "seconds", "limit_s"),
    [
        # The short one also runs where tests share their processors with others.
        *(pytest.param(c, 4, 0.5, 15.0, id=f"{c.id}-short") for c in CASES if c.name in SHORT),
        *(pytest.param(c, 32, 3.0, 5.0, id=c.id, marks=pytest.mark.nightly) for c in CASES),
    ],
)
async def test_survived(
    servers: Servers,
    capsys: pytest.CaptureFixture[str],
    case: Case,
    count: int,
    seconds: float,
    limit_s: float,
) -> None:
    chance = random.Random(case.name)
    async with open_site(servers, count) as site, Traffic(site.apps).watched() as traffic:
        is_over = False

        async def read(app: App) -> None:
            while not is_over:
                await traffic.ask(app, chance.choice(DOCUMENTS), BUDGET_S)
                await asyncio.sleep(chance.uniform(0, 0.02))

        async def recover(app: App) -> None:
            while not await traffic.ask(app, chance.choice(DOCUMENTS), BUDGET_S):
                assert time.monotonic() - cured_at < limit_s, "not recovered"
                await asyncio.sleep(0.02)

        readers = [asyncio.create_task(read(app)) for app in site.apps]
        await asyncio.sleep(seconds / 2)
        assert traffic.counts["errors"] == 0, "something was broken before"
        await case.begin(site)
        await asyncio.sleep(seconds)
        connections = site.database.open_now, site.cache.open_now
        await site.cure()
        cured_at = time.monotonic()
        is_over = True
        await asyncio.gather(*readers)
        await asyncio.gather(*(recover(app) for app in site.apps))
        assert connections <= (POOL_SIZE * count, POOL_SIZE * count)
        assert site.database.open_now <= POOL_SIZE * count
        if not case.is_noticed:
            assert traffic.counts["errors"] == 0
        assert traffic.counts["answers"] > 2 * count
    capsys.readouterr()  # the log of all failures
