"""Where a stack is deployed: partition, region, account. Every ARN begins with them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pulumi
import pulumi_aws as aws

Args = TypeVar("Args")


@dataclass(frozen=True, kw_only=True)
class Location:
    """Partition, region and account, as plain values known even in a first preview.

    Without values it stands for that of whatever component it is given to.
    """

    partition: str = ""  # aws, aws-cn, aws-us-gov
    dns_suffix: str = ""  # amazonaws.com
    region: str = ""
    account_id: str = ""

    def __post_init__(self) -> None:
        values = dataclasses.astuple(self)
        if any(values) and not all(values):
            raise ValueError(
                "location must have partition, dns_suffix, region and account_id, or none of them, "
                f"got {self}"
            )

    @classmethod
    def current(cls, parent: pulumi.Resource | None = None) -> Location:
        """Ask the provider, of ``parent`` if it is given.

        Raises what the provider raises when there are no credentials.
        """
        opts = pulumi.InvokeOptions(parent=parent)
        partition = aws.get_partition(opts=opts)
        return cls(
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
            region=aws.get_region(opts=opts).region,
            account_id=aws.get_caller_identity(opts=opts).account_id,
        )

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def root_arn(self) -> str:
        """ARN that stands for the account in a resource policy."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"


HERE: Final = Location()
"""Stands for the location of the component's own provider."""


def located(component: pulumi.ComponentResource, args: Args) -> Args:
    """``args`` of ``component`` with the location of its provider, where they have none."""
    values: Any = args
    if getattr(values, "location", None) != HERE:
        return args
    found: Args = dataclasses.replace(values, location=Location.current(component))
    return found


OLD_ZONES: Final = ("use1-az3",)
"""Zones, by their identifiers, in which AWS starts no proxies and no newer instances.

Source: https://www.pulumi.com/registry/packages/aws/api-docs/rds/proxyendpoint/
"""


def first_zones(count: int, *, parent: pulumi.Resource | None = None) -> list[pulumi.Output[str]]:
    """Names of the first ``count`` availability zones of the region.

    Without local zones and ``OLD_ZONES``.
    ``parent``: the component that asks, by whose provider the region is meant.
    """
    found = aws.get_availability_zones_output(
        state="available",
        exclude_zone_ids=[*OLD_ZONES],
        filters=[
            aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
        ],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return [found.names[index] for index in range(count)]
