"""The REST API in front of the functions: definition, deployment, stage, logs, limits.

A deployment is made whenever, and only when, something changes that callers meet only after one:
the definition and the addresses behind it (which do not change once they exist), the API's own
doors and its policy. Limits, logs and cache are the stage's and need none.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam
from components.api_settings import ApiSettings, MonitoringSettings
from components.defaults import settled
from components.definition import (
    DefinitionOptions,
    Targets,
    build_definition,
    build_private_policy,
    definition_sha256,
    encode_definition,
)
from components.domain import Domain, DomainArgs
from components.firewall import Firewall, FirewallArgs
from components.identity import formerly
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register
from components.signals import Alarm, Signals, Station, lines_of
from components.subnets import is_given
from components.surface import build_surface
from components.usage_plan import UsagePlan, UsagePlanArgs

ACCESS_LOG: Final[Mapping[str, str]] = {
    "time": "$context.requestTimeEpoch",
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "traceId": "$context.xrayTraceId",
    "sourceIp": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "apiKeyId": "$context.identity.apiKeyId",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseBytes": "$context.responseLength",
    "responseLatencyMs": "$context.responseLatency",
    "authorizerStatus": "$context.authorizer.status",
    "authorizerLatencyMs": "$context.authorizer.latency",
    "integrationStatus": "$context.integration.status",
    "integrationLatencyMs": "$context.integration.latency",
    "integrationError": "$context.integration.error",
    "wafStatus": "$context.waf.status",
    "errorType": "$context.error.responseType",
}
"""One JSON line per request. No query string, body or token, and no ``principalId``: it is the
subject of a token, often a person. The address stays, for whoever has to stop an attack.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

_LOG_ROLE_POLICY: Final = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"


