"""The API over the database of DATABASE_URL, which is only read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from aurora_graphql.cli import main
from aurora_graphql.testing import Api, TestDatabase, open_api
from handler.stores.url import DatabaseUrl

SDL = Path(__file__).parents[1] / "sdl"
ADDRESS = os.environ.get("DATABASE_URL", "")
# Those that can be asked without values, which are lists; add the others with values of your rows.
LISTS = [each for each in sorted(SDL.glob("operations/*.graphql")) if "!" not in each.read_text()]

pytestmark = pytest.mark.skipif(not ADDRESS, reason="DATABASE_URL names no database to ask")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The API, asked as one who may read everything."""
    database = TestDatabase(DatabaseUrl.parse(ADDRESS))
    with open_api(database, SDL, auth=False) as opened:
        yield opened


def test_the_database_has_what_the_sdl_promises() -> None:
    assert main(["check"]) == 0


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_a_list_is_answered(api: Api, file: Path) -> None:
    answer = api.ask(file.read_text(), {"first": 2})
    assert answer.data
    assert len(answer.statements) == 1
