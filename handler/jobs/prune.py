"""Deletes published versions that nobody needs any more: each costs money or room for ever.

Lambda bills the snapshot of a SnapStart version until the version is deleted, and counts the code
of every version against the account's 75 GB.
Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-pricing
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from handler.errors import ClientError


class Versions(Protocol):
    """Published versions of functions, see ``handler.stores.aws.functions``."""

    def versions(self, function: str) -> list[int]:
        """Numbers of the published versions, oldest first."""

    def served(self, function: str) -> set[int]:
        """Versions that an alias sends traffic to."""

    def delete(self, function: str, version: int) -> None:
        """Delete one version."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the functions, and how many versions of each stay, newest first."""

    functions: tuple[str, ...]
    keep: int


def parse_order(event: Mapping[str, Any]) -> Order:
    """``{"action": "prune", "functions": [...], "keep": 3}``. Raises ``ClientError``."""
    if event.get("action") != "prune":
        raise ClientError(f"action must be 'prune', got {event.get('action')!r}")
    functions, keep = event.get("functions"), event.get("keep")
    if not isinstance(functions, list) or not all(
        isinstance(name, str) and name for name in functions
    ):
        raise ClientError(f"functions must be a list of names, got {functions!r}")
    if not isinstance(keep, int) or isinstance(keep, bool) or keep < 1:
        raise ClientError(f"keep must be a whole number from 1, got {keep!r}")
    return Order(tuple(functions), keep)


def outdated(versions: Collection[int], served: Collection[int], keep: int) -> list[int]:
    """Those to delete, oldest first: neither served nor among the newest ``keep``."""
    newest = sorted(versions)[-keep:]
    return sorted({*versions} - {*newest} - {*served})


def prune(store: Versions, order: Order) -> dict[str, dict[str, list[int]]]:
    """Delete what is outdated; says by function what was ``deleted`` and what was ``kept``.

    What was deleted before an error stays so, and the same call goes on from there.
    """
    report = {}
    for function in order.functions:
        versions = store.versions(function)
        # Asked for after the versions: what takes traffic meanwhile is among them or newer.
        gone = outdated(versions, store.served(function), order.keep)
        for version in gone:
            store.delete(function, version)
        kept = [version for version in versions if version not in gone]
        report[function] = {"deleted": gone, "kept": kept}
    return report
