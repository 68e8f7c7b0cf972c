"""CloudTrail: who changed what in the account, with signed digests in a bucket of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import iam
from components.bucket import Bucket, BucketArgs, BucketStatement
from components.defaults import settled
from components.identity import formerly
from components.location import HERE, Location
from components.naming import merge_tags, physical_name
from components.outputs import register


@dataclass(frozen=True, kw_only=True)
class TrailArgs:
    """Where the trail is written, and how long it is kept."""

    location: Location = HERE
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    retention_days: int
    protect: bool = True
    force_destroy: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


class Trail(pulumi.ComponentResource):
    """A trail over all regions, encrypted and with signed digests.

    Outputs: ``trail_arn``, ``bucket_name``, ``log_group_name``.
    """

    trail_arn: pulumi.Output[str]
    bucket_name: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Trail", name, None, formerly("Trail", opts))
        args = settled(self, name, args, users=("logs", "trail"))
        child = pulumi.ResourceOptions(parent=self)
        tags = merge_tags(args.tags, {"component": name})
        # The bucket's policy must name the trail before there is one, hence a name of our own.
        trail_name = physical_name(name, limit=128)
        source = {"aws:SourceArn": args.location.arn("cloudtrail", f"trail/{trail_name}")}
        service = "cloudtrail.amazonaws.com"
        bucket = Bucket(
            f"{name}-bucket",
            BucketArgs(
                location=args.location,
                key_arn=args.key_arn,
                expiration_days=args.retention_days,
                access_log_days=args.retention_days,
                protect=args.protect,
                force_destroy=args.force_destroy,
                statements=[
                    BucketStatement(
                        sid="TrailChecks",
                        service=service,
                        action="s3:GetBucketAcl",
                        conditions={"StringEquals": source},
                    ),
                    BucketStatement(
                        sid="TrailWrites",
                        service=service,
                        action="s3:PutObject",
                        path=f"/AWSLogs/{args.location.account_id}/*",
                        conditions={
                            "StringEquals": {
                                **source,
                                "s3:x-amz-acl": "bucket-owner-full-control",
                            }
                        },
                    ),
                ],
                tags=args.tags,
            ),
            child,
        )
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            retention_in_days=args.retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            f"{name}-role",
            description="Lets CloudTrail write to its log group",
            # CloudTrail does not say for which trail it takes the role: a condition on that keeps
            # it out, and CreateTrail fails. Only this account can hand the role to a trail.
            # Source: https://github.com/prowler-cloud/prowler/issues/4714
            assume_role_policy=iam.encode(iam.trust(service)),
            tags=tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-role-policy",
            role=role.name,
            policy=iam.encode(iam.document(iam.write_log_group(log_group.arn))),
            opts=child,
        )
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            name=trail_name,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=args.key_arn,
            cloud_watch_logs_group_arn=pulumi.Output.concat(log_group.arn, ":*"),
            cloud_watch_logs_role_arn=role.arn,
            enable_logging=True,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.trail_arn = trail.arn
        self.bucket_name = bucket.bucket_name
        self.log_group_name = log_group.name
        register(self)
