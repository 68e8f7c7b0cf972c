"""The files of a release, in build/release: wheel, sdist, plugin, their checksums, and the notes.

``make release`` runs it; in the workflow ``release`` with ``TAG``, which has to name the version of
pyproject.toml, whose section of CHANGELOG.md becomes the notes. Raises ``SystemExit`` otherwise.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ("plugin", "components", "handler/http/surface.json")
"""What ``pulumi package add ./plugin`` needs, where it stands in the repository."""
_CONTRACTS = "handler/*/contract.json"  # which components.contract reads
_TEXTS = ("LICENSE", "Pulumi.yaml", "pyproject.toml")  # its settings are told of in the second


def main(folder: Path = ROOT / "build" / "release") -> int:
    """Make the files anew; 0."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    tag = os.environ.get("TAG", f"v{version}")
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag} and pyproject.toml says {version}; they must agree")
    shutil.rmtree(folder, ignore_errors=True)
    files = folder / "files"
    files.mkdir(parents=True)
    (folder / "notes.md").write_text(notes_of(version), encoding="utf-8")
    bundled = ROOT / "aurora_graphql" / "dev" / "browser" / "bundled"  # into wheel and sdist
    shutil.rmtree(bundled, ignore_errors=True)
    build = (sys.executable, "-m", "uv", "build", "--quiet", "--no-build-isolation")
    try:
        bring = (sys.executable, "-m", "aurora_graphql.archive.brought", str(bundled))
        subprocess.run(bring, cwd=ROOT, check=True)
        subprocess.run(
            [*build, "--python", sys.executable, "--out-dir", str(files), str(ROOT)], check=True
        )
    finally:
        shutil.rmtree(bundled, ignore_errors=True)
    (files / ".gitignore").unlink(missing_ok=True)
    write_plugin(files / f"aurora-graphql-plugin-{version}.tar.gz")
    for each in sorted(files.iterdir()):
        print(each)
    return 0


def notes_of(version: str) -> str:
    """The section of a version in CHANGELOG.md, without its heading."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## \[{re.escape(version)}\].*?\n(.*?)(?=^## \[|\Z)", text, re.S | re.M)
    if found is None:
        sys.exit(f"CHANGELOG.md has no section for {version}")
    return found[1].strip() + "\n"


def write_plugin(archive: Path) -> None:
    """The same bytes for the same files."""
    names = [*_TEXTS, *sorted(each.relative_to(ROOT).as_posix() for each in ROOT.glob(_CONTRACTS))]
    for place in PLUGIN:
        found = [ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).rglob("*"))
        names += [
            each.relative_to(ROOT).as_posix()
            for each in found
            if each.is_file() and "__pycache__" not in each.parts
        ]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in names:
            data = (ROOT / name).read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    with gzip.GzipFile(archive, "wb", mtime=0) as stream:
        stream.write(packed.getvalue())


if __name__ == "__main__":
    sys.exit(main())
