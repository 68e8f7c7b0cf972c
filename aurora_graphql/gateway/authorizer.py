"""What API Gateway does before it calls the function: ask the authorizer, and obey it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import orjson

from aurora_graphql.gateway.function import Function, FunctionError
from aurora_graphql.gateway.proxy_event import build_authorizer_event
from aurora_graphql.gateway.refusals import Refusal

FUNCTION = "handler.entry.authorize"
TIMEOUT_S = 10.0


class RefusedError(Exception):
    """The request goes no further; ``refusal`` is the answer.

    A failure of the authorizer is answered like a failure of the configuration: both say nothing.
    """

    def __init__(self, refusal: Refusal, reason: str = "") -> None:
        super().__init__(reason)
        self.refusal = refusal


class Authorizer:
    """A REQUEST authorizer; ``cache_s``: seconds that an answer counts for the same token.

    With a cache the token is the identity source: who has none is refused without a question, so
    a stack with anonymous callers has no cache. Allowing and denying policies are kept, for every
    method and path; failures are not.
    """

    def __init__(
        self,
        function: Function,
        *,
        cache_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._function = function
        self._cache_s = cache_s
        self._clock = clock
        self._kept: dict[str, tuple[Any, float]] = {}  # by token; development makes a few

    async def start(self) -> None:
        """Be ready; ``FunctionError`` if the function cannot be loaded."""
        await self._function.start()

    async def stop(self) -> None:
        """End its processes."""
        await self._function.stop()

    async def attest(self, event: Mapping[str, Any], *, request_id: str) -> dict[str, Any]:
        """What becomes ``requestContext.authorizer`` of that proxy event.

        Raises ``RefusedError``.
        """
        asked = build_authorizer_event(event)
        begin = time.perf_counter()
        answer = await self._policy(event, asked, request_id)
        try:
            is_allowed = _allows(answer["policyDocument"], asked["methodArn"])
            principal_id, context = str(answer["principalId"]), _texts(answer.get("context"))
        except (KeyError, TypeError, ValueError) as error:
            reason = f"the authorizer's answer is none: {error!r}"
            raise RefusedError(Refusal.API_CONFIGURATION_ERROR, reason) from error
        if not is_allowed:
            raise RefusedError(Refusal.ACCESS_DENIED)
        took_ms = int((time.perf_counter() - begin) * 1000)
        return {"principalId": principal_id, "integrationLatency": took_ms, **context}

    async def _policy(
        self, event: Mapping[str, Any], asked: Mapping[str, Any], request_id: str
    ) -> Any:
        """The function's answer, or the one that it gave to this token before."""
        if not self._cache_s:
            return await self._ask(asked, request_id)
        token = _token(event["headers"])
        if not token:
            raise RefusedError(Refusal.UNAUTHORIZED)
        answer, until_s = self._kept.get(token, (None, 0.0))
        if answer is None or self._clock() >= until_s:
            answer = await self._ask(asked, request_id)
            self._kept[token] = answer, self._clock() + self._cache_s
        return answer

    async def _ask(self, asked: Mapping[str, Any], request_id: str) -> Any:
        try:
            return await self._function.invoke(
                orjson.dumps(asked), request_id=request_id, timeout_s=TIMEOUT_S
            )
        except FunctionError as error:
            # API Gateway knows an error by its text: this one means 401, any other 500.
            if str(error).rpartition(": ")[2] == "Unauthorized":
                raise RefusedError(Refusal.UNAUTHORIZED) from error
            raise RefusedError(Refusal.API_CONFIGURATION_ERROR, str(error)) from error


def _token(headers: Mapping[str, str]) -> str:
    """The value of the identity source."""
    found = (text for name, text in headers.items() if name.lower() == "authorization")
    return next(found, "")


def _texts(context: Mapping[str, Any] | None) -> dict[str, str]:
    """What the function is told: all of it as text, and nothing that is made of parts."""
    texts = {}
    for name, value in (context or {}).items():
        if not isinstance(value, str | int | float):
            raise TypeError(f"context.{name} is {type(value).__name__}")
        texts[name] = value if isinstance(value, str) else json.dumps(value)
    return texts


def _allows(document: Mapping[str, Any], method_arn: str) -> bool:
    """Whether a statement allows the method and none denies it."""
    effects = [
        statement["Effect"]
        for statement in _several(document["Statement"])
        if any(_matches(method_arn, each) for each in _several(statement["Resource"]))
    ]
    return "Allow" in effects and "Deny" not in effects


def _several(one_or_more: Any) -> list[Any]:
    """The language of policies lets out the brackets around a single thing."""
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def _matches(arn: str, pattern: str) -> bool:
    """Only ``*`` and ``?`` stand for others; brackets stand for themselves."""
    return fnmatchcase(arn, pattern.replace("[", "[[]"))
