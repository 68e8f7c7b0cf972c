"""The example at the top of the repository is read by its own tests alone, those of tests/example.

Whoever puts another API in its place keeps all other tests. So with ``--apart`` a file of the
example that any other test opens fails that test; what a process that it starts opens is not seen.
``Pulumi.yaml`` is not of the example: it lists the settings of every stack, and the plugin takes
them from there.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
# tests/containers builds the image, which holds the example.
OWN_TESTS: Final = frozenset(Path(__file__).with_name(name) for name in ("example", "containers"))
_PLACES: Final = re.compile(
    re.escape(f"{ROOT}{os.sep}")
    + r"(?:(?:sdl|migrations|data)/.*|__main__\.py|aurora-graphql\.toml|Pulumi\..+\.yaml)",
    re.DOTALL,
)


def is_of_the_example(path: str) -> bool:
    """Whether a file is one of those that another project replaces."""
    return _PLACES.fullmatch(os.path.abspath(path)) is not None


class _Guard:
    """Hears of each file that is opened, and minds while ``closed``."""

    closed = False

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        if not self.closed or event != "open":
            return
        path = details[0]
        if isinstance(path, (str, os.PathLike)) and is_of_the_example(os.fspath(path)):
            pytest.fail(
                f"{path} is the example's: take tests/domains, or move the test to example/"
            )

    def during(self, path: Path) -> Generator[None, Any, Any]:
        """What a hook's wrapper returns, for something in the file ``path``."""
        before, self.closed = self.closed, OWN_TESTS.isdisjoint(path.parents)
        try:
            return (yield)
        finally:
            self.closed = before


_GUARD: Final = _Guard()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--apart", action="store_true", help="fail what reads the example and is not its test"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--apart"):
        sys.addaudithook(_GUARD)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """While the modules of tests are imported."""
    return (yield from _GUARD.during(collector.path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """While a test and its fixtures run."""
    return (yield from _GUARD.during(item.path))
