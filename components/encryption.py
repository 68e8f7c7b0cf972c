"""Encryption: the KMS key of a stack, for data, secrets, logs and environment variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import iam
from components.identity import formerly
from components.limits import KEY_DELETION_DAYS, check_pattern, check_range
from components.location import HERE, Location, located
from components.naming import merge_tags
from components.outputs import register


@dataclass(frozen=True, kw_only=True)
class EncryptionArgs:
    """What a caller chooses about the key."""

    location: Location = HERE
    alias: str  # without `alias/`; unique in account and region
    users: Sequence[iam.KeyUser] = ("logs", "alarms")
    deletion_days: int = 30
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_pattern(
            "alias", self.alias, r"(?!aws/)[A-Za-z0-9/_-]{1,250}", "letters, digits, / _ or -"
        )
        check_range("deletion_days", self.deletion_days, *KEY_DELETION_DAYS, "days")


class Encryption(pulumi.ComponentResource):
    """A symmetric key that AWS rotates every year. Outputs: ``key_arn``, ``key_id``.

    Example::

        from components.encryption import Encryption, EncryptionArgs
        from components.location import HERE, Location, located

        location = Location.current()
        encryption = Encryption("shop-key", EncryptionArgs(location=location, alias="shop"))
    """

    key_arn: pulumi.Output[str]
    key_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aurora-graphql:index:Encryption", name, None, formerly("Encryption", opts)
        )
        args = located(self, args)
        child = pulumi.ResourceOptions(parent=self)
        key = aws.kms.Key(
            f"{name}-key",
            description=f"Data, secrets and logs of {args.alias}",
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_days,
            policy=iam.encode(iam.key_policy(args.users, location=args.location)),
            tags=merge_tags(args.tags, {"component": name}),
            opts=child,
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=f"alias/{args.alias}",
            target_key_id=key.key_id,
            opts=child,
        )
        self.key_arn = key.arn
        self.key_id = key.key_id
        register(self)
