"""What the preview knows of each type of resource: names, replacement, cost, Terraform's name.

One row a type. A type that a stack declares and that has no row is refused by a test, so that
nothing is free, or is replaced, unnoticed.

Which inputs replace a resource is in the schemas of Terraform's AWS provider, of which Pulumi's is
made (``ForceNew``, ``RequiresReplace``;
https://github.com/hashicorp/terraform-provider-aws, ``internal/service``). Neither is part of the
SDK for Python, so that what this project declares is written down here; a test holds it against
what CloudFormation's schemas and the SDK's descriptions say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aurora_graphql.preview.traffic import HOURS


class Cost(Enum):
    """How a type stands on the bill, where it is not paid by the piece."""

    FREE = "free"
    """A right, a rule, a name or a setting of what is billed; or some cents at most."""

    BILLED = "billed"
    """``services`` has lines for it, because they need more than its number."""


@dataclass(frozen=True)
class Each:
    """Paid by the piece: the bill's line, and the price in ``prices.toml`` of ``units`` a month."""

    service: str
    noun: str
    group: str
    price: str
    units: float = 1


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """Facts of one type.

    ``name``: the input that holds the physical name, given or made by Pulumi, and how many
    characters AWS takes. ``known_by``: the inputs by which AWS knows a resource whose name this
    project chooses; ``forced_by``: those that need another resource. ``terraform``: its name there,
    where the rules do not give it.
    """

    cost: Cost | Each = Cost.FREE
    name: tuple[str, int] | None = None
    known_by: tuple[str, ...] = ()
    forced_by: tuple[str, ...] = ()
    terraform: str = ""


_ENCRYPTION_OF_A_BUCKET: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)

