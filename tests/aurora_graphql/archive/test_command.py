"""What is told of a program that failed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from aurora_graphql.archive.command import run
from aurora_graphql.archive.errors import BuildError


@pytest.mark.parametrize(
    ("command", "remedy", "told"),
    [
        (["sh", "-c", "echo no; exit 1"], "", "sh failed. It said:\nno"),
        (["sh", "-c", "echo no; exit 1"], "a hint", "sh failed; a hint. It said:\nno"),
        (["sh", "-c", "echo no; exit 1"], "is it there?", "sh failed; is it there? It said:\nno"),
        ([sys.executable, "-m", "json.tool", "/dev/null"], "", "json.tool failed. It said:\n"),
    ],
    ids=["without-a-hint", "with-one", "with-a-question", "module-of-python"],
)
def test_failed_program_is_named_with_what_to_do(
    command: Sequence[str], remedy: str, told: str
) -> None:
    with pytest.raises(BuildError) as caught:
        run(command, remedy=remedy)
    assert str(caught.value).startswith(told)
