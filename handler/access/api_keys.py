"""Static API keys: 256 random bits, of which the settings hold the SHA-256.

The bits need no slow hash: there is nothing to guess. Run as a program it makes a key:
``python -m handler.access.api_keys NAME SCOPE...``.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import re
import secrets
import sys
from collections.abc import Sequence
from typing import Final

from handler.access.principal import CallerKind, Principal
from handler.access.trust import ApiKey

PREFIX: Final = "agql_"  # by which people and scanners know a key that has got lost

_FORM: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def is_api_key(credential: str) -> bool:
    """Whether it has the form of a key; a token has dots, and a key has none."""
    return _FORM.fullmatch(credential) is not None


def find_bearer(credential: str, keys: Sequence[ApiKey]) -> Principal | None:
    """Who the key belongs to. Every hash is compared, each in the same time."""
    digest = _sha256(credential)
    found = None
    for key in keys:
        if hmac.compare_digest(digest, key.sha256):
            found = key
    if found is None:
        return None
    return Principal(kind=CallerKind.API_KEY, subject=found.name, scopes=found.scopes)


def make_key(name: str, scopes: Sequence[str]) -> tuple[str, str]:
    """A new key, and its entry for ``AUTH_API_KEYS``. Raises ``ValueError`` for such a name."""
    key = PREFIX + secrets.token_urlsafe(32)
    entry = " ".join((f"{name}={_sha256(key).hex()}", *scopes))
    if "," in entry:
        raise ValueError("a comma separates keys and can be in none of their scopes")
    ApiKey.parse(entry)
    return key, entry


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a key, which is kept nowhere, and what to write into the settings."""
    parser = argparse.ArgumentParser(
        prog="python -m handler.access.api_keys", description="make a static API key"
    )
    parser.add_argument("name", help="who the bearer is, up to 64 of A-Z a-z 0-9 . _ -")
    parser.add_argument("scopes", nargs="*", help="what the bearer may do")
    options = parser.parse_args(arguments)
    try:
        key, entry = make_key(options.name, options.scopes)
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(f"key, for its bearer only: {key}\nfor AUTH_API_KEYS: {entry}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
