"""The REQUEST authorizer of API Gateway: an event becomes a policy, or an error that means 401.

Three ways to say no, as API Gateway wants them: the error "Unauthorized" is 401 (show something
better), a Deny policy is 403 (nothing better would help), any other error is 500 (nobody knows).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from handler.access.api_keys import find_bearer, is_api_key
from handler.access.claims import UnusableClaimsError, build_principal
from handler.access.fetch import Fetcher
from handler.access.iam_policy import AuthorizerEventError, allow, deny
from handler.access.keys import IssuerKeys
from handler.access.principal import Principal
from handler.access.tokens import RefusedError, TokenVerifier
from handler.errors import HandlerError
from handler.observe.log import Log

if TYPE_CHECKING:
    from handler.settings import AuthorizerSettings

FETCH_S: Final = 4.0  # for discovery and keys together; the gateway's caller is waiting

_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([^\s,]+)")


class UnauthorizedError(Exception):
    """API Gateway answers 401 to an error with exactly this text, and 500 to all others."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class AuthorizerError(HandlerError):
    """The authorizer cannot say; what happened stands in the log."""

    def __init__(self) -> None:
        super().__init__(self.message)


class Authorizer:
    """Decides who may call; one per execution environment, one event at a time."""

    def __init__(
        self,
        settings: AuthorizerSettings,
        *,
        fetcher: Fetcher | None = None,
        log: Log | None = None,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        trust = settings.trust
        self._trust = trust
        self._api_keys = trust.known_keys
        self._log = log or Log(settings.log_level, stage=settings.stage)
        read = fetcher or Fetcher()
        self._tokens = TokenVerifier(
            {
                issuer.url: IssuerKeys(
                    issuer,
                    lambda url, limit_s: read.get(url, limit_s=limit_s),
                    tell=lambda error: self._log.issuer_away(str(error)),
                    clock_s=clock_s,
                )
                for issuer in trust.known_issuers
            },
            audience=trust.audience,
            algorithms=trust.algorithms,
            leeway_s=trust.leeway_s,
        )

    def authorize(self, event: object, *, budget_s: float) -> dict[str, Any]:
        """The policy for one event.

        Raises ``UnauthorizedError`` (401), and ``AuthorizerError`` (500) if the issuer's keys
        cannot be had, the event is another one, or for a mistake of ours.
        """
        request_id = _request_id(event)
        answer: dict[str, Any] | Exception
        try:
            answer = self._decide(event, min(FETCH_S, budget_s), request_id)
        except RefusedError as error:
            self._log.refused(str(error), request_id=request_id)
            answer = UnauthorizedError()
        except Exception as error:
            self._log.failure(error, request_id=request_id)
            answer = AuthorizerError()
        if isinstance(answer, Exception):  # here, so that no other error hangs on it: it is logged
            raise answer
        return answer

    def _decide(self, event: object, limit_s: float, request_id: str) -> dict[str, Any]:
        if not isinstance(event, Mapping) or event.get("type") != "REQUEST":
            raise AuthorizerEventError("the event is not one of an authorizer of type REQUEST")
        method_arn = str(event.get("methodArn"))
        try:
            principal = self._identify(_credential(event), limit_s)
        except UnusableClaimsError as error:
            self._log.refused(str(error), request_id=request_id)
            return deny(method_arn)
        return allow(principal, method_arn)

    def _identify(self, credential: str | None, limit_s: float) -> Principal:
        if credential is None:
            if self._trust.anonymous:
                return Principal.anonymous()
            raise RefusedError("no token")
        if is_api_key(credential):
            bearer = find_bearer(credential, self._api_keys)
            if bearer is None:
                raise RefusedError("API key")
            return bearer
        claims = self._tokens.verify(credential, limit_s=limit_s)
        return build_principal(
            claims,
            scope_claims=self._trust.scope_claims,
            chosen=self._trust.claims,
            leeway_s=self._trust.leeway_s,
        )


def _credential(event: Mapping[str, Any]) -> str | None:
    """What stands after ``Bearer``; None without an Authorization header at all.

    Raises ``RefusedError`` for several headers, or another scheme. Whoever sends something that is
    no good is not taken for somebody who sends nothing.
    """
    values = _authorization(event)
    if not values:
        return None
    match = _BEARER.fullmatch(values[0]) if isinstance(values[0], str) else None
    if len(values) > 1 or match is None:
        raise RefusedError("header")
    return match[1]


def _authorization(event: Mapping[str, Any]) -> list[Any]:
    """The values of all Authorization headers, whatever their case.

    ``headers`` holds the last of several; ``multiValueHeaders`` holds them all.
    """
    every = event.get("multiValueHeaders") or {}
    found = [
        value for name, values in every.items() if name.lower() == "authorization"
        for value in values
    ]  # fmt: skip
    if found:
        return found
    last = event.get("headers") or {}
    return [value for name, value in last.items() if name.lower() == "authorization"]


def _request_id(event: object) -> str:
    """The request's identifier in the gateway's own log."""
    context = event.get("requestContext") if isinstance(event, Mapping) else None
    found = context.get("requestId") if isinstance(context, Mapping) else None
    return found[:100] if isinstance(found, str) else ""
