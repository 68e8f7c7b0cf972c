"""The zip and its manifest: the same bytes for the same files, wherever and whenever built."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.target import GLIBC
from aurora_graphql.installed import HANDLER
from components.archive import MANIFEST_VERSION, package_sha256, tree_sha256

MAX_ZIPPED_BYTES: Final = 15_000_000
MAX_UNZIPPED_BYTES: Final = 45_000_000
"""Our own limits, far below Lambda's: each megabyte is fetched and unpacked by every cold start."""

ARCHIVE: Final = "handler.zip"
MANIFEST: Final = "manifest.json"

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can name
_FILE_MODE: Final = 0o100644 << 16
_UNIX: Final = 3


def write_zip(stage: Path, path: Path) -> None:
    """Pack the files in order of their names, with one time and one mode for all."""
    files = [each for each in stage.rglob("*") if each.is_file()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, file in sorted((each.relative_to(stage).as_posix(), each) for each in files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE
            packed.writestr(entry, file.read_bytes())


def describe(
    stage: Path, packed: Path, options: Options, contents: Mapping[str, Any]
) -> dict[str, Any]:
    """The manifest. ``contents``: what else is to be said about what is inside.

    Raises ``BuildError`` if the archive is larger than it may be.
    """
    data = packed.read_bytes()
    manifest = {
        "version": MANIFEST_VERSION,
        "python": options.target.python,
        "architecture": options.target.architecture,
        "glibc": GLIBC,
        "archive": ARCHIVE,
        "archive_sha256": base64.b64encode(hashlib.sha256(data).digest()).decode(),
        "content_sha256": tree_sha256(stage, "*"),
        "sdl_sha256": tree_sha256(options.sdl, "*.graphql"),
        "migrations_sha256": tree_sha256(options.migrations, "*.sql"),
        "mappings_sha256": tree_sha256(options.mappings, "*.toml"),
        "handler_sha256": package_sha256(HANDLER),
        "bytes_zipped": len(data),
        "bytes_unzipped": sum(each.stat().st_size for each in stage.rglob("*") if each.is_file()),
        **contents,
    }
    for key, limit in (("bytes_zipped", MAX_ZIPPED_BYTES), ("bytes_unzipped", MAX_UNZIPPED_BYTES)):
        if manifest[key] > limit:
            raise BuildError(f"the archive has {manifest[key]:,} {key}, more than {limit:,}")
    return manifest


def encode(value: Mapping[str, Any]) -> bytes:
    """JSON for files that people read and that are compared byte for byte."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def put(content: bytes, path: Path) -> None:
    """Write a file at once: nobody sees half of it, and a build that is cut leaves the old one."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)
