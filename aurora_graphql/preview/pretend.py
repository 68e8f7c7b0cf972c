"""An archive that holds no handler, for programs that are only looked at."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from aurora_graphql.preview.answers import REGION


def write_archive(
    folder: Path, *, sdl: Path, migrations: Path, python: str = "3.13", cpu: str = "arm64"
) -> None:
    """Fill ``folder`` with ``handler.zip`` and a manifest that fits ``sdl`` and ``migrations``."""
    # Late: the checkout that is looked at decides which `components` this is. Those of an older
    # revision hash the handler's modules alone.
    from components import archive as archives

    tree_sha256 = archives.tree_sha256
    handler_sha256: Callable[[Path], str] = getattr(
        archives, "package_sha256", lambda folder: tree_sha256(folder, "*.py")
    )
    handler = sdl.parent / "handler"
    if not handler.is_dir():  # a project that has it installed
        handler = Path(archives.__file__).resolve().parents[1] / "handler"
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
        "sdl_sha256": tree_sha256(sdl, "*.graphql"),
        "migrations_sha256": tree_sha256(migrations, "*.sql"),
        "mappings_sha256": tree_sha256(sdl.parent / "data" / "mappings", "*.toml"),
        "variables": documented_variables(sdl.parent),
        "prepared": [{}],  # for any values: nothing is inside
        "graphiql": True,
        "rds_ca_authorities": _authorities(sdl.parent),
        "handler_sha256": handler_sha256(handler),
        "bytes_zipped": path.stat().st_size,
        "bytes_unzipped": path.stat().st_size,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def documented_variables(root: Path) -> list[str]:
    """The handler's variables as docs/settings.md of ``root`` lists them; none without that page.

    A real manifest has them from the handler, which the preview does not import.
    """
    page = root / "docs" / "settings.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|", text, re.M)


def _authorities(root: Path) -> list[str]:
    """Whom a real archive of ``root`` would trust: its stacks' regions say it."""
    written = [path.read_text(encoding="utf-8") for path in sorted(root.glob("Pulumi.*.yaml"))]
    named = {name for text in written for name in re.findall(r"^  aws:region: (\S+)$", text, re.M)}
    of_rds = [f"Amazon RDS {region} Root CA RSA2048 G1" for region in sorted({REGION} | named)]
    return [*of_rds, "Amazon Root CA 1"]
