"""``python -m benchmarks [NAME ...] [OPTION ...]``: run the benchmarks one after the other.

Names are those of the ``bench_<name>.py``; without one all of them run. Options go to each, such as
``--help``; all but ``cache`` and ``ingest`` take ``--save``, which writes the tables of ``docs/``.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from pathlib import Path

FOLDER = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Run each in a process of its own, so that none finds what another left behind."""
    known = sorted(file.stem.removeprefix("bench_") for file in FOLDER.glob("bench_*.py"))
    chosen = list(takewhile(known.__contains__, arguments))
    options = arguments[len(chosen) :]
    if options and not options[0].startswith("-"):
        print(f"usage: python -m benchmarks [{' '.join(known)}] [--option ...]", file=sys.stderr)
        return 2
    for name in chosen or known:
        print(f"\n== {name}\n", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.bench_{name}", *options],
            cwd=FOLDER.parent,
            check=False,
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
