"""What holds tests and the example apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.apart import ROOT, is_of_the_example


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("sdl/orders.graphql", True, id="sdl"),
        pytest.param("sdl/operations/any.graphql", True, id="operation"),
        pytest.param("migrations/0001_any.sql", True, id="migration"),
        pytest.param("data/any.csv", True, id="data"),
        pytest.param("Pulumi.prod.yaml", True, id="stack"),
        pytest.param("__main__.py", True, id="program"),
        pytest.param("aurora-graphql.toml", True, id="project"),
        pytest.param("Pulumi.yaml", False, id="the-list-of-settings"),
        pytest.param("tests/domains/orders/sdl/orders.graphql", False, id="domain"),
        pytest.param("handler/../sdl/orders.graphql", True, id="on-a-way-around"),
    ],
)
def test_files_of_the_example_are_known(path: str, expected: bool) -> None:
    assert is_of_the_example(str(ROOT / path)) is expected


def test_a_test_that_reads_the_example_fails(tmp_path: Path) -> None:
    """Whatever exceptions it catches, and a module while it is imported."""
    reads = f"open({str(ROOT / 'pyproject.toml')!r}).close()\nopen({str(ROOT / '__main__.py')!r})"
    (tmp_path / "test_inside.py").write_text(
        "def test_it():\n    try:\n        "
        + reads.replace("\n", "\n        ")
        + "\n    except Exception:\n        pass\n"
    )
    (tmp_path / "test_import.py").write_text(reads + "\ndef test_it(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.apart", "--apart"]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "--continue-on-collection-errors", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 error" in done.stdout, done.stdout
    assert done.stdout.count("__main__.py is the example's: take tests/domains") >= 2
