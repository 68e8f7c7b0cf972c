"""Pure: one CIDR block -> the subnets of every tier and zone.

The block is cut in half. The first half holds the isolated subnets, where the work is done; the
second half is cut in two again, for private and for public subnets. Every tier's part is cut into
four, one for each of up to three zones and one free. Where a subnet lies depends on its tier and
its zone alone: a tier or a zone that is added later moves nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MIN_ZONES: Final = 2  # Aurora and RDS Proxy want two
MAX_ZONES: Final = 3

WIDEST_PREFIX: Final = 16
"""The widest block of a VPC.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
"""

NARROWEST_PREFIX: Final = 22
"""Leaves /26 for a public subnet: 64 addresses, of which AWS keeps five."""

_PRIVATE: Final = tuple(
    ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """One CIDR per zone and tier; an empty tier was not asked for."""

    isolated: tuple[str, ...]
    private: tuple[str, ...]
    public: tuple[str, ...]


def plan_subnets(cidr: str, *, zone_count: int, public: bool, private: bool) -> SubnetPlan:
    """Lay out the subnets of ``zone_count`` zones in ``cidr``.

    Raises ``ValueError`` with what to write when the block does not fit.
    """
    try:
        block = ipaddress.IPv4Network(cidr, strict=False)
    except ValueError:
        raise ValueError(f"must be an IPv4 block such as 10.20.0.0/16, got {cidr!r}") from None
    if "/" in cidr and str(block) != cidr:
        raise ValueError(f"must begin at a block's first address: write {block}, got {cidr!r}")
    if not any(block.subnet_of(private) for private in _PRIVATE):
        raise ValueError(f"must be private addresses (RFC 1918), such as 10.20.0.0/16, got {cidr}")
    if not WIDEST_PREFIX <= block.prefixlen <= NARROWEST_PREFIX:
        raise ValueError(f"must be between /{WIDEST_PREFIX} and /{NARROWEST_PREFIX}, got {cidr}")
    if not MIN_ZONES <= zone_count <= MAX_ZONES:
        raise ValueError(f"zones must be {MIN_ZONES} or {MAX_ZONES}, got {zone_count}")
    isolated_half, outer_half = block.subnets()
    private_quarter, public_quarter = outer_half.subnets()
    return SubnetPlan(
        isolated=_zones(isolated_half, zone_count),
        private=_zones(private_quarter, zone_count) if private else (),
        public=_zones(public_quarter, zone_count) if public else (),
    )


def is_given(value: object) -> bool:
    """Whether an identifier or a list of them is there, if only as an output."""
    return not isinstance(value, str | Sequence) or len(value) > 0


def check_subnets(subnet_ids: object, most: int | None = None) -> None:
    """Raise ``ValueError`` where there are fewer subnets than the data wants, or more.

    Of a list that is not known yet nothing can be said; AWS counts it.
    """
    if not isinstance(subnet_ids, Sequence):
        return
    number = len(subnet_ids)
    if number < MIN_ZONES or (most is not None and number > most):
        wanted = f"at least {MIN_ZONES}" if most is None else f"{MIN_ZONES} to {most}"
        raise ValueError(f"subnet_ids must be {wanted}, in different zones, got {number}")


def _zones(part: ipaddress.IPv4Network, zone_count: int) -> tuple[str, ...]:
    quarters = list(part.subnets(prefixlen_diff=2))
    return tuple(str(quarter) for quarter in quarters[:zone_count])
