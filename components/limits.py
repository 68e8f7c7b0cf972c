"""Checks of single settings. Every message names the key, the limit and the value received."""

from __future__ import annotations

import re
from collections.abc import Collection

LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
"""What CloudWatch Logs takes.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


def check_range(key: str, value: float, low: float, high: float, unit: str) -> None:
    """Raise ``ValueError`` unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise ValueError(f"{key} must be between {low} and {high} {unit}, got {value}")


def check_choice(key: str, value: object, choices: Collection[object]) -> None:
    """Raise ``ValueError`` unless ``value`` is one of ``choices``."""
    if value not in choices:
        listed = ", ".join(str(choice) for choice in choices)
        raise ValueError(f"{key} must be one of {listed}; got {value}")


def check_pattern(key: str, value: str, pattern: str, meaning: str) -> None:
    """Raise ``ValueError`` unless all of ``value`` matches; ``meaning`` says what to write."""
    if re.fullmatch(pattern, value) is None:
        raise ValueError(f"{key} must be {meaning}, got {value!r}")
