"""What is broken of the ground and the data: key, rights, network, database, proxy and cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutation.changes import Edit, argument, entry, expression, nothing, without
from tests.mutation.words import INGRESS, LOG_GROUP, OPEN_RULES, OPTIONS

DATA: Final[Mapping[str, Mapping[str, Edit]]] = {
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
        "CloudTrail may not read the key of its bucket": expression(
            '["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]',
            '["kms:DescribeKey", "kms:GenerateDataKey*"]',
            within="_key_user",
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
        "whole functions are deleted": entry("DeleteVersions", "Resource", "list(function_arns)"),
        "versions of any function are deleted": entry("DeleteVersions", "Resource", '["*"]'),
        "every function is looked at": entry("ListVersions", "Resource", '"*"'),
        "every key copies snapshots": entry("CopySnapshots", "Resource", '"*"'),
        "the keys of snapshots are for any service": entry("CopySnapshots", "Condition", None),
        "any deployment may be begun": entry("StartDeployments", "Resource", '"*"'),
        "anything is done with deployments": entry("StartDeployments", "Action", '"codedeploy:*"'),
        "the alias of any function moves": entry("MoveAlias", "Resource", '"*"'),
        "functions are changed, not only their aliases": entry("MoveAlias", "Action", '"lambda:*"'),
        "the aliases of any function are read": entry("ReadAlias", "Resource", '"*"'),
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
            "aws.ec2.DefaultSecurityGroup", "ingress", OPEN_RULES
        ),
        "the default group lets everything out": argument(
            "aws.ec2.DefaultSecurityGroup", "egress", OPEN_RULES
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
        "the flow log is not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the flow log is kept for ever": without(LOG_GROUP, "retention_in_days"),
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
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
        ),
        "the VPC carries no tags": without("aws.ec2.Vpc", "tags"),
    },
    "database": {
        "what AWS does slowly to a cluster is called a failure": argument(
            OPTIONS, "custom_timeouts", "None", having="protect"
        ),
        "a frozen function keeps a paused database awake": expression(
            "settings.may_pause", "False", within="_instance_parameters"
        ),
        "defaults are changed by each update": expression(
            '"pending-reboot"', '"immediate"', within="_apply_method"
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
            OPTIONS, "protect", "False", having="protect"
        ),
        "a changed snapshot replaces the cluster": argument(
            OPTIONS, "ignore_changes", "[]", having="protect"
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
        "the logs are not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the logs are kept for ever": without(LOG_GROUP, "retention_in_days"),
        "RDS makes the log groups": argument(OPTIONS, "depends_on", "[]", having="protect"),
        "the cluster takes connections without TLS": expression(
            '("require_secure_transport", "ON")',
            '("require_secure_transport", "OFF")',
        ),
        "the cluster takes TLS 1.0": expression(
            '"TLSv1.2,TLSv1.3"', '"TLSv1,TLSv1.2"', within="_cluster_parameters"
        ),
        "nothing is audited": expression(
            '("server_audit_logging", "1")',
            '("server_audit_logging", "0")',
        ),
        "a client's files may be loaded": expression(
            '("local_infile", "0")', '("local_infile", "1")'
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
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
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
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
        ),
        "the cluster takes connections from every address": argument(
            INGRESS, "cidr_ipv4", '"0.0.0.0/0"'
        ),
        "the cluster's rule names nobody": without(INGRESS, "referenced_security_group_id"),
        "the proxy reaches any port": argument(
            "aws.vpc.SecurityGroupEgressRule", "ip_protocol", '"-1"'
        ),
        "the log is not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the log is kept for ever": without(LOG_GROUP, "retention_in_days"),
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
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
        ),
        "the logs are not encrypted": without(LOG_GROUP, "kms_key_id"),
        "the logs are kept for ever": without(LOG_GROUP, "retention_in_days"),
        "the cache carries no tags": without("aws.elasticache.ServerlessCache", "tags"),
    },
    "copied_backups": {
        "the copies' key does not rotate": argument("aws.kms.Key", "enable_key_rotation", "False"),
        "the copies' key goes sooner than was asked": argument(
            "aws.kms.Key", "deletion_window_in_days", "7"
        ),
        "the copies' key has the policy that AWS makes": without("aws.kms.Key", "policy"),
        "the copies' key is in the stack's region": without("aws.kms.Key", "region"),
        "the copies stay in the stack's region": without(
            "aws.backup.Vault", "region", named="-copies"
        ),
        "the copies are encrypted with a key of AWS": without(
            "aws.backup.Vault", "kms_key_arn", named="-copies"
        ),
        "the snapshots are encrypted with a key of AWS": argument(
            "aws.backup.Vault", "kms_key_arn", "None", named="-vault"
        ),
        "the copies go with the stack": argument(
            "aws.backup.Vault", "force_destroy", "True", named="-copies"
        ),
        "Pulumi deletes the copies when asked": argument(
            OPTIONS, "protect", "False", having="protect"
        ),
        "nothing is copied": without("aws.backup.PlanRuleArgs", "copy_actions"),
        "snapshots are kept for ever": without("aws.backup.PlanRuleArgs", "lifecycle"),
        "copies are kept for ever": without("aws.backup.PlanRuleCopyActionArgs", "lifecycle"),
        "the plan begins before it has its rights": argument(
            OPTIONS, "depends_on", "[]", having="depends_on"
        ),
        "the keys are not for the role": expression("[args.key_arn, key.arn]", "[args.key_arn]"),
        "any account's backups may take the role": expression(
            'iam.trust("backup.amazonaws.com", location=args.location)',
            'iam.trust("backup.amazonaws.com")',
        ),
        "the stack's own region is taken": expression(
            "self.copy_region == self.location.region", "False"
        ),
        "the vault of the copies carries no tags": without(
            "aws.backup.Vault", "tags", named="-copies"
        ),
    },
    "tunnel": {
        "the instance has an address in the internet": argument(
            "aws.ec2.Instance", "associate_public_ip_address", "True"
        ),
        "the volume is not encrypted": argument(
            "aws.ec2.InstanceRootBlockDeviceArgs", "encrypted", "False"
        ),
        "the volume is encrypted with a key of AWS": without(
            "aws.ec2.InstanceRootBlockDeviceArgs", "kms_key_id"
        ),
        "the role's keys are read without a token": argument(
            "aws.ec2.InstanceMetadataOptionsArgs", "http_tokens", '"optional"'
        ),
        "the instance takes calls from everywhere": argument(
            "aws.ec2.SecurityGroup", "ingress", OPEN_RULES
        ),
        "a rule names nobody": without(INGRESS, "referenced_security_group_id"),
        "a rule takes every address": argument(INGRESS, "cidr_ipv4", '"0.0.0.0/0"'),
        "the instance reaches every port": argument(
            "aws.vpc.SecurityGroupEgressRule", "ip_protocol", '"-1"'
        ),
        "the instance joins the default group": without(
            "aws.ec2.Instance", "vpc_security_group_ids"
        ),
        "a new image replaces the instance": expression('["ami"]', "[]"),
        "the provider looks for the name of the image": argument(
            "aws.ec2.Instance", "ami", 'f"resolve:ssm:{IMAGE}"'
        ),
        "the instance carries no tags": without("aws.ec2.Instance", "tags"),
    },
}
