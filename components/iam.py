"""Pure: policy documents and their statements from ARNs. Creates nothing.

An ARN may be a Pulumi output; ``encode`` turns a document that holds some into JSON. A statement
names the narrowest resource that AWS allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import pulumi

from components.location import Location

Statement = Mapping[str, Any]
Document = Mapping[str, Any]

KeyUser = Literal["alarms", "budgets", "logs", "trail"]
"""AWS services that use a key in their own name, so that its policy has to let them."""

NETWORK_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does in the name of a function in a VPC, as AWS's own policy for it has it.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
"""

_CONTEXT: Final = "kms:EncryptionContext:"

FOREIGN_CONTEXTS: Final = (
    "SecretARN",
    "aws:cloudtrail:arn",
    "aws:logs:arn",
    "aws:rds:dbc-id",
    "aws:s3:arn",
    "aws:scheduler:schedule:arn",
    "aws:sns:topicArn",
    "aws:sqs:arn",
)
"""By what services other than Lambda say for what they encrypt with the stack's key."""

_WHOLE_SERVICE: Final[Mapping[str, str]] = {"monitoring": "cloudwatch"}
"""Interface endpoints whose name is not the prefix of their service's actions."""


def document(*statements: Statement) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def encode(policy: Document) -> pulumi.Output[str]:
    """The policy as JSON; unknown while one of its ARNs is unknown."""
    return pulumi.Output.json_dumps(policy)


def trust(service: str, *, location: Location | None = None) -> Document:
    """A role's trust in one service.

    With ``location`` only when the service acts for that account (no confused deputy). Services
    that are not documented to tell their source get none: they could not take the role at all.
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if location is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": location.account_id}}
    return document(statement)


def only_tls(action: str, resource: Any) -> Statement:
    """Deny every request without TLS. ``resource``: one ARN or several."""
    return {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def read_secrets(secret_arns: Sequence[pulumi.Input[str]], *, described: bool = False) -> Statement:
    """Read the current value of these secrets, and with ``described`` what they are."""
    description = ["secretsmanager:DescribeSecret"] if described else []
    return {
        "Sid": "ReadSecrets",
        "Effect": "Allow",
        "Action": [*description, "secretsmanager:GetSecretValue"],
        "Resource": list(secret_arns),
    }


def decrypt_secrets(
    key_arn: pulumi.Input[str], secret_arns: Sequence[pulumi.Input[str]], *, location: Location
) -> Statement:
    """Decrypt with a key, but only these secrets, and only what Secrets Manager hands over.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    via = f"secretsmanager.{location.region}.{location.dns_suffix}"
    return {
        "Sid": "DecryptSecrets",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": key_arn,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": via,
                "kms:EncryptionContext:SecretARN": list(secret_arns),
            }
        },
    }


def decrypt_environment(
    key_arn: pulumi.Input[str], name: str, *, location: Location, snapstart: bool
) -> list[Statement]:
    """Let Lambda decrypt the variables of one function with its role, and its snapshot.

    The function gets its name, which holds ``name``, after its role. What a snapshot is encrypted
    for is not documented: for it alone the key opens all but what other services encrypted, which
    say so.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html
    """
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn}
    environment: Statement = {
        "Sid": "DecryptEnvironment",
        **decrypt,
        "Condition": {
            "ArnLike": {
                f"{_CONTEXT}aws:lambda:FunctionArn": location.arn("lambda", f"function:*{name}*")
            }
        },
    }
    if not snapstart:
        return [environment]
    snapshot: Statement = {
        "Sid": "DecryptSnapshot",
        **decrypt,
        "Condition": {"Null": {f"{_CONTEXT}{key}": "true" for key in FOREIGN_CONTEXTS}},
    }
    return [environment, snapshot]


