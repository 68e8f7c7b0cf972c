"""The proxy: how callers log in, how it logs in, and what stands behind its endpoints."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.answers import ACCOUNT_ID, REGION
from aurora_graphql.preview.graph import UNKNOWN
from aurora_graphql.preview.recording import declare
from components.data_settings import ProxySettings
from components.proxy import DatabaseProxy, DatabaseProxyArgs
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, SUBNET_IDS, TAGS, VPC_ID
from tests.components.weaknesses import weaknesses

SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:shop-AbCdEf"
DATABASE_GROUP = "sg-0123456789abcdef0"

BY_SECRET = DatabaseProxyArgs(
    location=LOCATION,
    identifier="shop-dev-proxy",
    vpc_id=VPC_ID,
    subnet_ids=SUBNET_IDS,
    key_arn=KEY_ARN,
    cluster_identifier="shop-dev",
    cluster_resource_id="cluster-ABC",
    cluster_security_group_id=DATABASE_GROUP,
    cluster_port=3306,
    user="api",
    secret_arn=SECRET_ARN,
    tags=TAGS,
)
BY_IAM = replace(
    BY_SECRET,
    secret_arn=None,
    read_only_endpoint=True,
    settings=ProxySettings(authentication="iam", ignore_variable_sets=True),
)
VARIANTS = [pytest.param(BY_SECRET, id="secret"), pytest.param(BY_IAM, id="iam-and-read-only")]


def test_identities_are_frozen(declared: Declare) -> None:
    plain = [
        ("aurora-graphql:index:DatabaseProxy", "proxy"),
        ("aws:cloudwatch/logGroup:LogGroup", "proxy-log"),
        ("aws:ec2/securityGroup:SecurityGroup", "proxy-group"),
        ("aws:iam/role:Role", "proxy-role"),
        ("aws:iam/rolePolicy:RolePolicy", "proxy-policy"),
        ("aws:rds/proxy:Proxy", "proxy-proxy"),
        ("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "proxy-pool"),
        ("aws:rds/proxyTarget:ProxyTarget", "proxy-target"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "proxy-to-database"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "proxy-into-database"),
    ]
    assert declared(partial(DatabaseProxy, "proxy", BY_SECRET)).types_and_names() == plain
    assert declared(partial(DatabaseProxy, "proxy", BY_IAM)).types_and_names() == sorted(
        [*plain, ("aws:rds/proxyEndpoint:ProxyEndpoint", "proxy-read-only")]
    )


@pytest.mark.parametrize("args", VARIANTS)
def test_invariants_hold(declared: Declare, args: DatabaseProxyArgs) -> None:
    assert weaknesses(declared(partial(DatabaseProxy, "proxy", args))) == {}


def test_two_proxies_coexist(declared: Declare) -> None:
    def both() -> None:
        DatabaseProxy("one", BY_IAM)
        DatabaseProxy("other", replace(BY_IAM, identifier="shop-other"))

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == len(graph.resources)
    assert weaknesses(graph) == {}


def statements(args: DatabaseProxyArgs) -> list[dict[str, Any]]:
    policy = declare(partial(DatabaseProxy, "proxy", args)).named("proxy-policy")
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


def test_role_reads_one_secret_through_one_service_with_one_key() -> None:
    assert statements(BY_SECRET) == [
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": [SECRET_ARN],
        },
        {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": KEY_ARN,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
                    "kms:EncryptionContext:SecretARN": [SECRET_ARN],
                }
            },
        },
    ]


def test_role_without_a_secret_logs_in_as_one_user_of_one_cluster() -> None:
    assert statements(BY_IAM) == [
        {
            "Sid": "ConnectDatabase",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": f"arn:aws:rds-db:{REGION}:{ACCOUNT_ID}:dbuser:cluster-ABC/api",
        }
    ]


def test_callers_log_in_by_iam_whatever_the_proxy_does() -> None:
    by_secret = declare(partial(DatabaseProxy, "proxy", BY_SECRET)).named("proxy-proxy").inputs
    assert by_secret["defaultAuthScheme"] == "NONE"
    assert by_secret["auths"] == [
        {
            "authScheme": "SECRETS",
            "description": "Password of api; callers log in by IAM",
            "iamAuth": "REQUIRED",
            "secretArn": SECRET_ARN,
        }
    ]
    by_iam = declare(partial(DatabaseProxy, "proxy", BY_IAM)).named("proxy-proxy").inputs
    assert by_iam["defaultAuthScheme"] == "IAM_AUTH"
    assert "auths" not in by_iam


def test_pool_waits_less_than_a_caller_does() -> None:
    graph = declare(partial(DatabaseProxy, "proxy", BY_SECRET))
    assert graph.named("proxy-pool").inputs["connectionPoolConfig"] == {
        "connectionBorrowTimeout": 3,
        "maxConnectionsPercent": 90,
        "maxIdleConnectionsPercent": 50,
        "sessionPinningFilters": [],
    }


def test_pinning_by_set_can_be_filtered() -> None:
    graph = declare(partial(DatabaseProxy, "proxy", BY_IAM))
    pool = graph.named("proxy-pool").inputs["connectionPoolConfig"]
    assert pool["sessionPinningFilters"] == ["EXCLUDE_VARIABLE_SETS"]


def test_rules_join_the_proxy_and_the_cluster_and_nothing_else() -> None:
    graph = declare(partial(DatabaseProxy, "proxy", BY_SECRET))
    group = graph.named("proxy-group").urn
    egress, ingress = graph.named("proxy-to-database"), graph.named("proxy-into-database")
    assert egress.property_dependencies["securityGroupId"] == {group}
    assert egress.inputs["referencedSecurityGroupId"] == DATABASE_GROUP
    assert ingress.inputs["securityGroupId"] == DATABASE_GROUP
    assert ingress.property_dependencies["referencedSecurityGroupId"] == {group}
    assert {rule.inputs["fromPort"] for rule in (egress, ingress)} == {3306}


def test_read_only_endpoint_goes_to_readers() -> None:
    endpoint = declare(partial(DatabaseProxy, "proxy", BY_IAM)).named("proxy-read-only").inputs
    assert endpoint["targetRole"] == "READ_ONLY"
    assert endpoint["dbProxyEndpointName"] == "shop-dev-proxy-read-only"


def test_endpoints_wait_for_the_cluster_behind_them() -> None:
    graph = declare(partial(DatabaseProxy, "proxy", BY_IAM))
    outputs = graph.component_outputs[graph.named("proxy").urn]
    assert outputs["endpoint"].startswith("proxy-proxy.proxy-")
    assert outputs["read_only_endpoint"].startswith("proxy-read-only.endpoint.proxy-")
    assert outputs["resource_id"].startswith("prx-")
    first_preview = declare(partial(DatabaseProxy, "proxy", BY_IAM), outputs_known=False)
    outputs = first_preview.component_outputs[first_preview.named("proxy").urn]
    assert {outputs[key] for key in ("endpoint", "read_only_endpoint", "resource_id")} == {UNKNOWN}
    assert outputs["watched"]["proxy_name"] == "shop-dev-proxy"


def test_log_group_exists_before_the_proxy_would_make_it() -> None:
    graph = declare(partial(DatabaseProxy, "proxy", BY_SECRET))
    log = graph.named("proxy-log")
    assert log.inputs["name"] == "/aws/rds/proxy/shop-dev-proxy"
    assert log.urn in graph.named("proxy-proxy").dependencies


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"identifier": "1st"}, "identifier must be 2 to 50", id="digit-first"),
        pytest.param({"subnet_ids": ()}, "subnet_ids must be at least 2", id="no-subnets"),
        pytest.param({"secret_arn": None}, "secret_arn must be given exactly", id="no-secret"),
        pytest.param(
            {"settings": ProxySettings(authentication="iam")},
            "secret_arn must be given exactly when",
            id="needless-secret",
        ),
    ],
)
def test_args_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(BY_SECRET, **values)
