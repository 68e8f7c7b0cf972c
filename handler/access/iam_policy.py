"""Answers of a REQUEST authorizer: a principal becomes an IAM policy for the whole API stage.

API Gateway keeps an answer for a token for up to an hour and applies it to whatever that caller
asks next, so a policy for the one method at hand would refuse the others.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from handler.access.principal import Principal
from handler.errors import HandlerError

DENIED: Final = "denied"

_METHOD_ARN: Final = re.compile(
    r"(arn:aws[a-z-]*:execute-api:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9]+/[A-Za-z0-9_-]+)/[A-Z*]+(/.*)?",
    re.DOTALL,
)


class AuthorizerEventError(HandlerError):
    """The event is not one of a REQUEST authorizer of API Gateway REST."""


def allow(principal: Principal, method_arn: str) -> dict[str, Any]:
    """Let the principal in, and tell the handler who it is."""
    return {
        "principalId": principal.principal_id,
        "policyDocument": _document("Allow", method_arn),
        "context": principal.context(),
    }


def deny(method_arn: str) -> dict[str, Any]:
    """Refuse with 403: who it is has been shown, and another token would not help."""
    return {"principalId": DENIED, "policyDocument": _document("Deny", method_arn), "context": {}}


def whole_stage(method_arn: str) -> str:
    """Every method and path of the stage that ``method_arn`` belongs to."""
    match = _METHOD_ARN.fullmatch(method_arn)
    if match is None:
        raise AuthorizerEventError("methodArn is not one of API Gateway REST")
    return f"{match[1]}/*"


def _document(effect: str, method_arn: str) -> dict[str, Any]:
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": whole_stage(method_arn),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
