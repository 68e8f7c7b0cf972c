"""Processes that judge mutants of the code, two at a time, and the witnesses they leave."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from tests.mutation.code.targets import ROOT
from tests.mutation.code.verdict import Verdict

WITNESSES: Final = Path(__file__).with_name("witnesses.json")
WORKERS: Final = 2


def judge_all(
    names: Sequence[str], seen: Callable[[Verdict], None], *, workers: int = WORKERS
) -> None:
    """Judge the mutants of these names; ``seen`` is called for each verdict."""
    parts = [names[start::workers] for start in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(partial(_work, seen=seen), parts):
            pass


def _work(names: Sequence[str], *, seen: Callable[[Verdict], None]) -> None:
    with TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.code.judge"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(names))
            process.stdin.close()
            while line := process.stdout.readline():
                seen(Verdict(**json.loads(line)))
            process.wait()
        finally:
            process.terminate()  # it ends its server
            process.wait()
            process.stdout.close()
        errors.seek(0)
        assert process.returncode == 0, errors.read()


def read_witnesses() -> dict[str, str]:
    """The tests that noticed last time, by mutant."""
    if not WITNESSES.exists():
        return {}
    found: dict[str, str] = json.loads(WITNESSES.read_text(encoding="utf-8"))
    return found


def write_witnesses(verdicts: Sequence[Verdict], names: Collection[str]) -> None:
    """Keep who noticed this time; of mutants that were not judged, and exist, who did before."""
    judged = {verdict.mutant: verdict.caught_by for verdict in verdicts}
    known = read_witnesses() | judged
    kept = {name: known[name] for name in sorted(names) if known.get(name)}
    WITNESSES.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
