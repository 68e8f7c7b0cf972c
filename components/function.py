"""One Lambda function with what belongs to it: role, log group, security group.

What receives traffic is an alias on a published version; that is ``release``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam, timeouts
from components.archive import Archive
from components.defaults import settled
from components.identity import formerly
from components.limits import (
    FUNCTION_MEMORY_MB,
    FUNCTION_TIMEOUT_S,
    check_choice,
    check_range,
)
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register
from components.watched_function import WatchedFunction

_LAMBDA_LEVELS: Final[Mapping[str, str]] = {
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "WARNING": "INFO",
    "ERROR": "INFO",
}
"""The handler's level -> Lambda's, which drops lines below it.

Never above INFO: Lambda takes every line without a timestamp of its own for INFO, whatever level
the line names, and would drop the handler's errors. The handler itself writes nothing below its
level.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A service that a function in a VPC may reach, over TCP.

    Either the service's security group, which then gets an ingress rule for the function, or the
    prefix list of a gateway endpoint. Another ``name`` is another pair of rules, made before the
    old one goes: versions that still serve take their old road until then. ``formerly``: a name
    that the same road had.
    """

    name: str
    port: pulumi.Input[int]
    security_group_id: pulumi.Input[str] | None = None
    prefix_list_id: pulumi.Input[str] | None = None
    formerly: str | None = None

    def __post_init__(self) -> None:
        if (self.security_group_id is None) == (self.prefix_list_id is None):
            raise ValueError(
                f"destination {self.name} needs a security group or a prefix list, not both"
            )


@dataclass(frozen=True, kw_only=True)
class FunctionNetwork:
    """Where a function runs inside a VPC, and what it may connect to; it accepts no connections."""

    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    destinations: Sequence[Destination]


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What a caller chooses about one function. ``statements`` are IAM statements for its role.

    All versions of a function have one role. ``rights`` are statements in policies of their own:
    what stands under another name is a policy that is made before the old one goes, so a version
    that still serves keeps its rights until the alias has moved. A statement that changes under its
    name changes for all versions at once.
    """

    location: Location = HERE
    archive: Archive
    handler: str
    description: str
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    memory_mb: int
    timeout_s: int
    log_retention_days: int
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statements: Sequence[iam.Statement] = ()
    rights: Mapping[str, Sequence[iam.Statement]] = field(default_factory=dict)
    network: FunctionNetwork | None = None
    reserved_concurrency: int = -1
    tracing: bool = True
    publish: bool = False
    snapstart: bool = False
    log_level: str = "INFO"
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_range("memory_mb", self.memory_mb, *FUNCTION_MEMORY_MB, "MB")
        check_range("timeout_s", self.timeout_s, 1, FUNCTION_TIMEOUT_S, "seconds")
        check_choice("log_level", self.log_level, _LAMBDA_LEVELS)
        if self.snapstart and not self.publish:
            raise ValueError("snapstart needs publish: a snapshot belongs to a published version")
        if self.snapstart and not self.archive.supports_snapstart:
            raise ValueError(
                f"snapstart needs python3.12 or newer, the archive has {self.archive.runtime}"
            )


