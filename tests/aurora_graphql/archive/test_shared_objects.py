"""What a compiled file may ask of Lambda's runtime. The objects are real ones, some changed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.shared_objects import check_shared_objects, find_problems, is_offered
from aurora_graphql.archive.target import Target, this_architecture

TARGET = Target.choose("3.13", this_architecture())
OTHER = Target.choose("3.13", "arm64" if TARGET.architecture == "x86_64" else "x86_64")


def compile_object(path: Path, source: str, *options: str) -> Path:
    command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(path), *options]
    subprocess.run(command, input=source.encode(), check=True)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An object that needs one symbol of the C library."""
    path = tmp_path_factory.mktemp("objects") / "plain.so"
    return compile_object(path, "#include <unistd.h>\nint f(void) { return getpid(); }")


def test_a_published_wheel_loads(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (found,) = Path(orjson.__file__).parent.glob("*.so")
    shutil.copy(found, tmp_path / "deep" / "orjson.so")
    (tmp_path / "text.so").write_text("not compiled")
    assert check_shared_objects(tmp_path, TARGET) == 1


def test_an_object_of_another_cpu_fails_the_build(tmp_path: Path, plain: Path) -> None:
    shutil.copy(plain, tmp_path)
    with pytest.raises(BuildError) as caught:
        check_shared_objects(tmp_path, OTHER)
    assert str(caught.value) == (
        f"these files would not load in {OTHER}:\n"
        f"plain.so: is for {TARGET.machine}, not for {OTHER.machine}"
    )


def test_a_symbol_newer_than_the_runtimes_is_named(tmp_path: Path, plain: Path) -> None:
    content = plain.read_bytes()
    old = b"GLIBC_2.17\0" if TARGET.architecture == "arm64" else b"GLIBC_2.2.5\0"
    assert old in content
    changed = tmp_path / "new.so"
    changed.write_bytes(content.replace(old, b"GLIBC_2.35\0".ljust(len(old), b"\0")))
    assert find_problems(changed, TARGET, carried=set()) == [
        "needs GLIBC_2.35 of libc.so.6, newer than the runtime's"
    ]
    assert find_problems(plain, TARGET, carried=set()) == []


def test_a_library_must_be_the_runtimes_or_carried(tmp_path: Path) -> None:
    other = compile_object(tmp_path / "libother.so", "int g(void) { return 1; }")
    user = compile_object(
        tmp_path / "user.so", "int g(void); int f(void) { return g(); }", f"-L{tmp_path}", "-lother"
    )
    assert find_problems(user, TARGET, carried=set()) == [
        "needs libother.so, which the runtime does not have"
    ]
    assert find_problems(user, TARGET, carried={other.name}) == []


def test_an_object_without_its_tables_is_no_proof(tmp_path: Path, plain: Path) -> None:
    cut = tmp_path / "cut.so"
    cut.write_bytes(plain.read_bytes()[:200])
    (problem,) = find_problems(cut, TARGET, carried=set())
    assert problem.startswith(("is no ELF file", "has no table"))


@pytest.mark.parametrize(
    ("version", "offered"),
    [
        ("GLIBC_2.34", True),
        ("GLIBC_2.35", False),
        ("GLIBC_2.4", True),
        ("GLIBC_3", False),
        ("GLIBCXX_3.4.29", True),
        ("GLIBCXX_3.4.30", False),
        ("CXXABI_1.3.13", True),
        ("CXXABI_1.3.14", False),
        ("GCC_3.0", True),
        ("GCC_12.0.0", False),
        ("GLIBC_PRIVATE", False),
        ("OPENSSL_3.0.0", False),
    ],
)
def test_symbol_versions(version: str, *, offered: bool) -> None:
    assert is_offered(version) is offered
