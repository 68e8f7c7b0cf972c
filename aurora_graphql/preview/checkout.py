"""The graph of another state of the repository: the last commit, or any revision.

``git archive`` writes it to a folder of its own, and a new process runs it there: two versions of
``components`` cannot live in one. The working tree is not touched.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aurora_graphql.errors import ToolError
from aurora_graphql.installed import PACKAGES
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.program import run_program
from aurora_graphql.project_file import Project


class RevisionError(ToolError):
    """The revision is not there, or its program cannot be run."""


@contextmanager
def exported(revision: str, repository: Path) -> Iterator[Path]:
    """A folder with the files of ``revision``, while the block runs."""
    tree = subprocess.run(
        ["git", "archive", "--format=tar", revision],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    if tree.returncode:
        raise RevisionError(f"{revision} is neither a stack nor a revision of git")
    with tempfile.TemporaryDirectory(prefix="aurora-preview-") as folder:
        with tarfile.open(fileobj=io.BytesIO(tree.stdout)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def recorded_at(
    revision: str, stack: str, manifest: Mapping[str, Any], *, repository: Path
) -> Graph | None:
    """The graph of ``stack`` as ``revision`` declares it; None where it has no such stack yet.

    ``manifest``: of the archive of the working tree, whose runtime and CPU the graph gets. The
    archive of an old revision is gone, so its hash says nothing: ``code`` and ``sourceCodeHash``
    are left out of every comparison.
    """
    with exported(revision, repository) as folder:
        if not (folder / f"Pulumi.{stack}.yaml").exists():
            return None
        child = subprocess.run(
            [
                *(sys.executable, "-m", "aurora_graphql.preview.checkout", str(folder), stack),
                *(manifest["python"], manifest["architecture"]),
            ],
            cwd=PACKAGES,
            capture_output=True,
            text=True,
            check=False,
        )
    if child.returncode:
        reason = child.stderr.strip().splitlines()
        raise RevisionError(
            f"the program of {revision} cannot be run: {reason[-1] if reason else 'no message'}"
        )
    return Graph.from_json(json.loads(child.stdout))


def main(root: Path, stack: str, python: str, cpu: str) -> None:
    """Run the program below ``root`` and print its graph; meant for a process of its own."""
    sys.path.insert(0, str(root))  # its `components`, this `preview`
    write_archive(root / "dist", Project.of(root), python=python, cpu=cpu)
    json.dump(run_program(root, stack).to_json(), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
