"""What the tests of this folder share: a cache, a source of answers, and lifetimes all alike."""

from __future__ import annotations

import pytest

from handler.cache import response_cache
from tests.handler.cache.environment import Source
from tests.handler.execution.memory_cache import MemoryCache


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture(autouse=True)
def _without_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "JITTER", 0.0)
