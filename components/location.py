"""Where a stack is deployed: partition, region, account. Every ARN begins with them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class Location:
    """Partition, region and account, as plain values known even in a first preview."""

    partition: str  # aws, aws-cn, aws-us-gov
    dns_suffix: str  # amazonaws.com
    region: str
    account_id: str

    @classmethod
    def current(cls) -> Location:
        """Ask the provider. Raises what the provider raises when there are no credentials."""
        partition = aws.get_partition()
        return cls(
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
            region=aws.get_region().region,
            account_id=aws.get_caller_identity().account_id,
        )

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def root_arn(self) -> str:
        """ARN that stands for the account in a resource policy."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"


def first_zones(count: int, *, parent: pulumi.Resource | None = None) -> list[pulumi.Output[str]]:
    """Names of the first ``count`` availability zones of the region, without local zones.

    ``parent``: the component that asks, by whose provider the region is meant.
    """
    found = aws.get_availability_zones_output(
        state="available",
        filters=[
            aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
        ],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return [found.names[index] for index in range(count)]
