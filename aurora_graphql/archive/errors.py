"""The one error of a build."""

from __future__ import annotations


class BuildError(Exception):
    """The archive cannot be built as asked; says what to do instead."""
