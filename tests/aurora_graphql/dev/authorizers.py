"""Authorizers for the tests of the gateway."""

from __future__ import annotations

from typing import Any

from aurora_graphql.dev.runtime import Context


def _policy(effect: str, resource: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": "x",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {},
    }


def denies(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Knows the caller and does not want it."""
    return _policy("Deny", "*")


def allows_another_stage(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """A policy for something else is none for this."""
    return _policy("Allow", event["methodArn"].replace("/local/", "/other/"))


def says_little(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """As short as a policy may be: one statement without brackets, no context."""
    policy = _policy("Allow", event["methodArn"])
    (statement,) = policy["policyDocument"]["Statement"]
    return {"principalId": "x", "policyDocument": {"Statement": statement}}


def says_much(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Several resources, and all that a context may hold."""
    policy = _policy("Allow", "")
    policy["policyDocument"]["Statement"][0]["Resource"] = ["arn:other", event["methodArn"]]
    return {**policy, "context": {"text": "1", "number": 1.5, "is": True, "whole": 7}}


def says_parts(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """A context that API Gateway does not take."""
    return {**_policy("Allow", "*"), "context": {"scopes": ["a", "b"]}}


def answers_rubbish(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Not a policy."""
    return {"isAuthorized": True}


def fails(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Cannot say."""
    raise LookupError("Unauthorized access to a table")


_asked = 0


def counts(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Says how often it was asked; the token says what it has to do."""
    global _asked  # noqa: PLW0603 # what is tested is how often this process was asked
    _asked += 1
    token = event["headers"].get("authorization") or event["headers"].get("Authorization")
    if token == "fail":
        raise LookupError("no")
    policy = _policy("Deny" if token == "deny" else "Allow", "*")
    return {**policy, "context": {"count": str(_asked)}}
