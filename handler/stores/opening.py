"""Make the stores that the settings name; nothing is imported for those that they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.settings import Settings

if TYPE_CHECKING:
    from handler.stores.cache import RedisCache


def open_cache(settings: Settings) -> RedisCache | None:
    """The cache of ``CACHE_URL``, or none. It connects when it is first asked."""
    if not settings.cache_url:
        return None
    from handler.stores.cache import RedisCache

    return RedisCache(settings.cache_url)
