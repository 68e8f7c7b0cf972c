"""The table of the environment: every variable, where its value goes, and what may be written.

``variable`` is one line of it; the lines are in ``stores``, ``callers`` and ``requests``. Reading
goes by it, the errors quote it, and docs/settings.md is printed from it.
"""

from handler.settings.variables.callers import CALLERS
from handler.settings.variables.requests import REQUESTS
from handler.settings.variables.stores import STORES
from handler.settings.variables.variable import (
    AUTOMATIC,
    ERROR,
    HIDDEN,
    OFF,
    OPENTELEMETRY,
    SAFELIST,
    XRAY,
    Variable,
)

__all__ = [
    "AUTOMATIC",
    "ERROR",
    "HIDDEN",
    "OFF",
    "OPENTELEMETRY",
    "SAFELIST",
    "VARIABLES",
    "XRAY",
    "Variable",
]

VARIABLES = STORES + CALLERS + REQUESTS
