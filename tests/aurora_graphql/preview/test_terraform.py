"""The plan that checkov reads: Terraform's names, Terraform's nesting, and its edges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.terraform import build_plan, terraform_type
from tests.aurora_graphql.preview.graphs import graph, resource
from tests.recorded import Recorded


@pytest.mark.parametrize(
    ("typ", "expected"),
    [
        ("aws:apigateway/restApi:RestApi", "aws_api_gateway_rest_api"),
        ("aws:cloudtrail/trail:Trail", "aws_cloudtrail"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws_vpc_endpoint"),
        ("aws:lambda/function:Function", "aws_lambda_function"),
        ("aws:rds/clusterInstance:ClusterInstance", "aws_rds_cluster_instance"),
        ("aws:rds/proxyTarget:ProxyTarget", "aws_db_proxy_target"),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws_s3_bucket_server_side_encryption_configuration",
        ),
        (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "aws_vpc_security_group_ingress_rule",
        ),
        ("aws:wafv2/webAcl:WebAcl", "aws_wafv2_web_acl"),
        ("random:index/randomPassword:RandomPassword", "random_password"),
    ],
)
def test_type(typ: str, expected: str) -> None:
    assert terraform_type(typ) == expected


def values(plan: dict[str, Any], address: str) -> dict[str, Any]:
    resources = plan["planned_values"]["root_module"]["resources"]
    (found,) = (one for one in resources if one["address"] == address)
    result: dict[str, Any] = found["values"]
    return result


def one(typ: str, **inputs: Any) -> dict[str, Any]:
    """The values of a single resource."""
    found = resource(typ, "one", inputs=inputs)
    return values(build_plan(graph(found)), f"{terraform_type(typ)}.one")


def test_block_that_occurs_once_is_a_list_of_one() -> None:
    assert one(
        "aws:lambda/function:Function",
        code={"file": "dist/handler.zip"},
        environment={"variables": {"logLevel": "INFO"}},
        vpcConfig={"subnetIds": ["a"], "securityGroupIds": ["b"]},
    ) == {
        "filename": "dist/handler.zip",
        "environment": [{"variables": {"logLevel": "INFO"}}],
        "vpc_config": [{"subnet_ids": ["a"], "security_group_ids": ["b"]}],
    }


def test_repeated_block_is_named_in_the_singular_and_texts_are_not() -> None:
    assert one(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        parameters=[{"name": "tls_version", "applyMethod": "immediate"}],
    ) == {"parameter": [{"name": "tls_version", "apply_method": "immediate"}]}
    assert one("aws:rds/cluster:Cluster", enabledCloudwatchLogsExports=["audit"]) == {
        "enabled_cloudwatch_logs_exports": ["audit"]
    }
    assert one("aws:route53/record:Record", aliases=[{"zoneId": "Z"}]) == {
        "alias": [{"zone_id": "Z"}]
    }


def test_tags_keep_their_names() -> None:
    assert one("aws:sns/topic:Topic", tags={"managed-by": "pulumi"}) == {
        "tags": {"managed-by": "pulumi"}
    }


def test_stage_names_its_api_by_id() -> None:
    assert one("aws:apigateway/stage:Stage", restApi="a1", deployment="d1") == {
        "rest_api_id": "a1",
        "deployment_id": "d1",
    }


def test_component_is_no_resource_of_a_plan() -> None:
    plan = build_plan(graph(resource("aurora-graphql:index:Network", "net")))
    assert plan["resource_changes"] == []


def test_edges_name_the_resource_that_an_argument_comes_from(recorded: Recorded) -> None:
    plan = build_plan(recorded("prod"))
    (found,) = (
        one
        for one in plan["configuration"]["root_module"]["resources"]
        if one["address"] == "aws_wafv2_web_acl_association."
        "aurora-graphql-prod-api-gateway-firewall-association"
    )
    stage = "aws_api_gateway_stage.aurora-graphql-prod-api-gateway-stage"
    assert found["expressions"]["resource_arn"] == {"references": [f"{stage}.id", stage]}


@pytest.mark.parametrize("stack", ["dev", "small", "prod"])
def test_plan_is_json_with_every_resource_once(recorded: Recorded, stack: str) -> None:
    found: Graph = recorded(stack)
    plan = json.loads(json.dumps(build_plan(found)))
    addresses = [one["address"] for one in plan["resource_changes"]]
    assert len(addresses) == len(set(addresses))
    assert len(addresses) == sum(resource.custom for resource in found.resources)
