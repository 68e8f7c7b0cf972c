"""What callers meet: who is asked, what the firewall keeps, what is of the whole account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.rules.registry import pointing_at, rule

ASKING_METHODS: Final = ("get", "post", "put", "patch", "delete", "head")
"""A preflight carries no token, so OPTIONS alone asks for none."""

HIDDEN_HEADERS: Final = {"authorization", "cookie", "x-api-key"}


@rule
def callers_are_asked(graph: Graph) -> Iterator[str]:
    """Every operation has an authorizer, and no function is told to let everybody do everything."""
    for api in graph.of_type("aws:apigateway/restApi:RestApi"):
        body = api.inputs.get("body")
        if body in (None, UNKNOWN):
            continue
        for path, operations in json.loads(str(body))["paths"].items():
            for method, operation in operations.items():
                if method in ASKING_METHODS and not operation.get("security"):
                    yield f"{api.name}: {method.upper()} {path} asks nobody who he is"
    for function in graph.of_type("aws:lambda/function:Function"):
        variables = (function.inputs.get("environment") or {}).get("variables") or {}
        if variables.get("AUTH") == "off":
            yield f"{function.name}: AUTH is off"


@rule
def firewall_counts_and_forgets(graph: Graph) -> Iterator[str]:
    """Rules of a firewall are counted; no sample and no log keeps the token of a request."""
    for acl in graph.of_type("aws:wafv2/webAcl:WebAcl"):
        rules = acl.inputs.get("rules") or []
        for shown in (acl.inputs, *rules):
            config: dict[str, Any] = shown.get("visibilityConfig") or {}
            what = shown.get("name", "the whole") if shown is not acl.inputs else "the whole"
            if config.get("cloudwatchMetricsEnabled") is not True:
                yield f"{acl.name}: {what} is not counted"
            if config.get("sampledRequestsEnabled") is not False:
                yield f"{acl.name}: {what} keeps samples of requests"
        typ = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
        logs = pointing_at(graph, acl, typ, "resourceArn")
        if not logs:
            yield f"{acl.name}: no log"
        for log in logs:
            fields = log.inputs.get("redactedFields") or []
            hidden = {(field.get("singleHeader") or {}).get("name") for field in fields}
            for header in sorted(HIDDEN_HEADERS - hidden):
                yield f"{log.name}: the log shows the header {header}"


@rule
def shared_settings_stay(graph: Graph) -> Iterator[str]:
    """What is of the whole account outlives the stack that set it: other stacks rely on it."""
    by_urn = {resource.urn: resource for resource in graph.resources}
    for account in graph.of_type("aws:apigateway/account:Account"):
        needed = [account, *(by_urn[urn] for urn in sorted(account.dependencies & by_urn.keys()))]
        for resource in needed:
            if resource.custom and not resource.retain_on_delete:
                yield f"{resource.name}: goes with the stack, and with it the logs of other APIs"
