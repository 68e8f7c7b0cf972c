"""Copies of a cluster's snapshots in another region, by AWS Backup.

Aurora's own backups stay in their region, and are deleted with their cluster. A plan takes a
snapshot of the cluster and copies it into a vault of the other region, under a key of that region:
neither the loss of a region nor that of the stack takes the copy away.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.defaults import settled
from components.limits import COPY_HOURS, KEY_DELETION_DAYS, check_choice, check_range
from components.location import HERE, Location
from components.naming import merge_tags, physical_name
from components.outputs import register

OWN_DAYS: Final = 1
"""For which the snapshot stays that was copied; the cluster's own backups reach further back."""

START_MINUTES: Final = 60
COMPLETION_MINUTES: Final = 600
"""In which a snapshot begins, and is copied; then it counts as failed."""

_POLICIES: Final = (
    "AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForRestores",
)


@dataclass(frozen=True, kw_only=True)
class CopiedBackupsArgs:
    """Which cluster is copied, where to, how often, and for how long.

    ``identifier`` begins the names of vaults and key. ``protect``: Pulumi refuses to delete the
    copies' vault and key.
    """

    location: Location = HERE
    identifier: str
    cluster_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    copy_region: str
    retention_days: int
    every_hours: int
    deletion_days: int = 30
    protect: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("every_hours", self.every_hours, COPY_HOURS)
        check_range("retention_days", self.retention_days, 1, 36_500, "days")
        check_range("deletion_days", self.deletion_days, *KEY_DELETION_DAYS, "days")
        if self.copy_region == self.location.region:
            raise ValueError(
                "copy_region (databaseCopyRegion) must be another region than the stack's, got "
                f"{self.copy_region}"
            )

    @property
    def schedule(self) -> str:
        """When a snapshot is taken, in UTC: once a day after the cluster's own backup."""
        hours = "3" if self.every_hours == 24 else f"0/{self.every_hours}"
        return f"cron(15 {hours} ? * * *)"


class CopiedBackups(pulumi.ComponentResource):
    """A plan of AWS Backup for one cluster, with a vault and a key in the other region.

    Outputs: ``copy_vault_name``, ``copy_key_arn``.
    """

    copy_vault_name: pulumi.Output[str]
    copy_key_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: CopiedBackupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:CopiedBackups", name, None, opts)
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = merge_tags(args.tags, {"component": name})
        key, copies = self._copies()
        vault = aws.backup.Vault(
            f"{name}-vault",
            name=physical_name(f"{args.identifier}-copied", limit=50),
            kms_key_arn=args.key_arn,
            force_destroy=not args.protect,
            tags=self._tags,
            opts=self._child,
        )
        plan = aws.backup.Plan(
            f"{name}-plan",
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="copied",
                    target_vault_name=vault.name,
                    schedule=args.schedule,
                    start_window=START_MINUTES,
                    completion_window=COMPLETION_MINUTES,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=OWN_DAYS),
                    copy_actions=[
                        aws.backup.PlanRuleCopyActionArgs(
                            destination_vault_arn=copies.arn,
                            lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(
                                delete_after=args.retention_days
                            ),
                        )
                    ],
                )
            ],
            tags=self._tags,
            opts=self._child,
        )
        role, rights = self._role(key)
        # Of Aurora only where the account has opted in to it in this region, its ARN here or not:
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
        aws.backup.Selection(
            f"{name}-cluster",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[args.cluster_arn],
            opts=pulumi.ResourceOptions(parent=self, depends_on=rights),
        )
        self.copy_vault_name = copies.name
        self.copy_key_arn = key.arn
        register(self)

    def _copies(self) -> tuple[aws.kms.Key, aws.backup.Vault]:
        """The key and the vault of the other region."""
        name, args = self._name, self._args
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        there = replace(args.location, region=args.copy_region)
        key = aws.kms.Key(
            f"{name}-key",
            region=args.copy_region,
            description=f"Copies of the database of {args.identifier}",
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_days,
            policy=iam.encode(iam.key_policy((), location=there)),
            tags=self._tags,
            opts=kept,
        )
        aws.kms.Alias(
            f"{name}-alias",
            region=args.copy_region,
            name=f"alias/{args.identifier}-copies",
            target_key_id=key.key_id,
            opts=self._child,
        )
        vault = aws.backup.Vault(
            f"{name}-copies",
            region=args.copy_region,
            name=physical_name(f"{args.identifier}-copies", limit=50),
            kms_key_arn=key.arn,
            force_destroy=not args.protect,
            tags=self._tags,
            opts=kept,
        )
        return key, vault

    def _role(self, key: aws.kms.Key) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """AWS Backup's role: AWS's own policies for it, and both keys through RDS."""
        name, args = self._name, self._args
        role = aws.iam.Role(
            f"{name}-role",
            description=f"Lets AWS Backup copy snapshots of {args.identifier}",
            assume_role_policy=iam.encode(
                iam.trust("backup.amazonaws.com", location=args.location)
            ),
            tags=self._tags,
            opts=self._child,
        )
        rights: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy.removeprefix('AWSBackupServiceRolePolicyFor').lower()}",
                role=role.name,
                policy_arn=f"arn:{args.location.partition}:iam::aws:policy/service-role/{policy}",
                opts=self._child,
            )
            for policy in _POLICIES
        ]
        regions = (args.location.region, args.copy_region)
        rights.append(
            aws.iam.RolePolicy(
                f"{name}-policy",
                role=role.name,
                policy=iam.encode(
                    iam.document(
                        iam.copy_snapshots(
                            [args.key_arn, key.arn], regions=regions, location=args.location
                        )
                    )
                ),
                opts=self._child,
            )
        )
        return role, rights
