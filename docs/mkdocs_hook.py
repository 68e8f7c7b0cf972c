"""How the pages become a site: a hook of MkDocs, named in mkdocs.yml.

Pages are written for readers of the repository: they link to files outside of ``docs/``, and lists
are indented by two or three blanks. Files that are linked become part of the site; a link to a
folder keeps its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = {  # of the repository: pages of the site
    "README.md": "index.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "handler/language/README.md": "language.md",
}
_PLACES = {site: repository for repository, site in PAGES.items()}
_LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> None:
    """Pages that nobody has given a place yet stand at the end."""
    if config.nav is None:
        return
    placed = str(config.nav)
    docs = Path(config.docs_dir)
    pages = sorted(each.relative_to(docs).as_posix() for each in docs.rglob("*.md"))
    if rest := [page for page in pages if repr(page) not in placed]:
        config.nav.append({"More": rest})


def on_files(files: Files, config: MkDocsConfig) -> None:
    for repository, site in PAGES.items():
        files.append(File.generated(config, site, abs_src_path=str(ROOT / repository)))
    for page in list(files.documentation_pages()):
        text = Path(str(page.abs_src_path)).read_text(encoding="utf-8")
        for link, _ in _LINK.findall(_FENCE.sub("", text)):
            target = _target(link, page.src_uri)
            is_outside = target not in PAGES and not target.startswith("docs/")
            if is_outside and (ROOT / target).is_file():
                place = f"repository/{target}"
                if files.get_file_from_path(place) is None:
                    files.append(File.generated(config, place, abs_src_path=str(ROOT / target)))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    def moved(found: re.Match[str]) -> str:
        target = _target(found[1], page.file.src_uri)
        if target in PAGES:
            place = PAGES[target]
        elif target.startswith("docs/"):
            place = target.removeprefix("docs/")
        elif (ROOT / target).is_dir():
            return "]()"
        else:
            place = f"repository/{target}"
        folder = posixpath.dirname(page.file.src_uri)
        return f"]({posixpath.relpath(place, folder or '.')}{found[2] or ''})"

    parts = re.split(r"(^ *```.*?^ *```$)", markdown, flags=re.DOTALL | re.MULTILINE)
    parts[::2] = [re.sub(r"\[([^\]]*)\]\(\)", r"\1", _LINK.sub(moved, each)) for each in parts[::2]]
    return _indented("".join(parts))


def _indented(markdown: str) -> str:
    """What belongs to the item of a list gets four blanks, as Python-Markdown wants it."""
    lines = []
    width, is_code = 0, False
    for line in markdown.splitlines():
        item = re.match(r"(?:\d+\. |- )", line)
        if line.startswith("```"):
            is_code, width = not is_code, 0
        elif is_code or not line:
            pass
        elif item:
            width = len(item[0])
        elif not line.startswith(" " * width):
            width = 0
        is_inside = width and not is_code and line and not item
        lines.append("    " + line[width:] if is_inside else line)
    return "\n".join(lines)


def _target(link: str, page: str) -> str:
    """Where a link of a page leads, from the top of the repository."""
    source = _PLACES.get(page, f"docs/{page}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
