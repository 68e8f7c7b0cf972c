"""Inputs of every resource against AWS's own descriptions of the calls that they become.

Two sources: botocore's models of the services, and the schemas of CloudFormation's types, as
cfn-lint carries and mends them. Both say which members a call needs, which words it takes, and
which patterns and limits a value keeps. Pulumi's inputs are matched by their names without regard
to case; where AWS calls one otherwise, ``Twin.renamed`` says how, and ``filled`` what the provider
adds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Final

import botocore.session  # type: ignore[import-untyped]  # no type information published
import pytest
from cfnlint.schema.manager import (  # type: ignore[import-untyped]  # as above
    PROVIDER_SCHEMA_MANAGER,
)

from aurora_graphql.preview.answers import REGION
from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource
from aurora_graphql.preview.resource_types import facts_of
from tests.components.test_program import STACKS, VARIANTS
from tests.recorded import Recorded

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a value keeps to, whoever says it. Members and items are read when they are needed."""

    words: frozenset[str] = frozenset()
    pattern: str = ""  # of the whole text, or of some of it, as its author means it
    least: float | None = None  # of a number, of a text's characters, of a list's items
    most: float | None = None
    required: frozenset[str] = frozenset()
    members: Mapping[str, Callable[[], Rule]] = field(default_factory=dict)
    item: Callable[[], Rule] | None = None


@dataclass(frozen=True, kw_only=True)
class Twin:
    """What AWS has for a type: a call, a type of CloudFormation, or both.

    ``renamed``: Pulumi's name, by its path, and what it is called there, the choices in a row.
    A call or a type may end in the one member that the inputs are about.
    """

    call: str = ""  # "lambda CreateFunction"
    cloudformation: str = ""  # "AWS::Lambda::Function", "AWS::Backup::BackupPlan BackupPlan"
    renamed: Mapping[str, str] = field(default_factory=dict)
    filled: tuple[str, ...] = ()  # needed, and given by the provider or by another input


@cache
def rule_of(name: str) -> Rule:
    if name.startswith("AWS::"):
        typ, *inner = name.split()
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, typ).schema
        rule = _of_schema(schema, schema)
    else:
        service, operation, *inner = name.split()
        model = _session().get_service_model(service)
        rule = _of_shape(model.operation_model(operation).input_shape)
    for member in inner:
        rule = rule.members[member]()
    return rule


@cache
def _session() -> Any:
    return botocore.session.get_session()


def _of_shape(shape: Any) -> Rule:
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        return Rule(
            required=frozenset(shape.required_members),
            members={name: partial(_of_shape, member) for name, member in shape.members.items()},
        )
    item = (lambda: _of_shape(shape.member)) if kind == "list" else None
    return Rule(
        words=frozenset(getattr(shape, "enum", ())),
        pattern=f"^(?:{limits['pattern']})$" if "pattern" in limits else "",
        least=limits.get("min"),
        most=limits.get("max"),
        item=item,
    )


def _of_schema(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Rule:
    while "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    bounds = [
        [schema[name] for name in names if name in schema]
        for names in (("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems"))
    ]
    items = schema.get("items")
    return Rule(
        words=frozenset(str(word) for word in schema.get("enum", ())),
        pattern=schema.get("pattern", ""),
        least=bounds[0][0] if bounds[0] else None,
        most=bounds[1][0] if bounds[1] else None,
        required=frozenset(schema.get("required", ())),
        members={
            name: partial(_of_schema, member, root)
            for name, member in schema.get("properties", {}).items()
        },
        item=(lambda: _of_schema(items, root)) if isinstance(items, dict) else None,
    )


