"""Checks of single settings. Every message names the key, the limit and the value received."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Collection
from typing import Any, Final, Literal

LOG_RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
"""What CloudWatch Logs takes.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


Range = tuple[float, float]
"""The least and the most."""

FUNCTION_MEMORY_MB: Final[Range] = (128, 10_240)
FUNCTION_TIMEOUT_S: Final = 900
"""Lambda ends a function after this time at the latest.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

KEY_DELETION_DAYS: Final[Range] = (7, 30)
"""How long KMS keeps a destroyed key."""

FIREWALL_RATE: Final[Range] = (10, 2_000_000_000)
"""Requests that a rule of WAF may allow in its window."""

VERSIONS_KEPT: Final[Range] = (2, 100)
"""The one that serves and one before it: Lambda calls that for seconds after the alias has moved,
and without it answers that there is no such function.

Source: https://github.com/DataBiosphere/azul/issues/7883
"""

COPY_HOURS: Final = (1, 2, 3, 4, 6, 8, 12, 24)
"""Between two snapshots that are copied: what divides a day; AWS Backup takes an hour at least."""

REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d"

Shifting = Literal[
    "allAtOnce",
    "canary10Percent5Minutes",
    "canary10Percent10Minutes",
    "linear10PercentEvery1Minute",
]
"""How traffic moves to a new version: at once, or as CodeDeploy's own configurations are called.

Its slower ones are left out: an update waits for the end, and a function waits 15 minutes at most.
Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

MYSQL_USER: Final = r"[a-z][a-z0-9_]{0,31}"
"""Names of users and schemas; MySQL takes 32 characters for a user."""


def setting_key(section: str, field: str) -> str:
    """The key of the stack's configuration: section and field in camel case."""
    head, *rest = [*filter(None, [section]), *field.split("_")]
    return head + "".join(word.capitalize() for word in rest)


def check_words(section: str, settings: Any) -> None:
    """Raise ``ValueError`` where a field holds none of the words that its type lists."""
    hints = typing.get_type_hints(type(settings))
    for field in dataclasses.fields(settings):
        hint = hints[field.name]
        if typing.get_origin(hint) is Literal:
            value = getattr(settings, field.name)
            check_choice(setting_key(section, field.name), value, typing.get_args(hint))


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


def check_identifier(key: str, value: str, limit: int) -> None:
    """Raise ``ValueError`` unless ``value`` is a name that RDS and ElastiCache take.

    ``limit``: characters, less what is appended.
    """
    check_pattern(
        key,
        value,
        rf"[a-z](?!.*--)[a-z0-9-]{{0,{limit - 2}}}[a-z0-9]",
        f"2 to {limit} of a-z, 0-9 and single -, a letter first and no - last",
    )


def check_user(key: str, value: str) -> None:
    """Raise ``ValueError`` unless ``value`` is a name that MySQL takes without quotes."""
    check_pattern(key, value, MYSQL_USER, "at most 32 of a-z, 0-9 and _, a letter first")
