"""The claims of a verified token become a principal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from handler.access.principal import CallerKind, Principal
from handler.access.scopes import split_scopes

SUBJECT_MAX: Final = 255  # characters, as OpenID Connect limits `sub`
SCOPES_MAX: Final = 4_000  # characters of all scopes together
CLAIM_MAX: Final = 500  # characters


class UnusableClaimsError(Exception):
    """The token is genuine, but this API cannot serve its bearer; another one would not help."""


def build_principal(
    claims: Mapping[str, Any],
    *,
    scope_claims: Sequence[str],
    chosen: Sequence[str],
    leeway_s: int,
) -> Principal:
    """Who a token is about. ``chosen``: names of the claims that the API gets to know.

    ``leeway_s``: how long after its ``exp`` a token still counts. It is added here, so that who
    reads the principal later asks one clock and needs no leeway of its own.

    Raises ``UnusableClaimsError`` for a subject or scopes that the context cannot carry.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject or not _is_plain(subject, SUBJECT_MAX):
        raise UnusableClaimsError("subject")
    scopes = frozenset(scope for name in scope_claims for scope in _scopes(claims.get(name)))
    if not _is_plain(" ".join(scopes), SCOPES_MAX):
        raise UnusableClaimsError("scopes")
    texts = {name: text for name in chosen if (text := _text(claims.get(name))) is not None}
    return Principal(
        kind=CallerKind.TOKEN,
        subject=subject,
        issuer=str(claims["iss"]),
        scopes=scopes,
        claims=texts,
        expires_at_s=int(claims["exp"]) + leeway_s,
    )


def _scopes(found: object) -> Iterator[str]:
    """Scopes as a list, or separated by spaces. In a list, too, none can hold a space."""
    listed = found if isinstance(found, list) else [found]
    for each in listed:
        if isinstance(each, str):
            yield from split_scopes(each)


def _text(found: object) -> str | None:
    """A claim as text; None for one that is missing, no single value, or too long."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, int) and abs(found) < 2**63:
        return str(found)
    return found if isinstance(found, str) and _is_plain(found, CLAIM_MAX) else None


def _is_plain(text: str, maximum: int) -> bool:
    """Whether it is short enough, and UTF-8 can say it: JSON can hold half a character."""
    return len(text) <= maximum and not any("\ud800" <= each <= "\udfff" for each in text)
