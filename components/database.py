"""Database: an Aurora MySQL cluster with its instances, parameters and logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import iam, timeouts
from components.data_settings import DatabaseSettings
from components.defaults import settled
from components.identity import formerly
from components.limits import check_identifier
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register
from components.readiness import known_after
from components.subnets import check_subnets
from components.watched_database import WatchedDatabase

PORT: Final = 3306

IDENTIFIER_LIMIT: Final = 50
"""RDS takes 63 characters; names of instances and of the final snapshot are longer by a suffix."""

EXPORTED_LOGS: Final = ("audit", "error", "slowquery")

ENGINE_FAMILIES: Final[Mapping[str, str]] = {
    "8.0.mysql_aurora.3.": "aurora-mysql8.0",
    "8.4.mysql_aurora.8.4.": "aurora-mysql8.4",
}
"""Beginning of an engine version -> family of its parameter groups."""

INSIGHTS_RETENTION_DAYS: Final = {"standard": 7, "advanced": 465}
"""Free of charge, and what the advanced mode asks for."""

AURORA_VALUES: Final[Mapping[str, str]] = {
    "character_set_server": "utf8mb4",
    "local_infile": "0",
    "log_output": "FILE",
    "long_query_time": "10",
    "tls_version": "TLSv1.2,TLSv1.3",
}
"""Parameters with the values that Aurora has without being asked.

AWS says of such a value that it waits for a restart, whatever it was told. Declared in another way,
each update would find a change that none can make.
Source: https://www.pulumi.com/registry/packages/aws/api-docs/rds/clusterparametergroup/
"""

IDLE_CONNECTION_S: Final = 120
"""After so many seconds without a statement, a database that may pause closes a connection.

It pauses only without connections, and a frozen function keeps the one that it has: by the server's
own limit for eight hours. Two minutes are longer than any request, and than commands take between
two statements. Aurora takes the lesser of `wait_timeout` and `interactive_timeout` for all
connections, so one of them is enough.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html
"""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a caller chooses about the cluster. ``identifier`` is unique in account and region.

    ``zones``: those of ``subnet_ids``; instances are spread over them in turn, the writer first.
    Without ``deletion_protection`` a destroyed cluster leaves no snapshot and no backups.
    """

    location: Location = HERE
    identifier: str
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    zones: pulumi.Input[Sequence[pulumi.Input[str]]] = ()
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    settings: DatabaseSettings = field(default_factory=DatabaseSettings)
    deletion_protection: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_identifier("identifier", self.identifier, IDENTIFIER_LIMIT)
        check_subnets(self.subnet_ids)


