"""The levels of log lines, which a stack checks as well: ``contract.json`` beside this module.

``components/contract.py`` reads the same file. ``log_levels``: from the one with most lines to the
one with fewest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

LOG_LEVELS: Final[tuple[str, ...]] = tuple(
    orjson.loads(Path(__file__).with_name("contract.json").read_bytes())["log_levels"]
)
