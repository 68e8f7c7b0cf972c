"""The API under a name of one's own: certificate, domain, DNS record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.identity import formerly
from components.naming import merge_tags
from components.outputs import register

EDGE_REGION: Final = "us-east-1"
"""Certificates of edge-optimised domains live here, wherever the API is."""


@dataclass(frozen=True, kw_only=True)
class DomainArgs:
    """The name and what it leads to.

    Without ``certificate_arn`` a certificate is issued and validated in ``hosted_zone_id``; without
    ``hosted_zone_id`` the DNS record is the caller's own business.
    """

    domain_name: str
    edge: bool
    api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]
    certificate_arn: str | None = None
    hosted_zone_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.certificate_arn is None and self.hosted_zone_id is None:
            raise ValueError("domain_name needs certificate_arn, or hosted_zone_id to issue one")


class Domain(pulumi.ComponentResource):
    """A custom domain of a REST API, TLS 1.2 or newer. Output: ``url``."""

    url: pulumi.Output[str]

    def __init__(
        self, name: str, args: DomainArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Domain", name, None, formerly("Domain", opts))
        child = pulumi.ResourceOptions(parent=self)
        tags = merge_tags(args.tags, {"component": name})
        certificate_arn: pulumi.Input[str]
        if args.certificate_arn is not None:
            certificate_arn = args.certificate_arn
        else:
            certificate_arn = self._issue_certificate(name, args, tags)
        domain = aws.apigateway.DomainName(
            f"{name}-name",
            domain_name=args.domain_name,
            certificate_arn=certificate_arn if args.edge else None,
            regional_certificate_arn=None if args.edge else certificate_arn,
            security_policy="TLS_1_2",
            endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(
                types="EDGE" if args.edge else "REGIONAL"
            ),
            tags=tags,
            opts=child,
        )
        aws.apigateway.BasePathMapping(
            f"{name}-mapping",
            domain_name=domain.domain_name,
            rest_api=args.api_id,
            stage_name=args.stage_name,
            opts=child,
        )
        if args.hosted_zone_id is not None:
            aws.route53.Record(
                f"{name}-record",
                zone_id=args.hosted_zone_id,
                name=args.domain_name,
                type="A",
                aliases=[
                    aws.route53.RecordAliasArgs(
                        name=(
                            domain.cloudfront_domain_name
                            if args.edge
                            else domain.regional_domain_name
                        ),
                        zone_id=(
                            domain.cloudfront_zone_id if args.edge else domain.regional_zone_id
                        ),
                        evaluate_target_health=False,
                    )
                ],
                opts=child,
            )
        self.url = pulumi.Output.concat("https://", domain.domain_name, "/")
        register(self)

    def _issue_certificate(
        self, name: str, args: DomainArgs, tags: Mapping[str, str]
    ) -> pulumi.Output[str]:
        """A certificate for the name; its ARN is there once the certificate is valid."""
        child = pulumi.ResourceOptions(parent=self)
        region = EDGE_REGION if args.edge else None
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.domain_name,
            validation_method="DNS",
            key_algorithm="RSA_2048",
            region=region,
            tags=tags,
            opts=child,
        )
        # One name, so one record; the list is an output, its length is not.
        option = certificate.domain_validation_options[0]
        assert args.hosted_zone_id is not None  # DomainArgs checks it
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=args.hosted_zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=300,
            opts=child,
        )
        validation = aws.acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=region,
            opts=child,
        )
        return validation.certificate_arn
