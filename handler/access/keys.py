"""The public keys of one issuer: found by discovery, kept for a while, renewed when they change.

Source: https://openid.net/specs/openid-connect-discovery-1_0.html and RFC 7517
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError
from msgspec import Struct

from handler.access.fetch import FetchError
from handler.access.trust import ALGORITHMS, Issuer, check_address, is_loopback
from handler.errors import UpstreamError

FRESH_S: Final = 900.0  # for so long keys are taken as they are
RETRY_S: Final = 60.0  # between two questions, whatever a token names and however they ended
RETRY_EMPTY_S: Final = 5.0  # the same while there is no key at all
STALE_S: Final = 86_400.0  # an issuer that is away for longer is no longer believed
KEYS_MAX: Final = 100

_RSA_BITS: Final = (2048, 8192)
_EC_ALGORITHMS: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_CURVES_OF_OKP: Final = ("Ed25519", "Ed448")
_PUBLIC_PARTS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


class NoSuchKeyError(LookupError):
    """The issuer has no key of that identifier for that algorithm."""


class KeysUnavailableError(UpstreamError):
    """There is no key of the issuer to check with: neither yes nor no can be said."""


class Key(Struct, frozen=True):
    """A public key and what it may verify. ``public``: of cryptography."""

    kid: str | None
    algorithms: frozenset[str]
    public: Any


class IssuerKeys:
    """The keys of one issuer. ``get``: fetches an address within seconds, or ``FetchError``.

    ``tell``: is given the reason whenever the issuer could not be asked. One thread at a time.
    """

    def __init__(
        self,
        issuer: Issuer,
        get: Callable[[str, float], bytes],
        *,
        tell: Callable[[FetchError], None],
        clock_s: Callable[[], float] = time.time,  # a monotonic clock may stand still in a freeze
    ) -> None:
        self._issuer = issuer
        self._get = get
        self._tell = tell
        self._clock_s = clock_s
        self._keys: tuple[Key, ...] = ()
        self._fetched_at_s: float | None = None
        self._asked_at_s: float | None = None

    def find(self, kid: str | None, algorithm: str, *, limit_s: float) -> Key:
        """The key that a token names. A token may name none if only one key fits.

        Raises ``NoSuchKeyError``, and ``KeysUnavailableError`` if the issuer is away for too long.
        """
        asked = self._since(self._asked_at_s)
        if self._since(self._fetched_at_s) >= FRESH_S and asked >= self._pause_s:
            self._refresh(limit_s)
            asked = 0.0
        if self._since(self._fetched_at_s) >= STALE_S:
            self._keys = ()
        if not self._keys:
            raise KeysUnavailableError(
                f"there are no keys of {self._issuer.url} to check tokens with", retryable=True
            )
        found = self._lookup(kid, algorithm)
        if found is None and asked >= RETRY_S:  # perhaps a new key
            self._refresh(limit_s)
            found = self._lookup(kid, algorithm)
        if found is None:
            raise NoSuchKeyError
        return found

    @property
    def _pause_s(self) -> float:
        return RETRY_S if self._keys else RETRY_EMPTY_S

    def _since(self, moment_s: float | None) -> float:
        """Seconds since then; endless if it never was, or if the clock was put back."""
        if moment_s is None:
            return float("inf")
        passed = self._clock_s() - moment_s
        return passed if passed >= 0 else float("inf")

    def _lookup(self, kid: str | None, algorithm: str) -> Key | None:
        fitting = [key for key in self._keys if algorithm in key.algorithms]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)

    def _refresh(self, limit_s: float) -> None:
        """Replace the keys; those at hand stay if the issuer is away or its answer is invalid."""
        begin = time.monotonic()
        self._asked_at_s = self._clock_s()
        try:
            url = self._issuer.jwks_url or self._discover(limit_s)
            self._keys = parse_keys(self._get(url, limit_s - (time.monotonic() - begin)), url)
        except FetchError as error:
            self._tell(error)
        else:
            self._fetched_at_s = self._clock_s()

    def _discover(self, limit_s: float) -> str:
        """The address of the keys, as the issuer's own document says it."""
        url = self._issuer.url.rstrip("/") + "/.well-known/openid-configuration"
        document = _object(self._get(url, limit_s), url)
        if document.get("issuer") != self._issuer.url:
            raise FetchError(f"{url}: is of another issuer; write it as the document has it")
        found = document.get("jwks_uri")
        try:
            check_address(str(found), is_local=is_loopback(self._issuer.url))
        except ValueError as error:
            raise FetchError(f"{url}: jwks_uri cannot be used: {error}") from None
        return str(found)


def parse_keys(text: bytes, url: str) -> tuple[Key, ...]:
    """The usable keys of a JSON Web Key Set; others, such as those for encryption, are left out.

    Raises ``FetchError`` if there is none, or more than ``KEYS_MAX``.
    """
    listed = _object(text, url).get("keys")
    if not isinstance(listed, list) or len(listed) > KEYS_MAX:
        raise FetchError(f"{url}: no list of at most {KEYS_MAX} keys")
    keys = tuple(key for each in listed if (key := _parse_key(each)) is not None)
    if not keys:
        raise FetchError(f"{url}: none of its {len(listed)} keys can verify a token")
    return keys


def _object(text: bytes, url: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise FetchError(f"{url}: no JSON object")
    return found


def _parse_key(found: object) -> Key | None:
    if not isinstance(found, dict) or found.get("use", "sig") != "sig":
        return None
    operations, kid = found.get("key_ops", ["verify"]), found.get("kid")
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    if not isinstance(kid, str | None):
        return None
    algorithms = _algorithms(found)
    if "alg" in found:
        algorithms = [each for each in algorithms if each == found["alg"]]
    public = _public_key(found) if algorithms else None
    return None if public is None else Key(kid, frozenset(algorithms), public)


def _algorithms(found: dict[str, Any]) -> Sequence[str]:
    """What a key of that type, and on that curve, can verify."""
    kind, curve = found.get("kty"), found.get("crv")
    if kind == "EC":
        return [_EC_ALGORITHMS[curve]] if curve in _EC_ALGORITHMS else []
    if kind == "OKP" and curve not in _CURVES_OF_OKP:
        return []
    return [algorithm for algorithm, of_kind in ALGORITHMS.items() if of_kind == kind]


def _public_key(found: dict[str, Any]) -> Any:
    """The key itself, read from its public parts only; none if they make no key."""
    kind = found["kty"]
    parts = {"kty": kind, **{name: found.get(name) for name in _PUBLIC_PARTS[kind]}}
    if not all(isinstance(part, str) and len(part) <= 2_000 for part in parts.values()):
        return None
    reader: Any = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}[kind]
    try:
        public = reader.from_jwk(parts)
    except (PyJWTError, ValueError, TypeError, OverflowError):
        return None
    if kind == "RSA" and not _RSA_BITS[0] <= public.key_size <= _RSA_BITS[1]:
        return None
    return public
