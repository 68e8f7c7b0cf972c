"""What the tests of this folder share: an issuer and an authorizer that trusts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.handler.access.issuers import EC_KEY, RSA_KEY, Site, public_jwk, serve
from tests.handler.jobs.gate import Gate


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as found:
        found.publish(public_jwk(RSA_KEY, "one"), public_jwk(EC_KEY, "two"))
        yield found


@pytest.fixture
def gate(site: Site) -> Gate:
    return Gate(site.url)
