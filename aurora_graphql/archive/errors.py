"""The one error of a build."""

from __future__ import annotations

from aurora_graphql.errors import ToolError


class BuildError(ToolError):
    """The archive cannot be built as asked; says what to do instead."""
