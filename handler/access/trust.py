"""What the authorizer trusts, as the settings say it: issuers, audiences, algorithms, API keys.

Pure, and free of cryptography: the settings import it, and so does every function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

import orjson
from msgspec import Struct

from handler.access.scopes import split_scopes
from handler.errors import Hiding
from handler.paths import read_beside

ALGORITHMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
"""Algorithms that may be allowed, and the type of their keys. All are asymmetric: an algorithm
with a shared secret would take the issuer's public key for that secret."""

_CONTRACT: Final[Mapping[str, Any]] = orjson.loads(read_beside(__file__, "contract.json"))
"""What a stack checks in its settings, too: ``components/contract.py`` reads the same file."""

ISSUERS_MAX: Final = int(_CONTRACT["issuers_max"])
API_KEYS_MAX: Final = 32
CLAIMS_MAX: Final = 16
LEEWAY_MAX_S: Final = 300

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Issuer(Struct, frozen=True):
    """An OpenID Connect provider. ``url``: as its tokens' ``iss`` has it, to the letter."""

    url: str
    jwks_url: str = ""  # of its keys; empty: its discovery document says it

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``https://issuer`` or ``https://issuer|https://address/of/its/keys``.

        Raises ``ValueError``.
        """
        url, separator, jwks_url = text.partition("|")
        check_address(url, is_local=True)
        if separator:
            check_address(jwks_url, is_local=is_loopback(url))
        return cls(url, jwks_url)

    @property
    def is_local(self) -> bool:
        """Whether it is one of this machine, asked without encryption."""
        return is_loopback(self.url) or is_loopback(self.jwks_url)


class ApiKey(Hiding, Struct, frozen=True):
    """A static key, known by its hash alone. ``name`` is who its bearer is."""

    HIDDEN: ClassVar = ("sha256",)

    name: str
    sha256: bytes
    scopes: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name=sha256 scope scope``, the hash in hex. Raises ``ValueError``."""
        match = re.fullmatch(_CONTRACT["api_key"], text)
        if match is None:
            raise ValueError("is not `name=sha256 scope scope`")
        name, digest, scopes = match.groups()
        return cls(name, bytes.fromhex(digest), frozenset(split_scopes(scopes)))


class Trust(Hiding, Struct, frozen=True, kw_only=True):
    """Who may call. The defaults let nobody in."""

    HIDDEN: ClassVar = ("api_keys",)

    issuers: tuple[str, ...] = ()  # see Issuer.parse
    audience: tuple[str, ...] = ()  # a token must be made for one of them
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    leeway_s: int = 30  # by which the clocks of issuer and authorizer may differ
    scope_claims: tuple[str, ...] = ("scope", "scp")
    claims: tuple[str, ...] = ()  # that the API gets to know
    anonymous: bool = False
    api_keys: tuple[str, ...] = ()  # see ApiKey.parse

    def __post_init__(self) -> None:
        _check_count("issuers", self.issuers, ISSUERS_MAX)
        _check_count("api_keys", self.api_keys, API_KEYS_MAX)
        _check_count("claims", self.claims, CLAIMS_MAX)
        for issuer in self.issuers:
            try:
                Issuer.parse(issuer)
            except ValueError as error:
                shown = issuer.rpartition("@")[2]  # in front may be a password, by mistake
                raise ValueError(f"issuers holds {shown!r}: {error}") from None
        urls = [issuer.url for issuer in self.known_issuers]
        if len(set(urls)) < len(urls):
            raise ValueError("issuers must differ from each other")
        for at, key in enumerate(self.api_keys, start=1):
            try:
                ApiKey.parse(key)
            except ValueError as error:  # what stands there may be a key by mistake: not shown
                raise ValueError(f"api_keys number {at} {error}") from None
        if unknown := sorted(set(self.algorithms) - set(ALGORITHMS)):
            raise ValueError(
                f"algorithms holds {', '.join(unknown)}; write some of {', '.join(ALGORITHMS)}"
            )
        if not 0 <= self.leeway_s <= LEEWAY_MAX_S:
            raise ValueError(
                f"leeway_s must be between 0 and {LEEWAY_MAX_S} seconds, got {self.leeway_s}"
            )
        if self.issuers and not self.audience:
            raise ValueError(
                "audience must name the audience of the tokens when there are issuers; otherwise a"
                " token that an issuer made for another API would open this one"
            )

    @property
    def known_issuers(self) -> list[Issuer]:
        """The issuers, read."""
        return [Issuer.parse(text) for text in self.issuers]

    @property
    def known_keys(self) -> list[ApiKey]:
        """The API keys, read."""
        return [ApiKey.parse(text) for text in self.api_keys]


def check_address(url: str, *, is_local: bool) -> None:
    """Raise ``ValueError`` unless it is an https address; ``is_local`` allows http on loopback."""
    if not re.fullmatch(r"[\x21-\x7e]{1,2000}", url):
        raise ValueError("an address has no spaces and no letters outside of ASCII")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its text may quote a password
        raise ValueError("an address has a port from 0 to 65535, or none") from None
    if not parts.hostname or "@" in parts.netloc or "#" in url:
        raise ValueError("an address has a host, no user and no fragment")
    if parts.scheme != "https" and not (is_local and is_loopback(url)):
        raise ValueError("an address begins with https://")


def is_loopback(url: str) -> bool:
    """Whether it is an http address of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _check_count(name: str, values: tuple[str, ...], maximum: int) -> None:
    if len(values) > maximum:
        raise ValueError(f"{name} must be at most {maximum}, got {len(values)}")
