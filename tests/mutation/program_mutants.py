"""What is broken of what watches the tiers, of the settings and of the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutation.changes import Edit, argument, entry, expression, nothing, without
from tests.mutation.words import LOG_GROUP

PROGRAM: Final[Mapping[str, Mapping[str, Edit]]] = {
    "watched_function": {
        "nobody is told when the authorizer fails": expression(
            "not self.synchronous", "True", within="signals"
        ),
        "failures are looked for under another word": expression(
            "'{ $.message = \"failure\" }'", "'{ $.message = \"error\" }'"
        ),
    },
    "watched": {
        "the data is not watched": expression("tier is not None", "isinstance(tier, WatchedApi)"),
    },
    "monitoring": {
        "failures in the log are not counted": expression("each.counts", "[]", within="__init__"),
        "alarms are encrypted with a key of AWS": without("aws.sns.Topic", "kms_master_key_id"),
        "any account's services may raise alarms": entry("Publish", "Condition", None),
        "anybody may raise alarms": entry("Publish", "Principal", '"*"'),
        "a budget is made before it may tell anybody": expression(
            "known_after(topic.arn, policy)", "topic.arn"
        ),
        "nobody is told": without("aws.cloudwatch.MetricAlarm", "alarm_actions"),
        "the trail loses its protection": argument("TrailArgs", "protect", "False"),
        "the trail is left out": expression("args.settings.trail", "False", within="__init__"),
        "the topic carries no tags": without("aws.sns.Topic", "tags"),
    },
    "trail": {
        "logs are not signed": argument(
            "aws.cloudtrail.Trail", "enable_log_file_validation", "False"
        ),
        "logs are encrypted with a key of S3": without("aws.cloudtrail.Trail", "kms_key_id"),
        "the trail is off": argument("aws.cloudtrail.Trail", "enable_logging", "False"),
        "other regions are not watched": argument(
            "aws.cloudtrail.Trail", "is_multi_region_trail", "False"
        ),
        "users and roles are not watched": argument(
            "aws.cloudtrail.Trail", "include_global_service_events", "False"
        ),
        "any trail may write to the bucket": expression(
            '{**source, "s3:x-amz-acl": "bucket-owner-full-control"}',
            '{"s3:x-amz-acl": "bucket-owner-full-control"}',
        ),
        "any trail may look at the bucket": expression('{"StringEquals": source}', "{}"),
        "the role is closed to CloudTrail": expression(
            "iam.trust(service)", "iam.trust(service, location=args.location)"
        ),
        "the log group is not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the log group is kept for ever": without(LOG_GROUP, "retention_in_days"),
        "the bucket loses its protection": argument("BucketArgs", "protect", "False"),
        "the trail carries no tags": without("aws.cloudtrail.Trail", "tags"),
    },
    "archive": {
        "another archive is taken for this one": expression(
            'digest != _text(manifest, "archive_sha256")', "False"
        ),
        "an archive with an old schema is taken": expression(
            "_text(manifest, key) != current", "False"
        ),
    },
    "data_settings": {
        "a proxy stands before a cluster that pauses": expression(
            "database.may_pause", "False", within="check_data"
        ),
        "the administrator may be the API's user": expression(
            "self.master_user in (self.api_user, self.api_user + PROXY_USER_SUFFIX, "
            "self.api_user + INGEST_USER_SUFFIX)",
            "False",
        ),
        "a database without backups is taken": expression(
            'check_range("databaseBackupRetentionDays", self.backup_retention_days, 1, 35, "days")',
            "None",
        ),
    },
    "api_settings": {
        "a token for any API opens this one": expression(
            "self.auth_issuers and (not self.auth_audience)", "False"
        ),
        "issuers without TLS are taken": nothing("_check_issuers"),
    },
    "variables": {
        "a stack may stop asking who calls": expression(
            "OWN", "{}", within="parse_variables", count=2
        ),
        "a value is told in a message": expression(
            'f"functionVariables must be a list of NAME=value, such as DOCUMENT_COST_MAX=8000; '
            'number {number} is not"',
            "text",
        ),
    },
    "settings": {
        "a key with a typing mistake is taken": nothing("_refuse_unknown_keys"),
        "a caller is gone before its connection comes": nothing("_check_proxy"),
        "a private API without a door is taken": expression(
            'private and (not self.api.vpc_endpoint_ids) and ("execute-api" not in endpoints)',
            "False",
        ),
    },
    "api_on_aurora": {
        "the data loses its protection": argument("DataTierArgs", "deletion_protection", "False"),
        "the bucket loses its protection": argument("ApiTierArgs", "protect", "False"),
        "the trail loses its protection": argument("MonitoringArgs", "protect", "False"),
        "the key goes sooner than was asked": argument("EncryptionArgs", "deletion_days", "7"),
        "the stack carries no tags": expression(
            "stack_tags(project=pulumi.get_project(), stack=stage)", "{}"
        ),
        "the network is not the one that was asked for": without("NetworkArgs", "settings"),
        "the settings of the functions are left out": without("ApiTierArgs", "function"),
    },
}
