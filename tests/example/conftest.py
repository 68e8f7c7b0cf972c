"""What the example's stacks need of Pulumi's SDK."""

from __future__ import annotations

import pytest

from tests.recorded import allow_deprecated_classes


def pytest_configure(config: pytest.Config) -> None:
    allow_deprecated_classes(config)
