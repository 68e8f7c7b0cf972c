"""The zip and the manifest: the same bytes for the same files, and not too many."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from aurora_graphql.archive import writing
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.target import Target
from components.archive import Archive
from tests.archives import orders_options


def write_files(folder: Path, *names: str, at: int) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(0o600 if at % 2 else 0o755)
        os.utime(path, (at, at))
    return folder


@pytest.fixture
def options(tmp_path: Path) -> Options:
    sdl, migrations = tmp_path / "sdl", tmp_path / "migrations"
    write_files(sdl, "shop.graphql", at=1)
    write_files(migrations, "0001_create_shop.sql", at=1)
    target = Target("3.12", "arm64")
    return orders_options(target, tmp_path / "dist", sdl=sdl, migrations=migrations)


def test_time_mode_and_order_of_the_files_do_not_matter(tmp_path: Path) -> None:
    one = write_files(tmp_path / "one", "b.py", "a/c.py", "a.py", at=1_000_000_001)
    two = write_files(tmp_path / "two", "a.py", "b.py", "a/c.py", at=1_700_000_000)
    (two / "empty").mkdir()
    for folder in (one, two):
        writing.write_zip(folder, tmp_path / f"{folder.name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert [
            (each.filename, each.date_time, oct(each.external_attr >> 16))
            for each in packed.infolist()
        ] == [
            ("a.py", (1980, 1, 1, 0, 0, 0), "0o100644"),
            ("a/c.py", (1980, 1, 1, 0, 0, 0), "0o100644"),
            ("b.py", (1980, 1, 1, 0, 0, 0), "0o100644"),
        ]


def test_the_stack_reads_the_manifest(tmp_path: Path, options: Options) -> None:
    stage = write_files(tmp_path / "stage", "handler/entry.py", "data.bin", at=1)
    options.output.mkdir()
    packed = options.output / writing.ARCHIVE
    writing.write_zip(stage, packed)
    manifest = writing.describe(
        stage,
        packed,
        options,
        {
            "variables": ["STAGE"],
            "prepared": [{"LIST_MAX": "10"}],
            "rds_ca_authorities": ["Amazon Root CA 1"],
        },
    )
    writing.put(writing.encode(manifest), options.output / writing.MANIFEST)
    found = Archive.load(options.output, sdl=options.sdl, migrations=options.migrations)
    assert found == Archive(
        path=packed,
        sha256=manifest["archive_sha256"],
        runtime="python3.12",
        architecture="arm64",
        sdl_sha256=manifest["sdl_sha256"],
        migrations_sha256=manifest["migrations_sha256"],
        mappings_sha256=manifest["mappings_sha256"],
        handler_sha256=manifest["handler_sha256"],
        variables=("STAGE",),
        prepared=({"LIST_MAX": "10"},),
        authorities=("Amazon Root CA 1",),
    )
    assert list(manifest) == [
        "version",
        "python",
        "architecture",
        "glibc",
        "archive",
        "archive_sha256",
        "content_sha256",
        "sdl_sha256",
        "migrations_sha256",
        "mappings_sha256",
        "handler_sha256",
        "bytes_zipped",
        "bytes_unzipped",
        "variables",
        "prepared",
        "rds_ca_authorities",
    ]
    assert manifest["bytes_zipped"] == packed.stat().st_size
    assert manifest["bytes_unzipped"] == len("handler/entry.py") + len("data.bin")


def test_the_content_has_a_hash_of_its_own(tmp_path: Path, options: Options) -> None:
    hashes: set[str] = set()
    for name, other in (("a", "a.py"), ("b", "a.py"), ("c", "b.py")):
        stage = write_files(tmp_path / name, other, at=len(hashes) + 1)
        packed = tmp_path / f"{name}.zip"
        writing.write_zip(stage, packed)
        hashes.add(writing.describe(stage, packed, options, {})["content_sha256"])
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_ZIPPED_BYTES", r"the archive has \d+ bytes_zipped, more than 10"),
        ("MAX_UNZIPPED_BYTES", r"the archive has 11 bytes_unzipped, more than 10"),
    ],
)
def test_a_large_archive_is_refused(
    tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch, limit: str, message: str
) -> None:
    stage = write_files(tmp_path / "stage", "eleven_1.py", at=1)
    writing.write_zip(stage, tmp_path / "a.zip")
    monkeypatch.setattr(writing, limit, 10)
    with pytest.raises(BuildError, match=message):
        writing.describe(stage, tmp_path / "a.zip", options, {})


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    writing.put(b"old", path)
    before = path.open("rb")
    with before:
        writing.put(b"new", path)
        assert before.read() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