API_ERROR_SHARE: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class WatchedGateway:
    """A deployed API, as its metrics name it."""

    api_name: pulumi.Input[str]
    stage_name: pulumi.Input[str]

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms, and the first station that a request meets."""
        del namespace  # all metrics are API Gateway's own
        api = {"ApiName": self.api_name, "Stage": self.stage_name}
        service = "AWS/ApiGateway"
        return Signals(
            alarms=[
                Alarm(
                    name="api-errors",
                    meaning="More than 1 % of the requests end in a 5xx",
                    namespace=service,
                    metric="5XXError",
                    dimensions=api,
                    statistic="Average",  # the metric is 0 or 1 for each request
                    threshold=API_ERROR_SHARE,
                ),
                Alarm(
                    name="api-latency",
                    meaning=f"1 % of the callers wait longer than {settings.latency_p99_ms} ms",
                    namespace=service,
                    metric="Latency",
                    dimensions=api,
                    statistic="p99",
                    threshold=settings.latency_p99_ms,
                ),
            ],
            stations=[
                Station(
                    title="Gateway",
                    traffic=lines_of(service, api, ("Count", "Sum", "requests")),
                    latency=lines_of(
                        service,
                        api,
                        ("Latency", "p50", "p50"),
                        ("Latency", "p99", "p99"),
                        ("IntegrationLatency", "p99", "p99 behind it"),
                    ),
                    errors=lines_of(
                        service, api, ("5XXError", "Sum", "5xx"), ("4XXError", "Sum", "4xx")
                    ),
                    saturation=lines_of(
                        service,
                        api,
                        ("CacheHitCount", "Sum", "cache hits"),
                        ("CacheMissCount", "Sum", "cache misses"),
                    ),
                )
            ],
        )


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """What stands behind the API, and how callers meet it.

    ``variables`` are those of the handler that the stack chooses: some say what its doors are.
    ``*_invoke_arn`` are those of aliases; ``*_function_name`` and ``alias_name`` say whom API
    Gateway may call. ``vpc_endpoint_ids`` only for a private API.
    """

    settings: ApiSettings
    timeout_s: int
    graphql_invoke_arn: pulumi.Input[str]
    graphql_function_name: pulumi.Input[str]
    authorizer_invoke_arn: pulumi.Input[str]
    authorizer_function_name: pulumi.Input[str]
    alias_name: pulumi.Input[str]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    location: Location = HERE
    vpc_endpoint_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        build_surface(self.variables, graphiql=self.settings.graphiql)  # raises for a wrong one
        private = self.settings.endpoint_type == "private"
        if private and not is_given(self.vpc_endpoint_ids):
            raise ValueError("a private API needs at least one of vpc_endpoint_ids, got none")
        if is_given(self.vpc_endpoint_ids) and not private:
            raise ValueError(
                f"vpc_endpoint_ids belong to a private API, not a {self.settings.endpoint_type} one"
            )


class Gateway(pulumi.ComponentResource):
    """A deployed API with the resources of ``components.surface``.

    Outputs: ``api_id``, ``stage_arn``, ``url`` (with the custom domain, where there is one),
    ``access_log_group_name``; ``watched`` for the monitoring.
    """

    api_id: pulumi.Output[str]
    watched: WatchedGateway
    stage_arn: pulumi.Output[str]
    url: pulumi.Output[str]
    access_log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Gateway", name, None, formerly("Gateway", opts))
        args = settled(self, name, args)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        tags = merge_tags(args.tags, {"component": name})
        api = self._declare_api(name, args, tags)
        policy = self._close(name, args, api)
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=api.id,
            description="Made when the definition of the API changes",
            triggers={
                "definition": definition_sha256(_options(args)),
                "graphql": args.graphql_invoke_arn,
                "authorizer": args.authorizer_invoke_arn,
                "endpoint_type": settings.endpoint_type,
                "default_endpoint": "closed" if settings.domain_name else "open",
                "compression_bytes": str(settings.compression_bytes),
                **({"policy": policy.policy} if policy else {}),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=policy),
        )
        access_log = aws.cloudwatch.LogGroup(
            f"{name}-access-log",
            retention_in_days=settings.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        # API Gateway would create this group itself: unencrypted and kept for ever.
        error_log = aws.cloudwatch.LogGroup(
            f"{name}-error-log",
            name=pulumi.Output.concat(
                "API-Gateway-Execution-Logs_", api.id, "/", settings.stage_name
            ),
            retention_in_days=settings.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        ready: list[pulumi.Resource] = [error_log]
        if settings.account_log_role:
            ready.append(self._account_log_role(name, args.location, tags))
        stage = aws.apigateway.Stage(
            f"{name}-stage",
            rest_api=api.id,
            deployment=deployment.id,
            stage_name=settings.stage_name,
            description="Receives the traffic",
            access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
                destination_arn=access_log.arn, format=json.dumps(ACCESS_LOG)
            ),
            xray_tracing_enabled=settings.tracing,
            cache_cluster_enabled=settings.cache_size_gb > 0,
            cache_cluster_size=f"{settings.cache_size_gb:g}" if settings.cache_size_gb else None,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=ready),
        )
        # On a stage the cache concerns GET only.
        self._limit(f"{name}-limits", args, stage, "*/*", caching=settings.cache_size_gb > 0)
        if settings.cache_size_gb > 0:
            # Who asks whether the API is alive does not ask whether it was a minute ago.
            (health,) = (
                route for route in _options(args).surface.routes if route.purpose == "health"
            )
            path = health.path.removeprefix("/").replace("/", "~1")
            self._limit(f"{name}-health-limits", args, stage, f"{path}/GET", caching=False)
        for purpose, function_name, path in (
            ("graphql", args.graphql_function_name, f"/{settings.stage_name}/*/*"),
            ("authorizer", args.authorizer_function_name, "/authorizers/*"),
        ):
            aws.lambda_.Permission(
                f"{name}-calls-{purpose}",
                action="lambda:InvokeFunction",
                function=function_name,
                qualifier=args.alias_name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(api.execution_arn, path),
                opts=child,
            )
        self.api_id = api.id
        self.watched = WatchedGateway(api_name=api.name, stage_name=stage.stage_name)
        self.stage_arn = stage.arn
        self.access_log_group_name = access_log.name
        self.url = self._publish(name, args, api, stage)
        register(self)

    def _limit(
        self,
        name: str,
        args: GatewayArgs,
        stage: aws.apigateway.Stage,
        method_path: str,
        *,
        caching: bool,
    ) -> None:
        """Throttle, logs and cache of some methods of the stage."""
        settings = args.settings
        aws.apigateway.MethodSettings(
            name,
            rest_api=stage.rest_api,
            stage_name=stage.stage_name,
            method_path=method_path,
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                metrics_enabled=True,
                logging_level="ERROR",
                data_trace_enabled=False,  # it would log bodies
                throttling_rate_limit=settings.throttle_rate,
                throttling_burst_limit=settings.throttle_burst,
                caching_enabled=caching,
                cache_ttl_in_seconds=settings.cache_ttl_s,
                cache_data_encrypted=True,
                require_authorization_for_cache_control=True,
                unauthorized_cache_control_header_strategy="SUCCEED_WITHOUT_RESPONSE_HEADER",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _declare_api(
        self, name: str, args: GatewayArgs, tags: Mapping[str, str]
    ) -> aws.apigateway.RestApi:
        settings = args.settings
        options = _options(args)
        body = pulumi.Output.all(
            graphql=args.graphql_invoke_arn,
            authorizer=args.authorizer_invoke_arn,
        ).apply(
            lambda known: encode_definition(
                build_definition(
                    options,
                    Targets(
                        graphql_uri=known["graphql"],
                        authorizer_uri=known["authorizer"],
                    ),
                )
            )
        )
        return aws.apigateway.RestApi(
            f"{name}-api",
            description="GraphQL over HTTP",
            body=body,
            put_rest_api_mode="overwrite",
            fail_on_warnings=False,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(
                types=settings.endpoint_type.upper(),
                vpc_endpoint_ids=args.vpc_endpoint_ids if is_given(args.vpc_endpoint_ids) else None,
            ),
            # A custom domain is the only door where there is one: the firewall and its logs see
            # one name. API Gateway closes the other with a deployment, no sooner.
            disable_execute_api_endpoint=bool(settings.domain_name),
            minimum_compression_size=(
                None if settings.compression_bytes < 0 else str(settings.compression_bytes)
            ),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _close(
        self, name: str, args: GatewayArgs, api: aws.apigateway.RestApi
    ) -> aws.apigateway.RestApiPolicy | None:
        """The policy of a private API; without one API Gateway does not deploy it."""
        if not is_given(args.vpc_endpoint_ids):
            return None
        return aws.apigateway.RestApiPolicy(
            f"{name}-doors",
            rest_api_id=api.id,
            policy=iam.encode(
                build_private_policy(
                    api.execution_arn,
                    args.vpc_endpoint_ids,
                    api.body.apply(lambda body: body or ""),
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _account_log_role(
        self, name: str, location: Location, tags: Mapping[str, str]
    ) -> pulumi.Resource:
        """The role by which API Gateway writes logs; one for the whole account and region.

        It stays when the stack goes: the provider would set the account back to none, and every
        other API there would stop logging without a word.
        """
        child = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        role = aws.iam.Role(
            f"{name}-log-role",
            description="Lets API Gateway write its logs",
            assume_role_policy=iam.encode(
                iam.document(
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": "apigateway.amazonaws.com"},
                    }
                )
            ),
            tags=tags,
            opts=child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-log-policy",
            role=role.name,
            policy_arn=f"arn:{location.partition}:iam::aws:policy/{_LOG_ROLE_POLICY}",
            opts=child,
        )
        return aws.apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[attachment], retain_on_delete=True
            ),
        )

    def _publish(
        self,
        name: str,
        args: GatewayArgs,
        api: aws.apigateway.RestApi,
        stage: aws.apigateway.Stage,
    ) -> pulumi.Output[str]:
        """Firewall, API keys and custom domain, as far as the settings ask for them; the URL."""
        settings = args.settings
        child = pulumi.ResourceOptions(parent=self)
        if settings.firewall:
            Firewall(
                f"{name}-firewall",
                FirewallArgs(
                    stage_arn=stage.arn,
                    rate=settings.firewall_rate,
                    key_arn=args.key_arn,
                    log_retention_days=settings.log_retention_days,
                    tags=args.tags,
                ),
                child,
            )
        if settings.key_names:
            UsagePlan(
                f"{name}-plan",
                UsagePlanArgs(
                    settings=settings,
                    api_id=api.id,
                    stage_name=stage.stage_name,
                    tags=args.tags,
                ),
                child,
            )
        if not settings.domain_name:
            return pulumi.Output.concat(stage.invoke_url, "/")
        domain = Domain(
            f"{name}-domain",
            DomainArgs(
                domain_name=settings.domain_name,
                edge=settings.endpoint_type == "edge",
                certificate_arn=settings.certificate_arn or None,
                hosted_zone_id=settings.hosted_zone_id or None,
                api_id=api.id,
                stage_name=stage.stage_name,
                tags=args.tags,
            ),
            child,
        )
        return domain.url


def _options(args: GatewayArgs) -> DefinitionOptions:
    settings = args.settings
    return DefinitionOptions(
        surface=build_surface(args.variables, graphiql=settings.graphiql),
        cors_origins=settings.cors_origins,
        authorizer_cache_s=settings.authorizer_cache_s,
        anonymous=settings.anonymous,
        api_keys=bool(settings.key_names),
        timeout_s=args.timeout_s,
    )
