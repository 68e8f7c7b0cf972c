"""What stands behind the gateway: a Lambda function, wherever it runs."""

from __future__ import annotations

from typing import Any, Protocol

from aurora_graphql.errors import ToolError


class FunctionError(ToolError):
    """The function raised, ended its process or cannot be loaded; the text says which.

    ``code``: of an error of the handler that kept it from being loaded, such as a bad SDL.
    """

    def __init__(self, text: str, *, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class FunctionTimeoutError(FunctionError):
    """The function gave no answer while the caller waited."""


class BusyError(FunctionError):
    """All environments are busy, and there may be no more of them."""


class Function(Protocol):
    """What the gateway calls."""

    async def start(self) -> None:
        """Be ready for the first event; ``FunctionError`` if the function cannot be loaded."""

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        """The answer to an event in JSON, any JSON value. Raises ``FunctionError``."""

    async def stop(self) -> None:
        """End all processes."""
