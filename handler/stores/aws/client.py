"""Clients of AWS services, by botocore: for jobs, never for a request.

botocore is part of Lambda's Python runtime and not of the archive; on a developer's machine it is a
development dependency.
"""

from __future__ import annotations

from typing import Any

CONNECT_S = 5


def open_client(service: str, *, read_s: float, attempts: int) -> Any:
    """A client with the region and the credentials of the environment; sends nothing yet."""
    import botocore.session  # type: ignore[import-untyped]  # botocore publishes no types
    from botocore.config import Config  # type: ignore[import-untyped]

    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=read_s,
        retries={"mode": "standard", "max_attempts": attempts},
    )
    return botocore.session.get_session().create_client(service, config=config)
