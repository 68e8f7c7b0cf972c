"""Controls of what callers meet: functions, gateway, firewall."""

from __future__ import annotations

import json
from typing import Final

from aurora_graphql.preview.controls.registry import Control, is_true, unknown
from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.registry import pointing_at

FUNCTION: Final = "aws:lambda/function:Function"
STAGE: Final = "aws:apigateway/stage:Stage"
METHOD_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"

SUPPORTED_RUNTIMES: Final = {"python3.11", "python3.12", "python3.13", "python3.14"}
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""


def _names_its_caller(_: Graph, permission: Resource) -> bool:
    """A service alone may be used by any account; the source says whose."""
    source = permission.inputs.get("sourceArn") or permission.inputs.get("sourceAccount")
    return permission.inputs.get("principal") != "*" and bool(source)


def _in_two_subnets(_: Graph, function: Resource) -> bool:
    network = function.inputs.get("vpcConfig")
    return network is None or len(network["subnetIds"]) >= 2


def _level_logged(_: Graph, settings: Resource) -> bool:
    return settings.inputs["settings"].get("loggingLevel") in ("ERROR", "INFO")


def _cache_encrypted(_: Graph, settings: Resource) -> bool:
    chosen = settings.inputs["settings"]
    return not chosen.get("cachingEnabled") or chosen.get("cacheDataEncrypted") is True


def _behind_firewall(graph: Graph, stage: Resource) -> bool:
    typ = "aws:wafv2/webAclAssociation:WebAclAssociation"
    return bool(pointing_at(graph, stage, typ, "resourceArn"))


def _every_operation_asks(_: Graph, api: Resource) -> bool:
    """A preflight carries no token, so OPTIONS alone asks for none."""
    body = api.inputs.get("body")
    if unknown(body):
        return True
    paths = json.loads(str(body))["paths"]
    return all(
        operation.get("security")
        for operations in paths.values()
        for method, operation in operations.items()
        if method in ("get", "post", "put", "patch", "delete", "head")
    )


def _firewall_logged(graph: Graph, acl: Resource) -> bool:
    typ = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    return bool(pointing_at(graph, acl, typ, "resourceArn"))


def _rules_counted(_: Graph, acl: Resource) -> bool:
    return all(rule["visibilityConfig"]["cloudwatchMetricsEnabled"] for rule in acl.inputs["rules"])


CONTROLS: Final = (
    Control(
        id="Lambda.1",
        title="nobody but a named source may call a function",
        types=("aws:lambda/permission:Permission",),
        met=_names_its_caller,
    ),
    Control(
        id="Lambda.2",
        title="functions use a supported runtime",
        types=(FUNCTION,),
        met=lambda _, one: one.inputs.get("runtime") in SUPPORTED_RUNTIMES,
    ),
    Control(
        id="Lambda.3",
        title="functions run in a VPC",
        types=(FUNCTION,),
        met=lambda _, one: bool(one.inputs.get("vpcConfig")),
    ),
    Control(
        id="Lambda.5",
        title="functions in a VPC use more than one zone",
        types=(FUNCTION,),
        met=_in_two_subnets,
    ),
    Control(
        id="APIGateway.1",
        title="the gateway logs its errors",
        types=(METHOD_SETTINGS,),
        met=_level_logged,
    ),
    Control(
        id="APIGateway.3",
        title="stages are traced",
        types=(STAGE,),
        met=is_true("xrayTracingEnabled"),
    ),
    Control(
        id="APIGateway.4",
        title="stages are behind a firewall",
        types=(STAGE,),
        met=_behind_firewall,
    ),
    Control(
        id="APIGateway.5",
        title="the gateway's cache is encrypted",
        types=(METHOD_SETTINGS,),
        met=_cache_encrypted,
    ),
    Control(
        id="APIGateway.8",
        title="every operation asks who is calling",
        types=("aws:apigateway/restApi:RestApi",),
        met=_every_operation_asks,
    ),
    Control(
        id="WAF.10",
        title="firewalls have rules",
        types=(WEB_ACL,),
        met=lambda _, one: bool(one.inputs.get("rules")),
    ),
    Control(
        id="WAF.11",
        title="firewalls log",
        types=(WEB_ACL,),
        met=_firewall_logged,
    ),
    Control(
        id="WAF.12",
        title="the rules of firewalls are counted",
        types=(WEB_ACL,),
        met=_rules_counted,
    ),
)
