"""What a component under test is given: plain values, as another tier would pass them."""

from __future__ import annotations

from typing import Final

from components.location import Location
from components.naming import stack_tags
from preview.answers import ACCOUNT_ID, REGION, ZONES

LOCATION: Final = Location(
    partition="aws", dns_suffix="amazonaws.com", region=REGION, account_id=ACCOUNT_ID
)
TAGS: Final = stack_tags(project="aurora-graphql", stack="dev")
KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/0123456789abcdef0123456789abcdef"
VPC_ID: Final = "vpc-0123456789abcdef0"
SUBNET_IDS: Final = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
TWO_ZONES: Final = ZONES[:2]