class Database(pulumi.ComponentResource):
    """An encrypted cluster in isolated subnets that takes connections over TLS only.

    Nobody may connect until a consumer adds an ingress rule to ``security_group_id``. The master
    password is made, kept and rotated by RDS.

    Outputs: ``cluster_identifier``; ``available_cluster_identifier``, the same once every instance
    runs; ``cluster_arn``, ``cluster_resource_id`` (for IAM), ``writer_endpoint`` and
    ``reader_endpoint`` (once the writer takes connections), ``port``, ``security_group_id``,
    ``master_secret_arn`` and ``instance_identifiers``; ``watched`` for the monitoring.
    """

    cluster_identifier: pulumi.Output[str]
    watched: WatchedDatabase
    available_cluster_identifier: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    cluster_resource_id: pulumi.Output[str]
    writer_endpoint: pulumi.Output[str]
    reader_endpoint: pulumi.Output[str]
    port: pulumi.Output[int]
    security_group_id: pulumi.Output[str]
    master_secret_arn: pulumi.Output[str]
    instance_identifiers: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Database", name, None, formerly("Database", opts))
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        security_group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description=f"Instances of {name}",
            vpc_id=args.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._tags,
            opts=self._child,
        )
        cluster = self._declare_cluster(security_group)
        instances = self._declare_instances(cluster)
        if args.settings.max_readers:
            self._declare_reader_scaling(cluster, instances)
        self.cluster_identifier = cluster.cluster_identifier
        self.watched = WatchedDatabase.of(args.settings, cluster.cluster_identifier)
        self.available_cluster_identifier = known_after(cluster.cluster_identifier, *instances)
        self.cluster_arn = cluster.arn
        self.cluster_resource_id = cluster.cluster_resource_id
        # A cluster's endpoints answer only once its writer does.
        self.writer_endpoint = known_after(cluster.endpoint, instances[0])
        self.reader_endpoint = known_after(cluster.reader_endpoint, instances[0])
        self.port = cluster.port
        self.security_group_id = security_group.id
        self.master_secret_arn = cluster.master_user_secrets.apply(
            lambda secrets: str(secrets[0].secret_arn)
        )
        self.instance_identifiers = [instance.identifier for instance in instances]
        register(self)

    def _declare_cluster(self, security_group: aws.ec2.SecurityGroup) -> aws.rds.Cluster:
        name, args, tags = self._name, self._args, self._tags
        subnet_group = aws.rds.SubnetGroup(
            f"{name}-subnets",
            description=f"Isolated subnets of {name}",
            subnet_ids=args.subnet_ids,
            tags=tags,
            opts=self._child,
        )
        parameters = aws.rds.ClusterParameterGroup(
            f"{name}-cluster",
            description=f"Parameters of the cluster {name}",
            family=_family(args.settings.engine_version),
            parameters=self._cluster_parameters(),
            tags=tags,
            opts=self._child,
        )
        final_snapshot = random.RandomId(
            f"{name}-final-snapshot",
            byte_length=4,
            keepers={"identifier": args.identifier},
            opts=self._child,
        )
        insights = args.settings.insights != "off"
        return aws.rds.Cluster(
            f"{name}-cluster",
            cluster_identifier=args.identifier,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_mode="provisioned",  # Serverless v2 is a class of instance in this mode
            engine_version=args.settings.engine_version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            database_name=args.settings.name,
            port=PORT,
            master_username=args.settings.master_user,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            storage_type="aurora-iopt1" if args.settings.io_optimized else None,
            serverlessv2_scaling_configuration=self._capacity(),
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=parameters.name,
            vpc_security_group_ids=[security_group.id],
            backup_retention_period=args.settings.backup_retention_days,
            preferred_backup_window=args.settings.backup_window,
            preferred_maintenance_window=args.settings.maintenance_window,
            apply_immediately=args.settings.apply_immediately,
            allow_major_version_upgrade=False,
            auto_minor_version_upgrade=args.settings.auto_minor_upgrade,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not args.deletion_protection,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.deletion_protection,
            final_snapshot_identifier=pulumi.Output.concat(
                args.identifier, "-final-", final_snapshot.hex
            ),
            snapshot_identifier=args.settings.snapshot or None,
            enabled_cloudwatch_logs_exports=list(EXPORTED_LOGS),
            database_insights_mode=args.settings.insights if insights else None,
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=args.key_arn if insights else None,
            performance_insights_retention_period=INSIGHTS_RETENTION_DAYS.get(
                args.settings.insights
            ),
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # RDS would make the log groups itself: unencrypted, kept for ever.
                depends_on=self._declare_log_groups(),
                # Read at creation only; a change would replace the cluster and its data.
                ignore_changes=["snapshotIdentifier"],
                protect=args.deletion_protection,
                custom_timeouts=timeouts.CLUSTER,
            ),
        )

    def _capacity(self) -> aws.rds.ClusterServerlessv2ScalingConfigurationArgs | None:
        args = self._args
        if not args.settings.serverless:
            return None
        return aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=args.settings.min_capacity_acu,
            max_capacity=args.settings.max_capacity_acu,
            seconds_until_auto_pause=args.settings.auto_pause_s
            if args.settings.may_pause
            else None,
        )

    def _declare_log_groups(self) -> list[aws.cloudwatch.LogGroup]:
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{log}-log",
                name=f"/aws/rds/cluster/{self._args.identifier}/{log}",
                retention_in_days=self._args.settings.log_retention_days,
                kms_key_id=self._args.key_arn,
                tags=self._tags,
                opts=self._child,
            )
            for log in EXPORTED_LOGS
        ]

    @staticmethod
    def _cluster_parameters() -> list[aws.rds.ClusterParameterGroupParameterArgs]:
        """What must not depend on Aurora's defaults."""
        return [
            aws.rds.ClusterParameterGroupParameterArgs(
                name=parameter, value=value, apply_method=_apply_method(parameter, value)
            )
            for parameter, value in (
                ("character_set_server", "utf8mb4"),
                ("local_infile", "0"),
                ("require_secure_transport", "ON"),
                # Who connected and who changed the schema or the rights; statements hold data.
                ("server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL"),
                ("server_audit_logging", "1"),
                ("tls_version", "TLSv1.2,TLSv1.3"),
            )
        ]

    def _declare_instances(self, cluster: aws.rds.Cluster) -> list[aws.rds.ClusterInstance]:
        """The first writer, then the readers. Names do not tell which: a failover swaps them."""
        name, args, tags = self._name, self._args, self._tags
        parameters = aws.rds.ParameterGroup(
            f"{name}-instance",
            description=f"Parameters of the instances of {name}",
            family=_family(args.settings.engine_version),
            parameters=[
                aws.rds.ParameterGroupParameterArgs(
                    name=parameter, value=value, apply_method=_apply_method(parameter, value)
                )
                for parameter, value in self._instance_parameters()
            ],
            tags=tags,
            opts=self._child,
        )
        monitoring_role_arn = self._declare_monitoring_role()
        insights = args.settings.insights != "off"
        instances: list[aws.rds.ClusterInstance] = []
        for number in range(args.settings.readers + 1):
            instances.append(
                aws.rds.ClusterInstance(
                    f"{name}-instance-{number + 1}",
                    identifier=f"{args.identifier}-{number + 1}",
                    cluster_identifier=cluster.cluster_identifier,
                    engine=aws.rds.EngineType.AURORA_MYSQL,  # in the cluster's version
                    instance_class=args.settings.instance_class,
                    db_parameter_group_name=parameters.name,
                    db_subnet_group_name=cluster.db_subnet_group_name,
                    availability_zone=_zone(args.zones, number),
                    # Tiers 0 and 1 keep the writer's capacity and take over; others scale alone.
                    promotion_tier=min(number, 2),
                    publicly_accessible=False,
                    ca_cert_identifier=args.settings.certificate,
                    preferred_maintenance_window=args.settings.maintenance_window,
                    apply_immediately=args.settings.apply_immediately,
                    auto_minor_version_upgrade=args.settings.auto_minor_upgrade,
                    copy_tags_to_snapshot=True,
                    monitoring_interval=args.settings.monitoring_interval_s,
                    monitoring_role_arn=monitoring_role_arn,
                    performance_insights_enabled=insights,
                    performance_insights_kms_key_id=args.key_arn if insights else None,
                    performance_insights_retention_period=INSIGHTS_RETENTION_DAYS.get(
                        args.settings.insights
                    ),
                    tags=tags,
                    # The first instance of a cluster becomes its writer. An instance stays in the
                    # zone of its creation: in another it would be another one, of the same name.
                    opts=pulumi.ResourceOptions(
                        parent=self,
                        depends_on=instances[:1],
                        ignore_changes=["availabilityZone"],
                        custom_timeouts=timeouts.INSTANCE,
                    ),
                )
            )
        return instances

    def _instance_parameters(self) -> list[tuple[str, str]]:
        """What must not depend on Aurora's defaults on each instance."""
        settings = self._args.settings
        parameters = [
            ("innodb_print_all_deadlocks", "1"),
            ("log_output", "FILE"),
            ("long_query_time", f"{settings.slow_query_s:g}"),
            ("slow_query_log", "1"),
        ]
        if settings.may_pause:
            parameters.append(("wait_timeout", str(IDLE_CONNECTION_S)))
        return parameters

    def _declare_monitoring_role(self) -> pulumi.Output[str] | None:
        """The role by which instances send their operating system's metrics."""
        name, args = self._name, self._args
        if args.settings.monitoring_interval_s == 0:
            return None
        role = aws.iam.Role(
            f"{name}-monitoring",
            description=f"Enhanced monitoring of {name}",
            assume_role_policy=iam.encode(
                iam.trust("monitoring.rds.amazonaws.com", location=args.location)
            ),
            tags=self._tags,
            opts=self._child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-monitoring",
            role=role.name,
            policy_arn=(
                f"arn:{args.location.partition}:iam::aws:policy/service-role/"
                "AmazonRDSEnhancedMonitoringRole"
            ),
            opts=self._child,
        )
        return known_after(role.arn, attachment)

    def _declare_reader_scaling(
        self, cluster: aws.rds.Cluster, instances: Sequence[aws.rds.ClusterInstance]
    ) -> None:
        name, args = self._name, self._args
        target = aws.appautoscaling.Target(
            f"{name}-readers",
            service_namespace="rds",
            scalable_dimension="rds:cluster:ReadReplicaCount",
            resource_id=pulumi.Output.concat("cluster:", cluster.cluster_identifier),
            min_capacity=args.settings.readers,
            max_capacity=args.settings.max_readers,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(instances)),
        )
        aws.appautoscaling.Policy(
            f"{name}-readers",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=(
                aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type="RDSReaderAverageCPUUtilization"
                    ),
                    target_value=args.settings.reader_target_cpu_percent,
                    scale_out_cooldown=300,
                    scale_in_cooldown=900,  # a new reader starts with a cold buffer pool
                )
            ),
            opts=self._child,
        )


def _family(engine_version: str) -> str:
    """Family of the parameter groups of an engine's version."""
    return next(
        family
        for beginning, family in ENGINE_FAMILIES.items()
        if engine_version.startswith(beginning)
    )


def _apply_method(parameter: str, value: str) -> str:
    """When AWS applies a parameter: at once, where that is another value than Aurora's own."""
    return "pending-reboot" if AURORA_VALUES.get(parameter) == value else "immediate"


def _zone(
    zones: pulumi.Input[Sequence[pulumi.Input[str]]], number: int
) -> pulumi.Input[str] | None:
    """The zone of an instance; without zones AWS chooses."""
    if isinstance(zones, Sequence):
        return zones[number % len(zones)] if zones else None
    known: pulumi.Output[Any] = pulumi.Output.from_input(zones)
    return known.apply(lambda each: each[number % len(each)] if each else None)
