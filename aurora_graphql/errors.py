"""The error that all commands raise on purpose."""

from __future__ import annotations


class ToolError(Exception):
    """It cannot be done as asked; the text names what is wrong, and says what to do."""
