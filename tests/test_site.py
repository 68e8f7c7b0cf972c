"""The pages as a site: built strictly, complete, and loading nothing from other servers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOADING = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
HARMLESS = {"canonical", "alternate", "prev", "next"}  # kinds of <link> that load nothing


def build(folder: Path, config: Path = ROOT / "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    # Not --quiet: what is not written is not counted, and --strict would stop nothing.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    return subprocess.run(
        [*command, "--config-file", str(config), "--site-dir", str(folder)],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; every link and heading is checked by the build."""
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Loaded(HTMLParser):
    """What a page makes the browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag in LOADING and found.get("rel") not in HARMLESS:
            self.addresses.append(found.get(LOADING[tag]) or "")


def test_no_page_loads_anything_from_another_server(site: Path) -> None:
    foreign = set()
    for page in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        foreign |= {each for each in loaded.addresses if re.match(r"(\w+:)?//", each)}
    for sheet in site.rglob("*.css"):
        foreign |= set(re.findall(r"url\(['\"]?((?:https?:)?//[^)]+)", sheet.read_text()))
    assert foreign == set()


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = {
        each.relative_to(ROOT / "docs").with_suffix(".html") for each in ROOT.glob("docs/**/*.md")
    }
    assert [page for page in sorted(pages) if not (site / page).is_file()] == []


def test_every_page_has_a_place_in_the_navigation(site: Path) -> None:
    shown = (site / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'href="([\w/-]+)\.html"', shown)
    pages = {each.relative_to(ROOT / "docs").with_suffix("") for each in ROOT.glob("docs/*.md")}
    assert {str(page) for page in pages} - set(named) == set()


def test_lists_go_on_after_their_blocks_of_code(site: Path) -> None:
    shown = (site / "deploy.html").read_text(encoding="utf-8")
    steps = shown[shown.index('id="step-by-step"') : shown.index('id="by-workflow"')]
    assert steps.count("<ol>") == 1
    assert steps.count("<li>") > 5


def test_a_link_to_nowhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/other.md").write_text("# A\n\n[b](b.md) and [c](#nothing)\n")
    config = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[0]
    config = config.replace("docs/mkdocs_hook.py", str(ROOT / "docs/mkdocs_hook.py"))
    (tmp_path / "mkdocs.yml").write_text(config)
    done = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert done.returncode != 0
    assert "b.md" in done.stdout + done.stderr
