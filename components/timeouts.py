"""Pure: how long Pulumi waits for slow operations of AWS.

Never less than the provider's own limits, so an operation that is still going on is not called a
failure: a failed one leaves what it made, and the next ``up`` or ``destroy`` begins with it.
"""

from __future__ import annotations

from typing import Final

import pulumi

INTERFACES: Final = pulumi.CustomTimeouts(delete="60m")
"""Where functions have network interfaces: Lambda takes up to 45 minutes to give one back.

Source: https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/
"""

FUNCTION: Final = pulumi.CustomTimeouts(create="30m", update="30m", delete="30m")
"""A version in a network, with its snapshot: interfaces are made, then the function starts."""

CLUSTER: Final = pulumi.CustomTimeouts(create="4h", update="4h", delete="3h")
"""A large snapshot to restore, or an engine to upgrade, takes longer than the provider's two hours.

Source: https://www.pulumi.com/registry/packages/aws/api-docs/rds/cluster/
"""

INSTANCE: Final = pulumi.CustomTimeouts(create="2h", update="2h", delete="2h")

PROXY: Final = pulumi.CustomTimeouts(create="60m", update="60m", delete="60m")

CACHE: Final = pulumi.CustomTimeouts(create="90m", update="2h", delete="90m")
"""Nodes come one after the other; data moves between shards before an update is done."""
