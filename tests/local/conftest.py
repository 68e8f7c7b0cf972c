"""What the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import graphiql


@pytest.fixture(scope="session")
def graphiql_files() -> Path:
    """GraphiQL's files, bundled by the first test that needs them."""
    graphiql.build()
    return graphiql.FOLDER
