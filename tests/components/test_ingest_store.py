"""Buckets, the ingest and the trail: private, encrypted, and in the right order."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pulumi_aws as aws
import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_settings import IngestSettings
from components.bucket import Bucket, BucketArgs, BucketStatement
from components.ingest_store import IngestStore, IngestStoreArgs
from components.trail import Trail, TrailArgs
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.test_function import INSIDE, policy
from tests.components.weaknesses import weaknesses

BUCKET = BucketArgs(location=LOCATION, key_arn=KEY_ARN, expiration_days=30, tags=TAGS)
STORE = IngestStoreArgs(settings=IngestSettings(), function=INSIDE, schema="a-b", tags=TAGS)
TRAIL = TrailArgs(location=LOCATION, key_arn=KEY_ARN, retention_days=365, tags=TAGS)


def bucket_identities(name: str) -> list[tuple[str, str]]:
    return [
        ("aurora-graphql:index:Bucket", name),
        ("aws:s3/bucket:Bucket", name),
        (
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            f"{name}-lifecycle",
        ),
        ("aws:s3/bucketOwnershipControls:BucketOwnershipControls", f"{name}-ownership"),
        ("aws:s3/bucketPolicy:BucketPolicy", f"{name}-policy"),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"{name}-private"),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            f"{name}-encryption",
        ),
        ("aws:s3/bucketVersioning:BucketVersioning", f"{name}-versioning"),
    ]


LOGGING = "aws:s3/bucketLogging:BucketLogging"


def logged_bucket_identities(name: str) -> list[tuple[str, str]]:
    return [
        *bucket_identities(name),
        *bucket_identities(f"{name}-log"),
        (LOGGING, f"{name}-logging"),
    ]


def bucket_policy(graph: Graph, name: str) -> dict[str, dict[str, Any]]:
    statements = json.loads(graph.named(f"{name}-policy").inputs["policy"])["Statement"]
    return {statement["Sid"]: statement for statement in statements}


def test_bucket_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Bucket, "b", BUCKET))
    assert graph.types_and_names() == sorted(bucket_identities("b"))
    # Who reads it is written down where days are given for that: of each bucket of a stack.
    assert weaknesses(graph, without=["CKV_AWS_18"]) == {}


def test_bucket_refuses_everybody_without_tls() -> None:
    statements = bucket_policy(declare(partial(Bucket, "b", BUCKET)), "b")
    whole = ["arn:aws:s3:::b-1a2b3c4", "arn:aws:s3:::b-1a2b3c4/*"]
    assert statements == {
        "OnlyTls": {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": whole,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "OnlyTls12": {
            "Sid": "OnlyTls12",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": whole,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    }


def test_bucket_is_encrypted_with_its_key() -> None:
    graph = declare(partial(Bucket, "b", BUCKET))
    assert graph.named("b-encryption").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": "aws:kms",
                "kmsMasterKeyId": KEY_ARN,
            },
            "bucketKeyEnabled": True,
        }
    ]


def test_bucket_keeps_versions_and_forgets_them_in_time() -> None:
    graph = declare(partial(Bucket, "b", BUCKET))
    (rule,) = graph.named("b-lifecycle").inputs["rules"]
    assert graph.named("b-versioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert (rule["expiration"], rule["noncurrentVersionExpiration"]) == (
        {"days": 30},
        {"noncurrentDays": 30},
    )


def test_access_log_goes_to_a_bucket_beside_that_only_s3_may_write() -> None:
    args = dataclasses.replace(BUCKET, access_log_days=90)
    graph = declare(partial(Bucket, "b", args))
    assert graph.types_and_names() == sorted(logged_bucket_identities("b"))
    assert weaknesses(graph) == {}
    assert bucket_policy(graph, "b-log")["AccessLog"] == {
        "Sid": "AccessLog",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::b-log-1a2b3c4/*",
        "Condition": {
            "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::b-1a2b3c4"},
            "StringEquals": {"aws:SourceAccount": LOCATION.account_id},
        },
    }
    assert waits_for(graph, graph.named("b-logging"), graph.named("b-log-policy"))


def test_protected_bucket_cannot_be_destroyed_and_another_cleanly() -> None:
    protected = declare(partial(Bucket, "b", dataclasses.replace(BUCKET, protect=True)))
    free = declare(partial(Bucket, "b", dataclasses.replace(BUCKET, force_destroy=True)))
    kept, gone = (graph.named("b", "aws:s3/bucket:Bucket") for graph in (protected, free))
    assert (kept.protect, kept.inputs["forceDestroy"]) == (True, False)
    assert (gone.protect, gone.inputs["forceDestroy"]) == (False, True)
    with pytest.raises(ValueError, match="force_destroy contradicts protect"):
        dataclasses.replace(BUCKET, protect=True, force_destroy=True)


def test_statement_names_the_bucket_it_is_about() -> None:
    statement = BucketStatement(sid="Read", service="x.amazonaws.com", action="s3:GetBucketAcl")
    graph = declare(partial(Bucket, "b", dataclasses.replace(BUCKET, statements=[statement])))
    assert bucket_policy(graph, "b")["Read"]["Resource"] == "arn:aws:s3:::b-1a2b3c4"


def test_ingest_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(IngestStore, "i", STORE))
    assert graph.types_and_names() == sorted(
        [
            *logged_bucket_identities("i-bucket"),
            ("aurora-graphql:index:Function", "i-function"),
            ("aurora-graphql:index:IngestStore", "i"),
            ("aurora-graphql:index:Release", "i-release"),
            ("aws:cloudwatch/logGroup:LogGroup", "i-function-log"),
            ("aws:ec2/securityGroup:SecurityGroup", "i-function-group"),
            ("aws:iam/role:Role", "i-function-role"),
            ("aws:iam/rolePolicy:RolePolicy", "i-function-policy"),
            ("aws:lambda/alias:Alias", "i-release-alias"),
            ("aws:lambda/function:Function", "i-function"),
            ("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "i-retries"),
            ("aws:lambda/permission:Permission", "i-calls"),
            ("aws:s3/bucketNotification:BucketNotification", "i-notification"),
            ("aws:sqs/queue:Queue", "i-dead-letters"),
            ("aws:sqs/queuePolicy:QueuePolicy", "i-dead-letters-policy"),
            (
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                "i-function-to-database",
            ),
            ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "i-function-to-s3"),
            (
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                "i-function-into-database",
            ),
        ]
    )
    assert weaknesses(graph) == {}


def test_failed_events_are_tried_again_and_then_kept() -> None:
    graph = declare(partial(IngestStore, "i", STORE))
    retries = graph.named("i-retries").inputs
    assert (retries["maximumRetryAttempts"], retries["maximumEventAgeInSeconds"]) == (2, 21_600)
    assert retries["qualifier"] == "live"
    queue = graph.named("i-dead-letters")
    assert queue.urn in graph.named("i-retries").property_dependencies["destinationConfig"]
    assert queue.inputs["messageRetentionSeconds"] == 14 * 24 * 3600


def test_new_objects_are_announced_once_the_function_can_take_them() -> None:
    graph = declare(partial(IngestStore, "i", STORE))
    notification = graph.named("i-notification")
    (target,) = notification.inputs["lambdaFunctions"]
    assert target["filterPrefix"] == "incoming/"  # what the function writes calls nobody
    assert target["events"] == ["s3:ObjectCreated:*"]
    assert target["lambdaFunctionArn"].endswith(":live")
    for name in ("i-calls", "i-retries"):
        assert waits_for(graph, notification, graph.named(name))


def test_only_this_bucket_of_this_account_may_call() -> None:
    inputs = declare(partial(IngestStore, "i", STORE)).named("i-calls").inputs
    assert inputs["sourceArn"] == "arn:aws:s3:::i-bucket-1a2b3c4"
    assert inputs["sourceAccount"] == LOCATION.account_id
    assert inputs["qualifier"] == "live"


def test_function_may_read_what_comes_and_write_what_it_rejects() -> None:
    statements = policy(declare(partial(IngestStore, "i", STORE)), "i-function-policy")
    assert {
        sid: statement["Resource"]
        for sid, statement in statements.items()
        if sid in ("ReadIncoming", "WriteRejects", "WriteDeadLetters")
    } == {
        "ReadIncoming": "arn:aws:s3:::i-bucket-1a2b3c4/incoming/*",
        "WriteRejects": "arn:aws:s3:::i-bucket-1a2b3c4/rejects/*",
        "WriteDeadLetters": "arn:aws:sqs:eu-central-1:123456789012:i-dead-letters",
    }
    assert "Own" in statements  # what the caller gave


def test_nothing_is_loaded_before_the_schema_is_there() -> None:
    def build() -> None:
        migrated = aws.lambda_.Invocation("migrated", function_name="m", input="{}")
        IngestStore("i", dataclasses.replace(STORE, schema=migrated.result))

    graph = declare(build)
    assert waits_for(graph, graph.named("i-notification"), graph.named("migrated"))


def test_trail_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Trail, "t", TRAIL))
    assert graph.types_and_names() == sorted(
        [
            *logged_bucket_identities("t-bucket"),
            ("aurora-graphql:index:Trail", "t"),
            ("aws:cloudtrail/trail:Trail", "t-trail"),
            ("aws:cloudwatch/logGroup:LogGroup", "t-log"),
            ("aws:iam/role:Role", "t-role"),
            ("aws:iam/rolePolicy:RolePolicy", "t-role-policy"),
        ]
    )
    assert weaknesses(graph) == {}


def test_trail_sees_every_region_and_signs_what_it_saw() -> None:
    trail = declare(partial(Trail, "t", TRAIL)).named("t-trail").inputs
    assert {
        key: trail[key]
        for key in ("enableLogFileValidation", "isMultiRegionTrail", "includeGlobalServiceEvents")
    } == {
        "enableLogFileValidation": True,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
    }
    assert trail["kmsKeyId"] == KEY_ARN


def test_cloudtrail_takes_its_role_although_it_does_not_say_for_which_trail() -> None:
    role = declare(partial(Trail, "t", TRAIL)).named("t-role").inputs
    assert json.loads(role["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_only_this_trail_may_write_to_its_bucket() -> None:
    graph = declare(partial(Trail, "t", TRAIL))
    statements = bucket_policy(graph, "t-bucket")
    arn = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/t"
    assert graph.named("t-trail").inputs["name"] == "t"
    assert statements["TrailWrites"]["Condition"]["StringEquals"] == {
        "aws:SourceArn": arn,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    assert statements["TrailWrites"]["Resource"].endswith("/AWSLogs/123456789012/*")
    assert statements["TrailChecks"]["Condition"]["StringEquals"] == {"aws:SourceArn": arn}
    assert waits_for(graph, graph.named("t-trail"), graph.named("t-bucket-policy"))
