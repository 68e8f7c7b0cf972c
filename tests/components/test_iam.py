"""Policy documents: who may do what to which resource."""

from __future__ import annotations

import json

import pulumi
import pytest

from aurora_graphql.preview.answers import ACCOUNT_ID, REGION
from aurora_graphql.preview.recording import declare
from components import iam
from components.location import Location

LOCATION = Location(
    partition="aws", dns_suffix="amazonaws.com", region=REGION, account_id=ACCOUNT_ID
)
CHINA = Location(
    partition="aws-cn", dns_suffix="amazonaws.com.cn", region="cn-north-1", account_id=ACCOUNT_ID
)


def encoded(document: iam.Document) -> object:
    """The document as AWS gets it."""
    texts: list[str] = []
    declare(lambda: pulumi.export("policy", iam.encode(document).apply(texts.append)))
    return json.loads(texts[0])


def test_database_login_names_one_user_of_one_proxy() -> None:
    statement = iam.connect_database("prx-0123", "api", location=LOCATION)
    assert encoded(iam.document(statement)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ConnectDatabase",
                "Effect": "Allow",
                "Action": "rds-db:connect",
                "Resource": "arn:aws:rds-db:eu-central-1:123456789012:dbuser:prx-0123/api",
            }
        ],
    }


def test_cache_login_names_the_cache_and_the_user() -> None:
    cache = "arn:aws:elasticache:eu-central-1:123456789012:serverlesscache:shop"
    user = "arn:aws:elasticache:eu-central-1:123456789012:user:shop-api"
    assert iam.connect_cache(cache, user) == {
        "Sid": "ConnectCache",
        "Effect": "Allow",
        "Action": "elasticache:Connect",
        "Resource": [cache, user],
    }


def test_key_decrypts_only_these_secrets_that_the_service_of_this_region_hands_over() -> None:
    statement = iam.decrypt_secrets("arn:key", ["arn:secret"], location=CHINA)
    assert statement == {
        "Sid": "DecryptSecrets",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": "arn:key",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": "secretsmanager.cn-north-1.amazonaws.com.cn",
                "kms:EncryptionContext:SecretARN": ["arn:secret"],
            }
        },
    }


def test_role_of_a_function_decrypts_its_own_variables_only() -> None:
    (statement,) = iam.decrypt_environment("arn:key", "shop", location=LOCATION, snapstart=False)
    assert statement["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:lambda:FunctionArn": (
                f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:*shop*"
            )
        }
    }


def test_role_of_a_function_with_snapshots_decrypts_nothing_that_another_service_encrypted() -> (
    None
):
    _, statement = iam.decrypt_environment("arn:key", "shop", location=LOCATION, snapstart=True)
    assert statement["Sid"] == "DecryptSnapshot"
    assert statement["Condition"] == {
        "Null": {
            "kms:EncryptionContext:SecretARN": "true",
            "kms:EncryptionContext:aws:cloudtrail:arn": "true",
            "kms:EncryptionContext:aws:logs:arn": "true",
            "kms:EncryptionContext:aws:rds:dbc-id": "true",
            "kms:EncryptionContext:aws:s3:arn": "true",
            "kms:EncryptionContext:aws:scheduler:schedule:arn": "true",
            "kms:EncryptionContext:aws:sns:topicArn": "true",
            "kms:EncryptionContext:aws:sqs:arn": "true",
        }
    }


def test_key_opens_the_objects_of_one_bucket_and_messages_through_queues() -> None:
    bucket = "arn:aws:s3:::shop"
    document = encoded(
        iam.document(
            iam.use_objects("arn:key", bucket),
            iam.send_encrypted("arn:key", location=LOCATION),
            iam.decrypt_schedule("arn:key", "shop-warmup", location=LOCATION),
        )
    )
    assert isinstance(document, dict)
    assert {statement["Resource"] for statement in document["Statement"]} == {"arn:key"}
    assert [statement["Condition"] for statement in document["Statement"]] == [
        {"ArnLike": {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]}},
        {"StringEquals": {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}},
        {
            "ArnLike": {
                "kms:EncryptionContext:aws:scheduler:schedule:arn": (
                    f"arn:aws:scheduler:{REGION}:{ACCOUNT_ID}:schedule/*/*shop-warmup*"
                )
            }
        },
    ]


def test_trust_is_bound_to_the_account_where_the_service_tells_it() -> None:
    assert iam.trust("vpc-flow-logs.amazonaws.com", location=LOCATION)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}},
        }
    ]
    assert "Condition" not in iam.trust("rds.amazonaws.com")["Statement"][0]


def test_log_group_is_written_stream_by_stream() -> None:
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:flow"
    document = encoded(iam.document(iam.write_log_group(arn)))
    assert isinstance(document, dict)
    assert document["Statement"][0]["Resource"] == f"{arn}:*"


@pytest.mark.parametrize(
    ("service", "action"),
    [
        pytest.param("secretsmanager", "secretsmanager:*", id="same-name"),
        pytest.param("monitoring", "cloudwatch:*", id="cloudwatch-is-reached-as-monitoring"),
    ],
)
def test_endpoint_lets_this_accounts_principals_pass(service: str, action: str) -> None:
    assert iam.endpoint_policy(service, location=LOCATION)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": action,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT_ID}},
        }
    ]


def test_endpoint_of_private_apis_lets_callers_without_a_principal_pass_to_our_apis() -> None:
    assert iam.endpoint_policy("execute-api", location=LOCATION)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:*",
        }
    ]


def test_key_policy_gives_the_account_all_and_services_use_for_this_account() -> None:
    document = iam.key_policy(["logs", "alarms", "budgets", "trail"], location=LOCATION)
    owner, *users = document["Statement"]
    assert owner["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}
    assert [(user["Principal"]["Service"], user["Condition"]) for user in users] == [
        (
            "logs.eu-central-1.amazonaws.com",
            {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        "arn:aws:logs:eu-central-1:123456789012:log-group:*"
                    )
                }
            },
        ),
        ("cloudwatch.amazonaws.com", {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}),
        ("budgets.amazonaws.com", {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}),
        (
            "cloudtrail.amazonaws.com",
            {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:123456789012:trail/*"}},
        ),
    ]
    assert not any("kms:*" in user["Action"] for user in users)


def test_cloudtrail_may_use_the_key_as_a_bucket_with_a_bucket_key_asks() -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    _, trail = iam.key_policy(["trail"], location=LOCATION)["Statement"]
    assert trail["Action"] == ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
