"""Moves an alias to a new version little by little, and waits for how that ends.

CodeDeploy does the moving: it gives the new version a share of the traffic, looks at alarms
meanwhile, and takes all traffic back if one rings. It goes on by itself if this call is cut; the
next call waits for what it finds under way.
Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from handler.errors import ClientError, HandlerError, UpstreamError
from handler.stores.aws.deployments import Deployment, Shift

PAUSE_S: Final = 10.0  # between two looks at a deployment
LEAST_S: Final = 20.0  # with less time left nobody waits any more


class ShiftError(HandlerError):
    """The traffic is where it was; says why."""


class Deployments(Protocol):
    """Deployments of CodeDeploy, see ``handler.stores.aws.deployments``."""

    def served(self, shift: Shift) -> str:
        """The version that the alias names; a share may go to another one."""

    def under_way(self, shift: Shift) -> str | None:
        """The group's deployment that has not ended."""

    def start(self, shift: Shift, current: str) -> str:
        """Begin to move traffic from ``current``; the identifier of the deployment."""

    def state(self, identifier: str) -> Deployment:
        """How far it is."""


def parse_shift(event: Mapping[str, Any]) -> Shift:
    """``{"action": "shift", "application": ..., "version": "7"}``. Raises ``ClientError``."""
    if event.get("action") != "shift":
        raise ClientError(f"action must be 'shift', got {event.get('action')!r}")
    values = {}
    for name in Shift.__slots__:
        value = event.get(name)
        if not isinstance(value, str) or not value:
            raise ClientError(f"{name} must be a text, got {value!r}")
        values[name] = value
    return Shift(**values)


def shift_traffic(
    store: Deployments,
    shift: Shift,
    *,
    remaining_s: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[str, str]:
    """Move the alias, unless it is there, and wait for the end; says ``from`` and ``to`` what.

    Raises ``ShiftError`` where the traffic went back, ``UpstreamError`` where time was up before.
    """
    found = store.under_way(shift)
    if found is not None:  # of a call that was cut; how it ends, the alias says
        _wait(store, found, remaining_s, sleep)
    current = store.served(shift)
    if current == shift.version:
        return {"from": current, "to": current}
    identifier = store.start(shift, current)
    ended = _wait(store, identifier, remaining_s, sleep)
    if ended.status != "Succeeded":
        raise ShiftError(
            f"version {shift.version} of {shift.function} did not keep its traffic, and version "
            f"{current} serves as before: deployment {identifier} of CodeDeploy is "
            f"{ended.status.lower()}: {ended.reason or 'it says no reason'}. The function's log "
            "has the failures of the new version; mend them and deploy again"
        )
    return {"from": current, "to": shift.version}


def _wait(
    store: Deployments,
    identifier: str,
    remaining_s: Callable[[], float],
    sleep: Callable[[float], None],
) -> Deployment:
    while not (found := store.state(identifier)).has_ended:
        if remaining_s() < LEAST_S:
            raise UpstreamError(
                f"deployment {identifier} of CodeDeploy is still {found.status}; it goes on by "
                "itself, and the same call waits for it again",
                retryable=True,
            )
        sleep(PAUSE_S)
    return found