class Function(pulumi.ComponentResource):
    """A Lambda function that can write to its log group and reach what it was given.

    Outputs: ``function_name``, ``function_arn``, ``version``, ``role_arn``, ``log_group_name``.
    They are there once role, rules and log group are, too.
    """

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    version: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Function", name, None, formerly("Function", opts))
        args = settled(self, name, args)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        tags = merge_tags(args.tags, {"component": name})
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            f"{name}-role",
            description=f"Execution role of {name}",
            assume_role_policy=iam.encode(
                iam.trust("lambda.amazonaws.com", location=args.location)
            ),
            tags=tags,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=iam.encode(
                iam.document(*self._own_statements(name, args, log_group.arn), *args.statements)
            ),
            opts=child,
        )
        ready: list[pulumi.Resource] = [log_group, policy]
        for right, statements in args.rights.items():
            ready.append(
                aws.iam.RolePolicy(
                    f"{name}-{right}",
                    role=role.name,
                    policy=iam.encode(iam.document(*statements)),
                    opts=child,
                )
            )
        vpc_config = None
        if args.network is not None:
            group, rules = self._join_network(name, args.network, policy, tags)
            ready += rules
            vpc_config = aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=args.network.subnet_ids, security_group_ids=[group.id]
            )
        function = aws.lambda_.Function(
            name,
            description=args.description,
            code=pulumi.FileArchive(str(args.archive.path)),
            source_code_hash=args.archive.sha256,
            runtime=args.archive.runtime,
            architectures=[args.archive.architecture],
            handler=args.handler,
            role=role.arn,
            memory_size=args.memory_mb,
            timeout=args.timeout_s,
            reserved_concurrent_executions=args.reserved_concurrency,
            publish=args.publish,
            snap_start=(
                aws.lambda_.FunctionSnapStartArgs(apply_on="PublishedVersions")
                if args.snapstart
                else None
            ),
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(args.environment)),
            kms_key_arn=args.key_arn,
            vpc_config=vpc_config,
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(
                mode="Active" if args.tracing else "PassThrough"
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                log_group=log_group.name,
                application_log_level=_LAMBDA_LEVELS[args.log_level],
                system_log_level="INFO",  # its reports, with memory and restore time
            ),
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=ready, custom_timeouts=timeouts.FUNCTION
            ),
        )
        self.function_name = function.name
        self.function_arn = function.arn
        self.version = function.version
        self.role_arn = role.arn
        self.log_group_name = log_group.name
        register(self)

    def watched_as(
        self, purpose: str, *, caches: bool = False, operations: Sequence[str] = ()
    ) -> WatchedFunction:
        """What the monitoring has to know of it.

        ``caches``: whether it has a response cache; ``operations``: those with metrics.
        """
        return WatchedFunction(
            purpose=purpose,
            function_name=self.function_name,
            log_group_name=self.log_group_name,
            timeout_s=self._args.timeout_s,
            reserved_concurrency=self._args.reserved_concurrency,
            caches=caches,
            operations=tuple(operations),
        )

    def _join_network(
        self,
        name: str,
        network: FunctionNetwork,
        policy: aws.iam.RolePolicy,
        tags: Mapping[str, str],
    ) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
        """The function's security group, and a pair of rules for each destination.

        The group waits for the ``policy`` so that it goes before it: Lambda takes its interfaces
        away by the role's rights, minutes after the function is gone, and the group's deletion
        waits for that.
        """
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description=f"Network interfaces of {name}",
            vpc_id=network.vpc_id,
            revoke_rules_on_delete=True,
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[policy], custom_timeouts=timeouts.INTERFACES
            ),
        )
        rules: list[pulumi.Resource] = []
        for destination in network.destinations:
            former = destination.formerly
            rules.append(
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-to-{destination.name}",
                    description=f"{name} to {destination.name}",
                    security_group_id=group.id,
                    ip_protocol="tcp",
                    from_port=destination.port,
                    to_port=destination.port,
                    referenced_security_group_id=destination.security_group_id,
                    prefix_list_id=destination.prefix_list_id,
                    tags=tags,
                    opts=self._renamed(f"{name}-to-{former}" if former else None),
                )
            )
            if destination.security_group_id is not None:
                rules.append(
                    aws.vpc.SecurityGroupIngressRule(
                        f"{name}-into-{destination.name}",
                        description=f"{name} to {destination.name}",
                        security_group_id=destination.security_group_id,
                        ip_protocol="tcp",
                        from_port=destination.port,
                        to_port=destination.port,
                        referenced_security_group_id=group.id,
                        tags=tags,
                        opts=self._renamed(f"{name}-into-{former}" if former else None),
                    )
                )
        return group, rules

    def _renamed(self, former: str | None) -> pulumi.ResourceOptions:
        """Options of a child, with its former name as an alias where it had one."""
        aliases: list[pulumi.Input[str | pulumi.Alias]] = (
            [pulumi.Alias(name=former)] if former else []
        )
        return pulumi.ResourceOptions(parent=self, aliases=aliases)

    @staticmethod
    def _own_statements(
        name: str, args: FunctionArgs, log_group_arn: pulumi.Output[str]
    ) -> list[iam.Statement]:
        """What every function needs: its log group, its key, traces and network interfaces."""
        statements: list[iam.Statement] = [
            iam.write_log_group(log_group_arn),
            *iam.decrypt_environment(
                args.key_arn, name, location=args.location, snapstart=args.snapstart
            ),
        ]
        if args.tracing:
            statements.append(
                {
                    "Sid": "WriteTraces",
                    "Effect": "Allow",
                    "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                    "Resource": "*",  # X-Ray knows no resource for these
                }
            )
        if args.network is not None:
            statements += iam.join_network(args.location)
        return statements
