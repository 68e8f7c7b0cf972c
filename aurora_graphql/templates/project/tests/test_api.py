"""The API over a private database: made by the first test that asks, gone with the last one."""

import pytest
from aurora_graphql.cli import main


def test_the_database_has_what_the_sdl_promises() -> None:
    assert main(["check", "--fail-on", "warning"]) == 0


@pytest.mark.parametrize(
    ("operation", "variables", "expected"),
    [
        ("BookPage", "{}", "statement 1: 5 rows"),
        ("AuthorBooks", '{"authorId": "2"}', "statement 2: 2 rows"),
    ],
)
def test_an_operation_reads_what_it_shows(
    operation: str, variables: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--operation", operation, "--variables", variables]) == 0
    shown = capsys.readouterr().out
    assert expected in shown
    assert shown.rstrip().endswith(" 0 errors")
