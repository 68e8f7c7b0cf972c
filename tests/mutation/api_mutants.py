"""What is broken of the API: its functions, gateway, buckets, migration and release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutation.changes import Edit, argument, entry, expression, nothing, without
from tests.mutation.words import INGRESS, LOG_GROUP, OPEN_RULES, OPTIONS

API: Final[Mapping[str, Mapping[str, Edit]]] = {
    "function": {
        "the environment is encrypted with a key of AWS": without(
            "aws.lambda_.Function", "kms_key_arn"
        ),
        "the log is not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(LOG_GROUP, "retention_in_days"),
        "Lambda makes the log group": without("aws.lambda_.Function", "logging_config"),
        "another archive is taken for this one": without(
            "aws.lambda_.Function", "source_code_hash"
        ),
        "the group goes after the right to leave it": argument(
            "aws.ec2.SecurityGroup", "opts", "pulumi.ResourceOptions(parent=self)"
        ),
        "a service takes calls from every address": argument(INGRESS, "cidr_ipv4", '"0.0.0.0/0"'),
        "a service takes calls at every port": argument(INGRESS, "from_port", "0"),
        "the function reaches every port": argument(
            "aws.vpc.SecurityGroupEgressRule", "ip_protocol", '"-1"'
        ),
        "the function takes calls from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
        ),
        "the function stands in the default group": argument(
            "aws.lambda_.FunctionVpcConfigArgs", "security_group_ids", "[]"
        ),
        "Lambda drops the handler's errors": expression(
            "_LAMBDA_LEVELS[args.log_level]", "args.log_level"
        ),
        "the function runs outside the network": without("aws.lambda_.Function", "vpc_config"),
        "any account's functions may take the role": expression(
            'iam.trust("lambda.amazonaws.com", location=args.location)',
            'iam.trust("lambda.amazonaws.com")',
        ),
        "concurrency has no limit": without(
            "aws.lambda_.Function", "reserved_concurrent_executions"
        ),
        "nothing is traced": argument(
            "aws.lambda_.FunctionTracingConfigArgs", "mode", '"PassThrough"'
        ),
        "the function starts before it has its rights": expression(
            "[log_group, policy]", "[log_group]"
        ),
        "the function carries no tags": without("aws.lambda_.Function", "tags"),
    },
    "definition": {
        "a method needs no token": expression("[dict(security)]", "[]", within="_operations"),
        "answers are cached for everybody": expression(
            "KEY_HEADERS", "KEY_HEADERS[1:]", within="_parameters"
        ),
        "bodies are not checked": expression(
            '{"validateRequestBody": True, "validateRequestParameters": True}',
            '{"validateRequestBody": False, "validateRequestParameters": False}',
        ),
        "a private API lets everybody in": expression(
            '{"Sid": written, "Effect": "Allow", **everything,'
            ' "Condition": {"StringEquals": condition}}',
            '{"Sid": written, "Effect": "Allow", **everything}',
        ),
        "a private API refuses nobody": expression(
            '{"Effect": "Deny", **everything, "Condition": {"StringNotEquals": condition}}',
            '{"Effect": "Allow", **everything}',
        ),
        "errors of the gateway carry its own texts": expression(
            "json.dumps(body)", '"$context.error.messageString"', within="_gateway_response"
        ),
    },
    "gateway": {
        "the default endpoint stays open beside a domain": expression(
            '"closed" if settings.domain_name else "open"', '"open"'
        ),
        "a private API's new policy is not in force": expression(
            '{"policy": policy.policy} if policy else {}', "{}"
        ),
        "nobody logs requests": without("aws.apigateway.Stage", "access_log_settings"),
        "the access log is not encrypted": without(LOG_GROUP, "kms_key_id", named="-access-log"),
        "the access log is kept for ever": without(
            LOG_GROUP, "retention_in_days", named="-access-log"
        ),
        "the error log is not encrypted": without(LOG_GROUP, "kms_key_id", named="-error-log"),
        "the error log is kept for ever": without(
            LOG_GROUP, "retention_in_days", named="-error-log"
        ),
        "bodies are logged": argument(
            "aws.apigateway.MethodSettingsSettingsArgs", "data_trace_enabled", "True"
        ),
        "requests have no limit": without(
            "aws.apigateway.MethodSettingsSettingsArgs", "throttling_rate_limit"
        ),
        "bursts have no limit": without(
            "aws.apigateway.MethodSettingsSettingsArgs", "throttling_burst_limit"
        ),
        "cached answers are not encrypted": argument(
            "aws.apigateway.MethodSettingsSettingsArgs", "cache_data_encrypted", "False"
        ),
        "anybody may empty the cache": argument(
            "aws.apigateway.MethodSettingsSettingsArgs",
            "require_authorization_for_cache_control",
            "False",
        ),
        "any API may call the functions": without("aws.lambda_.Permission", "source_arn"),
        "anything may call the functions": argument("aws.lambda_.Permission", "principal", '"*"'),
        "a domain is not the only door": argument(
            "aws.apigateway.RestApi", "disable_execute_api_endpoint", "False"
        ),
        "a private API has no policy": nothing("_close", "return []"),
        "a change of the definition is not deployed": expression(
            "definition_sha256(_options(args))", '"always the same"'
        ),
        "the logs of other APIs end with the stack": expression(
            "pulumi.ResourceOptions(parent=self, depends_on=[attachment], retain_on_delete=True)",
            "pulumi.ResourceOptions(parent=self, depends_on=[attachment])",
        ),
        "the role of all logs goes with the stack": expression(
            "pulumi.ResourceOptions(parent=self, retain_on_delete=True)",
            "pulumi.ResourceOptions(parent=self)",
        ),
        "the access log names the caller": expression(
            '"$context.identity.apiKeyId"', '"$context.authorizer.principalId"'
        ),
        "nothing is traced": argument("aws.apigateway.Stage", "xray_tracing_enabled", "False"),
        "the firewall is left out": expression("settings.firewall", "False", within="_publish"),
        "the stage carries no tags": without("aws.apigateway.Stage", "tags"),
    },
    "domain": {
        "the domain takes TLS 1.0": argument(
            "aws.apigateway.DomainName", "security_policy", '"TLS_1_0"'
        ),
        "the certificate's name is not proven": argument(
            "aws.acm.Certificate", "validation_method", '"EMAIL"'
        ),
        "the domain carries no tags": without("aws.apigateway.DomainName", "tags"),
    },
    "firewall": {
        "one address may ask without end": argument(
            "aws.wafv2.WebAclRuleStatementRateBasedStatementArgs", "limit", "2_000_000_000"
        ),
        "the managed rules only count": expression(
            "aws.wafv2.WebAclRuleOverrideActionArgs(none=aws.wafv2.WebAclRuleOverrideActionNoneArgs())",
            "aws.wafv2.WebAclRuleOverrideActionArgs(count={})",
        ),
        "known exploits are let through": expression(
            '"AWSManagedRulesKnownBadInputsRuleSet"', '"AWSManagedRulesLinuxRuleSet"'
        ),
        "samples show tokens": expression("False", "True", within="__init__"),
        "samples of one rule show tokens": expression("False", "True", within="_visibility"),
        "nobody counts what a rule refuses": expression("True", "False", within="_visibility"),
        "the log shows tokens": without("aws.wafv2.WebAclLoggingConfiguration", "redacted_fields"),
        "the log is not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(LOG_GROUP, "retention_in_days"),
        "the firewall carries no tags": without("aws.wafv2.WebAcl", "tags"),
    },
    "usage_plan": {
        "keys stand in the state in the clear": argument(
            OPTIONS, "additional_secret_outputs", "[]", having="additional_secret_outputs"
        ),
        "keys have no limit": without("aws.apigateway.UsagePlan", "throttle_settings"),
        "keys have no quota": without("aws.apigateway.UsagePlan", "quota_settings"),
    },
    "bucket": {
        "objects may be made public": argument(
            "aws.s3.BucketPublicAccessBlock", "block_public_acls", "False"
        ),
        "the bucket may be made public": argument(
            "aws.s3.BucketPublicAccessBlock", "block_public_policy", "False"
        ),
        "public objects stay public": argument(
            "aws.s3.BucketPublicAccessBlock", "ignore_public_acls", "False"
        ),
        "a public bucket stays public": argument(
            "aws.s3.BucketPublicAccessBlock", "restrict_public_buckets", "False"
        ),
        "writers own their objects": argument(
            "aws.s3.BucketOwnershipControlsRuleArgs", "object_ownership", '"ObjectWriter"'
        ),
        "objects are encrypted with a key of S3": argument(
            "aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs",
            "kms_master_key_id",
            "None",
        ),
        "objects have no versions": argument(
            "aws.s3.BucketVersioningVersioningConfigurationArgs", "status", '"Suspended"'
        ),
        "objects are never deleted": argument(
            "aws.s3.BucketLifecycleConfigurationRuleArgs", "status", '"Disabled"'
        ),
        "requests with TLS 1.1 are served": entry("OnlyTls12", "Effect", '"Allow"'),
        "services may use the bucket for anybody": expression("dict(statement.conditions)", "{}"),
        "Pulumi destroys the bucket": argument(OPTIONS, "protect", "False", having="protect"),
        "the bucket is destroyed with its objects": argument(
            "aws.s3.Bucket", "force_destroy", "True"
        ),
        "access is not logged": expression("args.access_log_days", "0", within="__init__"),
        "the bucket carries no tags": without("aws.s3.Bucket", "tags"),
    },
    "ingest_store": {
        "lost events are encrypted with a key of AWS": without(
            "aws.sqs.Queue", "kms_master_key_id"
        ),
        "lost events are kept for four days": without("aws.sqs.Queue", "message_retention_seconds"),
        "lost events are lost": without(
            "aws.lambda_.FunctionEventInvokeConfig", "destination_config"
        ),
        "any bucket may call the function": without("aws.lambda_.Permission", "source_arn"),
        "a bucket of another account may call the function": without(
            "aws.lambda_.Permission", "source_account"
        ),
        "the function reads every bucket": entry("ReadIncoming", "Resource", '"*"'),
        "the function writes every bucket": entry("WriteRejects", "Resource", '"*"'),
        "the function writes to every queue": entry("WriteDeadLetters", "Resource", '"*"'),
        "the bucket loses its protection": argument("BucketArgs", "protect", "False"),
        "what is loaded calls the function again": expression('"incoming/"', '""'),
        "objects are loaded before the tables are there": without("ReleaseArgs", "schema"),
        "the queue carries no tags": without("aws.sqs.Queue", "tags"),
    },
    "migration": {
        "changed migrations are not run": expression("args.migrations_sha256", '""', count=2),
        "another cluster is not migrated": expression("args.database_id", '""'),
        "the account is not told another way to log in": expression("args.login", '""'),
        "the account is not given what new code reads": expression("args.handler_sha256", '""'),
        "destroying the stack calls the function": argument(
            "aws.lambda_.Invocation", "lifecycle_scope", '"CRUD"'
        ),
        "the schema is there before the migration": expression(
            "known_after(pulumi.Output.from_input(short), invocation)",
            "pulumi.Output.from_input(short)",
        ),
    },
    "release": {
        "traffic comes before the schema": expression("args.schema is not None", "False"),
        "traffic goes to what was not published": argument(
            "aws.lambda_.Alias", "function_version", '"$LATEST"'
        ),
        "the scheduler calls any function": expression(
            'pulumi.Output.concat(args.function_arn, ":", ALIAS)', '"*"'
        ),
        "the scheduler acts for any account": expression(
            'iam.trust("scheduler.amazonaws.com", location=args.location)',
            'iam.trust("scheduler.amazonaws.com")',
        ),
        "warm-up events are encrypted with a key of AWS": without(
            "aws.scheduler.Schedule", "kms_key_arn"
        ),
    },
    "api_functions": {
        "an archive that cannot check the proxy's certificate is taken": expression(
            "self.database.through_proxy or self.cache is not None", "False"
        ),
        "a variable that nobody reads is taken": expression(
            "check_known(self.variables, self.archive.variables)", "None"
        ),
        "another road takes the rights from the version that serves": expression(
            'f"database-{database.road}"', '"database"'
        ),
        "another road takes the rules from the version that serves": expression(
            "database.road", '"database"', within="graphql_function", count=2
        ),
        "the API logs in as the administrator": expression(
            "iam.connect_database(database.connect_id, database.api_user, location=args.location)",
            'iam.connect_database(database.connect_id, "*", location=args.location)',
        ),
        "the API reads the master secret": expression(
            "[iam.connect_database("
            "database.connect_id, database.api_user, location=args.location)]",
            "_master_statements(args)",
        ),
        "the ingest logs in as any user": expression(
            "iam.connect_database("
            "database.cluster_id, database.ingest_user, location=args.location)",
            'iam.connect_database(database.cluster_id, "*", location=args.location)',
        ),
        "the ingest reads the master secret": expression(
            "[iam.connect_database("
            "database.cluster_id, database.ingest_user, location=args.location)]",
            "_master_statements(args)",
        ),
        "the API reaches the cluster past the proxy": expression(
            "database.security_group_id", "database.writer_security_group_id"
        ),
        "the API gets the master's address in its environment": expression(
            '"iam"', '"secret"', within="graphql_function"
        ),
        "the API talks to the cache without TLS": expression(
            '"rediss://{0}:{1}"', '"redis://{0}:{1}"'
        ),
        "any certificate of the database will do": expression(
            "CA_FILE", '""', within="graphql_function"
        ),
        "static keys stand in the state in the clear": expression(
            'pulumi.Output.secret(",".join(keys))', '",".join(keys)'
        ),
        "answers are Base64, which the gateway hands on as text": expression(
            '"off"', '"1024"', within="graphql_function"
        ),
        "callers see the schema": expression("_SWITCH[args.api.introspection]", '"on"'),
        "everybody is let in": expression("_SWITCH[args.api.anonymous]", '"on"'),
        "tokens for another API open this one": expression("args.api.auth_audience", '""'),
        "the environment holds a password": expression('"CACHE_USER"', '"CACHE_PASSWORD"'),
        "concurrency has no limit": without("replace", "reserved_concurrency"),
    },
    "api_tier": {
        "the release does not wait for the migration": expression(
            "self._migrate(migrate)",
            '[self._migrate(migrate), pulumi.Output.from_input("none")][1]',
        ),
        "the bucket loses its protection": argument("IngestStoreArgs", "protect", "False"),
        "tags end at the tier": without("GatewayArgs", "tags"),
    },
    "pruning": {
        "another function's versions are deleted": expression(
            "iam.prune_versions([each.function_arn for each in args.pruned])",
            'iam.prune_versions(["*"])',
        ),
        "versions are deleted once and never again": without("aws.lambda_.Invocation", "triggers"),
        "destroying a stack deletes versions": argument(
            "aws.lambda_.Invocation", "lifecycle_scope", '"CRUD"'
        ),
        "no version is kept to go back to": expression(
            'check_range("keep", self.keep, *VERSIONS_KEPT, "versions")', "None"
        ),
    },
    "shifting": {
        "nobody takes the traffic back": argument(
            "aws.codedeploy.DeploymentGroupAutoRollbackConfigurationArgs", "enabled", "False"
        ),
        "an alarm takes nothing back": argument(
            "aws.codedeploy.DeploymentGroupAutoRollbackConfigurationArgs",
            "events",
            '["DEPLOYMENT_FAILURE"]',
        ),
        "nobody looks at the alarms": argument(
            "aws.codedeploy.DeploymentGroupAlarmConfigurationArgs", "enabled", "False"
        ),
        "one alarm is enough": expression(
            "[alarm.name for alarm in alarms]", "[alarm.name for alarm in alarms[:1]]"
        ),
        "the group begins before its role has rights": expression(
            "pulumi.ResourceOptions(parent=self, depends_on=[policy])",
            "pulumi.ResourceOptions(parent=self)",
        ),
        "all traffic moves at once": argument(
            "aws.codedeploy.DeploymentGroup",
            "deployment_config_name",
            '"CodeDeployDefault.LambdaAllAtOnce"',
        ),
        "crashes of any version count": expression(
            '"ExecutedVersion"', '"ExecutedVersions"', within="_crashes"
        ),
        "failures of any version count": expression(
            "args.release", "args.version", within="_failures"
        ),
        "no word is an alarm": argument(
            "aws.cloudwatch.MetricAlarm", "treat_missing_data", '"breaching"'
        ),
        "destroying a stack begins a deployment": argument(
            "aws.lambda_.Invocation", "lifecycle_scope", '"CRUD"'
        ),
        "what follows does not wait for the last request": expression(
            'known_after(pulumi.Output.concat(args.alias_name, "=", args.version), call)',
            'pulumi.Output.concat(args.alias_name, "=", args.version)',
        ),
        "the group carries no tags": without("aws.codedeploy.DeploymentGroup", "tags"),
    },
}
