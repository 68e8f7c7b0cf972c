"""JSON Web Tokens: a text becomes the claims of a trusted issuer, or a refusal with its reason.

What is cheap comes first: no key is looked for, and no issuer asked, before form, algorithm and
issuer fit. The signature is checked by PyJWT, with the key and the one algorithm chosen here.
Source: RFC 7519, RFC 8725 (best current practices)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
import orjson
from msgspec import Struct

from handler.access.keys import IssuerKeys, Key, NoSuchKeyError

TOKEN_CHARACTERS_MAX: Final = 8_192  # API Gateway takes 10,240 bytes of headers
BRACKETS_MAX: Final = 500  # of JSON; the reader of the standard library recurses

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_TYPES: Final = ("jwt", "at+jwt", "application/jwt", "application/at+jwt")

_REASONS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not yet valid",
    jwt.InvalidSignatureError: "signature",
}


class RefusedError(Exception):
    """A caller is not let in. The reason is one of a few fixed words: it is logged."""


class Unverified(Struct, frozen=True):
    """What a token says of itself."""

    algorithm: str
    kid: str | None
    issuer: str


class TokenVerifier:
    """Verifies tokens of several issuers, each with its own keys alone."""

    def __init__(
        self,
        keys: Mapping[str, IssuerKeys],
        *,
        audience: Sequence[str],
        algorithms: Sequence[str],
        leeway_s: int,
    ) -> None:
        self._keys = keys
        self._audience = frozenset(audience)
        self._algorithms = frozenset(algorithms)
        self._leeway_s = leeway_s

    def verify(self, token: str, *, limit_s: float) -> dict[str, Any]:
        """The claims. Raises ``RefusedError``, and ``KeysUnavailableError`` (see ``keys``)."""
        said = read_unverified(token)
        if said.algorithm not in self._algorithms:
            raise RefusedError("algorithm")
        keys = self._keys.get(said.issuer)
        if keys is None:
            raise RefusedError("issuer")
        try:
            key = keys.find(said.kid, said.algorithm, limit_s=limit_s)
        except NoSuchKeyError:
            key = None
        if key is None:
            raise RefusedError("key")
        claims = self._decode(token, said, key)
        if self._audience.isdisjoint(_audience(claims)):
            raise RefusedError("audience")
        return claims

    def _decode(self, token: str, said: Unverified, key: Key) -> dict[str, Any]:
        reason = "claims"
        try:
            return jwt.decode(
                token,
                key.public,
                algorithms=[said.algorithm],
                issuer=said.issuer,
                leeway=self._leeway_s,
                # PyJWT knows no `client_id`, so the audience is ours to check.
                options={"require": ["exp", "iss"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            reason = _REASONS.get(type(error), reason)
        except TypeError:  # PyJWT's, for an `exp` that is an object
            pass
        raise RefusedError(reason)  # outside, so that nothing of the token hangs on it


def read_unverified(token: str) -> Unverified:
    """Read header and issuer. Raises ``RefusedError``."""
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise RefusedError("too long")
    match = _FORM.fullmatch(token)
    if match is None:
        raise RefusedError("malformed")
    header_bytes, payload_bytes, _ = map(_decode_segment, match.groups())
    header, payload = _read_object(header_bytes), _read_object(payload_bytes)
    algorithm, kid, issuer = header.get("alg"), header.get("kid"), payload.get("iss")
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        raise RefusedError("malformed")
    if str(header.get("typ", "JWT")).lower() not in _TYPES or "crit" in header:
        raise RefusedError("type")  # such as a logout token; or an extension we do not know
    if not isinstance(issuer, str):
        raise RefusedError("issuer")
    return Unverified(algorithm, kid, issuer)


def _decode_segment(segment: str) -> bytes:
    """Base64url without padding; spare bits must be 0, so that a token has one text only."""
    padded = segment + "=" * (-len(segment) % 4)
    try:
        found = base64.urlsafe_b64decode(padded)
    except ValueError:
        found = b""
    if base64.urlsafe_b64encode(found).decode() != padded:
        raise RefusedError("malformed")
    return found


def _read_object(text: bytes) -> dict[str, Any]:
    found = None
    if text.count(b"[") + text.count(b"{") <= BRACKETS_MAX:
        try:
            found = orjson.loads(text)
        except ValueError:
            found = None
    if not isinstance(found, dict):
        raise RefusedError("malformed")
    return found


def _audience(claims: Mapping[str, Any]) -> list[str]:
    """Whom a token is made for. An access token of Cognito names the client instead.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """
    found = claims.get("aud")
    if found is None and claims.get("token_use") == "access":
        found = claims.get("client_id")
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, str)]
