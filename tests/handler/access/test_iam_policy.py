"""Answers of the authorizer name the whole stage of the API that asked."""

from __future__ import annotations

import pytest

from handler.access.iam_policy import AuthorizerEventError, allow, deny, whole_stage
from handler.access.principal import CallerKind, Principal
from tests.handler.access.issuers import METHOD_ARN

STAGE_ARN = "arn:aws:execute-api:eu-central-1:123456789012:ab12cd34ef/dev/*"


def test_who_is_let_in_may_call_the_whole_stage() -> None:
    principal = Principal(kind=CallerKind.API_KEY, subject="reports", scopes=frozenset({"b", "a"}))
    assert allow(principal, METHOD_ARN) == {
        "principalId": "reports",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": STAGE_ARN}
            ],
        },
        "context": {
            "kind": "api-key",
            "issuer": "",
            "scopes": "a b",
            "claims": "{}",
            "expiresAt": "",
        },
    }


def test_nobody_has_a_name_for_the_gateway() -> None:
    assert allow(Principal.anonymous(), METHOD_ARN)["principalId"] == "anonymous"


def test_who_is_denied_is_denied_the_whole_stage() -> None:
    assert deny(METHOD_ARN) == {
        "principalId": "denied",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": STAGE_ARN}
            ],
        },
        "context": {},
    }


@pytest.mark.parametrize(
    ("method_arn", "expected"),
    [
        pytest.param(METHOD_ARN, STAGE_ARN, id="root"),
        pytest.param(METHOD_ARN[:-5] + "GET/a/b", STAGE_ARN, id="path"),
        pytest.param(METHOD_ARN[:-1], STAGE_ARN, id="no-path"),
        pytest.param(
            METHOD_ARN.replace("arn:aws:", "arn:aws-us-gov:"),
            STAGE_ARN.replace("arn:aws:", "arn:aws-us-gov:"),
            id="partition",
        ),
        pytest.param(
            METHOD_ARN.replace("/dev/", "/test-invoke-stage/"),
            STAGE_ARN.replace("/dev/", "/test-invoke-stage/"),
            id="console",
        ),
    ],
)
def test_stage_is_read_from_the_method(method_arn: str, expected: str) -> None:
    assert whole_stage(method_arn) == expected


@pytest.mark.parametrize(
    "method_arn",
    ["", "*", "None", "arn:aws:execute-api:*:*:*/*/GET/", METHOD_ARN.replace("dev", "*"),
     METHOD_ARN.replace("execute-api", "s3"), METHOD_ARN.partition("/")[0]],
)  # fmt: skip
def test_what_names_no_stage_is_refused(method_arn: str) -> None:
    with pytest.raises(AuthorizerEventError):
        whole_stage(method_arn)
