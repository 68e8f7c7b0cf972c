"""AWS Foundational Security Best Practices (FSBP): which controls are judged, and by whom.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BY_CHECKOV: Final[Mapping[str, tuple[str, ...]]] = {
    "APIGateway.1": ("CKV2_AWS_4",),
    "APIGateway.3": ("CKV_AWS_73",),
    "APIGateway.4": ("CKV2_AWS_29",),
    "APIGateway.5": ("CKV_AWS_308",),
    "CloudTrail.1": ("CKV_AWS_67",),
    "CloudTrail.2": ("CKV_AWS_35",),
    "CloudTrail.4": ("CKV_AWS_36",),
    "CloudTrail.5": ("CKV2_AWS_10",),
    "CloudTrail.6": ("CKV2_AWS_6",),
    "CloudTrail.7": ("CKV_AWS_18",),
    "EC2.2": ("CKV2_AWS_12",),
    "EC2.6": ("CKV2_AWS_11",),
    "EC2.15": ("CKV_AWS_130",),
    "ElastiCache.3": ("CKV2_AWS_50",),
    "ElastiCache.4": ("CKV_AWS_29",),
    "ElastiCache.5": ("CKV_AWS_30",),
    "KMS.4": ("CKV_AWS_7",),
    "Lambda.1": ("CKV_AWS_301", "CKV_AWS_364"),
    "Lambda.2": ("CKV_AWS_363",),
    "Lambda.3": ("CKV_AWS_117",),
    "RDS.2": ("CKV_AWS_17",),
    "RDS.3": ("CKV_AWS_96",),
    "RDS.6": ("CKV_AWS_118",),
    "RDS.7": ("CKV_AWS_139",),
    "RDS.10": ("CKV_AWS_162",),
    "RDS.12": ("CKV_AWS_162",),
    "RDS.13": ("CKV_AWS_226",),
    "RDS.14": ("CKV_AWS_326",),
    "RDS.16": ("CKV_AWS_313",),
    "RDS.27": ("CKV_AWS_96",),
    "RDS.34": ("CKV_AWS_325",),
    "S3.8": ("CKV2_AWS_6",),
    "S3.9": ("CKV_AWS_18",),
    "S3.13": ("CKV2_AWS_61",),
    "S3.17": ("CKV_AWS_145",),
    "SNS.1": ("CKV_AWS_26",),
    "SecretsManager.1": ("CKV2_AWS_57",),
    "WAF.11": ("CKV2_AWS_31",),
}
"""Control -> the checks of checkov that fail where it is not met; our rules leave it to them."""

BEYOND: Final[Mapping[str, str]] = {
    "S3.1": "a setting of the account, not of a stack; each bucket has its own block (S3.8)",
    "SecretsManager.2": "whether a rotation went well shows only at run time",
    "SecretsManager.3": "whether a secret is used shows only at run time",
    "SecretsManager.4": "when a secret was last rotated shows only at run time",
}
"""Controls that no graph can answer, and why."""
