"""The environment becomes ``Settings``: the only reader of the environment, and its one table.

``variables`` names every one of them, ``kinds`` says what may be written for one, ``reading`` turns
texts into values, ``model`` holds them with their defaults, ``stores`` makes the clients that they
name.
"""

from handler.settings.model import AuthorizerSettings, Settings
from handler.settings.variables import (
    AUTOMATIC,
    ERROR,
    HIDDEN,
    OFF,
    OPENTELEMETRY,
    SAFELIST,
    VARIABLES,
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
    "AuthorizerSettings",
    "Settings",
    "Variable",
]
