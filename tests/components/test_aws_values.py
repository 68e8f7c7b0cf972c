"""Values that AWS enumerates, against AWS's own descriptions of its APIs (botocore's data)."""

from __future__ import annotations

from typing import get_args

import botocore.session  # type: ignore[import-untyped]  # no type information published
import pulumi_aws as aws
import pytest

from components.api_settings import CACHE_SIZES_GB
from components.archive import _PYTHONS
from components.signals import Comparison
from components.surface import GATEWAY_ERRORS


def enumeration(service: str, shape: str) -> set[str]:
    """The words that a service takes for a shape."""
    model = botocore.session.get_session().get_service_model(service)
    words: list[str] = model.shape_for(shape).enum
    assert words, f"{service} does not enumerate {shape}"
    return set(words)


def test_gateway_errors_are_those_of_api_gateway() -> None:
    assert set(GATEWAY_ERRORS) == enumeration("apigateway", "GatewayResponseType")


def test_cache_sizes_are_those_of_api_gateway() -> None:
    sizes = {f"{size:g}" for size in CACHE_SIZES_GB if size}
    assert sizes == enumeration("apigateway", "CacheClusterSize")


def test_runtimes_are_known_to_lambda_and_to_the_sdk() -> None:
    runtimes = {f"python{version}" for version in _PYTHONS}
    assert runtimes <= enumeration("lambda", "Runtime")
    assert runtimes <= {runtime.value for runtime in aws.lambda_.Runtime}


@pytest.mark.parametrize(
    ("service", "shape", "words"),
    [
        ("apigateway", "EndpointType", {"REGIONAL", "EDGE", "PRIVATE"}),
        ("apigateway", "PutMode", {"overwrite"}),
        ("apigateway", "QuotaPeriodType", {"DAY", "WEEK", "MONTH"}),
        ("apigateway", "SecurityPolicy", {"TLS_1_2"}),
        (
            "apigateway",
            "UnauthorizedCacheControlHeaderStrategy",
            {"SUCCEED_WITHOUT_RESPONSE_HEADER"},
        ),
        ("application-autoscaling", "MetricType", {"LambdaProvisionedConcurrencyUtilization"}),
        ("application-autoscaling", "PolicyType", {"TargetTrackingScaling"}),
        (
            "application-autoscaling",
            "ScalableDimension",
            {"lambda:function:ProvisionedConcurrency"},
        ),
        ("application-autoscaling", "ServiceNamespace", {"lambda"}),
        ("budgets", "BudgetType", {"COST"}),
        ("budgets", "NotificationType", {"ACTUAL", "FORECASTED"}),
        ("budgets", "TimeUnit", {"MONTHLY"}),
        ("cloudwatch", "ComparisonOperator", set(get_args(Comparison))),
        ("cloudwatch", "Statistic", {"Average", "Maximum", "Minimum", "Sum"}),
        ("lambda", "ApplicationLogLevel", {"DEBUG", "INFO", "WARN", "ERROR"}),
        ("lambda", "Architecture", {"arm64", "x86_64"}),
        ("lambda", "LogFormat", {"JSON"}),
        ("lambda", "SnapStartApplyOn", {"PublishedVersions"}),
        ("lambda", "SystemLogLevel", {"WARN"}),
        ("lambda", "TracingMode", {"Active", "PassThrough"}),
        ("s3", "Event", {"s3:ObjectCreated:*"}),
        ("s3", "ObjectOwnership", {"BucketOwnerEnforced"}),
        ("s3", "ServerSideEncryption", {"AES256", "aws:kms"}),
        ("scheduler", "FlexibleTimeWindowMode", {"OFF"}),
        ("wafv2", "RateBasedStatementAggregateKeyType", {"IP"}),
        ("wafv2", "Scope", {"REGIONAL"}),
    ],
)
def test_words_are_taken_by_the_service(service: str, shape: str, words: set[str]) -> None:
    assert words <= enumeration(service, shape)
