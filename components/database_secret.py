"""DatabaseSecret: generated credentials of one database user, in Secrets Manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.defaults import settled
from components.identity import formerly
from components.limits import check_range, check_user
from components.naming import merge_tags
from components.outputs import register
from components.readiness import known_after

SPECIAL_CHARACTERS: Final = "!#$%&*+-.:;<=>?^_~"
"""None that RDS refuses (/ @ " and space) and none that a shell or a URL's user part breaks on."""


@dataclass(frozen=True, kw_only=True)
class DatabaseSecretArgs:
    """What a caller chooses. Raising ``generation`` makes a new password at the next update."""

    user: str
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    length: int = 32  # characters; RDS Proxy and MySQL take at most 41
    generation: int = 1
    recovery_days: int = 30  # a destroyed secret can be restored for this long; 0 is never
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_user("user", self.user)
        check_range("length", self.length, 16, 41, "characters")
        if self.recovery_days != 0:
            check_range("recovery_days", self.recovery_days, 7, 30, "days (or 0)")


class DatabaseSecret(pulumi.ComponentResource):
    """A secret as RDS Proxy reads it: JSON with ``username`` and ``password``.

    Outputs: ``secret_arn``, known once the secret has its value. The password itself leaves the
    component nowhere; whoever needs it gets the right to read the secret.
    """

    secret_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DatabaseSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aurora-graphql:index:DatabaseSecret", name, None, formerly("DatabaseSecret", opts)
        )
        args = settled(self, name, args)
        child = pulumi.ResourceOptions(parent=self)
        password = random.RandomPassword(
            f"{name}-password",
            length=args.length,
            min_lower=2,
            min_upper=2,
            min_numeric=2,
            min_special=2,
            override_special=SPECIAL_CHARACTERS,
            keepers={"generation": str(args.generation)},
            opts=child,
        )
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            description=f"Password of the database user {args.user}",
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.recovery_days,
            tags=merge_tags(args.tags, {"component": name}),
            opts=child,
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(
                {"username": args.user, "password": password.result}
            ),
            opts=child,
        )
        self.secret_arn = known_after(secret.arn, version)
        register(self)
