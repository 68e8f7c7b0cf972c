"""A bucket whose new objects are loaded into the database.

S3 hands each event to Lambda's own queue, which tries again; an event that fails every time, or
grows too old, waits in the dead-letter queue. Loading an object twice leaves the same rows, so an
event may safely be sent again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.api_settings import IngestSettings, MonitoringSettings
from components.bucket import Bucket, BucketArgs
from components.defaults import settled
from components.function import Function, FunctionArgs
from components.identity import formerly
from components.location import Location
from components.naming import merge_tags
from components.outputs import register
from components.release import Release, ReleaseArgs
from components.signals import MINUTE_S, Alarm, Graph, Signals, lines_of
from components.watched_function import WatchedFunction

INCOMING: Final = "incoming/"
"""Objects under this prefix are loaded."""

REJECTS: Final = "rejects/"
"""Under this prefix the function writes the lines it could not load."""

ACCESS_LOG_DAYS: Final = 90
DEAD_LETTER_S: Final = 14 * 24 * 3600  # the most that SQS keeps


@dataclass(frozen=True, kw_only=True)
class WatchedQueue:
    """The queue of events that failed every time, and the function whose events they are."""

    queue_name: pulumi.Input[str]
    function_name: pulumi.Input[str]

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms and its graph."""
        del namespace, settings  # all metrics are AWS's own, and no limit is chosen
        queue = {"QueueName": self.queue_name}
        function = {"FunctionName": self.function_name}
        waiting, lost = "ApproximateNumberOfMessagesVisible", "DestinationDeliveryFailures"
        return Signals(
            alarms=[
                Alarm(
                    name="dead-letters",
                    meaning="An object could not be loaded; its event waits in the queue",
                    namespace="AWS/SQS",
                    metric=waiting,
                    dimensions=queue,
                    statistic="Maximum",
                    threshold=0,
                    periods=1,
                    bad_periods=1,
                    period_s=5 * MINUTE_S,
                ),
                Alarm(
                    name="ingest-lost",
                    meaning="An event that failed did not reach the dead-letter queue either",
                    namespace="AWS/Lambda",
                    metric=lost,
                    dimensions=function,
                    statistic="Sum",
                    threshold=0,
                    periods=1,
                    bad_periods=1,
                ),
            ],
            beside=[
                Graph(
                    title="Dead letters",
                    lines=[
                        *lines_of("AWS/SQS", queue, (waiting, "Maximum", "waiting")),
                        *lines_of("AWS/Lambda", function, (lost, "Sum", "lost")),
                    ],
                )
            ],
        )


@dataclass(frozen=True, kw_only=True)
class IngestStoreArgs:
    """The loading function (without its rights on bucket and queue, which come from here)."""

    settings: IngestSettings
    function: FunctionArgs
    schema: pulumi.Input[str]  # of the migration: nothing is loaded into tables that are not there
    protect: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)


class IngestStore(pulumi.ComponentResource):
    """Bucket, function and dead-letter queue.

    Outputs: ``bucket_name``, ``function_name``, ``function_arn``, ``served`` (of its release),
    ``dead_letter_queue_url``; ``watched_function`` and ``watched_queue`` for the monitoring.
    """

    bucket_name: pulumi.Output[str]
    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    served: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    watched_function: WatchedFunction
    watched_queue: WatchedQueue

    def __init__(
        self, name: str, args: IngestStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aurora-graphql:index:IngestStore", name, None, formerly("IngestStore", opts)
        )
        args = dataclasses.replace(args, function=settled(self, name, args.function))
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        key_arn = args.function.key_arn
        bucket = Bucket(
            f"{name}-bucket",
            BucketArgs(
                location=args.function.location,
                key_arn=key_arn,
                expiration_days=settings.expiration_days,
                access_log_days=ACCESS_LOG_DAYS,
                protect=args.protect and not settings.force_destroy,
                force_destroy=settings.force_destroy,
                tags=args.tags,
            ),
            child,
        )
        queue = self._dead_letter_queue(name, key_arn, args.tags)
        function = Function(
            f"{name}-function",
            dataclasses.replace(
                args.function,
                statements=[
                    *args.function.statements,
                    *_statements(bucket.bucket_arn, queue.arn, key_arn, args.function.location),
                ],
            ),
            child,
        )
        release = Release(
            f"{name}-release",
            ReleaseArgs(
                location=args.function.location,
                function_name=function.function_name,
                function_arn=function.function_arn,
                version=function.version,
                key_arn=key_arn,
                schema=args.schema,
                tags=args.tags,
            ),
            child,
        )
        retries = aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-retries",
            function_name=function.function_name,
            qualifier=release.alias_name,
            maximum_retry_attempts=settings.retries,
            maximum_event_age_in_seconds=settings.event_age_s,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=queue.arn
                )
            ),
            opts=child,
        )
        permission = aws.lambda_.Permission(
            f"{name}-calls",
            action="lambda:InvokeFunction",
            function=function.function_name,
            qualifier=release.alias_name,
            principal="s3.amazonaws.com",
            source_arn=bucket.bucket_arn,
            source_account=args.function.location.account_id,
            opts=child,
        )
        aws.s3.BucketNotification(
            f"{name}-notification",
            bucket=bucket.bucket_name,
            lambda_functions=[
                aws.s3.BucketNotificationLambdaFunctionArgs(
                    id="load",
                    lambda_function_arn=release.alias_arn,
                    events=["s3:ObjectCreated:*"],
                    filter_prefix=INCOMING,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, retries]),
        )
        self.bucket_name = bucket.bucket_name
        self.function_name = function.function_name
        self.function_arn = function.function_arn
        self.served = release.served
        self.dead_letter_queue_url = queue.url
        self.watched_function = function.watched_as("ingest")
        self.watched_queue = WatchedQueue(
            queue_name=queue.name, function_name=function.function_name
        )
        register(self)

    def _dead_letter_queue(
        self, name: str, key_arn: pulumi.Input[str], tags: Mapping[str, str]
    ) -> aws.sqs.Queue:
        queue = aws.sqs.Queue(
            f"{name}-dead-letters",
            message_retention_seconds=DEAD_LETTER_S,
            kms_master_key_id=key_arn,
            kms_data_key_reuse_period_seconds=3600,
            tags=merge_tags(tags, {"component": name}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.sqs.QueuePolicy(
            f"{name}-dead-letters-policy",
            queue_url=queue.url,
            policy=iam.encode(iam.document(iam.only_tls("sqs:*", queue.arn))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue


def _statements(
    bucket_arn: pulumi.Output[str],
    queue_arn: pulumi.Output[str],
    key_arn: pulumi.Input[str],
    location: Location,
) -> list[iam.Statement]:
    return [
        {
            "Sid": "ReadIncoming",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": pulumi.Output.concat(bucket_arn, f"/{INCOMING}*"),
        },
        {
            "Sid": "WriteRejects",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket_arn, f"/{REJECTS}*"),
        },
        {
            "Sid": "WriteDeadLetters",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
        },
        iam.use_objects(key_arn, bucket_arn),
        iam.send_encrypted(key_arn, location=location),
    ]
