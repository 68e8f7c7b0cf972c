"""Copies of the repository, and processes that break them: a mutant at a time in each."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.project_file import Project
from tests.domains.orders import PROJECT
from tests.mutation.mutants import mutants

ROOT: Final = Path(__file__).resolve().parents[2]
COPIED: Final = (
    "components",
    "handler",
    "tests/__init__.py",
    "tests/components",
    "tests/domains",
    "tests/once.py",
    "tests/recorded.py",
    "tests/wheels.py",
)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What became of every mutant. ``sound``: what was found without any; it must be nothing."""

    sound: list[str]
    verdicts: list[Mapping[str, str]]


def judge_all(
    folder: Path, *, afresh: bool = False, step: int = 1, processes: int = 2
) -> Judgement:
    """Judge every mutant, or every ``step``-th, in copies of the repository below ``folder``.

    ``processes``: each first imports everything and asks a sound copy, which takes seconds.
    ``afresh``: ask the invariants before the test that noticed last time; slower.
    """
    numbers: SimpleQueue[int] = SimpleQueue()
    for number in range(0, len(list(mutants())), step):
        numbers.put(number)
    roots = [_copy_repository(folder / f"copy-{number}") for number in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        answers = [
            answer
            for answered in pool.map(partial(_work, numbers=numbers, afresh=afresh), roots)
            for answer in answered
        ]
    return Judgement(
        sound=[line for answer in answers for line in answer.get("sound", ())],
        verdicts=[answer for answer in answers if "mutant" in answer],
    )


def _copy_repository(target: Path) -> Path:
    """What is broken, hashed, or looks around from where it stands is copied; the rest linked."""
    (target / "tests").mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    linked = [source for source in ROOT.iterdir() if not source.name.startswith(".")]
    for source in (*linked, ROOT / "tests/mutation"):
        link = target / source.relative_to(ROOT)
        if not link.exists() and source.name != "dist":
            link.symlink_to(source)
    write_archive(target / "dist", Project.of(target / PROJECT.relative_to(ROOT)))
    return target


def _work(root: Path, *, numbers: SimpleQueue[int], afresh: bool) -> list[dict[str, Any]]:
    """One process that judges mutants until there are none left."""
    with (root / "errors").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.mutation.judge", str(root)),
                *(["--afresh"] if afresh else []),
            ],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        answers: list[dict[str, Any]] = []
        try:
            while line := process.stdout.readline():
                answers.append(json.loads(line))
                try:
                    number = numbers.get_nowait()
                except Empty:
                    break
                process.stdin.write(f"{number}\n")
                process.stdin.flush()
            process.stdin.close()
            process.wait()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        errors.seek(0)
        assert process.returncode == 0, errors.read()
    return answers
