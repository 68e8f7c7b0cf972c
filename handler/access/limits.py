"""Limits of one caller, by who it is and by its scopes; under those that hold for everybody.

``CALLER_LIMITS`` has rows such as ``anonymous depth=6 cost=500 cost_per_minute=5000``. The
row of a caller's kind and those of its scopes apply to it. Of the rows that name a limit the most
generous one counts; a row says nothing about a limit that it does not name.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Final, Self

from msgspec import Struct

from handler.access.principal import CallerKind, Principal
from handler.errors import ClientError, LimitError, RequestError

ROWS_MAX: Final = 64
VALUE_MAX: Final = 1_000_000_000

_IPV4_INSIDE: Final = bytes(10) + b"\xff\xff"  # ::ffff:192.0.2.1
_KINDS: Final = {kind.value: kind for kind in CallerKind if kind is not CallerKind.DEVELOPMENT}
_SCOPE: Final = r"scope:([\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+)"
_LIMIT: Final = r"([a-z_]+)=([0-9]{1,10})"


class Allowance(Struct, frozen=True, kw_only=True):
    """What one caller may ask for; ``None``: as much as everybody."""

    depth: int | None = None  # of one operation
    cost: int | None = None  # of one operation
    page_size: int | None = None  # the largest `first` or `last`
    cost_per_minute: int | None = None  # of all that is run for this caller

    def check(self, depth: int, cost: float, cost_error: Callable[[int, str], ClientError]) -> None:
        """Raise ``RequestError`` for an operation that is deeper or costs more.

        ``cost_error``: makes the error for a limit of the cost, and words that name it.
        """
        errors: list[ClientError] = []
        if self.depth is not None and depth > self.depth:
            errors.append(
                LimitError(
                    f"The operation has a depth of {depth}; the limit of this caller is"
                    f" {self.depth}.",
                    extensions={"depth": depth, "limit": self.depth},
                )
            )
        if self.cost is not None and cost > self.cost:
            errors.append(cost_error(self.cost, "the limit of this caller"))
        if errors:
            raise RequestError(errors)

    def admits(self, depth: int, cost: float) -> bool:
        """Whether ``check`` raises nothing."""
        return not (
            (self.depth is not None and depth > self.depth)
            or (self.cost is not None and cost > self.cost)
        )

    def admits_page(self, size: int) -> bool:
        """Whether a page of that size may be asked for."""
        return self.page_size is None or size <= self.page_size


LIMITS: Final = Allowance.__struct_fields__


class _Row(Struct, frozen=True):
    kind: CallerKind | None
    scope: str  # where there is no kind
    limits: dict[str, int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``who limit=value limit=value``. Raises ``ValueError``."""
        who, *settings = text.split()
        kind, scope = _KINDS.get(who), re.fullmatch(_SCOPE, who)
        if kind is None and scope is None:
            raise ValueError(f"names {who!r}; write {', '.join(_KINDS)}, or scope: and a scope")
        limits: dict[str, int] = {}
        for setting in settings:
            found = re.fullmatch(_LIMIT, setting)
            if found is None or found[1] not in LIMITS or found[1] in limits:
                raise ValueError(f"has {setting!r}; write each of {', '.join(LIMITS)} once, as x=1")
            limits[found[1]] = int(found[2])
            if not 1 <= limits[found[1]] <= VALUE_MAX:
                raise ValueError(f"has {setting!r}; write a whole number from 1 to {VALUE_MAX}")
        if not limits:
            raise ValueError(f"names no limit; write one of {', '.join(LIMITS)}")
        return cls(kind, scope[1] if scope else "", limits)

    def applies(self, principal: Principal) -> bool:
        return principal.kind is self.kind if self.kind else self.scope in principal.scopes


class CallerLimits(Struct, frozen=True, kw_only=True):
    """The rows of ``CALLER_LIMITS``; without any, all callers have the limits of everybody."""

    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rows) > ROWS_MAX:
            raise ValueError(f"rows must be at most {ROWS_MAX}, got {len(self.rows)}")
        for at, row in enumerate(self.rows, start=1):
            try:
                _Row.parse(row)
            except ValueError as error:
                raise ValueError(f"rows number {at} {error}") from None

    @property
    def have_budgets(self) -> bool:
        """Whether some caller's cost is counted over time."""
        return any("cost_per_minute" in _Row.parse(row).limits for row in self.rows)


class Allowances:
    """The allowance of every caller. ``limits`` are read once."""

    def __init__(self, limits: CallerLimits) -> None:
        self._rows = [_Row.parse(row) for row in limits.rows]
        least: dict[str, int] = {}
        for row in self._rows:
            for name, value in row.limits.items():
                least[name] = min(value, least.get(name, value))
        # What every caller may ask for. The answer to more depends on who asks.
        self.of_everybody = Allowance(**least)

    def of(self, principal: Principal) -> Allowance:
        """What that caller may ask for. No row applies to the development principal."""
        if not self._rows or principal.kind is CallerKind.DEVELOPMENT:
            return UNLIMITED
        most: dict[str, int] = {}
        for row in self._rows:
            if row.applies(principal):
                for name, value in row.limits.items():
                    most[name] = max(value, most.get(name, 0))
        return Allowance(**most)


UNLIMITED: Final = Allowance()


def payer(principal: Principal, identity: str, source_ip: str) -> str:
    """Whose budget is used: the caller's own, or the one of an anonymous caller's network.

    ``identity``: of the caller's ``Grant``. ``source_ip``: as the gateway saw it.
    """
    if principal.kind is not CallerKind.ANONYMOUS:
        return identity
    return f"{identity} {network_of(source_ip)}"


def network_of(address: str) -> str:
    """An IPv4 address, or the first half of an IPv6 address, which one customer has as a whole.

    What is neither is one network: with it nobody gets a budget of its own.
    """
    try:
        return socket.inet_pton(socket.AF_INET, address).hex()
    except (OSError, ValueError):
        pass
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return "unknown"
    return packed[12:].hex() if packed.startswith(_IPV4_INSIDE) else packed[:8].hex()
