"""The settings of the API side: what callers meet, the functions, the ingest, the monitoring.

Every field is one key of the stack's configuration: section and field name in camel case, so
``ApiSettings.throttle_rate`` is ``apiThrottleRate``. Each section checks its own limits; what two
sections must agree on is checked in ``settings``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from components.contract import (
    API_KEY,
    ISSUER,
    ISSUERS_MAX,
    LOG_LEVELS,
    OPERATION_NAME,
    OPERATIONS_MAX,
)
from components.iam import KeyUser
from components.limits import (
    FIREWALL_RATE,
    FUNCTION_MEMORY_MB,
    FUNCTION_TIMEOUT_S,
    LOG_RETENTION_DAYS,
    VERSIONS_KEPT,
    Shifting,
    check_choice,
    check_pattern,
    check_range,
    check_words,
)
from components.variables import parse_variables

API_TIMEOUT_S: Final = 29
"""API Gateway gives an integration at most this long, and the functions behind it no more."""

CACHE_SIZES_GB: Final = (0, 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237)
"""Sizes of API Gateway's cache cluster; 0 is none.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html
"""

STATIC_KEYS_CHARACTERS: Final = 1500
OPERATIONS_CHARACTERS: Final = 1000  # a function has 4 KB of environment for everything

_ORIGIN: Final = r"https?://[a-z0-9.-]+(:[0-9]+)?"
_DOMAIN: Final = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_PAGE: Final = r"https://[!\"$-~]{1,490}"
_SCHEDULE: Final = r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)"


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    """What a caller meets: the endpoint, who may call, how often, and under which name."""

    endpoint_type: Literal["regional", "edge", "private"] = "regional"
    vpc_endpoint_ids: tuple[str, ...] = ()  # private only; empty takes the network's own endpoint
    stage_name: str = "live"
    auth_issuers: tuple[str, ...] = ()  # none, and not anonymous: every request is refused
    auth_audience: str = ""
    static_keys: tuple[str, ...] = ()  # name=sha256 scope scope; hashes, never the keys
    anonymous: bool = False  # a caller without a token becomes a principal without scopes
    authorizer_cache_s: int = 300  # 0 asks the authorizer for every request
    introspection: bool = False  # may callers ask for the schema
    graphiql: bool = False  # does a browser get the query page
    cors_origins: tuple[str, ...] = ()  # "*" alone is every origin
    throttle_rate: float = 100  # requests per second, over all callers
    throttle_burst: int = 200  # requests
    cache_size_gb: float = 0  # of API Gateway's own cache, for GET; 0 is none
    cache_ttl_s: int = 60
    compression_bytes: int = 1024  # answers from this size are compressed; -1 is never
    key_names: tuple[str, ...] = ()  # one API key each; any at all makes a key necessary
    key_rate: float = 20  # requests per second and key
    key_burst: int = 40  # requests per key
    key_quota: int = 0  # requests per key and period; 0 is no quota
    key_quota_period: Literal["DAY", "WEEK", "MONTH"] = "MONTH"
    tracing: bool = True  # X-Ray, in the stage and in the functions
    operation_metrics: tuple[str, ...] = ()  # operations with metrics of their own; see the bill
    log_retention_days: int = 30
    account_log_role: bool = True  # of account and region; it stays when the stack goes
    domain_name: str = ""
    certificate_arn: str = ""  # empty with a domain: one is issued and validated by DNS
    hosted_zone_id: str = ""  # empty with a domain: the DNS record is made elsewhere
    firewall: bool = False
    firewall_rate: int = 2000  # requests per address in five minutes

    def __post_init__(self) -> None:
        check_words("api", self)
        check_pattern(
            "apiStageName", self.stage_name, r"[A-Za-z0-9_]{1,128}", "1 to 128 letters, digits or _"
        )
        check_range("apiAuthorizerCacheS", self.authorizer_cache_s, 0, 3600, "seconds")
        check_range("apiThrottleRate", self.throttle_rate, 1, 10_000, "requests per second")
        check_range("apiThrottleBurst", self.throttle_burst, 1, 5_000, "requests")
        check_choice("apiCacheSizeGb", self.cache_size_gb, CACHE_SIZES_GB)
        check_range("apiCacheTtlS", self.cache_ttl_s, 1, 3600, "seconds")
        check_range("apiCompressionBytes", self.compression_bytes, -1, 10_485_760, "bytes")
        check_range("apiKeyRate", self.key_rate, 1, 10_000, "requests per second")
        check_range("apiKeyBurst", self.key_burst, 1, 5_000, "requests")
        check_range("apiKeyQuota", self.key_quota, 0, 2_000_000_000, "requests")
        check_choice("apiLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)
        check_range("apiFirewallRate", self.firewall_rate, *FIREWALL_RATE, "requests")
        self._check_issuers()
        self._check_static_keys()
        for key_name in self.key_names:
            check_pattern(
                "apiKeyNames", key_name, r"[a-z][a-z0-9-]{0,39}", "at most 40 of a-z, 0-9 and -"
            )
        self._check_operations()
        self._check_origins()
        self._check_domain()
        if len(set(self.key_names)) < len(self.key_names):
            raise ValueError(f"apiKeyNames must differ from each other, got {self.key_names}")
        if self.auth_issuers and not self.auth_audience:
            raise ValueError(
                "apiAuthAudience must name the audience of the tokens when apiAuthIssuers is set; "
                "otherwise a token that an issuer made for another API would open this one"
            )
        if self.graphiql and not self.introspection:
            raise ValueError("apiGraphiql needs apiIntrospection: the page asks for the schema")
        if self.graphiql and (not self.anonymous or self.key_names):
            raise ValueError(
                "apiGraphiql needs apiAnonymous, and no apiKeyNames: a browser that opens the page "
                "sends neither token nor key, and would be refused before it sees anything"
            )
        if self.anonymous and self.authorizer_cache_s:
            # API Gateway refuses a request without the identity source by itself, 401, whenever
            # it caches the authorizer's results: an anonymous caller would never reach it.
            raise ValueError(
                "apiAuthorizerCacheS must be 0 when apiAnonymous is true, "
                f"got {self.authorizer_cache_s}"
            )
        if self.vpc_endpoint_ids and self.endpoint_type != "private":
            raise ValueError(
                "apiVpcEndpointIds belongs to apiEndpointType private, "
                f"got endpoint type {self.endpoint_type}"
            )

    def _check_operations(self) -> None:
        names = self.operation_metrics
        for name in names:
            check_pattern("apiOperationMetrics", name, OPERATION_NAME, "names of operations")
        if len(names) > OPERATIONS_MAX:
            raise ValueError(
                f"apiOperationMetrics must be at most {OPERATIONS_MAX} names, got {len(names)}"
            )
        if (length := len(",".join(names))) > OPERATIONS_CHARACTERS:
            raise ValueError(
                f"apiOperationMetrics must be at most {OPERATIONS_CHARACTERS} characters together, "
                f"got {length}"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"apiOperationMetrics must name an operation once, got {names}")

    def _check_issuers(self) -> None:
        for issuer in self.auth_issuers:
            check_pattern(
                "apiAuthIssuers",
                issuer,
                rf"{ISSUER}(\|{ISSUER})?",
                "https:// addresses without a user, a comma or a fragment, each alone or with |"
                " and the address of its keys behind it",
            )
        if len(self.auth_issuers) > ISSUERS_MAX:
            raise ValueError(
                f"apiAuthIssuers must be at most {ISSUERS_MAX}, got {len(self.auth_issuers)}"
            )
        urls = [issuer.partition("|")[0] for issuer in self.auth_issuers]
        if len(set(urls)) < len(urls):
            raise ValueError(f"apiAuthIssuers must differ from each other, got {urls}")

    def _check_static_keys(self) -> None:
        """No key is in a message: it may stand where its hash belongs."""
        for number, key in enumerate(self.static_keys, start=1):
            if re.fullmatch(API_KEY, key) is None:
                raise ValueError(
                    "apiStaticKeys must be entries `name=sha256 scope scope` as "
                    "`python -m handler.access.api_keys NAME SCOPE...` prints them; "
                    f"number {number} is not"
                )
        names = [key.partition("=")[0] for key in self.static_keys]
        if len(set(names)) < len(names):
            raise ValueError(f"apiStaticKeys must have different names, got {names}")
        length = sum(len(key) + 1 for key in self.static_keys)
        if length > STATIC_KEYS_CHARACTERS:
            raise ValueError(
                f"apiStaticKeys must be at most {STATIC_KEYS_CHARACTERS} characters together, "
                f"got {length}: Lambda takes 4 KB of environment"
            )

    def _check_origins(self) -> None:
        if "*" in self.cors_origins:
            if self.cors_origins != ("*",):
                raise ValueError(
                    f"apiCorsOrigins must be * alone or origins, got {self.cors_origins}"
                )
            return
        for origin in self.cors_origins:
            check_pattern("apiCorsOrigins", origin, _ORIGIN, "origins such as https://example.com")

    def _check_domain(self) -> None:
        if not self.domain_name:
            if self.certificate_arn or self.hosted_zone_id:
                raise ValueError("apiCertificateArn and apiHostedZoneId need apiDomainName")
            return
        check_pattern("apiDomainName", self.domain_name, _DOMAIN, "a lower-case host name")
        if self.endpoint_type == "private":
            raise ValueError("apiDomainName must be empty when apiEndpointType is private")
        if not self.certificate_arn and not self.hosted_zone_id:
            raise ValueError(
                "apiDomainName needs apiCertificateArn, or apiHostedZoneId to have one issued"
            )
        if self.certificate_arn:
            check_pattern(
                "apiCertificateArn", self.certificate_arn, r"arn:aws[a-z-]*:acm:\S+", "an ACM ARN"
            )
            if self.endpoint_type == "edge" and ":us-east-1:" not in self.certificate_arn:
                raise ValueError(
                    "apiCertificateArn must be in us-east-1 for apiEndpointType edge, "
                    f"got {self.certificate_arn}"
                )


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """The Lambda functions, and how cold starts are avoided."""

    archive_directory: str = "dist"  # what `aurora-graphql package` fills; relative to the program
    memory_mb: int = 1769  # one whole CPU
    timeout_s: int = 15
    reserved_concurrency: int = -1  # of the API's function; -1 leaves it in the account's pool
    variables: tuple[str, ...] = ()  # NAME=value; settings of the handler
    log_level: str = "INFO"  # one of LOG_LEVELS
    log_retention_days: int = 30
    migrate_timeout_s: int = 600
    smoke_test: bool = True  # a new version answers the known operations before it gets traffic
    shift_traffic: Shifting = "allAtOnce"  # to a new version of the API
    generation: int = 1  # one more publishes the same code and settings again
    versions_kept: int = 3  # of each function, newest first; SnapStart bills each until it is gone
    cold_start: Literal["none", "snapstart", "provisioned", "warmup"] = "none"
    provisioned_scaling: Literal["fixed", "utilization", "schedule"] = "fixed"
    provisioned_min: int = 1  # environments kept ready
    provisioned_max: int = 5  # environments; for scaling by utilization or by schedule
    provisioned_utilization: float = 0.7  # scale so that this share is busy
    provisioned_start: str = "cron(0 7 ? * MON-FRI *)"  # from here on the maximum is ready
    provisioned_stop: str = "cron(0 19 ? * MON-FRI *)"  # from here on the minimum again
    provisioned_timezone: str = "UTC"
    warmup_minutes: int = 5  # between two warm-up events

    def __post_init__(self) -> None:
        check_range("functionMemoryMb", self.memory_mb, *FUNCTION_MEMORY_MB, "MB")
        check_range("functionTimeoutS", self.timeout_s, 1, API_TIMEOUT_S, "seconds")
        check_range(
            "functionReservedConcurrency", self.reserved_concurrency, -1, 100_000, "executions"
        )
        parse_variables(self.variables)
        check_choice("functionLogLevel", self.log_level, LOG_LEVELS)
        check_choice("functionLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)
        check_range(
            "functionMigrateTimeoutS", self.migrate_timeout_s, 30, FUNCTION_TIMEOUT_S, "seconds"
        )
        check_range("functionGeneration", self.generation, 1, 1_000_000, "(a count)")
        check_range("functionVersionsKept", self.versions_kept, *VERSIONS_KEPT, "versions")
        check_words("function", self)
        check_range("functionProvisionedMin", self.provisioned_min, 1, 10_000, "environments")
        check_range(
            "functionProvisionedMax",
            self.provisioned_max,
            self.provisioned_min,
            10_000,
            "environments (the least is functionProvisionedMin)",
        )
        check_range(
            "functionProvisionedUtilization", self.provisioned_utilization, 0.1, 0.9, "(a share)"
        )
        for key, schedule in (
            ("functionProvisionedStart", self.provisioned_start),
            ("functionProvisionedStop", self.provisioned_stop),
        ):
            check_pattern(key, schedule, _SCHEDULE, "cron(minute hour day month weekday year)")
        check_range("functionWarmupMinutes", self.warmup_minutes, 1, 60, "minutes")
        if self.reserved_concurrency == 0:
            raise ValueError(
                "functionReservedConcurrency 0 refuses every request; write -1 or more"
            )
        if self.cold_start == "provisioned" and self.reserved_concurrency != -1:
            check_range(
                "functionProvisionedMax",
                self.provisioned_max,
                1,
                self.reserved_concurrency,
                "environments (the most is functionReservedConcurrency)",
            )


@dataclass(frozen=True, kw_only=True)
class IngestSettings:
    """The bucket whose new objects become rows, and the function that loads them."""

    enabled: bool = True
    memory_mb: int = 1024
    timeout_s: int = 900
    retries: int = 2  # after the first attempt; then the event goes to the dead-letter queue
    event_age_s: int = 21_600  # an event older than this is not tried again
    expiration_days: int = 90  # a loaded object is deleted after this
    force_destroy: bool = False  # destroy the bucket even when it holds objects

    def __post_init__(self) -> None:
        check_range("ingestMemoryMb", self.memory_mb, *FUNCTION_MEMORY_MB, "MB")
        check_range("ingestTimeoutS", self.timeout_s, 30, FUNCTION_TIMEOUT_S, "seconds")
        check_range("ingestRetries", self.retries, 0, 2, "retries")
        check_range("ingestEventAgeS", self.event_age_s, 60, 21_600, "seconds")
        check_range("ingestExpirationDays", self.expiration_days, 1, 3650, "days")


@dataclass(frozen=True, kw_only=True)
class MonitoringSettings:
    """When people are alerted, and which records are kept for audits."""

    alarm_emails: tuple[str, ...] = ()
    latency_p99_ms: int = 2000
    account_concurrency: int = 1000  # Lambda's quota of the account and region
    runbook_url: str = ""  # of a page like docs/runbook.md, whose sections alarms name
    dashboard: bool = True
    trail: bool = False  # off where the account has a trail already
    trail_retention_days: int = 365
    trail_force_destroy: bool = False  # destroy the trail's bucket with its logs
    budget_usd: int = 0  # a month, for resources with this stack's tags; 0 is no budget

    def __post_init__(self) -> None:
        for email in self.alarm_emails:
            check_pattern("monitoringAlarmEmails", email, _EMAIL, "e-mail addresses")
        if self.runbook_url:
            check_pattern(
                "monitoringRunbookUrl",
                self.runbook_url,
                _PAGE,
                "an address of at most 500 characters that begins with https://, without #",
            )
        check_range(
            "monitoringLatencyP99Ms",
            self.latency_p99_ms,
            10,
            API_TIMEOUT_S * 1000,
            "milliseconds",
        )
        check_range(
            "monitoringAccountConcurrency", self.account_concurrency, 10, 1_000_000, "executions"
        )
        check_choice("monitoringTrailRetentionDays", self.trail_retention_days, LOG_RETENTION_DAYS)
        check_range("monitoringBudgetUsd", self.budget_usd, 0, 1_000_000, "US dollars")

    @property
    def key_users(self) -> tuple[KeyUser, ...]:
        """Services that use the stack's key for what is asked for here."""
        return (
            "alarms",
            *(("budgets",) if self.budget_usd else ()),
            *(("trail",) if self.trail else ()),
        )
