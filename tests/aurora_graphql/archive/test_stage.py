"""Which files of packages and project get into an archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.lock import Lock
from aurora_graphql.archive.stage import (
    ANSWER_BYTES,
    add_certificates,
    add_code,
    add_graphiql,
    add_tree,
    add_wheels,
)
from aurora_graphql.archive.target import Target
from aurora_graphql.archive.wheels import Wheel, fetch_wheels
from components.archive import CA_FILE
from tests.aurora_graphql.archive.wheelhouse import write_wheel


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    folder = tmp_path / "stage"
    folder.mkdir()
    return folder


def files(stage: Path) -> list[str]:
    return sorted(each.relative_to(stage).as_posix() for each in stage.rglob("*") if each.is_file())


def wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, contents: dict[str, str]
) -> Wheel:
    """A wheel as pip brings it."""
    house, downloads = tmp_path / f"house-{name}", tmp_path / f"downloads-{name}"
    house.mkdir()
    downloads.mkdir()
    lock = tmp_path / f"{name}.lock"
    lock.write_text(write_wheel(house, name, files=contents))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(house))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    target = Target("3.13", "arm64")
    (found,) = fetch_wheels([Requirement(name)], Lock.load(lock), target, downloads)
    return found


def test_a_package_comes_without_what_only_its_makers_need(
    stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = dict.fromkeys(
        [
            "tool/__init__.py",
            "tool/_fast.so",
            "tool/_fast.c",
            "tool/_fast.pyi",
            "tool/data.json",
            "tool/tests/test_a.py",
            "examples/first.py",
            "docs/conf.py",
            "tool/__pycache__/a.cpython-313.pyc",
            "tool-1.0.data/purelib/beside.py",
            "tool-1.0.data/scripts/tool",
            "tool-1.0.dist-info/licenses/LICENSE",
        ],
        "",
    )
    add_wheels(stage, [wheel(tmp_path, monkeypatch, "tool", contents)])
    assert files(stage) == [
        "beside.py",
        "tool-1.0.dist-info/METADATA",
        "tool-1.0.dist-info/WHEEL",
        "tool-1.0.dist-info/licenses/LICENSE",
        "tool/__init__.py",
        "tool/_fast.so",
        "tool/data.json",
    ]


def test_a_path_that_leaves_the_archive_is_refused(
    stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = wheel(tmp_path, monkeypatch, "tool", {"tool/../../out.py": ""})
    with pytest.raises(BuildError, match="leaves the archive"):
        add_wheels(stage, [bad])
    assert not (tmp_path / "out.py").exists()


def test_two_packages_may_not_disagree(
    stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = wheel(tmp_path, monkeypatch, "one", {"shared.py": "1", "same.py": ""})
    two = wheel(tmp_path, monkeypatch, "two", {"shared.py": "2", "same.py": ""})
    with pytest.raises(BuildError, match=r"different files 'shared\.py'"):
        add_wheels(stage, [one, two])


def test_what_lambda_brings_is_refused(
    stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BuildError, match="asks for boto3, which must not be deployed"):
        add_wheels(stage, [wheel(tmp_path, monkeypatch, "boto3", {"boto3.py": ""})])


def test_code_comes_whole_and_without_caches(stage: Path, tmp_path: Path) -> None:
    for name in ("shop/__init__.py", "shop/deep/a.graphql", "shop/__pycache__/a.pyc", "other.py"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    add_code(stage, tmp_path / "root", "shop.resolvers")
    assert files(stage) == ["shop/__init__.py", "shop/deep/a.graphql"]
    add_code(stage, tmp_path / "root", "other")
    assert "other.py" in files(stage)
    with pytest.raises(BuildError, match=r"there is no store/ or store\.py in .*; it should hold"):
        add_code(stage, tmp_path / "root", "store.resolvers")


def test_a_tree_keeps_its_shape(stage: Path, tmp_path: Path) -> None:
    (tmp_path / "api" / "parts").mkdir(parents=True)
    (tmp_path / "api" / "a.graphql").write_text("a")
    (tmp_path / "api" / "parts" / "b.graphql").write_text("b")
    (tmp_path / "api" / "notes.md").write_text("c")
    add_tree(stage, tmp_path / "api", "*.graphql", "sdl")
    assert files(stage) == ["sdl/a.graphql", "sdl/parts/b.graphql"]


def test_certificates_are_written_as_they_are(stage: Path) -> None:
    add_certificates(stage, b"pem")
    assert (stage / CA_FILE).read_bytes() == b"pem"


def test_graphiql_comes_without_what_is_no_file_of_the_page(stage: Path, tmp_path: Path) -> None:
    shown = ("graphiql.js", "graphiql.css", "graphiql.js.LEGAL.txt")
    of_the_local_page = ("local.js", "local.css", "local.js.LEGAL.txt")
    for name in (*shown, *of_the_local_page, "made-of"):
        (tmp_path / name).write_text("ä")
    add_graphiql(stage, tmp_path)
    assert files(stage) == [
        "graphiql/graphiql.css",
        "graphiql/graphiql.js",
        "graphiql/graphiql.js.LEGAL.txt",
    ]


def test_file_of_graphiql_that_no_answer_can_carry_is_refused(stage: Path, tmp_path: Path) -> None:
    """A quote takes two bytes in the answer."""
    (tmp_path / "graphiql.js").write_text('"' * (ANSWER_BYTES // 2))
    with pytest.raises(BuildError, match=r"graphiql\.js takes 6250002 bytes of an answer"):
        add_graphiql(stage, tmp_path)
