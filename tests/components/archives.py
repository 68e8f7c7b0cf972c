"""Writes an archive and its manifest, as ``make package`` leaves them; the zip is a small one."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from pathlib import Path

from components.archive import Archive, tree_sha256


def write_archive(
    folder: Path, *, sdl: Path, migrations: Path, python: str = "3.13", cpu: str = "arm64"
) -> None:
    """Fill ``folder`` with ``handler.zip`` and a manifest that fits ``sdl`` and ``migrations``."""
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
        "handler_sha256": tree_sha256(sdl.parent / "handler", "*.py"),
        "bytes_zipped": path.stat().st_size,
        "bytes_unzipped": path.stat().st_size,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def example_archive(*, runtime: str = "python3.13") -> Archive:
    """An archive for components that never open it."""
    return Archive(
        path=Path("dist/handler.zip"),
        sha256="c2hhMjU2",
        runtime=runtime,
        architecture="arm64",
        sdl_sha256="5d1" + "0" * 61,
        migrations_sha256="316" + "0" * 61,
    )
