"""More answers of AWS for the mocks: what only the API side asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

COMPUTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:acm/certificate:Certificate": {
        "arn": "arn:aws:acm:eu-central-1:123456789012:certificate/1b2c",
        "domainValidationOptions": [
            {
                "domainName": "api.shop.example",
                "resourceRecordName": "_a1.api.shop.example.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_b2.acm-validations.aws.",
            }
        ],
    },
    "aws:apigateway/domainName:DomainName": {
        "regionalDomainName": "d-1.execute-api.eu-central-1.amazonaws.com",
        "regionalZoneId": "Z1U9ULNL0V5AJ3",
        "cloudfrontDomainName": "d1.cloudfront.net",
        "cloudfrontZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:lambda/invocation:Invocation": {"result": '{"applied": 3}'},
    "aws:route53/record:Record": {"fqdn": "_a1.api.shop.example"},
}
"""Resource type -> outputs."""
