"""Logins of AWS that are signed addresses: Signature Version 4 in the query of a GET.

Pure. Our own, because importing botocore's signer costs 55 to 70 ms of a cold start and this costs
nothing; the tests compare the two. Nothing is sent to the address: its text is the password.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote

from msgspec import Struct

from handler.errors import Hiding

TOKEN_S = 900  # the longest that RDS and ElastiCache accept

_ALGORITHM = "AWS4-HMAC-SHA256"
_NO_BODY = hashlib.sha256(b"").hexdigest()


class AwsKeys(Hiding, Struct, frozen=True):
    """What a role signs with; the session token belongs to keys that expire."""

    HIDDEN: ClassVar = ("secret_access_key", "session_token")

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


class LoginEndpoint(Struct, frozen=True):
    """Where a login is asked for; ``query`` names the action and the user.

    ``host`` is what is signed: of a database ``name:port``, of a cache its name.
    """

    service: str
    host: str
    region: str
    user: str
    query: Mapping[str, str]


def database_endpoint(host: str, port: int, region: str, user: str) -> LoginEndpoint:
    """RDS or RDS Proxy. ``host`` must be the endpoint's own name, not an alias of it.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    query = {"Action": "connect", "DBUser": user}
    return LoginEndpoint("rds-db", f"{host.lower()}:{port}", region, user, query)


def cache_endpoint(host: str, region: str, user: str) -> LoginEndpoint:
    """ElastiCache, found by its endpoint; raises ``ValueError`` if that is of another form.

    Signed is the cache's name, which the endpoint holds: ``NAME-x1y2z3.serverless...`` of a
    serverless cache, ``clustercfg.NAME.x1y2z3...`` or ``master.NAME.x1y2z3...`` of a replication
    group with TLS.
    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    """
    labels = host.lower().split(".")
    query = {"Action": "connect", "User": user}
    if len(labels) > 3 and labels[1] == "serverless":
        name = labels[0].rpartition("-")[0]
        query["ResourceType"] = "ServerlessCache"
    else:
        name = labels[1] if len(labels) > 3 and labels[0] in ("clustercfg", "master") else ""
    if not name or "cache" not in labels:
        raise ValueError("is no endpoint of ElastiCache with TLS")
    return LoginEndpoint("elasticache", name, region, user, query)


def sign(endpoint: LoginEndpoint, keys: AwsKeys, at: datetime) -> str:
    """The signed address without its scheme, valid for ``TOKEN_S`` seconds from ``at`` (aware)."""
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    day = moment[:8]
    scope = f"{day}/{endpoint.region}/{endpoint.service}/aws4_request"
    query = {
        **endpoint.query,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{keys.access_key_id}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(TOKEN_S),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.session_token:
        query["X-Amz-Security-Token"] = keys.session_token
    written = "&".join(f"{_encoded(name)}={_encoded(query[name])}" for name in sorted(query))
    request = f"GET\n/\n{written}\nhost:{endpoint.host}\n\nhost\n{_NO_BODY}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{keys.secret_access_key}".encode()
    for part in (day, endpoint.region, endpoint.service, "aws4_request"):
        key = _hmac(key, part).digest()
    signature = _hmac(key, f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}").hexdigest()
    return f"{endpoint.host}/?{written}&X-Amz-Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _hmac(key: bytes, text: str) -> hmac.HMAC:
    return hmac.new(key, text.encode(), hashlib.sha256)
