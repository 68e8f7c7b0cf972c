"""A client of an AWS service, by botocore: for the jobs that are not on the way of a request.

botocore is part of Lambda's Python runtime and no part of the archive; on one's own machine it is
one of the development dependencies.
"""

from __future__ import annotations

from typing import Any

CONNECT_S = 5


def open_client(service: str, *, read_s: float, attempts: int) -> Any:
    """Region and credentials are those of the environment; nothing is sent yet."""
    import botocore.session  # type: ignore[import-untyped]  # botocore publishes no types
    from botocore.config import Config  # type: ignore[import-untyped]

    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=read_s,
        retries={"mode": "standard", "max_attempts": attempts},
    )
    return botocore.session.get_session().create_client(service, config=config)
