"""CodeDeploy moves the traffic of an alias to a new version little by little, or back.

Pulumi makes the application, its group and the alarms, and no deployment: that is begun by a call
of a function of our own, which waits for its end, so that what follows in an update (old versions
and what belonged to them are deleted) follows the last request of the old version.

The alarms look at the new version alone, by its number and by its release: a version in service
that fails must not stop the one that mends it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.function import Function, FunctionArgs
from components.limits import Shifting
from components.location import HERE, Location, located
from components.naming import merge_tags, physical_name
from components.outputs import register
from components.readiness import known_after
from components.signals import MINUTE_S

ACTION: Final = "shift"
"""What the handler is asked for."""

NAME_CHARACTERS: Final = 100
"""Of an application and of a group.

Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
"""


@dataclass(frozen=True, kw_only=True)
class TrafficShiftArgs:
    """What is shifted, how, and after what.

    ``function``: the one that begins deployments and waits, without its rights, which come from
    here. ``version`` and ``release``: of the graphql function's next version; its failures are
    lines of ``log_group_name`` that carry the release.
    """

    location: Location = HERE
    function: FunctionArgs
    shifting: Shifting
    function_name: pulumi.Input[str]
    function_arn: pulumi.Input[str]
    alias_name: pulumi.Input[str]
    version: pulumi.Input[str]
    release: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.shifting == "allAtOnce":
            raise ValueError(
                "shifting must be one of CodeDeploy's configurations, got allAtOnce: the alias "
                "moves at once without any of this"
            )

    @property
    def configuration(self) -> str:
        """CodeDeploy's name of the way in which traffic moves."""
        return f"CodeDeployDefault.Lambda{self.shifting[0].upper()}{self.shifting[1:]}"


class TrafficShift(pulumi.ComponentResource):
    """The application, group and alarms of CodeDeploy, and the call that moves the traffic.

    Outputs: ``application_name``; ``served``, which names the version and is known once it has all
    of the traffic.
    """

    application_name: pulumi.Output[str]
    served: pulumi.Output[str]

    def __init__(
        self, name: str, args: TrafficShiftArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:TrafficShift", name, None, opts)
        args = located(self, args)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = merge_tags(args.tags, {"component": name})
        alarms = [self._crashes(), self._failures()]
        # Names of our own, because the rights of who begins a deployment are made before there is
        # one, and name it.
        application_name = physical_name(name, limit=NAME_CHARACTERS)
        application = aws.codedeploy.Application(
            f"{name}-application",
            name=application_name,
            compute_platform="Lambda",
            tags=self._tags,
            opts=self._child,
        )
        group = self._group(application, alarms)
        function = Function(
            f"{name}-function",
            dataclasses.replace(
                args.function,
                statements=[
                    *args.function.statements,
                    iam.start_deployments(
                        args.location,
                        application=application_name,
                        group=application_name,
                        configuration=args.configuration,
                    ),
                    iam.read_alias(args.function_arn),
                ],
            ),
            self._child,
        )
        call = aws.lambda_.Invocation(
            f"{name}-call",
            function_name=function.function_name,
            input=pulumi.Output.json_dumps(
                {
                    "action": ACTION,
                    "application": application.name,
                    "group": group.deployment_group_name,
                    "function": args.function_name,
                    "alias": args.alias_name,
                    "version": args.version,
                }
            ),
            lifecycle_scope="CREATE_ONLY",  # a change replaces it, which is a new call
            # The alarms look at the new version before it gets traffic.
            opts=pulumi.ResourceOptions(parent=self, depends_on=alarms),
        )
        self.application_name = application.name
        self.served = known_after(
            pulumi.Output.concat(args.alias_name, "=", args.version),
            call,
        )
        register(self)

    def _group(
        self, application: aws.codedeploy.Application, alarms: list[aws.cloudwatch.MetricAlarm]
    ) -> aws.codedeploy.DeploymentGroup:
        name, args = self._name, self._args
        role = aws.iam.Role(
            f"{name}-role",
            description=f"Lets CodeDeploy move the traffic of {name}",
            assume_role_policy=iam.encode(iam.trust("codedeploy.amazonaws.com")),
            tags=self._tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=iam.encode(iam.document(*iam.move_alias(args.function_arn))),
            opts=self._child,
        )
        return aws.codedeploy.DeploymentGroup(
            f"{name}-group",
            app_name=application.name,
            deployment_group_name=physical_name(name, limit=NAME_CHARACTERS),
            deployment_config_name=args.configuration,
            service_role_arn=role.arn,
            deployment_style=aws.codedeploy.DeploymentGroupDeploymentStyleArgs(
                deployment_option="WITH_TRAFFIC_CONTROL", deployment_type="BLUE_GREEN"
            ),
            alarm_configuration=aws.codedeploy.DeploymentGroupAlarmConfigurationArgs(
                enabled=True, alarms=[alarm.name for alarm in alarms]
            ),
            auto_rollback_configuration=aws.codedeploy.DeploymentGroupAutoRollbackConfigurationArgs(
                enabled=True, events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
            ),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _crashes(self) -> aws.cloudwatch.MetricAlarm:
        """Crashes of the new version: Lambda counts a version that has a share by its number.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        args = self._args
        return self._alarm(
            "crashes",
            "The new version crashes",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={
                "FunctionName": args.function_name,
                "Resource": pulumi.Output.concat(args.function_name, ":", args.alias_name),
                "ExecutedVersion": args.version,
            },
        )

    def _failures(self) -> aws.cloudwatch.MetricAlarm:
        """Answers that the new version owes: its lines of failures carry the release."""
        name, args = self._name, self._args
        lines = aws.cloudwatch.LogMetricFilter(
            f"{name}-failures",
            log_group_name=args.log_group_name,
            pattern=pulumi.Output.format(
                '{{ ($.message = "failure") && ($.release = "{0}") }}', args.release
            ),
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=name, name="failures", value="1", default_value="0"
            ),
            opts=self._child,
        )
        return self._alarm(
            "failures-alarm",
            "The new version could not answer for a reason of ours; the log says which",
            namespace=name,
            metric=lines.metric_transformation.name,
            dimensions={},
        )

    def _alarm(
        self,
        suffix: str,
        meaning: str,
        *,
        namespace: str,
        metric: pulumi.Input[str],
        dimensions: Mapping[str, pulumi.Input[str]],
    ) -> aws.cloudwatch.MetricAlarm:
        """One is enough. It tells nobody: it stops the deployment, which `pulumi up` tells."""
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{suffix}",
            alarm_description=meaning,
            namespace=namespace,
            metric_name=metric,
            dimensions=dict(dimensions),
            statistic="Sum",
            period=MINUTE_S,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=self._tags,
            opts=self._child,
        )
