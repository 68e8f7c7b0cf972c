"""What receives traffic: an alias on a published version, and what keeps it warm.

The alias waits for the schema that its version needs: ``ReleaseArgs.schema`` is an output of the
migration, so Pulumi moves the alias only after the migration has succeeded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.api_settings import FunctionSettings
from components.defaults import settled
from components.identity import formerly
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register
from components.readiness import known_after

ALIAS: Final = "live"
UNPUBLISHED: Final = "$LATEST"

SMOKE_EVENT: Final[Mapping[str, str]] = {"action": "smoke"}
"""For which the handler asks itself the known operations; an error says that it cannot answer."""

WARMUP_EVENT: Final[Mapping[str, bool]] = {"warmup": True}
"""What the handler answers at once, before GraphQL."""

_LEFT_TO_CODEDEPLOY: Final = ["description", "functionVersion", "routingConfig"]
"""All that an update of the alias could change.

The provider sends all of them whenever one changes, the version as its state has it, which is the
one before CodeDeploy moved the alias: another description would send the traffic back.
Source: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/alias.go
"""

_NAMESPACE: Final = "lambda"
_DIMENSION: Final = "lambda:function:ProvisionedConcurrency"


@dataclass(frozen=True, kw_only=True)
class ReleaseArgs:
    """Which version is released, after what, and how it is kept warm."""

    location: Location = HERE
    function_name: pulumi.Input[str]
    function_arn: pulumi.Input[str]
    version: pulumi.Input[str]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    schema: pulumi.Input[str] | None = None  # what the version needs; the alias waits for it
    smoke_test: bool = False  # ask the version SMOKE_EVENT, and move the alias if that succeeds
    release: pulumi.Input[str] = ""  # what the version says of itself if it is the one published
    shifted: bool = False  # CodeDeploy moves the alias once it is there, see ``shifting``
    warmth: FunctionSettings = field(default_factory=FunctionSettings)
    tags: Mapping[str, str] = field(default_factory=dict)


class Release(pulumi.ComponentResource):
    """The alias ``live``. Outputs: ``alias_name``, ``alias_arn``, ``invoke_arn``; ``version``, once
    it may get traffic; ``served``, which names the version and is known once the alias points to
    it, unless that is left to CodeDeploy.

    ``none`` and ``snapstart`` need nothing beside the alias: a snapshot belongs to the version.
    """

    alias_name: pulumi.Output[str]
    alias_arn: pulumi.Output[str]
    invoke_arn: pulumi.Output[str]
    version: pulumi.Output[str]
    served: pulumi.Output[str]

    def __init__(
        self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Release", name, None, formerly("Release", opts))
        args = settled(self, name, args)
        description: pulumi.Input[str] = "Receives the traffic"
        if args.schema is not None and not args.shifted:
            description = pulumi.Output.concat("Receives the traffic; schema ", args.schema)
        self.version = (
            self._tested(name, args) if args.smoke_test else pulumi.Output.from_input(args.version)
        )
        alias = aws.lambda_.Alias(
            f"{name}-alias",
            name=ALIAS,
            description=description,
            function_name=args.function_name,
            function_version=self.version,
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=_LEFT_TO_CODEDEPLOY if args.shifted else []
            ),
        )
        match args.warmth.cold_start:
            case "provisioned":
                self._provision(name, args, alias)
            case "warmup":
                self._warm_up(name, args, alias)
            case "none" | "snapstart":
                pass
        self.alias_name = alias.name
        self.alias_arn = alias.arn
        self.invoke_arn = alias.invoke_arn
        self.served = pulumi.Output.concat(alias.name, "=", alias.function_version)
        register(self)

    def _tested(self, name: str, args: ReleaseArgs) -> pulumi.Output[str]:
        """The version, known once it has answered. An error of the function fails the update.

        The provider waits until a version is active, but not until the first is, which is made with
        the function: while its snapshot or its way into the network is made, Lambda refuses every
        call. What answers in its place is the code that it was published from.
        Source: https://github.com/hashicorp/terraform-provider-aws/issues/42693
        """
        version = pulumi.Output.from_input(args.version)
        asked = version.apply(lambda number: UNPUBLISHED if number == "1" else number)
        call = aws.lambda_.Invocation(
            f"{name}-smoke",
            function_name=args.function_name,
            qualifier=asked,
            input=pulumi.Output.json_dumps({**SMOKE_EVENT, "release": args.release}),
            lifecycle_scope="CREATE_ONLY",  # a change replaces it, which is a new call
            triggers={
                "version": args.version,
                "schema": args.schema or "",
                "release": args.release,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        return known_after(version, call)

    def _provision(self, name: str, args: ReleaseArgs, alias: aws.lambda_.Alias) -> None:
        """Provisioned concurrency: a fixed number of environments, or scaled."""
        warmth = args.warmth
        scaled = warmth.provisioned_scaling != "fixed"
        provisioned = aws.lambda_.ProvisionedConcurrencyConfig(
            f"{name}-provisioned",
            function_name=args.function_name,
            qualifier=alias.name,
            provisioned_concurrent_executions=warmth.provisioned_min,
            # Scaling changes the number; an update of the stack must not set it back.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["provisionedConcurrentExecutions"] if scaled else [],
            ),
        )
        if not scaled:
            return
        target = aws.appautoscaling.Target(
            f"{name}-scaling",
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            resource_id=pulumi.Output.concat("function:", args.function_name, ":", alias.name),
            min_capacity=warmth.provisioned_min,
            max_capacity=warmth.provisioned_max,
            tags=merge_tags(args.tags, {"component": name}),
            # A scheduled action moves the minimum (and maximum), which is its purpose.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[provisioned],
                ignore_changes=(
                    ["minCapacity", "maxCapacity"]
                    if warmth.provisioned_scaling == "schedule"
                    else []
                ),
            ),
        )
        child = pulumi.ResourceOptions(parent=self)
        if warmth.provisioned_scaling == "utilization":
            aws.appautoscaling.Policy(
                f"{name}-utilization",
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                target_tracking_scaling_policy_configuration=(
                    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                        target_value=warmth.provisioned_utilization,
                        predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                            predefined_metric_type="LambdaProvisionedConcurrencyUtilization"
                        ),
                    )
                ),
                opts=child,
            )
            return
        for moment, schedule, ready in (
            ("start", warmth.provisioned_start, warmth.provisioned_max),
            ("stop", warmth.provisioned_stop, warmth.provisioned_min),
        ):
            aws.appautoscaling.ScheduledAction(
                f"{name}-{moment}",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                schedule=schedule,
                timezone=warmth.provisioned_timezone,
                scalable_target_action=aws.appautoscaling.ScheduledActionScalableTargetActionArgs(
                    min_capacity=ready, max_capacity=ready
                ),
                opts=child,
            )

    def _warm_up(self, name: str, args: ReleaseArgs, alias: aws.lambda_.Alias) -> None:
        """A schedule that keeps one environment from going cold."""
        tags = merge_tags(args.tags, {"component": name})
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-warmup-role",
            description=f"Lets the scheduler send warm-up events to {name}",
            assume_role_policy=iam.encode(
                iam.trust("scheduler.amazonaws.com", location=args.location)
            ),
            tags=tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-warmup-policy",
            role=role.name,
            policy=iam.encode(
                iam.document(
                    {
                        "Effect": "Allow",
                        "Action": "lambda:InvokeFunction",
                        "Resource": pulumi.Output.concat(args.function_arn, ":", ALIAS),
                    },
                    iam.decrypt_schedule(args.key_arn, f"{name}-warmup", location=args.location),
                )
            ),
            opts=child,
        )
        minutes = args.warmth.warmup_minutes
        aws.scheduler.Schedule(
            f"{name}-warmup",
            description=f"Keeps one environment of {name} warm",
            schedule_expression=f"rate({minutes} minute{'' if minutes == 1 else 's'})",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            kms_key_arn=args.key_arn,
            target=aws.scheduler.ScheduleTargetArgs(
                arn=alias.arn,
                role_arn=role.arn,
                input=json.dumps(WARMUP_EVENT),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=0
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
