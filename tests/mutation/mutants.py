"""What is broken: every safety setting of the components once, by the module that holds it.

Settings that only a stack switches off, such as ``deletionProtection``, are broken where a
component passes them on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tests.mutation.changes import Edit, Mutant, argument, entry, expression, nothing, without

_OPEN_RULES: Final = (
    '[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]'
)
_OPTIONS: Final = "pulumi.ResourceOptions"
_LOG_GROUP: Final = "aws.cloudwatch.LogGroup"
_INGRESS: Final = "aws.vpc.SecurityGroupIngressRule"

_BROKEN: Final[Mapping[str, Mapping[str, Edit]]] = {
    "encryption": {
        "the key does not rotate": argument("aws.kms.Key", "enable_key_rotation", "False"),
        "the key goes sooner than was asked": argument(
            "aws.kms.Key", "deletion_window_in_days", "7"
        ),
        "the key has the policy that AWS makes": without("aws.kms.Key", "policy"),
        "the key carries no tags": without("aws.kms.Key", "tags"),
    },
    "iam": {
        "objects, events and alarms come without TLS": entry("OnlyTls", "Effect", '"Allow"'),
        "anybody owns the key": entry("AccountDecidesByIam", "Principal", '{"AWS": "*"}'),
        "log groups of any account use the key": expression(
            'location.arn("logs", "log-group:*")', '"*"'
        ),
        "services use the key for any account": expression(
            '{"StringEquals": account}', "{}", within="_key_user"
        ),
        "trails of any account use the key": expression(
            'location.arn("cloudtrail", "trail/*")', '"*"'
        ),
        "services may do anything with the key": expression(
            '["kms:Decrypt", "kms:GenerateDataKey*"]', '["kms:*"]', within="_key_user"
        ),
        "roles trust a service that acts for others": expression(
            "location is not None", "False", within="trust"
        ),
        "roles trust everybody": expression('{"Service": service}', '"*"', within="trust"),
        "every secret may be read": entry("ReadSecrets", "Resource", '"*"'),
        "secrets may be changed": entry("ReadSecrets", "Action", '"secretsmanager:*"'),
        "every key may be used to decrypt": entry("DecryptSecrets", "Resource", '"*"'),
        "the key decrypts for any purpose": entry("DecryptSecrets", "Condition", None),
        "the key decrypts every secret": expression(
            '{"kms:ViaService": via, "kms:EncryptionContext:SecretARN": list(secret_arns)}',
            '{"kms:ViaService": via}',
        ),
        "a function opens what is not its own": entry("DecryptEnvironment", "Condition", None),
        "a function with snapshots opens all": entry("DecryptSnapshot", "Condition", None),
        "a function opens the objects of every bucket": entry("UseObjects", "Condition", None),
        "messages are not all that is opened": entry("EncryptMessages", "Condition", None),
        "the scheduler opens all": entry("DecryptSchedule", "Condition", None),
        "every key opens objects": entry("UseObjects", "Resource", '"*"'),
        "every key opens variables": entry("DecryptEnvironment", "Resource", '"*"'),
        "the key does anything with variables": entry("DecryptEnvironment", "Action", '"kms:*"'),
        "the role is any user of any database": expression(
            'pulumi.Output.concat(location.arn("rds-db", "dbuser:"), resource_id, "/", user)',
            'location.arn("rds-db", "dbuser:*/*")',
        ),
        "the role is any user of any cache": entry("ConnectCache", "Resource", '"*"'),
        "Lambda refuses the role of a function in a network": entry(
            "ManageInterfaces", "Resource", '[location.arn("ec2", "network-interface/*")]'
        ),
        "Lambda may not delete an interface": entry(
            "ManageInterfaces", "Action", '["ec2:CreateNetworkInterface"]'
        ),
        "the code of a function manages interfaces": entry(
            "KeepCodeFromInterfaces", "Effect", '"Allow"'
        ),
        "Lambda itself is denied its interfaces": entry(
            "KeepCodeFromInterfaces", "Condition", None
        ),
        "any log group may be written": entry("WriteLogs", "Resource", '"*"'),
        "log groups may be deleted": entry("WriteLogs", "Action", '"logs:*"'),
        "endpoints let any account through": expression(
            '{"StringEquals": {"aws:PrincipalAccount": location.account_id}}',
            "{}",
            within="endpoint_policy",
        ),
        "the endpoint for our API leads to any API": expression(
            'location.arn("execute-api", "*")', '"*"'
        ),
    },
    "network": {
        "the default group lets everything in": argument(
            "aws.ec2.DefaultSecurityGroup", "ingress", _OPEN_RULES
        ),
        "the default group lets everything out": argument(
            "aws.ec2.DefaultSecurityGroup", "egress", _OPEN_RULES
        ),
        "subnets give out public addresses": argument(
            "aws.ec2.Subnet", "map_public_ip_on_launch", "True"
        ),
        "isolated subnets have a way out": expression(
            "[isolated_table] * len(plan.isolated)",
            "[self._declare_public_route(vpc)] * len(plan.isolated)",
        ),
        "nobody logs connections": nothing("_declare_flow_log"),
        "the work is done in public subnets": argument(
            "NetworkAccess", "subnet_ids", "self.public_subnet_ids", having="zones"
        ),
        "only refused connections are logged": argument(
            "aws.ec2.FlowLog", "traffic_type", '"REJECT"'
        ),
        "the flow log is not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the flow log is kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "the endpoint of S3 lets everything through": without(
            "aws.ec2.VpcEndpoint", "policy", named="-s3"
        ),
        "interface endpoints let everything through": without(
            "aws.ec2.VpcEndpoint", "policy", named="{service}"
        ),
        "interface endpoints take the default group": without(
            "aws.ec2.VpcEndpoint", "security_group_ids", named="{service}"
        ),
        "interface endpoints take calls from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", _OPEN_RULES
        ),
        "the VPC carries no tags": without("aws.ec2.Vpc", "tags"),
    },
    "database": {
        "what AWS does slowly to a cluster is called a failure": argument(
            _OPTIONS, "custom_timeouts", "None", having="protect"
        ),
        "a frozen function keeps a paused database awake": expression(
            "settings.may_pause", "False", within="_instance_parameters"
        ),
        "storage is not encrypted": argument("aws.rds.Cluster", "storage_encrypted", "False"),
        "storage is encrypted with a key of AWS": without("aws.rds.Cluster", "kms_key_id"),
        "the master secret is encrypted with a key of AWS": without(
            "aws.rds.Cluster", "master_user_secret_kms_key_id"
        ),
        "RDS does not rotate the master password": argument(
            "aws.rds.Cluster", "manage_master_user_password", "False"
        ),
        "nobody can log in by IAM": argument(
            "aws.rds.Cluster", "iam_database_authentication_enabled", "False"
        ),
        "AWS deletes the cluster when asked": argument(
            "aws.rds.Cluster", "deletion_protection", "False"
        ),
        "Pulumi deletes the cluster when asked": argument(
            _OPTIONS, "protect", "False", having="protect"
        ),
        "a changed snapshot replaces the cluster": argument(
            _OPTIONS, "ignore_changes", "[]", having="protect"
        ),
        "an instance moves to another zone": expression('["availabilityZone"]', "[]"),
        "the last snapshot is skipped": argument("aws.rds.Cluster", "skip_final_snapshot", "True"),
        "the last snapshot has no name": without("aws.rds.Cluster", "final_snapshot_identifier"),
        "backups go with the cluster": argument(
            "aws.rds.Cluster", "delete_automated_backups", "True"
        ),
        "no backups are made": argument("aws.rds.Cluster", "backup_retention_period", "0"),
        "backups are kept for less than was asked": argument(
            "aws.rds.Cluster", "backup_retention_period", "1"
        ),
        "snapshots carry no tags": argument("aws.rds.Cluster", "copy_tags_to_snapshot", "False"),
        "a major version comes by itself": argument(
            "aws.rds.Cluster", "allow_major_version_upgrade", "True"
        ),
        "minor versions wait": argument("aws.rds.Cluster", "auto_minor_version_upgrade", "False"),
        "an old version costs extended support": without(
            "aws.rds.Cluster", "engine_lifecycle_support"
        ),
        "the audit log stays in the cluster": expression(
            '("audit", "error", "slowquery")', '("error", "slowquery")'
        ),
        "the logs are not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the logs are kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "RDS makes the log groups": argument(_OPTIONS, "depends_on", "[]", having="protect"),
        "the cluster takes connections without TLS": expression(
            '("require_secure_transport", "ON", "immediate")',
            '("require_secure_transport", "OFF", "immediate")',
        ),
        "the cluster takes TLS 1.0": expression('"TLSv1.2,TLSv1.3"', '"TLSv1,TLSv1.2"'),
        "nothing is audited": expression(
            '("server_audit_logging", "1", "immediate")',
            '("server_audit_logging", "0", "immediate")',
        ),
        "a client's files may be loaded": expression(
            '("local_infile", "0", "immediate")', '("local_infile", "1", "immediate")'
        ),
        "instances have public addresses": argument(
            "aws.rds.ClusterInstance", "publicly_accessible", "True"
        ),
        "instances stay at their minor version": argument(
            "aws.rds.ClusterInstance", "auto_minor_version_upgrade", "False"
        ),
        "the cluster's insights are encrypted with a key of AWS": without(
            "aws.rds.Cluster", "performance_insights_kms_key_id"
        ),
        "the instances' insights are encrypted with a key of AWS": without(
            "aws.rds.ClusterInstance", "performance_insights_kms_key_id"
        ),
        "the certificate is what RDS chooses": without(
            "aws.rds.ClusterInstance", "ca_cert_identifier"
        ),
        "the cluster takes connections from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", _OPEN_RULES
        ),
        "the cluster joins the default group": without("aws.rds.Cluster", "vpc_security_group_ids"),
        "the cluster stands in the default subnets": without(
            "aws.rds.Cluster", "db_subnet_group_name"
        ),
        "the cluster carries no tags": without("aws.rds.Cluster", "tags"),
    },
    "database_secret": {
        "the secret is encrypted with a key of AWS": without(
            "aws.secretsmanager.Secret", "kms_key_id"
        ),
        "a destroyed secret is gone": argument(
            "aws.secretsmanager.Secret", "recovery_window_in_days", "0"
        ),
        "the password is short": argument("random.RandomPassword", "length", "8"),
        "the password never changes": argument("random.RandomPassword", "keepers", "{}"),
        "the password stands in the state in the clear": expression(
            "password.result", "pulumi.Output.unsecret(password.result)"
        ),
        "the secret is known before it has a value": expression(
            "known_after(secret.arn, version)", "secret.arn"
        ),
        "the secret carries no tags": without("aws.secretsmanager.Secret", "tags"),
    },
    "proxy": {
        "the proxy moves to other subnets": expression(
            '["vpcSubnetIds"]', "[]", within="_declare_proxy"
        ),
        "the endpoint moves to other subnets": expression(
            '["vpcSubnetIds"]', "[]", within="__init__"
        ),
        "the proxy takes connections without TLS": argument(
            "aws.rds.Proxy", "require_tls", "False"
        ),
        "statements are logged with their values": argument(
            "aws.rds.Proxy", "debug_logging", "True"
        ),
        "callers log in with a password": argument(
            "aws.rds.ProxyAuthArgs", "iam_auth", '"DISABLED"'
        ),
        "the proxy takes connections from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", _OPEN_RULES
        ),
        "the cluster takes connections from every address": argument(
            _INGRESS, "cidr_ipv4", '"0.0.0.0/0"'
        ),
        "the cluster's rule names nobody": without(_INGRESS, "referenced_security_group_id"),
        "the proxy reaches any port": argument(
            "aws.vpc.SecurityGroupEgressRule", "ip_protocol", '"-1"'
        ),
        "the log is not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "RDS makes the log group": expression("[log_group]", "[]"),
        "the proxy's role has no policy": expression("iam.document(*statements)", "iam.document()"),
        "the READ_ONLY endpoint writes": argument(
            "aws.rds.ProxyEndpoint", "target_role", '"READ_WRITE"'
        ),
        "the READ_ONLY endpoint joins the default group": without(
            "aws.rds.ProxyEndpoint", "vpc_security_group_ids"
        ),
        "a caller waits longer than was asked": argument(
            "aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs",
            "connection_borrow_timeout",
            "120",
        ),
        "the proxy carries no tags": without("aws.rds.Proxy", "tags"),
    },
    "data_tier": {
        "another way to log in takes the account from the version that serves": expression(
            "by_iam + PROXY_USER_SUFFIX", "by_iam"
        ),
        "another way to log in takes the proxy from the version that serves": expression(
            'f"{name}-{access.road}"', 'f"{name}-proxy"'
        ),
        "the cluster loses its protection": argument(
            "DatabaseArgs", "deletion_protection", "False"
        ),
        "a destroyed secret is gone": argument("DatabaseSecretArgs", "recovery_days", "0"),
        "the proxy logs in as the administrator": argument(
            "DatabaseProxyArgs", "user", "args.database.master_user"
        ),
        "an impossible combination is taken": expression(
            "check_data(self.database, self.proxy)", "None"
        ),
        "callers may log in to the cluster past the proxy": expression(
            "proxy.resource_id", "database.cluster_resource_id"
        ),
        "tags end at the tier": without("DatabaseArgs", "tags"),
    },
    "cache": {
        "the cache moves to other subnets": expression('["subnetIds"]', "[]"),
        "the nodes are not encrypted": argument(
            "aws.elasticache.ReplicationGroup", "at_rest_encryption_enabled", "False"
        ),
        "the nodes are encrypted with a key of AWS": without(
            "aws.elasticache.ReplicationGroup", "kms_key_id"
        ),
        "the nodes take connections without encryption": argument(
            "aws.elasticache.ReplicationGroup", "transit_encryption_enabled", "False"
        ),
        "the nodes only prefer TLS": argument(
            "aws.elasticache.ReplicationGroup", "transit_encryption_mode", '"preferred"'
        ),
        "the nodes take any user": without("aws.elasticache.ReplicationGroup", "user_group_ids"),
        "the nodes do not fail over": argument(
            "aws.elasticache.ReplicationGroup", "automatic_failover_enabled", "False"
        ),
        "the nodes share one zone": argument(
            "aws.elasticache.ReplicationGroup", "multi_az_enabled", "False"
        ),
        "the nodes stay at their minor version": argument(
            "aws.elasticache.ReplicationGroup", "auto_minor_version_upgrade", "False"
        ),
        "the serverless cache is encrypted with a key of AWS": without(
            "aws.elasticache.ServerlessCache", "kms_key_id"
        ),
        "the serverless cache takes any user": without(
            "aws.elasticache.ServerlessCache", "user_group_id"
        ),
        "the serverless cache joins the default group": without(
            "aws.elasticache.ServerlessCache", "security_group_ids"
        ),
        "the serverless cache grows without a limit": without(
            "aws.elasticache.ServerlessCache", "cache_usage_limits"
        ),
        "the user needs no password": argument(
            "aws.elasticache.UserAuthenticationModeArgs", "type", '"no-password-required"'
        ),
        "the user may do anything": argument(
            "aws.elasticache.User", "access_string", '"on ~* +@all"'
        ),
        "the cache takes connections from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", _OPEN_RULES
        ),
        "the logs are not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the logs are kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "the cache carries no tags": without("aws.elasticache.ServerlessCache", "tags"),
    },
    "function": {
        "the environment is encrypted with a key of AWS": without(
            "aws.lambda_.Function", "kms_key_arn"
        ),
        "the log is not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "Lambda makes the log group": without("aws.lambda_.Function", "logging_config"),
        "another archive is taken for this one": without(
            "aws.lambda_.Function", "source_code_hash"
        ),
        "the group goes after the right to leave it": argument(
            "aws.ec2.SecurityGroup", "opts", "pulumi.ResourceOptions(parent=self)"
        ),
        "a service takes calls from every address": argument(_INGRESS, "cidr_ipv4", '"0.0.0.0/0"'),
        "a service takes calls at every port": argument(_INGRESS, "from_port", "0"),
        "the function reaches every port": argument(
            "aws.vpc.SecurityGroupEgressRule", "ip_protocol", '"-1"'
        ),
        "the function takes calls from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", _OPEN_RULES
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
            '{"Effect": "Allow", **everything, "Condition": {"StringEquals": condition}}',
            '{"Effect": "Allow", **everything}',
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
        "the access log is not encrypted": without(_LOG_GROUP, "kms_key_id", named="-access-log"),
        "the access log is kept for ever": without(
            _LOG_GROUP, "retention_in_days", named="-access-log"
        ),
        "the error log is not encrypted": without(_LOG_GROUP, "kms_key_id", named="-error-log"),
        "the error log is kept for ever": without(
            _LOG_GROUP, "retention_in_days", named="-error-log"
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
        "the log is not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(_LOG_GROUP, "retention_in_days"),
        "the firewall carries no tags": without("aws.wafv2.WebAcl", "tags"),
    },
    "usage_plan": {
        "keys stand in the state in the clear": argument(
            _OPTIONS, "additional_secret_outputs", "[]", having="additional_secret_outputs"
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
        "Pulumi destroys the bucket": argument(_OPTIONS, "protect", "False", having="protect"),
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
            "_writer_statements(args)",
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
            'self._release("graphql", graphql, schema, args.function)',
            'self._release("graphql", graphql, None, args.function)',
        ),
        "the bucket loses its protection": argument("IngestStoreArgs", "protect", "False"),
        "tags end at the tier": without("GatewayArgs", "tags"),
    },
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
        "any trail may take the role": expression('{"StringEquals": source}', "{}", count=2),
        "the log group is not encrypted": without(_LOG_GROUP, "kms_key_id"),
        "the log group is kept for ever": without(_LOG_GROUP, "retention_in_days"),
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
            "self.master_user in (self.api_user, self.api_user + PROXY_USER_SUFFIX)", "False"
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
    "__main__": {
        "the data loses its protection": argument("DataTierArgs", "deletion_protection", "False"),
        "the bucket loses its protection": argument("ApiTierArgs", "protect", "False"),
        "the trail loses its protection": argument("MonitoringArgs", "protect", "False"),
        "the key goes sooner than was asked": argument("EncryptionArgs", "deletion_days", "7"),
        "the stack carries no tags": expression(
            "stack_tags(project=pulumi.get_project(), stack=pulumi.get_stack())", "{}"
        ),
        "the network is not the one that was asked for": without("NetworkArgs", "settings"),
        "the settings of the functions are left out": without("ApiTierArgs", "function"),
    },
}


def mutants() -> Iterator[Mutant]:
    """Every mutant, in the order of the modules."""
    for module, broken in _BROKEN.items():
        path = "__main__.py" if module == "__main__" else f"components/{module}.py"
        for name, edit in broken.items():
            yield Mutant(name=f"{module}: {name}", path=path, edit=edit)
