"""What several mutants name: calls that the components make, and rules that let everything in."""

from __future__ import annotations

from typing import Final

OPEN_RULES: Final = (
    '[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]'
)
OPTIONS: Final = "pulumi.ResourceOptions"
LOG_GROUP: Final = "aws.cloudwatch.LogGroup"
INGRESS: Final = "aws.vpc.SecurityGroupIngressRule"
