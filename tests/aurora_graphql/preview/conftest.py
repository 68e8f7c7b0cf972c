"""The graphs of the stacks, recorded once, with a pretend archive."""

from __future__ import annotations

import pytest

from tests.recorded import allow_deprecated_classes, archive_directory, recorded

__all__ = ["archive_directory", "recorded"]


def pytest_configure(config: pytest.Config) -> None:
    allow_deprecated_classes(config)
