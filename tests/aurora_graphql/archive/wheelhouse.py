"""Small wheels of our own, for tests that need no index."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    *,
    version: str = "1.0",
    needs: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    tag: str = "py3-none-any",
) -> str:
    """Write a wheel. Returns its entry in a lock."""
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {each}" for each in needs]
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in (files or {f"{name}.py": f"NAME = {name!r}\n"}).items():
            wheel.writestr(file, text)
        wheel.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return lock_entry(name, version, hashlib.sha256(path.read_bytes()).hexdigest())


def lock_entry(name: str, version: str, sha256: str) -> str:
    """As ``make lock`` writes it."""
    return f"{name}=={version} \\\n    --hash=sha256:{sha256}\n"
