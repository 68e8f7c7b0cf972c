"""Monitoring: alarms, the topic that sends them, dashboard, saved queries, budget, trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.api_settings import MonitoringSettings
from components.dashboard import build_dashboard
from components.defaults import settled
from components.identity import formerly
from components.location import HERE, Location
from components.naming import merge_tags, physical_name
from components.outputs import register
from components.readiness import known_after
from components.signals import Alarm, LineCount, Query, Signals
from components.trail import Trail, TrailArgs
from components.watched import WatchedApi, WatchedData, parts_of

RUNBOOK: Final = "docs/runbook.md"
"""What to do about each alarm: this project's page, which a team may publish or replace."""


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What is monitored, and who is alerted. A budget counts the costs with the tag ``stack``.

    ``namespace``: of the metrics that are made of logs, unique in account and region.
    """

    location: Location = HERE
    settings: MonitoringSettings
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    namespace: str
    api: WatchedApi | None = None
    data: WatchedData | None = None
    protect: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.api is None and self.data is None:
            raise ValueError("nothing is watched: give api, data or both")
        if self.settings.budget_usd and "stack" not in self.tags:
            raise ValueError(
                f"a budget needs the tag stack to know whose costs it counts, got {self.tags}"
            )


class Monitoring(pulumi.ComponentResource):
    """Alarms to one encrypted topic, a dashboard, and saved queries of the log.

    Outputs: ``topic_arn``, ``dashboard_url`` (None without a dashboard).

    Example, over the tiers of ``DataTier``'s and ``ApiTier``'s::

        from components.api_settings import MonitoringSettings
        from components.monitoring import Monitoring, MonitoringArgs

        Monitoring(
            "shop-monitoring",
            MonitoringArgs(
                location=location,
                settings=MonitoringSettings(alarm_emails=("ops@shop.example",)),
                key_arn=encryption.key_arn,
                namespace="shop",
                api=api.watched,
                data=data.watched,
            ),
        )
    """

    topic_arn: pulumi.Output[str]
    dashboard_url: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aurora-graphql:index:Monitoring", name, None, formerly("Monitoring", opts)
        )
        args = settled(self, name, args, users=("logs", *args.settings.key_users))
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic_arn = self._declare_topic()
        signals = [
            part.signals(args.namespace, args.settings) for part in parts_of(args.api, args.data)
        ]
        for count in (count for each in signals for count in each.counts):
            self._declare_line_count(count)
        for query in (query for each in signals for query in each.queries):
            self._declare_query(query)
        alarms = sorted((alarm for each in signals for alarm in each.alarms), key=_name_of)
        alarm_arns = [self._declare_alarm(alarm).arn for alarm in alarms]
        self.dashboard_url = None
        if args.settings.dashboard:
            self.dashboard_url = self._declare_dashboard(signals, alarm_arns)
        if args.settings.budget_usd:
            self._declare_budget()
        if args.settings.trail:
            Trail(
                f"{name}-trail",
                TrailArgs(
                    location=args.location,
                    key_arn=args.key_arn,
                    retention_days=args.settings.trail_retention_days,
                    protect=args.protect and not args.settings.trail_force_destroy,
                    force_destroy=args.settings.trail_force_destroy,
                    tags=args.tags,
                ),
                self._child,
            )
        register(self)

    def _declare_topic(self) -> pulumi.Output[str]:
        """Its ARN, known once services may publish to it."""
        name, args = self._name, self._args
        topic = aws.sns.Topic(
            f"{name}-alarms",
            display_name=f"Alarms of {name}"[:100],
            kms_master_key_id=args.key_arn,
            tags=self._tags,
            opts=self._child,
        )
        publishers = ["cloudwatch.amazonaws.com"]
        if args.settings.budget_usd:
            publishers.append("budgets.amazonaws.com")
        policy = aws.sns.TopicPolicy(
            f"{name}-alarms-policy",
            arn=topic.arn,
            policy=iam.encode(
                iam.document(
                    {
                        "Sid": "Publish",
                        "Effect": "Allow",
                        "Principal": {"Service": publishers},
                        "Action": "sns:Publish",
                        "Resource": topic.arn,
                        "Condition": {
                            "StringEquals": {"aws:SourceAccount": args.location.account_id}
                        },
                    },
                    iam.only_tls("sns:Publish", topic.arn),
                )
            ),
            opts=self._child,
        )
        for number, email in enumerate(args.settings.alarm_emails, start=1):
            aws.sns.TopicSubscription(
                f"{name}-email-{number}",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=self._child,
            )
        return known_after(topic.arn, policy)

    def _declare_line_count(self, lines: LineCount) -> None:
        aws.cloudwatch.LogMetricFilter(
            f"{self._name}-{lines.metric}",
            log_group_name=lines.log_group_name,
            pattern=lines.pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=lines.namespace, name=lines.metric, value="1", default_value="0"
            ),
            opts=self._child,
        )

    def _declare_query(self, query: Query) -> None:
        aws.cloudwatch.QueryDefinition(
            f"{self._name}-query-{query.name.replace(' ', '-')}",
            name=f"{self._name}/{query.name}",  # a folder of the console
            query_string=query.text,
            log_group_names=[query.log_group_name],
            opts=self._child,
        )

    def _declare_alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        runbook = self._args.settings.runbook_url or RUNBOOK
        percentile = alarm.statistic.startswith("p")
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.name}",
            alarm_description=f"{alarm.meaning}. What to do: {runbook}#{alarm.section}",
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=None if percentile else alarm.statistic,
            extended_statistic=alarm.statistic if percentile else None,
            period=alarm.period_s,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.bad_periods,
            threshold=alarm.threshold,
            comparison_operator=alarm.comparison,
            treat_missing_data=alarm.missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            tags=self._tags,
            opts=self._child,
        )

    def _declare_dashboard(
        self, signals: Sequence[Signals], alarm_arns: Sequence[pulumi.Output[str]]
    ) -> pulumi.Output[str]:
        args = self._args
        body: dict[str, Any] = build_dashboard(
            signals, region=args.location.region, alarm_arns=alarm_arns
        )
        dashboard = aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=physical_name(self._name, limit=255),
            dashboard_body=pulumi.Output.json_dumps(body),
            opts=self._child,
        )
        return pulumi.Output.concat(
            f"https://{args.location.region}.console.aws.amazon.com/cloudwatch/home"
            f"?region={args.location.region}#dashboards/dashboard/",
            dashboard.dashboard_name,
        )

    def _declare_budget(self) -> None:
        """Counts costs with the tag ``stack``, once the account makes it a cost allocation tag."""
        args = self._args
        aws.budgets.Budget(
            f"{self._name}-budget",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.settings.budget_usd),
            limit_unit="USD",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[f"user:stack${args.tags['stack']}"]
                )
            ],
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    notification_type=notification_type,
                    comparison_operator="GREATER_THAN",
                    threshold=threshold,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[self.topic_arn],
                )
                for notification_type, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
            tags=self._tags,
            opts=self._child,
        )


def _name_of(alarm: Alarm) -> str:
    return alarm.name
