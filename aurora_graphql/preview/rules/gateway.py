"""API Gateway and WAF: who is asked who he is, what the firewall counts and what it forgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.rule import Problem, Rule, each, pointing_at, unknown

API: Final = "aws:apigateway/restApi:RestApi"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"

ASKING_METHODS: Final = ("get", "post", "put", "patch", "delete", "head")
"""A preflight carries no token, so OPTIONS alone asks for none."""

HIDDEN_HEADERS: Final = frozenset({"authorization", "cookie", "x-api-key"})


def _callers_are_asked(graph: Graph) -> Iterator[Problem]:
    for api in graph.of_type(API):
        body = api.inputs.get("body")
        if body is None or unknown(body):
            continue
        for path, operations in json.loads(str(body))["paths"].items():
            for method, operation in operations.items():
                if method in ASKING_METHODS and not operation.get("security"):
                    yield api.name, f"{method.upper()} {path} has no authorizer"
    for function in graph.of_type("aws:lambda/function:Function"):
        variables = (function.inputs.get("environment") or {}).get("variables") or {}
        if variables.get("AUTH") == "off":
            yield function.name, "AUTH is off"


def _has_rules(_: Graph, acl: Resource) -> bool:
    return bool(acl.inputs.get("rules"))


def _firewall_counts(graph: Graph) -> Iterator[Problem]:
    for acl in graph.of_type(WEB_ACL):
        for shown in (acl.inputs, *(acl.inputs.get("rules") or [])):
            config: dict[str, Any] = shown.get("visibilityConfig") or {}
            if config.get("cloudwatchMetricsEnabled") is not True:
                yield acl.name, f"{_part(acl.inputs, shown)} is not counted"


def _firewall_forgets(graph: Graph) -> Iterator[Problem]:
    for acl in graph.of_type(WEB_ACL):
        for shown in (acl.inputs, *(acl.inputs.get("rules") or [])):
            config: dict[str, Any] = shown.get("visibilityConfig") or {}
            if config.get("sampledRequestsEnabled") is not False:
                yield acl.name, f"{_part(acl.inputs, shown)} keeps samples of requests"
        typ = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
        for log in pointing_at(graph, acl, typ, "resourceArn"):
            fields = log.inputs.get("redactedFields") or []
            hidden = {(field.get("singleHeader") or {}).get("name") for field in fields}
            for header in sorted(HIDDEN_HEADERS - hidden):
                yield log.name, f"the log shows the header {header}"


def _managed_rules_decide(graph: Graph) -> Iterator[Problem]:
    for acl in graph.of_type(WEB_ACL):
        for rule in acl.inputs.get("rules") or []:
            if "count" in (rule.get("overrideAction") or {}):
                yield acl.name, f"rule {rule.get('name')} only counts what it would refuse"


def _part(acl: Any, shown: Any) -> str:
    return "the whole" if shown is acl else f"rule {shown.get('name')}"


def _shared_settings_stay(graph: Graph) -> Iterator[Problem]:
    by_urn = {resource.urn: resource for resource in graph.resources}
    for account in graph.of_type("aws:apigateway/account:Account"):
        needed = [account, *(by_urn[urn] for urn in sorted(account.dependencies & by_urn.keys()))]
        for resource in needed:
            if resource.custom and not resource.retain_on_delete:
                yield resource.name, "goes with the stack, and with it the logs of other APIs"


RULES: Final = (
    Rule(
        id="APIGateway.8",
        holds="every operation has an authorizer, and none lets everybody in",
        why="API Gateway calls the function for whoever asks otherwise.",
        remedy="give the operation security; write apiAnonymous true for callers without a token",
        check=_callers_are_asked,
    ),
    Rule(
        id="WAF.10",
        holds="a firewall has rules",
        why="It lets everything through otherwise.",
        remedy="leave the rules of the Firewall component as they are",
        check=each(WEB_ACL, met=_has_rules, problem="has no rules"),
    ),
    Rule(
        id="WAF.12",
        holds="every rule of a firewall is counted",
        why="Nobody would know what it refuses.",
        remedy="set cloudwatch_metrics_enabled",
        check=_firewall_counts,
    ),
    Rule(
        id="firewall-decides",
        holds="a group of managed rules of a firewall refuses what it finds",
        why="Overridden as a whole it lets known exploits through, and looks as if it did not.",
        remedy="override single rules of the group (rule_action_overrides), not the group",
        check=_managed_rules_decide,
    ),
    Rule(
        id="firewall-forgets-tokens",
        holds="no sample and no log of a firewall keeps a caller's token",
        why="Whoever reads the log could use it.",
        remedy="set sampled_requests_enabled false, and redact authorization, cookie, x-api-key",
        check=_firewall_forgets,
    ),
    Rule(
        id="shared-settings-stay",
        holds="settings of the whole account outlive the stack that made them",
        why="Other stacks rely on them.",
        remedy="set retain_on_delete",
        check=_shared_settings_stay,
    ),
)
