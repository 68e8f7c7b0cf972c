"""Where the packages stand: in a virtual environment, or in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import handler

HANDLER: Final = Path(handler.__file__).resolve().parent
"""The sources of the handler, which the archive takes."""

PACKAGES: Final = HANDLER.parent
"""The folder from which ``handler`` is imported."""
