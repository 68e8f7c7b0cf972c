"""What a kept answer costs: beside a bare GET of the same bytes, and beside computing it.

The last table is introspection, whose answers the process keeps without a cache server.

``python -m benchmarks.bench_cache [--rounds N]``. One process, private servers behind sockets,
everything warm. *Bare GET* is ``redis.asyncio`` with one GET and nothing done with the value, no
deadline and nothing checked; a hit is all that the response cache does until it gives the bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from graphql import get_introspection_query
from msgspec.structs import replace
from redis import asyncio as aioredis

from aurora_graphql.dev.servers import RedisServer
from benchmarks.cases import PAGE
from benchmarks.measure import Call, Spread, interleave, ratios
from benchmarks.northwind import northwind, settings_of
from benchmarks.report import format_table
from handler.access.principal import Principal
from handler.answer import Answer, Lifetime
from handler.app import start_engine
from handler.cache.response_cache import ResponseCache
from handler.compiler.freshness import CachePolicy
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl

SIZES = (1_000, 10_000, 60_000, 200_000, 400_000)
POLICY = CachePolicy(Lifetime(3_600), ("orders", "customers", "order_items", "products"))


async def beside_a_bare_get(server: RedisServer, rounds: int) -> str:
    """A table: hits of several sizes, each beside a GET of as many bytes."""
    client = aioredis.Redis.from_url(server.url)
    cache = RedisCache(server.url, timeout_s=2.0)
    responses = ResponseCache(cache, "shop")
    calls: dict[str, Call] = {}
    for size in SIZES:
        body = b"".join(_order(number) for number in range(size // 50))[:size]
        digest = f"{size:040}"
        await client.set(f"bare {size}", body)

        async def compute(deadline: Deadline, body: bytes = body) -> Answer:
            return Answer(body, lifetime=POLICY.lifetime)

        async def hit(digest: str = digest) -> bytes:
            found = await responses.answer(digest, POLICY, compute, Deadline.after(10))
            return found.data or b""

        async def bare(key: str = f"bare {size}") -> bytes:
            found = await client.get(key)
            assert isinstance(found, bytes)
            return found

        calls[f"bare GET {size}"], calls[f"hit {size}"] = bare, hit
        while (await responses.answer(digest, POLICY, compute, Deadline.after(10))).source != "hit":
            pass
    samples = await interleave(calls, rounds=rounds, burst=50, warm_up=20)
    rows = []
    for size in SIZES:
        get, kept = samples[f"bare GET {size}"], samples[f"hit {size}"]
        ratio = ratios(kept.wall_ns, get.wall_ns)
        rows.append(
            [
                f"{size:,} bytes",
                f"{Spread.of(get.wall_ns).over(1e3).median:.0f}",
                f"{Spread.of(kept.wall_ns).over(1e3).median:.0f}",
                f"{ratio.median:.2f}",
                f"{ratio.low:.2f} to {ratio.high:.2f}",
            ]
        )
    await client.aclose()
    await cache.close()
    return format_table(["an answer of", "bare GET us", "hit us", "ratio", "quartiles"], rows)


def _order(number: int) -> bytes:
    """Text that is about as repetitive as real answers: packing makes a seventh of it."""
    values = (number, number * 7 % 991, number % 100, number * 31 % 97)
    return b'{"orderRef":"SO-%d","total":"%d.%02d","customer":{"name":"Customer %d"}},' % values


async def beside_computing(server: RedisServer, url: DatabaseUrl, rounds: int) -> str:
    """A table: a page of 100 orders from the cache and from the database, document to JSON."""
    settings = settings_of(url)
    engine = await start_engine(settings)
    grant = engine.access.grant(Principal.development())
    database = MySqlDatabase(url)
    cache = RedisCache(server.url, timeout_s=2.0)
    responses = ResponseCache(cache, "shop")

    async def ask(kept: ResponseCache | None) -> bytes:
        prepared = engine.prepare(PAGE.document, None, PAGE.variables, grant)
        found = await engine.execute(prepared, grant, database, Deadline.after(20), kept)
        return found.data or b""

    async def computed() -> bytes:
        return await ask(None)

    async def hit() -> bytes:
        return await ask(responses)

    assert await hit() == await computed()
    samples = await interleave(
        {"computed": computed, "hit": hit}, rounds=rounds, burst=5, warm_up=10
    )
    assert responses.counts["hit"] > rounds, responses.counts
    rows = [
        [
            name,
            f"{Spread.of(found.wall_ns).over(1e6).median:.2f}",
            f"{Spread.of(found.cpu_ns).over(1e6).median:.2f}",
            f"{ratios(samples['computed'].cpu_ns, found.cpu_ns).median:.1f}",
        ]
        for name, found in samples.items()
    ]
    await database.close()
    await cache.close()
    return format_table(["page of 100 orders", "wall ms", "CPU ms", "times less CPU"], rows)


async def known_introspection(url: DatabaseUrl, rounds: int) -> str:
    """A table: the schema as tools ask for it, known from before, document to JSON (goal 0.1)."""
    engine = await start_engine(replace(settings_of(url), introspection=True))
    grant = engine.access.grant(Principal.development())
    database = MySqlDatabase(url)
    document = get_introspection_query()

    async def ask() -> bytes:
        prepared = engine.prepare(document, "IntrospectionQuery", {}, grant)
        found = await engine.execute(prepared, grant, database, Deadline.after(20))
        assert found.data is not None, found
        return found.data

    answer_bytes = len(await ask())
    samples = await interleave({"known": ask}, rounds=rounds, burst=50, warm_up=10)
    await database.close()
    wall = Spread.of(samples["known"].wall_ns).over(1e6)
    cpu = Spread.of(samples["known"].cpu_ns).over(1e6)
    row = [f"{answer_bytes:,} bytes", f"{wall.median:.3f}", f"{wall.low:.3f} to {wall.high:.3f}"]
    head = ["introspection, known", "wall ms", "quartiles", "CPU ms"]
    return format_table(head, [[*row, f"{cpu.median:.3f}"]])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {rounds} rounds\n")
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        print(asyncio.run(beside_a_bare_get(server, rounds)), "\n")
        with northwind() as (_, url):
            print(asyncio.run(beside_computing(server, url, rounds)), "\n")
            print(asyncio.run(known_introspection(url, rounds)))


if __name__ == "__main__":
    main()
