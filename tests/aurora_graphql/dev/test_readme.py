"""README's own blocks, run one after the other: an empty folder becomes an API, as it says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.aurora_graphql.dev.site import Site

ROOT: Final = Path(__file__).resolve().parents[3]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS: Final = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE))
OWN: Final = SECTIONS["Tables of your own, from an empty folder"]


def blocks(section: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def shell(text: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", text], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_an_empty_folder_becomes_an_api_as_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, served, asked = blocks(OWN, "sh")
    shell(written, tmp_path)
    assert served == "cd shop && aurora-graphql dev\n"
    monkeypatch.chdir(tmp_path / "shop")
    with Site(tmp_path, project=None, PYTHONPATH=str(ROOT)).running() as (_, url):
        answer = shell(asked.replace("http://127.0.0.1:8000/", url), tmp_path)
    (shown,) = blocks(OWN, "json")
    assert json.loads(answer) == json.loads(shown)


def test_commands_of_readme_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert {each for each in named if not re.search(rf"^{each}:", makefile, re.MULTILINE)} == set()


def test_readme_can_be_read_in_one_go() -> None:
    assert README.count("\n") < 200
