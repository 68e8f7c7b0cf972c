"""The API over the database of DATABASE_URL, which is only read."""

import os

import pytest
from aurora_graphql.cli import main

pytestmark = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL"), reason="DATABASE_URL names no database to ask"
)


def test_the_database_has_what_the_sdl_promises() -> None:
    assert main(["check"]) == 0
