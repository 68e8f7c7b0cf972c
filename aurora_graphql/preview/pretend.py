"""An archive that holds no handler, for programs that are only looked at."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from aurora_graphql.installed import HANDLER
from aurora_graphql.preview.answers import REGION
from aurora_graphql.project_file import Project
from handler.settings import VARIABLES


def write_archive(
    folder: Path, project: Project, *, python: str = "3.13", cpu: str = "arm64"
) -> None:
    """Fill ``folder`` with ``handler.zip`` and a manifest that fits the project."""
    # Late: the checkout that is looked at decides which `components` this is. Those of an older
    # revision hash the handler's modules alone.
    from components import archive as archives

    tree_sha256 = archives.tree_sha256
    handler_sha256: Callable[[Path], str] = getattr(
        archives, "package_sha256", lambda folder: tree_sha256(folder, "*.py")
    )
    handler = project.folder / "handler"  # of a checkout, of whatever revision
    if not handler.is_dir():
        handler = HANDLER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "handler.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler/entry.py"), "def graphql(event, context): ...\n")
    digest = hashlib.sha256(path.read_bytes()).digest()
    manifest = {
        "version": 1,
        "python": python,
        "architecture": cpu,
        "glibc": "2.34",
        "archive": path.name,
        "archive_sha256": base64.b64encode(digest).decode(),
        "content_sha256": digest.hex(),
        "sdl_sha256": tree_sha256(project.sdl, "*.graphql"),
        "migrations_sha256": tree_sha256(project.migrations, "*.sql"),
        "mappings_sha256": tree_sha256(project.mappings, "*.toml"),
        "variables": known_variables(project.folder),
        "prepared": [{}],  # for any values: nothing is inside
        "graphiql": True,
        "rds_ca_authorities": _authorities(project.stacks),
        "handler_sha256": handler_sha256(handler),
        "bytes_zipped": path.stat().st_size,
        "bytes_unzipped": path.stat().st_size,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def known_variables(root: Path) -> list[str]:
    """The handler's variables, as a real manifest has them.

    A checkout of another revision has another handler than the one that is installed; there its
    docs/settings.md lists them.
    """
    page = root / "docs" / "settings.md"
    if not page.is_file():
        return sorted(variable.name for variable in VARIABLES)
    return re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|", page.read_text(encoding="utf-8"), re.M)


def _authorities(root: Path) -> list[str]:
    """Whom a real archive of ``root`` would trust: its stacks' regions say it."""
    written = [path.read_text(encoding="utf-8") for path in sorted(root.glob("Pulumi.*.yaml"))]
    named = {name for text in written for name in re.findall(r"^  aws:region: (\S+)$", text, re.M)}
    of_rds = [f"Amazon RDS {region} Root CA RSA2048 G1" for region in sorted({REGION} | named)]
    return [*of_rds, "Amazon Root CA 1"]
