"""One private S3 bucket with everything that makes it private. No public access, TLS only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import iam
from components.identity import formerly
from components.limits import check_range
from components.location import HERE, Location, located
from components.naming import merge_tags
from components.outputs import register
from components.readiness import known_after


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """What differs between buckets.

    ``key_arn``: without one, S3's own key encrypts, which the target of access logs needs.
    ``access_log_days``: how long its access log is kept, in a bucket beside it; 0 keeps none.
    ``statements``: what AWS services may do with it.
    """

    location: Location = HERE
    expiration_days: int
    key_arn: pulumi.Input[str] | None = None
    access_log_days: int = 0
    protect: bool = False
    force_destroy: bool = False
    statements: Sequence[BucketStatement] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_range("expiration_days", self.expiration_days, 1, 3650, "days")
        if self.protect and self.force_destroy:
            raise ValueError("force_destroy contradicts protect: a protected bucket is kept")


@dataclass(frozen=True, kw_only=True)
class BucketStatement:
    """Something an AWS service may do with the bucket. ``path`` follows the bucket's ARN."""

    sid: str
    service: str
    action: str
    path: str = ""
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Bucket(pulumi.ComponentResource):
    """A bucket with encryption, versions, a life cycle and a policy.

    Outputs: ``bucket_name``, ``bucket_arn``. They are there once the policy is.
    """

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Bucket", name, None, formerly("Bucket", opts))
        args = located(self, args)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            name,
            force_destroy=args.force_destroy,
            tags=merge_tags(args.tags, {"component": name}),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256" if args.key_arn is None else "aws:kms",
                        kms_master_key_id=args.key_arn,
                    ),
                    bucket_key_enabled=args.key_arn is not None,
                )
            ],
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
                        days=args.expiration_days
                    ),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=30
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=7
                    ),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=iam.encode(_policy(bucket.arn, args)),
            # S3 refuses two changes of a bucket's access at the same time.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )
        if args.access_log_days:
            self._log_access(name, args, bucket)
        # Whoever writes to the bucket needs the policy, so that the name comes after it.
        self.bucket_name = known_after(bucket.bucket, policy)
        self.bucket_arn = bucket.arn
        register(self)

    def _log_access(self, name: str, args: BucketArgs, bucket: aws.s3.Bucket) -> None:
        target = Bucket(
            f"{name}-log",
            BucketArgs(
                location=args.location,
                expiration_days=args.access_log_days,
                protect=args.protect,
                force_destroy=args.force_destroy,
                statements=[
                    BucketStatement(
                        sid="AccessLog",
                        service="logging.s3.amazonaws.com",
                        action="s3:PutObject",
                        path="/*",
                        conditions={
                            "ArnEquals": {"aws:SourceArn": bucket.arn},
                            "StringEquals": {"aws:SourceAccount": args.location.account_id},
                        },
                    )
                ],
                tags=args.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=bucket.bucket,
            target_bucket=target.bucket_name,
            target_prefix=f"{name}/",
            opts=pulumi.ResourceOptions(parent=self),
        )


def _policy(bucket_arn: pulumi.Output[str], args: BucketArgs) -> iam.Document:
    whole = [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
    only_tls = iam.only_tls("s3:*", whole)
    return iam.document(
        only_tls,
        {
            **only_tls,
            "Sid": "OnlyTls12",
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
        *(
            {
                "Sid": statement.sid,
                "Effect": "Allow",
                "Principal": {"Service": statement.service},
                "Action": statement.action,
                "Resource": pulumi.Output.concat(bucket_arn, statement.path),
                "Condition": dict(statement.conditions),
            }
            for statement in args.statements
        ),
    )
