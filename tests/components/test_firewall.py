"""The firewall: what it counts, what it refuses, and what it logs."""

from __future__ import annotations

from functools import partial

from aurora_graphql.preview.recording import declare
from components.firewall import MANAGED_RULES, Firewall, FirewallArgs
from tests.components.surroundings import KEY_ARN, TAGS

FIREWALL = FirewallArgs(
    stage_arn="arn:aws:apigateway:eu-central-1::/restapis/a1/stages/live",
    rate=100,
    key_arn=KEY_ARN,
    log_retention_days=30,
    tags=TAGS,
)


def test_firewall_counts_addresses_first_then_asks_the_managed_rules() -> None:
    rules = declare(partial(Firewall, "w", FIREWALL)).named("w-acl").inputs["rules"]
    assert [(rule["priority"], rule["name"]) for rule in rules] == list(
        enumerate(["rate", *MANAGED_RULES])
    )
    assert rules[0]["statement"] == {
        "rateBasedStatement": {
            "limit": 100,
            "aggregateKeyType": "IP",
            "evaluationWindowSec": 300,
        }
    }
    assert all(rule["visibilityConfig"]["cloudwatchMetricsEnabled"] for rule in rules)


def test_a_document_passes_the_firewall_by_get_as_by_post() -> None:
    rules = declare(partial(Firewall, "w", FIREWALL)).named("w-acl").inputs["rules"]
    counted = {
        rule["name"]: [
            override["name"]
            for override in rule["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
            if set(override["actionToUse"]) == {"count"}
        ]
        for rule in rules[1:]
    }
    assert counted == {
        "AWSManagedRulesAmazonIpReputationList": [],
        "AWSManagedRulesKnownBadInputsRuleSet": [],
        "AWSManagedRulesCommonRuleSet": [
            "SizeRestrictions_BODY",
            "CrossSiteScripting_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "EC2MetaDataSSRF_BODY",
            "SizeRestrictions_QUERYSTRING",
            "CrossSiteScripting_QUERYARGUMENTS",
            "GenericLFI_QUERYARGUMENTS",
            "GenericRFI_QUERYARGUMENTS",
            "EC2MetaDataSSRF_QUERYARGUMENTS",
            "RestrictedExtensions_QUERYARGUMENTS",
        ],
    }


def test_firewall_logs_without_tokens_and_queries() -> None:
    graph = declare(partial(Firewall, "w", FIREWALL))
    assert graph.named("w-log").inputs["name"] == "aws-waf-logs-w"
    fields = graph.named("w-logging").inputs["redactedFields"]
    assert [field["singleHeader"]["name"] for field in fields if "singleHeader" in field] == [
        "authorization",
        "cookie",
        "x-api-key",
    ]
    assert [field for field in fields if "queryString" in field] == [{"queryString": {}}]
    assert graph.named("w-association").inputs["resourceArn"] == FIREWALL.stage_arn
