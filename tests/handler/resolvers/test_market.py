"""Generated documents: what is compiled equals what Tartiflette says of the whole operation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from tests.apis import NO_LIMITS, Answer, Api, open_api
from tests.handler.resolvers import market
from tests.handler.resolvers.market import SDL, TABLES, Writer
from tests.integration.servers import fresh_database, run_script

DOCUMENTS = int(os.environ.get("EXAMPLES", "150")) * 2
CALLERS = {
    "reader": Principal(kind=CallerKind.TOKEN, subject="ann"),
    "keeper": Principal(kind=CallerKind.TOKEN, subject="bob", scopes=frozenset({"secrets"})),
}


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "market.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        limits = replace(NO_LIMITS, cost=10**40)
        with open_api(url, folder, limits=limits, resolvers=market.__name__) as api:
            yield api


def is_below_null(data: Any, path: list[str | int]) -> bool:
    """Whether a null above the path hides what happened there."""
    for part in path[:-1]:
        if data is None:
            return True
        data = data[part]
    return data is None


def shown(answer: Answer) -> list[Any]:
    """The errors of what the answer shows; which others are told is left to the executor."""
    return sorted(
        (
            {**error, "path": list(map(str, error["path"]))}
            for error in answer.body.get("errors", [])
            if not is_below_null(answer.body["data"], error["path"])
            or _value(answer.body["data"], error["path"][:-1]) is not None
        ),
        key=str,
    )


def _value(data: Any, path: list[str | int]) -> Any:
    for part in path:
        data = None if data is None else data[part]
    return data


@pytest.mark.parametrize("caller", CALLERS)
def test_answers_are_those_of_the_whole_operation(api: Api, caller: str) -> None:
    principal = CALLERS[caller]
    with_data = 0
    for seed in range(DOCUMENTS):
        text, variables = Writer(api.engine.schema, Random(f"{caller} {seed}")).document()
        answer = api.run(text, variables, principal=principal)
        expected = api.run_by_executor(text, variables, principal)
        assert answer.body["data"] == expected.body["data"], (seed, text, variables)
        assert answer.text == expected.text, (seed, text)
        assert shown(answer) == shown(expected), (seed, text, variables)
        assert ("errors" in answer.body) == ("errors" in expected.body), (seed, text)
        if "errors" not in answer.body:
            assert len(answer.statements) <= len(expected.statements), (seed, text)
        with_data += answer.body["data"] is not None
    assert with_data > DOCUMENTS / 3
