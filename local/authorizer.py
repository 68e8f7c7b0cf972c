"""What API Gateway does before it calls the function: ask the authorizer, and obey it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import orjson

from local.environment import Function, FunctionError
from local.proxy_event import build_authorizer_event
from local.refusals import Refusal

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
    """A REQUEST authorizer without cached results, as a stack with anonymous callers has it."""

    def __init__(self, function: Function) -> None:
        self._function = function

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
        try:
            answer = await self._function.invoke(
                orjson.dumps(asked), request_id=request_id, timeout_s=TIMEOUT_S
            )
        except FunctionError as error:
            # API Gateway knows an error by its text: this one means 401, any other 500.
            if str(error).rpartition(": ")[2] == "Unauthorized":
                raise RefusedError(Refusal.UNAUTHORIZED) from error
            raise RefusedError(Refusal.API_CONFIGURATION_ERROR, str(error)) from error
        try:
            is_allowed = _allows(answer["policyDocument"], asked["methodArn"])
            principal_id, context = str(answer["principalId"]), dict(answer["context"])
        except (KeyError, TypeError, ValueError) as error:
            reason = f"the authorizer's answer is none: {error!r}"
            raise RefusedError(Refusal.API_CONFIGURATION_ERROR, reason) from error
        if not is_allowed:
            raise RefusedError(Refusal.ACCESS_DENIED)
        took_ms = int((time.perf_counter() - begin) * 1000)
        return {"principalId": principal_id, "integrationLatency": took_ms, **context}


def _allows(document: Mapping[str, Any], method_arn: str) -> bool:
    """Whether a statement allows the method and none denies it."""
    effects = [
        statement["Effect"]
        for statement in document["Statement"]
        if fnmatchcase(method_arn, statement["Resource"])
    ]
    return "Allow" in effects and "Deny" not in effects
