"""AWS WAF in front of the stage: managed rules, a limit per address, logs without tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.defaults import settled
from components.identity import formerly
from components.limits import FIREWALL_RATE, check_range
from components.naming import merge_tags, physical_name
from components.outputs import register

_DOCUMENT_RULES: Final = (
    "SizeRestrictions",
    "CrossSiteScripting",
    "GenericLFI",
    "GenericRFI",
    "EC2MetaDataSSRF",
)
"""Rules on the size and the text of what is asked; AWS has each for the body and for the query."""

MANAGED_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    # A GraphQL document may be larger than 8 KB, or than 2 KB in a URL: the handler limits it. And
    # its text or its variables may hold what looks like a path, a tag, an address or the name of a
    # file. A document that passes by POST passes by GET.
    "AWSManagedRulesCommonRuleSet": (
        *(f"{rule}_BODY" for rule in _DOCUMENT_RULES),
        "SizeRestrictions_QUERYSTRING",
        *(f"{rule}_QUERYARGUMENTS" for rule in _DOCUMENT_RULES[1:]),
        "RestrictedExtensions_QUERYARGUMENTS",  # there is none for the body
    ),
}
"""Rule group -> its rules that only count. In this order.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """The stage to protect. ``rate``: requests per address in five minutes."""

    stage_arn: pulumi.Input[str]
    rate: int
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    log_retention_days: int
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_range("rate", self.rate, *FIREWALL_RATE, "requests in five minutes")


class Firewall(pulumi.ComponentResource):
    """A web ACL on one stage. Output: ``web_acl_arn``."""

    web_acl_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Firewall", name, None, formerly("Firewall", opts))
        args = settled(self, name, args)
        child = pulumi.ResourceOptions(parent=self)
        tags = merge_tags(args.tags, {"component": name})
        acl = aws.wafv2.WebAcl(
            f"{name}-acl",
            description="Guards the stage of the API",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(
                allow=aws.wafv2.WebAclDefaultActionAllowArgs()
            ),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True,
                metric_name=name,
                sampled_requests_enabled=False,  # samples show headers, tokens among them
            ),
            rules=[
                _rate_rule(args.rate),
                *(
                    _managed_rule(priority, group, counted)
                    for priority, (group, counted) in enumerate(MANAGED_RULES.items(), start=1)
                ),
            ],
            tags=tags,
            opts=child,
        )
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=physical_name(f"aws-waf-logs-{name}", limit=512),  # WAF demands the prefix
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=acl.arn,
            log_destination_configs=[log_group.arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(
                        name=header
                    )
                )
                for header in ("authorization", "cookie", "x-api-key")
            ]
            + [
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    query_string=aws.wafv2.WebAclLoggingConfigurationRedactedFieldQueryStringArgs()  # type: ignore[no-untyped-call]  # the SDK gives an empty class no types
                )
            ],
            opts=child,
        )
        aws.wafv2.WebAclAssociation(
            f"{name}-association", resource_arn=args.stage_arn, web_acl_arn=acl.arn, opts=child
        )
        self.web_acl_arn = acl.arn
        register(self)


def _visibility(metric_name: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True,
        metric_name=metric_name,
        sampled_requests_enabled=False,
    )


def _rate_rule(rate: int) -> aws.wafv2.WebAclRuleArgs:
    return aws.wafv2.WebAclRuleArgs(
        name="rate",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(
            block=aws.wafv2.WebAclRuleActionBlockArgs(
                custom_response=aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=429)
            )
        ),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                limit=rate, aggregate_key_type="IP", evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("rate"),
    )


def _managed_rule(priority: int, group: str, counted: tuple[str, ...]) -> aws.wafv2.WebAclRuleArgs:
    managed = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
        vendor_name="AWS",
        name=group,
        rule_action_overrides=[
            aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                name=rule,
                action_to_use=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
                    count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
                ),
            )
            for rule in counted
        ],
    )
    return aws.wafv2.WebAclRuleArgs(
        name=group,
        priority=priority,
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(
            none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]  # as above
        ),
        statement=aws.wafv2.WebAclRuleStatementArgs(managed_rule_group_statement=managed),
        visibility_config=_visibility(group),
    )