TYPES: Final[Mapping[str, ResourceType]] = {
    "aws:acm/certificate:Certificate": ResourceType(),
    "aws:acm/certificateValidation:CertificateValidation": ResourceType(),
    "aws:apigateway/account:Account": ResourceType(),
    "aws:apigateway/apiKey:ApiKey": ResourceType(),
    "aws:apigateway/basePathMapping:BasePathMapping": ResourceType(known_by=("domainName",)),
    "aws:apigateway/deployment:Deployment": ResourceType(),
    "aws:apigateway/domainName:DomainName": ResourceType(known_by=("domainName",)),
    "aws:apigateway/methodSettings:MethodSettings": ResourceType(
        known_by=("restApi", "stageName", "methodPath")
    ),
    "aws:apigateway/restApi:RestApi": ResourceType(cost=Cost.BILLED),
    "aws:apigateway/restApiPolicy:RestApiPolicy": ResourceType(),
    "aws:apigateway/stage:Stage": ResourceType(cost=Cost.BILLED, known_by=("restApi", "stageName")),
    "aws:apigateway/usagePlan:UsagePlan": ResourceType(),
    "aws:apigateway/usagePlanKey:UsagePlanKey": ResourceType(),
    "aws:appautoscaling/policy:Policy": ResourceType(),
    "aws:appautoscaling/scheduledAction:ScheduledAction": ResourceType(),
    "aws:appautoscaling/target:Target": ResourceType(),
    "aws:backup/plan:Plan": ResourceType(cost=Cost.BILLED, name=("name", 50)),
    "aws:backup/selection:Selection": ResourceType(name=("name", 50)),
    "aws:backup/vault:Vault": ResourceType(
        name=("name", 50), known_by=("name",), forced_by=("kmsKeyArn",)
    ),
    "aws:budgets/budget:Budget": ResourceType(name=("name", 100)),
    "aws:cloudtrail/trail:Trail": ResourceType(
        name=("name", 128), known_by=("name",), terraform="aws_cloudtrail"
    ),
    "aws:cloudwatch/dashboard:Dashboard": ResourceType(
        cost=Each("CloudWatch", "dashboard", "cloudwatch", "dashboard"),
        name=("dashboardName", 255),
        known_by=("dashboardName",),
    ),
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        cost=Cost.BILLED, name=("name", 512), known_by=("name",), forced_by=("logGroupClass",)
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": ResourceType(
        cost=Each("CloudWatch", "log metric", "cloudwatch", "metric"), name=("name", 512)
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        cost=Each("CloudWatch", "alarm", "cloudwatch", "alarm"), name=("name", 255)
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": ResourceType(name=("name", 255)),
    "aws:codedeploy/application:Application": ResourceType(
        name=("name", 100),
        known_by=("name",),
        forced_by=("computePlatform",),
        terraform="aws_codedeploy_app",
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": ResourceType(
        name=("deploymentGroupName", 100), known_by=("appName", "deploymentGroupName")
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ResourceType(),
    "aws:ec2/eip:Eip": ResourceType(
        cost=Each("VPC", "public IPv4 address", "network", "public_address_hour", units=HOURS)
    ),
    "aws:ec2/instance:Instance": ResourceType(
        cost=Each("EC2", "t4g.nano", "network", "tunnel_hour", units=HOURS)
    ),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": ResourceType(
        terraform="aws_ec2_instance_connect_endpoint"
    ),
    "aws:ec2/flowLog:FlowLog": ResourceType(),
    "aws:ec2/internetGateway:InternetGateway": ResourceType(),
    "aws:ec2/natGateway:NatGateway": ResourceType(
        cost=Each("VPC", "NAT gateway", "network", "nat_hour", units=HOURS)
    ),
    "aws:ec2/route:Route": ResourceType(),
    "aws:ec2/routeTable:RouteTable": ResourceType(),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ResourceType(),
    "aws:ec2/securityGroup:SecurityGroup": ResourceType(name=("name", 255)),
    "aws:ec2/subnet:Subnet": ResourceType(
        known_by=("vpcId", "cidrBlock"),  # no two of a VPC may overlap
        forced_by=(
            "availabilityZone",
            "availabilityZoneId",
            "ipv4IpamPoolId",
            "ipv4NetmaskLength",
            "ipv6CidrBlock",
            "ipv6IpamPoolId",
            "ipv6Native",
            "ipv6NetmaskLength",
            "outpostArn",
        ),
    ),
    "aws:ec2/vpc:Vpc": ResourceType(),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ResourceType(cost=Cost.BILLED),
    "aws:elasticache/parameterGroup:ParameterGroup": ResourceType(name=("name", 255)),
    "aws:elasticache/replicationGroup:ReplicationGroup": ResourceType(
        cost=Cost.BILLED,
        name=("replicationGroupId", 40),
        known_by=("replicationGroupId",),
        forced_by=(
            "atRestEncryptionEnabled",
            "dataTieringEnabled",
            "globalReplicationGroupId",
            "kmsKeyId",
            "networkType",
            "port",
            "securityGroupNames",
            "snapshotArns",
            "snapshotName",
            "subnetGroupName",
        ),
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": ResourceType(
        cost=Cost.BILLED,
        name=("name", 40),
        known_by=("name",),
        forced_by=("kmsKeyId", "networkType", "snapshotArnsToRestores", "subnetIds"),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": ResourceType(name=("name", 255)),
    "aws:elasticache/user:User": ResourceType(
        name=("userId", 40), known_by=("userId",), forced_by=("userName",)
    ),
    "aws:elasticache/userGroup:UserGroup": ResourceType(
        name=("userGroupId", 40), known_by=("userGroupId",)
    ),
    "aws:iam/role:Role": ResourceType(name=("name", 64)),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(name=("name", 128)),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ResourceType(),
    "aws:kms/alias:Alias": ResourceType(name=("name", 256), known_by=("name",)),
    "aws:kms/key:Key": ResourceType(cost=Each("KMS", "key", "kms", "key")),
    "aws:lambda/alias:Alias": ResourceType(name=("name", 128), known_by=("functionName", "name")),
    "aws:lambda/function:Function": ResourceType(cost=Cost.BILLED, name=("name", 64)),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ResourceType(),
    "aws:lambda/invocation:Invocation": ResourceType(),
    "aws:lambda/permission:Permission": ResourceType(),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": ResourceType(
        cost=Cost.BILLED
    ),
    "aws:rds/cluster:Cluster": ResourceType(
        cost=Cost.BILLED,
        name=("clusterIdentifier", 63),
        known_by=("clusterIdentifier",),
        forced_by=(
            "availabilityZones",
            "clusterScalabilityType",
            "databaseName",
            "dbSubnetGroupName",
            "dbSystemId",
            "engine",
            "engineMode",
            "kmsKeyId",
            "masterUsername",
            "publiclyAccessible",
            "restoreToPointInTime",
            "s3Import",
            "snapshotIdentifier",
            "sourceRegion",
            "storageEncrypted",
        ),
    ),
    "aws:rds/clusterInstance:ClusterInstance": ResourceType(
        cost=Cost.BILLED,
        name=("identifier", 63),
        known_by=("identifier",),
        forced_by=(
            "availabilityZone",
            "clusterIdentifier",
            "customIamInstanceProfile",
            "dbSubnetGroupName",
            "engine",
        ),
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ResourceType(name=("name", 255)),
    "aws:rds/parameterGroup:ParameterGroup": ResourceType(
        name=("name", 255), terraform="aws_db_parameter_group"
    ),
    "aws:rds/proxy:Proxy": ResourceType(
        cost=Cost.BILLED,
        name=("name", 63),
        known_by=("name",),
        forced_by=(
            "endpointNetworkType",
            "engineFamily",
            "targetConnectionNetworkType",
            "vpcSubnetIds",
        ),
        terraform="aws_db_proxy",
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": ResourceType(
        terraform="aws_db_proxy_default_target_group"
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": ResourceType(
        cost=Cost.BILLED,
        name=("dbProxyEndpointName", 63),
        known_by=("dbProxyEndpointName",),
        forced_by=("dbProxyName", "targetRole", "vpcSubnetIds"),
        terraform="aws_db_proxy_endpoint",
    ),
    "aws:rds/proxyTarget:ProxyTarget": ResourceType(terraform="aws_db_proxy_target"),
    "aws:rds/subnetGroup:SubnetGroup": ResourceType(
        name=("name", 255), terraform="aws_db_subnet_group"
    ),
    "aws:route53/record:Record": ResourceType(known_by=("zoneId", "name", "type")),
    "aws:s3/bucket:Bucket": ResourceType(cost=Cost.BILLED, name=("bucket", 63)),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ResourceType(),
    "aws:s3/bucketLogging:BucketLogging": ResourceType(),
    "aws:s3/bucketNotification:BucketNotification": ResourceType(),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ResourceType(),
    "aws:s3/bucketPolicy:BucketPolicy": ResourceType(),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ResourceType(),
    _ENCRYPTION_OF_A_BUCKET: ResourceType(),
    "aws:s3/bucketVersioning:BucketVersioning": ResourceType(),
    "aws:scheduler/schedule:Schedule": ResourceType(name=("name", 64)),
    "aws:secretsmanager/secret:Secret": ResourceType(cost=Cost.BILLED, name=("name", 512)),
    "aws:secretsmanager/secretVersion:SecretVersion": ResourceType(),
    "aws:sns/topic:Topic": ResourceType(name=("name", 256)),
    "aws:sns/topicPolicy:TopicPolicy": ResourceType(),
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(),
    "aws:sqs/queue:Queue": ResourceType(name=("name", 80)),
    "aws:sqs/queuePolicy:QueuePolicy": ResourceType(),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ResourceType(),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ResourceType(),
    "aws:wafv2/webAcl:WebAcl": ResourceType(cost=Cost.BILLED, name=("name", 128)),
    # Deleting the old association would take the new one's firewall off, too.
    "aws:wafv2/webAclAssociation:WebAclAssociation": ResourceType(
        known_by=("resourceArn",), forced_by=("webAclArn",)
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": ResourceType(),
    "random:index/randomId:RandomId": ResourceType(),
    "random:index/randomPassword:RandomPassword": ResourceType(),
}
"""By type token."""

NO_FACTS: Final = ResourceType()
"""Of a type without a row, such as a component's."""


def facts_of(typ: str) -> ResourceType:
    """What is known of a type."""
    return TYPES.get(typ, NO_FACTS)
