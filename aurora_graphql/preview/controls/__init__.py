"""Controls of AWS Foundational Security Best Practices, judged on a graph.

``registry`` says what a control is; ``edge``, ``data`` and ``account`` hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aurora_graphql.preview.controls import account, data, edge
from aurora_graphql.preview.controls.registry import Control

__all__ = ["BEYOND", "CONTROLS", "Control"]

CONTROLS: Final = tuple(
    sorted(
        (*edge.CONTROLS, *data.CONTROLS, *account.CONTROLS),
        key=lambda control: (control.id.split(".")[0], int(control.id.split(".")[1])),
    )
)

BEYOND: Final[Mapping[str, str]] = {
    "S3.1": "a setting of the account, not of a stack; each bucket has its own block (S3.8)",
    "SecretsManager.2": "whether a rotation went well shows only at run time",
    "SecretsManager.3": "whether a secret is used shows only at run time",
    "SecretsManager.4": "when a secret was last rotated shows only at run time",
}
"""Controls that no graph can answer."""
