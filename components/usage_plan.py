"""API keys and what each may use. A key counts callers; it does not authenticate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.api_settings import ApiSettings
from components.identity import formerly
from components.naming import merge_tags
from components.outputs import register


@dataclass(frozen=True, kw_only=True)
class UsagePlanArgs:
    """Whose requests are counted, and the limits: the ``key_*`` fields of ``settings``."""

    settings: ApiSettings
    api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]
    tags: Mapping[str, str] = field(default_factory=dict)


class UsagePlan(pulumi.ComponentResource):
    """One plan and one key per name. Output: ``key_ids``, name -> id, for reading the value."""

    key_ids: pulumi.Output[Mapping[str, str]]

    def __init__(
        self, name: str, args: UsagePlanArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:UsagePlan", name, None, formerly("UsagePlan", opts))
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        tags = merge_tags(args.tags, {"component": name})
        plan = aws.apigateway.UsagePlan(
            f"{name}-plan",
            description="The same for every key",
            api_stages=[
                aws.apigateway.UsagePlanApiStageArgs(api_id=args.api_id, stage=args.stage_name)
            ],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=settings.key_rate, burst_limit=settings.key_burst
            ),
            quota_settings=(
                aws.apigateway.UsagePlanQuotaSettingsArgs(
                    limit=settings.key_quota, period=settings.key_quota_period
                )
                if settings.key_quota
                else None
            ),
            tags=tags,
            opts=child,
        )
        key_ids: dict[str, pulumi.Output[str]] = {}
        for key_name in settings.key_names:
            key = aws.apigateway.ApiKey(
                f"{name}-{key_name}",
                description=f"Key of {key_name}",
                tags=tags,
                opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["value"]),
            )
            aws.apigateway.UsagePlanKey(
                f"{name}-{key_name}-member",
                key_id=key.id,
                key_type="API_KEY",
                usage_plan_id=plan.id,
                opts=child,
            )
            key_ids[key_name] = key.id
        self.key_ids = pulumi.Output.all(**key_ids)
        register(self)
