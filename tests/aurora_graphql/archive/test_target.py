"""The runtimes that an archive can be for."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.target import Target, this_architecture
from tests.archives import ORDERS, orders_options


def test_the_platforms_end_at_the_runtimes_glibc() -> None:
    platforms = Target.choose("3.13", "arm64").platforms
    assert platforms[0] == "manylinux_2_34_aarch64"
    assert platforms[-2:] == ["manylinux_2_17_aarch64", "manylinux2014_aarch64"]
    assert len(platforms) == 34 - 17 + 1 + 1


@pytest.mark.parametrize(
    ("python", "architecture", "message"),
    [
        pytest.param("3.11", "arm64", "PYTHON_VERSION is '3.11'; write 3.12 or 3.13", id="python"),
        pytest.param("3.13", "riscv64", "ARCHITECTURE is 'riscv64'; write arm64 or", id="cpu"),
    ],
)
def test_other_runtimes_are_refused(python: str, architecture: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        Target.choose(python, architecture)


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("aarch64", "arm64"), ("x86_64", "x86_64"), ("riscv64", "riscv64")],
)
def test_the_machine_has_lambdas_name(
    monkeypatch: pytest.MonkeyPatch, machine: str, architecture: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert this_architecture() == architecture


def test_the_options_of_a_plain_make_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert Options.choose(ORDERS, {"ARCHITECTURE": ""}) == orders_options(
        Target("3.13", "arm64"), ORDERS.folder / "dist"
    )


def test_the_sdl_that_is_named_is_packed_and_the_migrations_of_another_are_not(
    tmp_path: Path,
) -> None:
    chosen = Options.choose(ORDERS, {"ARCHITECTURE": "arm64", "SDL_DIR": str(tmp_path)})
    assert chosen == orders_options(
        Target("3.13", "arm64"), ORDERS.folder / "dist", sdl=tmp_path, migrations=None
    )


def test_certificates_must_be_a_file() -> None:
    with pytest.raises(BuildError, match=r"RDS_CA_BUNDLE is 'no/such\.pem', which is no file"):
        Options.choose(ORDERS, {"RDS_CA_BUNDLE": "no/such.pem"})
