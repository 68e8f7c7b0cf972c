"""Clients of AWS services, by botocore: for jobs, never for a request.

botocore is part of Lambda's Python runtime and not of the archive; on a developer's machine it is a
development dependency.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from handler.errors import UpstreamError

CONNECT_S = 5

Result = TypeVar("Result")


def open_client(
    service: str,
    *,
    read_s: float,
    attempts: int,
    connect_s: float = CONNECT_S,
    region: str | None = None,
) -> Any:
    """A client with the credentials of the environment; sends nothing yet.

    ``region``: by default the one of the environment.
    """
    import botocore.session  # type: ignore[import-untyped]  # botocore publishes no types
    from botocore.config import Config  # type: ignore[import-untyped]

    config = Config(
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"mode": "standard", "max_attempts": attempts},
    )
    return botocore.session.get_session().create_client(service, region_name=region, config=config)


def asked(what: str, right: str, ask: Callable[[], Result]) -> Result:
    """The response, or an ``UpstreamError`` that says what failed and which right it needs."""
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise UpstreamError(
            f"cannot {what}: {error}; the function's role needs {right} on it"
        ) from error
