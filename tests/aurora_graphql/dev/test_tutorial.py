"""docs/tutorial.md, typed block by block in an empty folder; what is shown is what comes back.

``pytest tests/aurora_graphql/dev/test_tutorial.py --rewrite-golden`` writes the answers anew.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from tests.aurora_graphql.dev.site import Site
from tests.aurora_graphql.dev.test_local import until
from tests.aurora_graphql.dev.test_readme import ROOT, shell

PAGE: Final = ROOT / "docs/tutorial.md"
ADDRESS: Final = "http://127.0.0.1:8000/"
_STEP: Final = re.compile(
    r"^```sh\n(.*?)^```$(?:\n\n```json\n(.*?)^```$)?", re.DOTALL | re.MULTILINE
)


def test_whoever_types_the_tutorial_sees_what_it_shows(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    monkeypatch.chdir(shop)  # where the page serves
    site = Site(tmp_path, project=None, PYTHONPATH=str(ROOT))
    text = PAGE.read_text(encoding="utf-8")
    answers: dict[str, Any] = {}
    shown = {typed: json.loads(told or "null") for typed, told in _STEP.findall(text)}
    with ExitStack() as serving:
        url = ""
        for typed in shown:
            if typed.startswith("curl"):
                answers[typed] = json.loads(shell(_filled(typed, url, answers), tmp_path))
            elif "check" in typed:
                status, told, _ = site.call("check", *typed.split("check")[1].split())
                assert status == 0, told
            else:
                if typed.startswith(("mkdir", "cat")):
                    shell(typed, tmp_path)
                if typed.endswith("aurora-graphql dev\n"):
                    _, url = serving.enter_context(site.running())
                elif url:  # the page says: the server takes it in
                    until(lambda: "reloaded in " in site.said(), "a reload")
    if request.config.getoption("rewrite_golden"):
        PAGE.write_text(_STEP.sub(lambda found: _written(found, answers), text))
    else:
        assert answers == {typed: shown[typed] for typed in answers}


def _filled(typed: str, url: str, answers: dict[str, Any]) -> str:
    """The address of this run, and the cursor that was shown before."""
    cursor = re.search(r'"endCursor": "([^"]+)"', json.dumps(answers))
    return typed.replace(ADDRESS, url).replace("CURSOR", cursor[1] if cursor else "")


def _written(found: re.Match[str], answers: dict[str, Any]) -> str:
    if found[1] not in answers:
        return found[0]
    return (
        f"```sh\n{found[1]}```\n\n```json\n{json.dumps(answers[found[1]], ensure_ascii=False)}\n```"
    )