def use_objects(key_arn: pulumi.Input[str], bucket_arn: pulumi.Input[str]) -> Statement:
    """Read and write what is encrypted in one bucket; with a bucket key the context is the bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    return {
        "Sid": "UseObjects",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key_arn,
        "Condition": {
            "ArnLike": {
                f"{_CONTEXT}aws:s3:arn": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
            }
        },
    }


def send_encrypted(key_arn: pulumi.Input[str], *, location: Location) -> Statement:
    """Encrypt messages to queues, which the role may send to only where another right says so.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    via = f"sqs.{location.region}.{location.dns_suffix}"
    return {
        "Sid": "EncryptMessages",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key_arn,
        "Condition": {"StringEquals": {"kms:ViaService": via}},
    }


def decrypt_schedule(key_arn: pulumi.Input[str], name: str, *, location: Location) -> Statement:
    """Let the scheduler decrypt one schedule, which gets its name, with ``name`` in it, later.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
    """
    return {
        "Sid": "DecryptSchedule",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": key_arn,
        "Condition": {
            "ArnLike": {
                f"{_CONTEXT}aws:scheduler:schedule:arn": location.arn(
                    "scheduler", f"schedule/*/*{name}*"
                )
            }
        },
    }


def connect_database(resource_id: pulumi.Input[str], user: str, *, location: Location) -> Statement:
    """Log in to one proxy (``prx-...``) or cluster (``cluster-...``) as one database user.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    """
    return {
        "Sid": "ConnectDatabase",
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": pulumi.Output.concat(location.arn("rds-db", "dbuser:"), resource_id, "/", user),
    }


def connect_cache(cache_arn: pulumi.Input[str], user_arn: pulumi.Input[str]) -> Statement:
    """Log in to one cache as one of its users; ElastiCache wants both named."""
    return {
        "Sid": "ConnectCache",
        "Effect": "Allow",
        "Action": "elasticache:Connect",
        "Resource": [cache_arn, user_arn],
    }


