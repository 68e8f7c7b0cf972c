"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.dev import graphiql
from tests.aurora_graphql.dev.site import Site


@pytest.fixture(scope="session")
def graphiql_files() -> Path:
    """GraphiQL's files, bundled by the first test that needs them."""
    graphiql.build()
    return graphiql.folder()


@pytest.fixture(scope="session")
def api(graphiql_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example API, served as `aurora-graphql dev` serves it."""
    with Site(tmp_path_factory.mktemp("site")).running() as (process, url):
        yield url
        process.terminate()
        assert process.wait(30) == 0
