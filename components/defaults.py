"""What a component takes from its surroundings where its arguments leave it out.

The location is that of the component's provider; the encryption key is one made on the spot. A
program that builds several tiers gives each the same key, and pays for one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import pulumi

from components import iam
from components.encryption import Encryption, EncryptionArgs
from components.location import Location, located

Args = TypeVar("Args")


def settled(
    component: pulumi.ComponentResource,
    name: str,
    args: Args,
    *,
    users: Sequence[iam.KeyUser] = ("logs", "alarms"),
) -> Args:
    """``args`` with a location, and with a key where it takes one.

    ``users``: the services that a key of its own is for.
    """
    args = located(component, args)
    values: Any = args
    if not hasattr(values, "key_arn") or not isinstance(values.key_arn, str) or values.key_arn:
        return args
    encryption = Encryption(
        f"{name}-key",
        EncryptionArgs(
            location=getattr(values, "location", Location()),
            alias=re.sub(r"[^A-Za-z0-9/_-]", "-", name),
            users=users,
            tags=values.tags,
        ),
        pulumi.ResourceOptions(parent=component),
    )
    complete: Args = dataclasses.replace(values, key_arn=encryption.key_arn)
    return complete
