"""Programs of the handler, run for the database of a project."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from aurora_graphql.cli.chosen import Chosen


def run_program(found: Chosen, module: str, words: Sequence[str] = ()) -> int:
    """Run it with the project's environment; its exit status."""
    with found.database() as environ:
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(command, env=dict(environ), check=False).returncode
