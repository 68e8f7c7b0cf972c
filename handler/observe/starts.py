"""How an environment of Lambda began, for the line of its first request.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from typing import Final

WARM: Final = "warm"  # it has answered before
COLD: Final = "cold"
_STARTS: Final = {
    "snap-start": "restored",  # from a snapshot
    "provisioned-concurrency": "provisioned",  # before there was a request
}


def start_of(initialization_type: str) -> str:
    """The word for ``AWS_LAMBDA_INITIALIZATION_TYPE``; empty outside of Lambda, which is cold."""
    return _STARTS.get(initialization_type, COLD)
