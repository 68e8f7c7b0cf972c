"""Tools from npm for tests, each installed once from a lock of its own into ``.local``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from aurora_graphql.dev.graphiql import LOCK

ROOT: Final = Path(__file__).resolve().parents[1]
_BINARIES: Final = Path(sys.prefix) / "bin"


def install(tool: Path, name: str) -> Path:
    """The folder with the packages of ``tool``: package.json, package-lock.json, any scripts."""
    fingerprint = hashlib.sha256((tool / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = ROOT / ".local" / f"{name}-{fingerprint}"
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:  # several processes run tests
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / ".package-lock.json").is_file():
            for file in ("package.json", "package-lock.json"):
                shutil.copy(tool / file, folder)
            shutil.copy(LOCK.with_name(".npmrc"), folder)
            subprocess.run(
                [_BINARIES / "npm", "ci", "--no-progress"],
                cwd=folder,
                env=environment(),
                check=True,
                capture_output=True,
            )
    for script in tool.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def run(script: Path, *arguments: str | Path, folder: Path | None = None) -> str:
    """What a script prints, run in ``folder`` by the Node.js of the virtual environment."""
    done = subprocess.run(
        [_BINARIES / "node", script, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{_BINARIES}:{os.environ.get('PATH', os.defpath)}"}