TWINS: Final[Mapping[str, Twin]] = {
    "aws:acm/certificate:Certificate": Twin(
        call="acm RequestCertificate", cloudformation="AWS::CertificateManager::Certificate"
    ),
    "aws:apigateway/apiKey:ApiKey": Twin(
        call="apigateway CreateApiKey", cloudformation="AWS::ApiGateway::ApiKey"
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Twin(
        call="apigateway CreateBasePathMapping",
        cloudformation="AWS::ApiGateway::BasePathMapping",
        renamed={"restApi": "restApiId", "stageName": "stage"},
    ),
    "aws:apigateway/deployment:Deployment": Twin(
        call="apigateway CreateDeployment",
        cloudformation="AWS::ApiGateway::Deployment",
        renamed={"restApi": "restApiId"},
    ),
    "aws:apigateway/domainName:DomainName": Twin(
        call="apigateway CreateDomainName", cloudformation="AWS::ApiGateway::DomainName"
    ),
    "aws:apigateway/restApi:RestApi": Twin(
        call="apigateway CreateRestApi", cloudformation="AWS::ApiGateway::RestApi", filled=("name",)
    ),
    "aws:apigateway/stage:Stage": Twin(
        call="apigateway CreateStage",
        cloudformation="AWS::ApiGateway::Stage",
        renamed={
            "restApi": "restApiId",
            "deployment": "deploymentId",
            "xrayTracingEnabled": "tracingEnabled",
            "accessLogSettings": "accessLogSetting",
        },
    ),
    "aws:apigateway/usagePlan:UsagePlan": Twin(
        call="apigateway CreateUsagePlan",
        cloudformation="AWS::ApiGateway::UsagePlan",
        renamed={"quotaSettings": "quota", "throttleSettings": "throttle"},
        filled=("name",),
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Twin(
        call="apigateway CreateUsagePlanKey", cloudformation="AWS::ApiGateway::UsagePlanKey"
    ),
    "aws:appautoscaling/policy:Policy": Twin(
        call="application-autoscaling PutScalingPolicy",
        cloudformation="AWS::ApplicationAutoScaling::ScalingPolicy",
        filled=("PolicyName",),
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": Twin(
        call="application-autoscaling PutScheduledAction", filled=("ScheduledActionName",)
    ),
    "aws:appautoscaling/target:Target": Twin(
        call="application-autoscaling RegisterScalableTarget",
        cloudformation="AWS::ApplicationAutoScaling::ScalableTarget",
    ),
    "aws:backup/plan:Plan": Twin(
        call="backup CreateBackupPlan BackupPlan",
        cloudformation="AWS::Backup::BackupPlan BackupPlan",
        renamed={
            "name": "backupPlanName",
            "rules": "rules backupPlanRule",
            "rules.copyActions.destinationVaultArn": "destinationBackupVaultArn",
            "rules.copyActions.lifecycle.deleteAfter": "deleteAfterDays",
            "rules.completionWindow": "completionWindowMinutes",
            "rules.lifecycle.deleteAfter": "deleteAfterDays",
            "rules.schedule": "scheduleExpression",
            "rules.startWindow": "startWindowMinutes",
            "rules.targetVaultName": "targetBackupVaultName targetBackupVault",
        },
    ),
    "aws:backup/selection:Selection": Twin(
        call="backup CreateBackupSelection BackupSelection",
        cloudformation="AWS::Backup::BackupSelection BackupSelection",
        renamed={"name": "selectionName"},
    ),
    "aws:backup/vault:Vault": Twin(
        call="backup CreateBackupVault",
        cloudformation="AWS::Backup::BackupVault",
        renamed={"name": "backupVaultName", "kmsKeyArn": "encryptionKeyArn"},
    ),
    "aws:budgets/budget:Budget": Twin(call="budgets CreateBudget", filled=("AccountId", "Budget")),
    "aws:cloudtrail/trail:Trail": Twin(
        call="cloudtrail CreateTrail",
        cloudformation="AWS::CloudTrail::Trail",
        renamed={
            "cloudWatchLogsGroupArn": "cloudWatchLogsLogGroupArn",
            "enableLogging": "isLogging",
            "name": "name trailName",
        },
    ),
    "aws:cloudwatch/dashboard:Dashboard": Twin(
        call="cloudwatch PutDashboard", cloudformation="AWS::CloudWatch::Dashboard"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Twin(
        call="logs CreateLogGroup",
        cloudformation="AWS::Logs::LogGroup",
        renamed={"name": "logGroupName"},
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Twin(
        call="logs PutMetricFilter",
        cloudformation="AWS::Logs::MetricFilter",
        renamed={
            "pattern": "filterPattern",
            "metricTransformation": "metricTransformations",
            "metricTransformation.name": "metricName",
            "metricTransformation.namespace": "metricNamespace",
            "metricTransformation.value": "metricValue",
        },
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Twin(
        call="logs PutQueryDefinition", cloudformation="AWS::Logs::QueryDefinition"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Twin(
        call="cloudwatch PutMetricAlarm",
        cloudformation="AWS::CloudWatch::Alarm",
        renamed={"metricQueries": "metrics"},
    ),
    "aws:codedeploy/application:Application": Twin(
        call="codedeploy CreateApplication",
        cloudformation="AWS::CodeDeploy::Application",
        renamed={"name": "applicationName"},
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": Twin(
        call="codedeploy CreateDeploymentGroup",
        cloudformation="AWS::CodeDeploy::DeploymentGroup",
        renamed={
            "appName": "applicationName",
            "alarmConfiguration.alarms": "-",  # names here, structures there
        },
    ),
    "aws:ec2/eip:Eip": Twin(call="ec2 AllocateAddress", cloudformation="AWS::EC2::EIP"),
    "aws:ec2/flowLog:FlowLog": Twin(
        call="ec2 CreateFlowLogs",
        cloudformation="AWS::EC2::FlowLog",
        renamed={"iamRoleArn": "deliverLogsPermissionArn", "vpcId": "resourceIds resourceId"},
        filled=("ResourceType",),
    ),
    "aws:ec2/instance:Instance": Twin(
        call="ec2 RunInstances",
        cloudformation="AWS::EC2::Instance",
        renamed={
            "ami": "imageId",
            "vpcSecurityGroupIds": "securityGroupIds",
        },
        filled=("MinCount", "MaxCount"),
    ),
    "aws:ec2/natGateway:NatGateway": Twin(
        call="ec2 CreateNatGateway", cloudformation="AWS::EC2::NatGateway"
    ),
    "aws:ec2/route:Route": Twin(call="ec2 CreateRoute", cloudformation="AWS::EC2::Route"),
    "aws:ec2/routeTable:RouteTable": Twin(
        call="ec2 CreateRouteTable", cloudformation="AWS::EC2::RouteTable"
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Twin(
        call="ec2 AssociateRouteTable", cloudformation="AWS::EC2::SubnetRouteTableAssociation"
    ),
    "aws:ec2/securityGroup:SecurityGroup": Twin(
        call="ec2 CreateSecurityGroup",
        cloudformation="AWS::EC2::SecurityGroup",
        renamed={"description": "description groupDescription"},
    ),
    "aws:ec2/subnet:Subnet": Twin(call="ec2 CreateSubnet", cloudformation="AWS::EC2::Subnet"),
    "aws:ec2/vpc:Vpc": Twin(call="ec2 CreateVpc", cloudformation="AWS::EC2::VPC"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Twin(
        call="ec2 CreateVpcEndpoint",
        cloudformation="AWS::EC2::VPCEndpoint",
        renamed={"policy": "policyDocument"},
    ),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": Twin(
        call="ec2 CreateInstanceConnectEndpoint", cloudformation="AWS::EC2::InstanceConnectEndpoint"
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Twin(
        call="elasticache CreateCacheParameterGroup",
        cloudformation="AWS::ElastiCache::ParameterGroup",
        renamed={"family": "cacheParameterGroupFamily"},
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Twin(
        call="elasticache CreateReplicationGroup",
        cloudformation="AWS::ElastiCache::ReplicationGroup",
        renamed={
            "description": "replicationGroupDescription",
            "maintenanceWindow": "preferredMaintenanceWindow",
            "nodeType": "cacheNodeType",
            "parameterGroupName": "cacheParameterGroupName",
            "subnetGroupName": "cacheSubnetGroupName",
        },
        filled=("DestinationDetails",),
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": Twin(
        call="elasticache CreateServerlessCache",
        cloudformation="AWS::ElastiCache::ServerlessCache",
        renamed={"name": "serverlessCacheName"},
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Twin(
        call="elasticache CreateCacheSubnetGroup",
        cloudformation="AWS::ElastiCache::SubnetGroup",
        renamed={"description": "cacheSubnetGroupDescription description"},
    ),
    "aws:elasticache/user:User": Twin(
        call="elasticache CreateUser", cloudformation="AWS::ElastiCache::User"
    ),
    "aws:elasticache/userGroup:UserGroup": Twin(
        call="elasticache CreateUserGroup", cloudformation="AWS::ElastiCache::UserGroup"
    ),
    "aws:iam/role:Role": Twin(
        call="iam CreateRole",
        cloudformation="AWS::IAM::Role",
        renamed={"assumeRolePolicy": "assumeRolePolicyDocument"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Twin(
        call="iam PutRolePolicy",
        cloudformation="AWS::IAM::RolePolicy",
        renamed={"policy": "policyDocument", "role": "roleName"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Twin(
        call="iam AttachRolePolicy", renamed={"role": "roleName"}
    ),
    "aws:kms/alias:Alias": Twin(
        call="kms CreateAlias", cloudformation="AWS::KMS::Alias", renamed={"name": "aliasName"}
    ),
    "aws:kms/key:Key": Twin(
        call="kms CreateKey",
        cloudformation="AWS::KMS::Key",
        renamed={"deletionWindowInDays": "pendingWindowInDays", "policy": "policy keyPolicy"},
    ),
    "aws:lambda/alias:Alias": Twin(call="lambda CreateAlias", cloudformation="AWS::Lambda::Alias"),
    "aws:lambda/function:Function": Twin(
        call="lambda CreateFunction", cloudformation="AWS::Lambda::Function"
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Twin(
        call="lambda PutFunctionEventInvokeConfig", cloudformation="AWS::Lambda::EventInvokeConfig"
    ),
    "aws:lambda/invocation:Invocation": Twin(call="lambda Invoke"),
    "aws:lambda/permission:Permission": Twin(
        call="lambda AddPermission",
        cloudformation="AWS::Lambda::Permission",
        renamed={"function": "functionName"},
        filled=("StatementId",),
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Twin(
        call="lambda PutProvisionedConcurrencyConfig"
    ),
    "aws:rds/cluster:Cluster": Twin(
        call="rds CreateDBCluster",
        cloudformation="AWS::RDS::DBCluster",
        renamed={
            "clusterIdentifier": "dbClusterIdentifier",
            "enabledCloudwatchLogsExports": "enableCloudwatchLogsExports",
            "iamDatabaseAuthenticationEnabled": "enableIAMDatabaseAuthentication",
            "performanceInsightsEnabled": "enablePerformanceInsights performanceInsightsEnabled",
        },
    ),
    "aws:rds/clusterInstance:ClusterInstance": Twin(
        call="rds CreateDBInstance",
        cloudformation="AWS::RDS::DBInstance",
        renamed={
            "caCertIdentifier": "caCertificateIdentifier",
            "clusterIdentifier": "dbClusterIdentifier",
            "identifier": "dbInstanceIdentifier",
            "instanceClass": "dbInstanceClass",
            "performanceInsightsEnabled": "enablePerformanceInsights",
        },
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Twin(
        call="rds CreateDBClusterParameterGroup",
        cloudformation="AWS::RDS::DBClusterParameterGroup",
        renamed={"family": "dbParameterGroupFamily family"},
        filled=("Parameters",),
    ),
    "aws:rds/parameterGroup:ParameterGroup": Twin(
        call="rds CreateDBParameterGroup",
        cloudformation="AWS::RDS::DBParameterGroup",
        renamed={"family": "dbParameterGroupFamily family"},
    ),
    "aws:rds/proxy:Proxy": Twin(
        call="rds CreateDBProxy",
        cloudformation="AWS::RDS::DBProxy",
        renamed={"auths": "auth", "name": "dbProxyName"},
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Twin(
        call="rds ModifyDBProxyTargetGroup",
        cloudformation="AWS::RDS::DBProxyTargetGroup",
        filled=("TargetGroupName",),
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": Twin(
        call="rds CreateDBProxyEndpoint", cloudformation="AWS::RDS::DBProxyEndpoint"
    ),
    "aws:rds/proxyTarget:ProxyTarget": Twin(call="rds RegisterDBProxyTargets"),
    "aws:rds/subnetGroup:SubnetGroup": Twin(
        call="rds CreateDBSubnetGroup",
        cloudformation="AWS::RDS::DBSubnetGroup",
        renamed={"description": "dbSubnetGroupDescription"},
    ),
    "aws:route53/record:Record": Twin(cloudformation="AWS::Route53::RecordSet"),
    "aws:s3/bucket:Bucket": Twin(
        call="s3 CreateBucket", cloudformation="AWS::S3::Bucket", filled=("Bucket",)
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Twin(
        call="s3 PutBucketPolicy",
        cloudformation="AWS::S3::BucketPolicy",
        renamed={"policy": "policy policyDocument"},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Twin(
        call="s3 PutBucketOwnershipControls", filled=("OwnershipControls",)
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Twin(call="s3 PutBucketVersioning"),
    "aws:scheduler/schedule:Schedule": Twin(
        call="scheduler CreateSchedule", cloudformation="AWS::Scheduler::Schedule"
    ),
    "aws:secretsmanager/secret:Secret": Twin(
        call="secretsmanager CreateSecret", cloudformation="AWS::SecretsManager::Secret"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Twin(call="secretsmanager PutSecretValue"),
    "aws:sns/topic:Topic": Twin(call="sns CreateTopic", cloudformation="AWS::SNS::Topic"),
    "aws:sns/topicPolicy:TopicPolicy": Twin(
        cloudformation="AWS::SNS::TopicPolicy",
        renamed={"policy": "policyDocument", "arn": "topics"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Twin(
        call="sns Subscribe", cloudformation="AWS::SNS::Subscription", renamed={"topic": "topicArn"}
    ),
    "aws:sqs/queue:Queue": Twin(
        call="sqs CreateQueue",
        cloudformation="AWS::SQS::Queue",
        renamed={"messageRetentionSeconds": "messageRetentionPeriod"},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Twin(
        cloudformation="AWS::SQS::QueuePolicy",
        renamed={"policy": "policyDocument", "queueUrl": "queues"},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Twin(
        cloudformation="AWS::EC2::SecurityGroupEgress",
        renamed={
            "securityGroupId": "groupId",
            "referencedSecurityGroupId": "destinationSecurityGroupId",
            "prefixListId": "destinationPrefixListId",
        },
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Twin(
        cloudformation="AWS::EC2::SecurityGroupIngress",
        renamed={
            "securityGroupId": "groupId",
            "referencedSecurityGroupId": "sourceSecurityGroupId",
        },
    ),
    "aws:wafv2/webAcl:WebAcl": Twin(call="wafv2 CreateWebACL", cloudformation="AWS::WAFv2::WebACL"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Twin(
        call="wafv2 AssociateWebACL", cloudformation="AWS::WAFv2::WebACLAssociation"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Twin(
        cloudformation="AWS::WAFv2::LoggingConfiguration"
    ),
}

ELSEWHERE: Final = {
    "aws:acm/certificateValidation:CertificateValidation": "waits, and calls nothing",
    "aws:apigateway/account:Account": "a list of changes",
    "aws:apigateway/methodSettings:MethodSettings": "a list of changes",
    "aws:apigateway/restApiPolicy:RestApiPolicy": "a list of changes",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "takes rules away",
    "aws:ec2/internetGateway:InternetGateway": "takes nothing",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "XML of other names",
    "aws:s3/bucketLogging:BucketLogging": "XML of other names",
    "aws:s3/bucketNotification:BucketNotification": "XML of other names",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "XML of other names",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "XML of other names"
    ),
    "random:index/randomId:RandomId": "not of AWS",
    "random:index/randomPassword:RandomPassword": "not of AWS",
}
"""Types without a call to compare; their words are in ``test_aws_values``."""

WORDS_OF_THE_PROVIDER: Final = {("reservedConcurrentExecutions", -1)}
"""Values that the provider understands and does not send: https://www.pulumi.com/registry/packages/aws/api-docs/lambda/function/"""


def compared(resource: Resource, name: str) -> tuple[set[str], list[str]]:
    """The inputs of ``resource`` that AWS knows under ``name``, and what it would say of them."""
    twin = TWINS[resource.typ]
    known: set[str] = set()
    faults = [*_members(resource.inputs, rule_of(name), twin, "", known)]
    own_name = facts_of(resource.typ).name is not None  # which Pulumi makes where it is not given
    return known, [
        fault
        for fault in faults
        if not (own_name and re.fullmatch(r"\w*Name is required|name is required", fault))
    ]


def _members(
    values: Mapping[str, Any], rule: Rule, twin: Twin, path: str, known: set[str]
) -> Iterator[str]:
    names = {name.lower(): name for name in rule.members}
    given = set()
    for name, value in values.items():
        called = twin.renamed.get(path + name, name).lower().split()
        aws = next((names[one] for one in called if one in names), None)
        if aws is None or value is None:
            continue
        given.add(aws)
        known.add(path + name)
        yield from _value(value, rule.members[aws](), twin, path + name, known)
    for missing in sorted(rule.required - given - {*twin.filled}):
        yield f"{path}{missing} is required"


def _value(value: Any, rule: Rule, twin: Twin, path: str, known: set[str]) -> Iterator[str]:
    if value == UNKNOWN:
        return
    if isinstance(value, Mapping):
        if rule.members:
            yield from _members(value, rule, twin, f"{path}.", known)
    elif isinstance(value, list):
        if rule.item is None:  # the provider's word for one that may be left out
            for item in value[:1]:
                yield from _value(item, rule, twin, path, known)
            return
        yield from _size(len(value), rule, path)
        for item in value:
            yield from _value(item, rule.item(), twin, path, known)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        if (path, value) not in WORDS_OF_THE_PROVIDER:
            yield from _size(value, rule, path)
    else:
        if rule.words and value not in rule.words:
            yield f"{path} {value!r} is none of {sorted(rule.words)[:6]}"
        yield from _size(len(value), rule, path)
        if rule.pattern and not _fits(rule.pattern, value):
            yield f"{path} {value!r} does not fit {rule.pattern}"


def _size(size: float, rule: Rule, path: str) -> Iterator[str]:
    if rule.least is not None and size < rule.least:
        yield f"{path} is less than {rule.least}, {size}"
    if rule.most is not None and size > rule.most:
        yield f"{path} is more than {rule.most}, {size}"


def _fits(pattern: str, value: str) -> bool:
    """Some patterns are Java's, and say so; what Python cannot read says nothing."""
    try:
        return re.search(pattern, value, re.S) is not None
    except re.error:
        return True


def judged(graph: Graph) -> tuple[int, dict[str, list[str]]]:
    """How many inputs were compared, and what AWS would say of which resource."""
    count, found = 0, {}
    for resource in graph.resources:
        twin = TWINS.get(resource.typ, Twin())
        for name in filter(None, (twin.call, twin.cloudformation)):
            known, faults = compared(resource, name)
            count += len(known)
            if faults:
                found[f"{name} {resource.name}"] = faults
    return count, found


@pytest.mark.parametrize("stack", STACKS)
def test_aws_would_take_every_input_of_a_stack(recorded: Recorded, stack: str) -> None:
    count, faults = judged(recorded(stack))
    assert faults == {}
    assert count > 1000


@pytest.mark.parametrize("variant", VARIANTS)
def test_aws_would_take_every_input_of_a_variant(recorded: Recorded, variant: str) -> None:
    stack, changes = VARIANTS[variant]
    graph = recorded(stack, **changes)
    assert judged(graph)[1] == {}
    made = {one.typ for one in graph.resources if one.custom}
    assert made - {*TWINS} - {*ELSEWHERE} == set()


@pytest.mark.parametrize(
    ("typ", "change", "fault"),
    [
        pytest.param(
            "aws:lambda/function:Function",
            {"memorySize": 64},
            "memorySize is less than 128, 64",
            id="least",
        ),
        pytest.param(
            "aws:lambda/function:Function",
            {"runtime": "python3.99"},
            "runtime 'python3.99' is none of",
            id="word",
        ),
        pytest.param(
            "aws:lambda/function:Function",
            {"tracingConfig": {"mode": "On"}},
            "tracingConfig.mode 'On' is none of ['Active', 'PassThrough']",
            id="word-of-a-member",
        ),
        pytest.param(
            "aws:lambda/function:Function",
            {"role": "role"},
            "role 'role' does not fit",
            id="pattern",
        ),
        pytest.param(
            "aws:lambda/function:Function", {"role": None}, "Role is required", id="required"
        ),
        pytest.param(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {"evaluationPeriods": 0},
            "evaluationPeriods is less than 1, 0",
            id="least-periods",
        ),
    ],
)
def test_what_aws_would_refuse_is_named(
    recorded: Recorded, typ: str, change: Mapping[str, Any], fault: str
) -> None:
    resource = recorded("prod").of_type(typ)[0]
    broken = replace(resource, inputs={**resource.inputs, **change})
    faults = [
        one
        for name in (TWINS[typ].call, TWINS[typ].cloudformation)
        for one in compared(broken, name)[1]
    ]
    assert any(one.startswith(fault) for one in faults), faults
