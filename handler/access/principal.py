"""Who calls: made by the authorizer, carried by API Gateway, read again by the handler.

API Gateway hands the authorizer's context on as texts in ``requestContext.authorizer``, which no
caller can write. Nothing else of a request says who it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Self

import orjson
from msgspec import Struct, field
from msgspec.json import Decoder

from handler.access.scopes import split_scopes
from handler.errors import HandlerError


class CallerKind(StrEnum):
    """How a caller has shown who it is."""

    TOKEN = "token"  # noqa: S105 - the name of a kind
    API_KEY = "api-key"
    ANONYMOUS = "anonymous"
    DEVELOPMENT = "development"  # nobody asks: only where AUTH is off, never from an authorizer


class PrincipalError(HandlerError):
    """The context is not one of our authorizer: the API is put together wrongly."""


class Principal(Struct, frozen=True, kw_only=True):
    """One caller.

    A subject is unique with its kind and issuer only. ``expires_at_s``: seconds since 1970 up to
    which the authorizer's answer may be believed, the leeway of clocks included; API Gateway may
    keep it longer.
    """

    kind: CallerKind
    subject: str = ""  # of a token its `sub`, of an API key its name
    issuer: str = ""  # of a token
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, str] = field(default_factory=dict)
    expires_at_s: int | None = None  # None: does not expire

    @classmethod
    def anonymous(cls) -> Self:
        """A caller who shows nothing and may do what is open to all."""
        return cls(kind=CallerKind.ANONYMOUS)

    @classmethod
    def development(cls) -> Self:
        """The caller of an API that asks nobody: meets every rule, and no limit is counted."""
        return cls(kind=CallerKind.DEVELOPMENT, subject="development")

    @classmethod
    def from_context(cls, authorizer: Mapping[str, Any]) -> Self:
        """Read ``requestContext.authorizer``. An API without authorizer has none: nobody is known.

        Raises ``PrincipalError`` for one that our authorizer did not write.
        """
        if not authorizer:
            return cls.anonymous()
        try:
            kind = _KINDS[authorizer["kind"]]
            claims = _CLAIMS.decode(authorizer["claims"])
            expires = authorizer["expiresAt"]
            subject, issuer = authorizer["principalId"], authorizer["issuer"]
            scopes = authorizer["scopes"]
            expires_at_s = int(expires) if expires else None
        except (KeyError, TypeError, ValueError):
            raise PrincipalError(_FOREIGN) from None
        if not (type(subject) is type(issuer) is type(scopes) is str):
            raise PrincipalError(_FOREIGN)
        if kind is CallerKind.ANONYMOUS:
            return cls.anonymous()
        if not subject or kind is CallerKind.DEVELOPMENT:
            raise PrincipalError(_FOREIGN)
        return cls(
            kind=kind,
            subject=subject,
            issuer=issuer,
            scopes=frozenset(split_scopes(scopes)),
            claims=claims,
            expires_at_s=expires_at_s,
        )

    @property
    def principal_id(self) -> str:
        """What API Gateway calls the caller; it must not be empty."""
        return self.subject or self.kind.value

    def context(self) -> dict[str, str]:
        """What the authorizer tells the handler. API Gateway takes flat values only."""
        return {
            "kind": self.kind.value,
            "issuer": self.issuer,
            "scopes": " ".join(sorted(self.scopes)),
            "claims": orjson.dumps(self.claims, option=orjson.OPT_SORT_KEYS).decode(),
            "expiresAt": "" if self.expires_at_s is None else str(self.expires_at_s),
        }

    def is_expired(self, now_s: float) -> bool:
        """Whether what the caller has shown is no longer good."""
        return self.expires_at_s is not None and now_s >= self.expires_at_s


_KINDS: Final = {kind.value: kind for kind in CallerKind}
_CLAIMS: Final = Decoder(dict[str, str])
_FOREIGN: Final = "requestContext.authorizer is not what handler.entry.authorize answers"
