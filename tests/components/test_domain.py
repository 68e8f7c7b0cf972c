"""The domain: its certificate, and who proves it."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.domain import Domain, DomainArgs
from tests.components.surroundings import TAGS


def domain(**changes: Any) -> Graph:
    args = DomainArgs(
        domain_name="api.shop.example",
        edge=False,
        api_id="a1",
        stage_name="live",
        hosted_zone_id="Z1",
        tags=TAGS,
    )
    return declare(
        partial(Domain, "d", dataclasses.replace(args, **changes)),
    )


def test_issued_certificate_is_proved_before_the_domain_uses_it() -> None:
    graph = domain()
    name = graph.named("d-name")
    assert graph.named("d-validation").urn in name.property_dependencies["regionalCertificateArn"]
    assert name.inputs["securityPolicy"] == "TLS_1_2"
    assert graph.named("d-proof").inputs["records"] == ["_b2.acm-validations.aws."]
    assert graph.named("d-record").inputs["aliases"] == [
        {
            "name": "d-337f596c7d.execute-api.eu-central-1.amazonaws.com",
            "zoneId": "Z1U9ULNL0V5AJ3",
            "evaluateTargetHealth": False,
        }
    ]


def test_edge_certificate_is_issued_where_cloudfront_looks_for_it() -> None:
    graph = domain(edge=True)
    assert graph.named("d-certificate").inputs["region"] == "us-east-1"
    assert graph.named("d-validation").inputs["region"] == "us-east-1"
    assert graph.named("d-name").inputs["endpointConfiguration"] == {"types": "EDGE"}
    assert "certificateArn" in graph.named("d-name").inputs
    assert graph.named("d-record").inputs["aliases"][0]["name"] == "337f596c7dd9c.cloudfront.net"


def test_certificate_of_ones_own_needs_no_zone() -> None:
    graph = domain(certificate_arn="arn:aws:acm:eu-central-1:1:certificate/x", hosted_zone_id=None)
    assert [name for _, name in graph.types_and_names()] == ["d", "d-mapping", "d-name"]


def test_domain_without_certificate_and_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs certificate_arn, or hosted_zone_id"):
        domain(hosted_zone_id=None)
