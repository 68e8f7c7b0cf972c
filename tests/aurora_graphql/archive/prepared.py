"""What is prepared of a folder's SDL, for tests of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from aurora_graphql.archive.prepare import prepare
from handler.engine.engine import shaping
from handler.language.preparing import encode_file
from handler.settings import Settings
from handler.stores.url import DatabaseUrl

ROOT = Path(__file__).parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
URL = DatabaseUrl(user="reader", database="d", host="h", port=1)


def settings_of(folder: Path, **changes: Any) -> Settings:
    return Settings(database_url=URL, sdl_dir=folder, **changes)


def write(*choices: Settings, python: str = PYTHON) -> bytes:
    """The content of the file for functions with any of these settings."""
    sections = {shaping(settings): prepare(settings) for settings in choices}
    return encode_file(choices[0].sdl_dir, python, sections)
