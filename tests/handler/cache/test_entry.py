"""What is stored of an answer: it is read back whole, and an odd one is never an answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from handler.answer import Lifetime, tag_of
from handler.cache.entry import COMPRESS_FROM_BYTES, MAX_BODY_BYTES, Entry, fingerprint_of
from tests.handler.cache.environment import ANSWER, Environment, Source
from tests.handler.execution.memory_cache import MemoryCache

TAG = tag_of(b"x")


def entry(data: bytes = b'{"a":1}') -> Entry:
    return Entry(data, Lifetime(60, 30), 1_800_000_000_000, b"s" * 16, TAG)


@pytest.mark.parametrize("size", [1, 100, COMPRESS_FROM_BYTES, MAX_BODY_BYTES])
def test_entry_survives_the_cache(size: int) -> None:
    given = entry(b"x" * size)
    raw = given.encode()
    assert Entry.decode(raw) == given
    assert (len(raw) < size) == (size >= COMPRESS_FROM_BYTES)


def test_fingerprint_names_key_and_versions() -> None:
    fingerprints = {
        fingerprint_of("a", [b"1", b"2"]),
        fingerprint_of("a", [b"2", b"1"]),
        fingerprint_of("b", [b"1", b"2"]),
        fingerprint_of("a", [b"1"]),
    }
    assert len(fingerprints) == 4


def flip(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes((raw[at] ^ 1 << chance.randrange(8),)) + raw[at + 1 :]


def cut(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw))]


def lengthen(chance: random.Random, raw: bytes) -> bytes:
    return raw + chance.randbytes(chance.randrange(1, 20))


def overwrite(chance: random.Random, raw: bytes) -> bytes:
    at, size = chance.randrange(len(raw)), chance.randrange(1, 30)
    return raw[:at] + chance.randbytes(size) + raw[at + size :]


def foreign(chance: random.Random, raw: bytes) -> bytes:
    """Whole and well-formed, but the answer to another question or of other versions."""
    other = Entry(b'{"number":666}', Lifetime(60), 1_800_000_000_000, chance.randbytes(16), TAG)
    return other.encode()


def noise(chance: random.Random, raw: bytes) -> bytes:
    return chance.choice((b"", b"AG2", b"AG3", b"\x80\x04", b"{}")) + chance.randbytes(
        chance.randrange(200)
    )


def swap(chance: random.Random, raw: bytes) -> bytes:
    a, b = sorted((chance.randrange(len(raw)), chance.randrange(len(raw))))
    return raw[:a] + raw[b:] + raw[a:b]


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip, cut, lengthen, overwrite, foreign, noise, swap
)  # fmt: skip


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
@pytest.mark.parametrize("size", [0, COMPRESS_FROM_BYTES], ids=["plain", "compressed"])
async def test_10_000_odd_entries_give_no_wrong_answer(
    mutate: Callable[[random.Random, bytes], bytes], size: int
) -> None:
    chance = random.Random(f"{mutate.__name__} {size}")
    cache, source = MemoryCache(), Source()
    environment = Environment(cache)
    source.size = size
    await environment.ask(source)
    good = cache.value(ANSWER)
    assert good is not None
    tried = 0
    for _ in range(10_000 // 14 + 1):
        odd = mutate(chance, good)
        if odd == good:
            continue
        tried += 1
        cache.put(ANSWER, odd, 60_000)
        before = source.count
        found = await environment.ask(source)
        assert source.count == before + 1, odd
        assert found.source == "miss"
    counts = environment.responses.counts
    assert tried > 600
    assert counts["broken"] + counts["ended"] == tried


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"lifetime": Lifetime(10**12)}, id="lives-too-long"),
        pytest.param({"made_at_ms": 2**63}, id="from-the-future"),
        pytest.param({"made_at_ms": 0}, id="from-1970"),
    ],
)
async def test_well_formed_entry_that_the_policy_does_not_allow(
    cache: MemoryCache, source: Source, odd: dict[str, Any]
) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    good = Entry.decode(cache.value(ANSWER) or b"")
    assert good is not None
    cache.put(ANSWER, replace(good, **odd).encode(), 60_000)
    assert (await environment.ask(source)).source == "miss"


def test_unpacked_size_is_bounded() -> None:
    bomb = Entry(b"\0" * 50_000_000, Lifetime(1), 0, b"s" * 16, TAG).encode()
    assert len(bomb) < 300_000
    assert Entry.decode(bomb) is None
