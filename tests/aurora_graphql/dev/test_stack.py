"""What the handler is told on one's own machine."""

from __future__ import annotations

import pytest

from aurora_graphql.dev.stack import EXAMPLE_MIGRATIONS, EXAMPLE_SDL, Stack, StackError, Writes
from handler.stores.url import DatabaseUrl


@pytest.mark.parametrize(
    ("given", "tracebacks"),
    [
        pytest.param({}, "on", id="by-default"),
        pytest.param({"LOG_TRACEBACKS": "off"}, "off", id="as-one-says"),
        pytest.param({"STAGE": "dev"}, "off", id="another-stage-where-lambda-refuses-them"),
    ],
)
def test_failures_are_shown_whole(given: dict[str, str], tracebacks: str) -> None:
    url = DatabaseUrl(host="nowhere", user="nobody", database="none")
    assert Stack.build(given, url, "off").environ["LOG_TRACEBACKS"] == tracebacks


ADDRESS = "mysql://me@shop.example/shop"
APPLIED = Writes(migrations=True, example_data=False)
EXAMPLE = Writes(migrations=True, example_data=True)


def _left_alone(how: str) -> Writes:
    told = f"left alone, DATABASE_URL is yours; {how} applies them"
    return Writes(migrations=False, example_data=False, left_alone=told)


@pytest.mark.parametrize(
    ("given", "served", "read"),
    [
        pytest.param({}, EXAMPLE, EXAMPLE, id="private-example"),
        pytest.param({"SDL_DIR": str(EXAMPLE_SDL)}, EXAMPLE, EXAMPLE, id="example-by-its-sdl"),
        pytest.param({"SDL_DIR": "", "MIGRATIONS_DIR": ""}, EXAMPLE, EXAMPLE, id="blank-is-absent"),
        pytest.param({"MIGRATIONS_DIR": "shop"}, APPLIED, APPLIED, id="private-and-named"),
        pytest.param(
            {"SDL_DIR": "shop", "MIGRATIONS_DIR": str(EXAMPLE_MIGRATIONS)},
            EXAMPLE,
            EXAMPLE,
            id="other-sdl-over-the-example",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS},
            _left_alone("MIGRATIONS_DIR=..."),
            _left_alone("make run with MIGRATIONS_DIR=..."),
            id="yours",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": ""},
            _left_alone("MIGRATIONS_DIR=..."),
            _left_alone("make run with MIGRATIONS_DIR=..."),
            id="yours-and-no-folder",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": "shop"},
            APPLIED,
            _left_alone("make run with MIGRATIONS_DIR=..."),
            id="yours-with-migrations",
        ),
        pytest.param(
            {"DATABASE_URL": ADDRESS, "MIGRATIONS_DIR": str(EXAMPLE_MIGRATIONS)},
            EXAMPLE,
            _left_alone("make run with MIGRATIONS_DIR=..."),
            id="yours-with-the-example",
        ),
    ],
)
def test_what_is_written_by_what_is_given(
    given: dict[str, str], served: Writes, read: Writes
) -> None:
    assert Writes.choose(given, serves=True) == served
    assert Writes.choose(given, serves=False) == read


@pytest.mark.parametrize("serves", [True, False])
def test_other_sdl_without_tables_is_refused(serves: bool) -> None:
    with pytest.raises(StackError) as caught:
        Writes.choose({"SDL_DIR": "shop/sdl"}, serves=serves)
    assert str(caught.value) == (
        "SDL_DIR is shop/sdl, and nothing says where its tables are: a private database would be"
        " empty; add DATABASE_URL=mysql://... of the database that has them, or MIGRATIONS_DIR=..."
        " with the files that create them (those of the example are in migrations/)"
    )
