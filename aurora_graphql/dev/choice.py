"""Which servers are started: SERVER and CACHE_SERVER of the commands and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aurora_graphql.dev.mysql import MySql
from aurora_graphql.dev.servers import DatabaseServer, MariaDb, Program, RedisServer, ServerError
from aurora_graphql.dev.valkey import ValkeyServer

Kind = TypeVar("Kind", bound=Program)


def database_server(given: Mapping[str, str]) -> type[DatabaseServer]:
    """What SERVER names: ``mariadb``, which it is if absent, or ``mysql``."""
    return _named(given, "SERVER", (MariaDb, MySql))


def cache_server(given: Mapping[str, str]) -> type[RedisServer]:
    """What CACHE_SERVER names: ``redis``, which it is if absent, or ``valkey``."""
    return _named(given, "CACHE_SERVER", (RedisServer, ValkeyServer))


def _named(given: Mapping[str, str], variable: str, kinds: tuple[type[Kind], ...]) -> type[Kind]:
    asked = given.get(variable) or kinds[0].name
    for kind in kinds:
        if kind.name == asked:
            return kind
    names = " or ".join(kind.name for kind in kinds)
    raise ServerError(f"{variable} is {asked!r}; write {names}")
