"""Settings of the API side: what is refused, and that the message helps."""

from __future__ import annotations

from typing import Any

import pytest

from components.api_settings import (
    ApiSettings,
    FunctionSettings,
    IngestSettings,
    MonitoringSettings,
)
from components.limits import check_choice, check_pattern, check_range

HASH = "0" * 64
ISSUERS = ("https://issuer.example/",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"endpoint_type": "public"}, "apiEndpointType must be one of", id="endpoint"),
        pytest.param({"stage_name": "a/b"}, "apiStageName must be 1 to 128", id="stage"),
        pytest.param(
            {"authorizer_cache_s": 3601},
            "apiAuthorizerCacheS must be between 0 and 3600 seconds, got 3601",
            id="authorizer-cache",
        ),
        pytest.param({"throttle_rate": 0}, "apiThrottleRate must be between 1", id="rate"),
        pytest.param({"throttle_burst": 5001}, "apiThrottleBurst must be between 1", id="burst"),
        pytest.param(
            {"cache_size_gb": 1},
            r"apiCacheSizeGb must be one of 0, 0.5, 1.6, 6.1, .*; got 1",
            id="cache-size",
        ),
        pytest.param({"cache_ttl_s": 0}, "apiCacheTtlS must be between 1", id="cache-ttl"),
        pytest.param({"compression_bytes": -2}, "apiCompressionBytes must be", id="compression"),
        pytest.param({"key_rate": 0}, "apiKeyRate must be between 1", id="key-rate"),
        pytest.param({"key_burst": 0}, "apiKeyBurst must be between 1", id="key-burst"),
        pytest.param({"key_quota": -1}, "apiKeyQuota must be between 0", id="key-quota"),
        pytest.param({"key_quota_period": "YEAR"}, "apiKeyQuotaPeriod must be", id="period"),
        pytest.param({"key_names": ("A b",)}, "apiKeyNames must be at most 40", id="key-name"),
        pytest.param({"key_names": ("a", "a")}, "apiKeyNames must differ", id="same-key"),
        pytest.param({"static_keys": ("agql_x",)}, "number 1 is not", id="key-not-its-hash"),
        pytest.param(
            {"static_keys": (f"a={HASH}", f"a={HASH}")}, "must have different names", id="two-keys"
        ),
        pytest.param(
            {"static_keys": tuple(f"n{n}={HASH}" for n in range(32))},
            "apiStaticKeys must be at most 1500 characters together, got 2198",
            id="too-many-keys",
        ),
        pytest.param(
            {"operation_metrics": ("Orders", "(other)")},
            "apiOperationMetrics must be names of operations, got '\\(other\\)'",
            id="no-operation",
        ),
        pytest.param(
            {"operation_metrics": tuple(f"Op{n}" for n in range(21))},
            "apiOperationMetrics must be at most 20 names, got 21",
            id="too-many-operations",
        ),
        pytest.param(
            {"operation_metrics": tuple(f"{n:N>100}" for n in range(10))},
            "apiOperationMetrics must be at most 1000 characters together, got 1009",
            id="too-long-operations",
        ),
        pytest.param(
            {"operation_metrics": ("Orders", "Orders")},
            "apiOperationMetrics must name an operation once",
            id="same-operation",
        ),
        pytest.param({"log_retention_days": 31}, "apiLogRetentionDays must be one of", id="days"),
        pytest.param({"firewall_rate": 9}, "apiFirewallRate must be between 10", id="firewall"),
        pytest.param(
            {"auth_issuers": ("http://issuer.example",), "auth_audience": "a"},
            "apiAuthIssuers must be https:// addresses",
            id="issuer-without-tls",
        ),
        pytest.param(
            {"auth_issuers": ISSUERS}, "apiAuthAudience must name the audience", id="no-audience"
        ),
        pytest.param(
            {"anonymous": True},
            "apiAuthorizerCacheS must be 0 when apiAnonymous is true, got 300",
            id="anonymous-but-cached",
        ),
        pytest.param(
            {"vpc_endpoint_ids": ("vpce-1",)},
            "apiVpcEndpointIds belongs to apiEndpointType private, got endpoint type regional",
            id="endpoint-of-a-public-api",
        ),
        pytest.param(
            {"cors_origins": ("*", "https://a.example")},
            r"apiCorsOrigins must be \* alone or origins",
            id="all-origins-and-one",
        ),
        pytest.param(
            {"cors_origins": ("https://a.example/",)},
            "apiCorsOrigins must be origins such as https://example.com",
            id="origin-with-path",
        ),
        pytest.param(
            {"cors_origins": ("https://a.example'\"",)}, "apiCorsOrigins must be", id="quotes"
        ),
        pytest.param(
            {"cors_origins": ("https://A.example",)}, "apiCorsOrigins must be", id="capitals"
        ),
        pytest.param({"graphiql": True}, "apiGraphiql needs apiIntrospection", id="graphiql"),
        pytest.param(
            {"graphiql": True, "introspection": True},
            "apiGraphiql needs apiAnonymous, and no apiKeyNames: a browser that opens the page",
            id="graphiql-behind-tokens",
        ),
        pytest.param(
            {
                "graphiql": True,
                "introspection": True,
                "anonymous": True,
                "authorizer_cache_s": 0,
                "key_names": ("shop",),
            },
            "apiGraphiql needs apiAnonymous, and no apiKeyNames",
            id="graphiql-behind-keys",
        ),
        pytest.param(
            {"hosted_zone_id": "Z1"},
            "apiCertificateArn and apiHostedZoneId need apiDomainName",
            id="zone-without-domain",
        ),
        pytest.param(
            {"domain_name": "api.example.com"},
            "apiDomainName needs apiCertificateArn, or apiHostedZoneId",
            id="domain-without-certificate",
        ),
        pytest.param(
            {"domain_name": "API.example.com", "hosted_zone_id": "Z1"},
            "apiDomainName must be a lower-case host name",
            id="domain-in-capitals",
        ),
        pytest.param(
            {
                "domain_name": "api.example.com",
                "hosted_zone_id": "Z1",
                "endpoint_type": "private",
            },
            "apiDomainName must be empty when apiEndpointType is private",
            id="private-domain",
        ),
        pytest.param(
            {
                "domain_name": "api.example.com",
                "certificate_arn": "arn:aws:acm:eu-central-1:1:certificate/x",
                "endpoint_type": "edge",
            },
            "apiCertificateArn must be in us-east-1 for apiEndpointType edge",
            id="edge-certificate-elsewhere",
        ),
        pytest.param(
            {"domain_name": "api.example.com", "certificate_arn": "x"},
            "apiCertificateArn must be an ACM ARN",
            id="no-certificate",
        ),
    ],
)
def test_api_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ApiSettings(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"timeout_s": 30},
            "functionTimeoutS must be between 1 and 29 seconds, got 30",
            id="longer-than-api-gateway",
        ),
        pytest.param({"memory_mb": 127}, "functionMemoryMb must be between 128", id="memory"),
        pytest.param(
            {"reserved_concurrency": 0}, "functionReservedConcurrency 0 refuses", id="closed"
        ),
        pytest.param({"log_level": "WARN"}, "functionLogLevel must be one of", id="level"),
        pytest.param({"log_retention_days": 2}, "functionLogRetentionDays must be", id="days"),
        pytest.param({"migrate_timeout_s": 901}, "functionMigrateTimeoutS must", id="migrate"),
        pytest.param({"cold_start": "both"}, "functionColdStart must be one of", id="cold-start"),
        pytest.param(
            {"provisioned_scaling": "magic"}, "functionProvisionedScaling must be", id="scaling"
        ),
        pytest.param(
            {"provisioned_min": 6},
            r"functionProvisionedMax must be between 6 and 10000 environments .*, got 5",
            id="minimum-over-maximum",
        ),
        pytest.param(
            {"provisioned_utilization": 1}, "functionProvisionedUtilization must", id="busy"
        ),
        pytest.param(
            {"provisioned_start": "7am"}, r"functionProvisionedStart must be cron\(", id="start"
        ),
        pytest.param(
            {"provisioned_stop": "cron(0 19)"}, "functionProvisionedStop must be cron", id="stop"
        ),
        pytest.param({"warmup_minutes": 61}, "functionWarmupMinutes must be", id="warmup"),
        pytest.param(
            {"cold_start": "provisioned", "reserved_concurrency": 3},
            r"functionProvisionedMax must be between 1 and 3 environments .*, got 5",
            id="provisioned-over-reserved",
        ),
    ],
)
def test_function_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FunctionSettings(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"memory_mb": 1}, "ingestMemoryMb must be between 128", id="memory"),
        pytest.param({"timeout_s": 901}, "ingestTimeoutS must be between 30", id="timeout"),
        pytest.param({"retries": 3}, "ingestRetries must be between 0 and 2", id="retries"),
        pytest.param({"event_age_s": 59}, "ingestEventAgeS must be between 60", id="age"),
        pytest.param({"expiration_days": 0}, "ingestExpirationDays must be", id="expiration"),
    ],
)
def test_ingest_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IngestSettings(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"alarm_emails": ("me",)}, "monitoringAlarmEmails must be", id="address"),
        pytest.param(
            {"runbook_url": "https://wiki.example/runbook#top"},
            "monitoringRunbookUrl must be an address of at most 500 characters",
            id="runbook-with-a-section",
        ),
        pytest.param(
            {"runbook_url": "docs/runbook.md"}, "monitoringRunbookUrl must be", id="runbook-no-url"
        ),
        pytest.param({"latency_p99_ms": 9}, "monitoringLatencyP99Ms must be", id="latency"),
        pytest.param(
            {"account_concurrency": 9}, "monitoringAccountConcurrency must be", id="quota"
        ),
        pytest.param(
            {"trail_retention_days": 8}, "monitoringTrailRetentionDays must be", id="trail"
        ),
        pytest.param({"budget_usd": -1}, "monitoringBudgetUsd must be between 0", id="budget"),
    ],
)
def test_monitoring_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MonitoringSettings(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"throttle_rate": 10_000, "throttle_burst": 5_000}, id="largest-throttle"),
        pytest.param({"cors_origins": ("*",)}, id="every-origin"),
        pytest.param({"cors_origins": ("http://localhost:3000",)}, id="local-origin"),
        pytest.param({"anonymous": True, "authorizer_cache_s": 0}, id="anonymous"),
        pytest.param({"auth_issuers": ISSUERS, "auth_audience": "a"}, id="issuer"),
        pytest.param({"cache_size_gb": 237}, id="largest-cache"),
    ],
)
def test_api_setting_is_accepted(changes: dict[str, Any]) -> None:
    settings = ApiSettings(**changes)
    assert {key: getattr(settings, key) for key in changes} == changes


def test_checks_name_key_limit_and_value() -> None:
    check_range("a", 1, 1, 1, "things")
    check_choice("a", 1, (1, 2))
    check_pattern("a", "x", "x", "an x")
    with pytest.raises(ValueError, match=r"^a must be between 1 and 2 things, got 3$"):
        check_range("a", 3, 1, 2, "things")
    with pytest.raises(ValueError, match=r"^a must be one of 1, 2; got 3$"):
        check_choice("a", 3, (1, 2))
    with pytest.raises(ValueError, match=r"^a must be an x, got 'xx'$"):
        check_pattern("a", "xx", "x", "an x")