def join_network(location: Location) -> list[Statement]:
    """Let Lambda connect a function to a VPC, and keep the function's own code from doing so.

    Lambda asks for these rights before there is an interface, so they name none: with anything
    narrower than ``*`` it answers that the role may not call DeleteNetworkInterface. What code
    does in a function carries that function's ARN, what Lambda does itself carries none; the
    whole account's functions are denied, since the policy is made before its function has a name.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    return [
        {
            "Sid": "ManageInterfaces",
            "Effect": "Allow",
            "Action": list(NETWORK_ACTIONS),
            "Resource": "*",
        },
        {
            "Sid": "KeepCodeFromInterfaces",
            "Effect": "Deny",
            "Action": sorted((*NETWORK_ACTIONS, "ec2:DetachNetworkInterface")),
            "Resource": "*",
            "Condition": {
                "ArnLike": {"lambda:SourceFunctionArn": location.arn("lambda", "function:*")}
            },
        },
    ]


def prune_versions(function_arns: Sequence[pulumi.Input[str]]) -> list[Statement]:
    """List the versions and aliases of these functions, and delete versions: no function itself.

    A version is named by a qualifier, which the ARN of the function does not have. Lambda refuses
    to delete a version that an alias points to.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    """
    return [
        {
            "Sid": "ListVersions",
            "Effect": "Allow",
            "Action": ["lambda:ListAliases", "lambda:ListVersionsByFunction"],
            "Resource": list(function_arns),
        },
        {
            "Sid": "DeleteVersions",
            "Effect": "Allow",
            "Action": "lambda:DeleteFunction",
            "Resource": [pulumi.Output.concat(arn, ":*") for arn in function_arns],
        },
    ]


def copy_snapshots(
    key_arns: Sequence[pulumi.Input[str]], *, regions: Sequence[str], location: Location
) -> Statement:
    """Encrypt a copy of a snapshot under another key; RDS in either region does it for the role.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-copy-snapshot.html
    """
    return {
        "Sid": "CopySnapshots",
        "Effect": "Allow",
        "Action": [
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        "Resource": list(key_arns),
        "Condition": {
            "StringEquals": {
                "kms:ViaService": [f"rds.{region}.{location.dns_suffix}" for region in regions]
            }
        },
    }


def start_deployments(
    location: Location, *, application: str, group: str, configuration: str
) -> Statement:
    """Begin deployments of one group of CodeDeploy, in its one way, and look at them.

    Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
    """
    return {
        "Sid": "StartDeployments",
        "Effect": "Allow",
        "Action": [
            "codedeploy:CreateDeployment",
            "codedeploy:GetApplicationRevision",
            "codedeploy:GetDeployment",
            "codedeploy:GetDeploymentConfig",
            "codedeploy:ListDeployments",
            "codedeploy:RegisterApplicationRevision",
        ],
        "Resource": [
            location.arn("codedeploy", f"application:{application}"),
            location.arn("codedeploy", f"deploymentconfig:{configuration}"),
            location.arn("codedeploy", f"deploymentgroup:{application}/{group}"),
        ],
    }


def read_alias(function_arn: pulumi.Input[str]) -> Statement:
    """Ask which version an alias of this function names."""
    return {
        "Sid": "ReadAlias",
        "Effect": "Allow",
        "Action": "lambda:GetAlias",
        "Resource": function_arn,
    }


def move_alias(function_arn: pulumi.Input[str]) -> list[Statement]:
    """What CodeDeploy does in an account's name: one function's aliases, and looks at alarms.

    AWS's own policy allows this for every function, and hooks and files that are not used here.
    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambda.html
    """
    return [
        {
            "Sid": "MoveAlias",
            "Effect": "Allow",
            "Action": [
                "lambda:GetAlias",
                "lambda:GetProvisionedConcurrencyConfig",
                "lambda:UpdateAlias",
            ],
            "Resource": [function_arn, pulumi.Output.concat(function_arn, ":*")],
        },
        {
            "Sid": "LookAtAlarms",
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": "*",
        },
    ]


def write_log_group(log_group_arn: pulumi.Input[str]) -> Statement:
    """Write to one log group that exists."""
    return {
        "Sid": "WriteLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": pulumi.Output.concat(log_group_arn, ":*"),
    }


def endpoint_policy(service: str, *, location: Location) -> Document:
    """Policy of a VPC endpoint: this account's principals may use this service.

    Calls to an API behind ``execute-api`` carry no principal of AWS, so there the API is confined
    instead of the caller.
    """
    if service == "execute-api":
        return document(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": location.arn("execute-api", "*"),
            }
        )
    return document(
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": f"{_WHOLE_SERVICE.get(service, service)}:*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": location.account_id}},
        }
    )


def key_policy(users: Sequence[KeyUser], *, location: Location) -> Document:
    """Policy of an encryption key: the account decides by IAM, ``users`` may encrypt and decrypt.

    In a key's policy ``Resource: *`` is that key and nothing else.
    """
    owner: Statement = {
        "Sid": "AccountDecidesByIam",
        "Effect": "Allow",
        "Principal": {"AWS": location.root_arn()},
        "Action": "kms:*",
        "Resource": "*",
    }
    return document(owner, *(_key_user(user, location) for user in users))


def _key_user(user: KeyUser, location: Location) -> Statement:
    account = {"aws:SourceAccount": location.account_id}
    match user:
        case "logs":
            # Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
            principal = f"logs.{location.region}.{location.dns_suffix}"
            actions = [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ]
            condition: Mapping[str, Any] = {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": location.arn("logs", "log-group:*")
                }
            }
        case "alarms" | "budgets":
            # A topic that is encrypted with the key takes messages from who may use the key.
            principal = "cloudwatch.amazonaws.com" if user == "alarms" else "budgets.amazonaws.com"
            actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
            condition = {"StringEquals": account}
        case "trail":
            # Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
            principal = "cloudtrail.amazonaws.com"
            # To decrypt as well, because the trail's bucket has a bucket key: CreateTrail fails
            # without.
            actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
            condition = {
                "ArnLike": {"aws:SourceArn": location.arn("cloudtrail", "trail/*")},
            }
    return {
        "Sid": f"Serve{user.capitalize()}",
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }
