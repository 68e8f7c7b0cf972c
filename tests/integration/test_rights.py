"""A right that the role of a function lacks: one line of the log says which, on what, and whose."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import certifi
import pytest

from aurora_graphql.dev.lambda_task import checkout
from aurora_graphql.gateway.function import FunctionError
from handler.jobs.migrate import migrate
from handler.stores.url import DatabaseUrl
from tests.integration.denials import no_right, serve_aws
from tests.integration.front import serve, settings_for
from tests.integration.servers import MIGRATIONS

CANARY = "canary-never-shown"
OBJECT, REJECTS = "incoming/may.jsonl", "rejects/incoming/may.jsonl.0065F0C4.jsonl"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/810965d7-2cf3-4704-b084-49d84f88ff1b"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-AbCdEf"
PLAIN = "Access Denied"  # as S3 says it to callers of another account
NOT_READ = f"cannot read s3://shop/{OBJECT}: An error occurred (AccessDenied) when calling the "
NOT_WRITTEN = (
    f"cannot write s3://shop/{REJECTS}: An error occurred (AccessDenied) when calling the "
)
NOT_TOLD = (
    f"cannot read the secret {SECRET}: An error occurred (AccessDeniedException) when calling the "
    f"GetSecretValue operation: "
)
READ = "s3:GetObject on it and kms:Decrypt on its key; S3 says the same of an object that is gone"
READ_VERSION = READ.replace("s3:GetObject", "s3:GetObjectVersion")
WRITE = "s3:PutObject on it and kms:GenerateDataKey on the key of its bucket"
READ_SECRET = "secretsmanager:GetSecretValue on it and kms:Decrypt on its key"


@dataclass(frozen=True)
class Denied:
    """An operation, what AWS says of it, and what the log says before and after that."""

    operation: str
    told: str
    before: str
    needed: str
    version: str | None = None

    @property
    def line(self) -> str:
        """The whole text of the error."""
        return f"{self.before}{self.told}; the function's role needs {self.needed}"


def object_arn(key: str) -> str:
    return f'"arn:aws:s3:::shop/{key}"'


OBJECTS = [
    pytest.param(
        Denied(
            "GetObject",
            no_right("s3:GetObject", object_arn(OBJECT)),
            f"{NOT_READ}GetObject operation: ",
            READ,
        ),
        id="read-object",
    ),
    pytest.param(
        Denied(
            "GetObject",
            no_right("s3:GetObjectVersion", object_arn(OBJECT)),
            f"{NOT_READ}GetObject operation: ",
            READ_VERSION,
            version="v1",
        ),
        id="read-version",
    ),
    pytest.param(
        Denied("GetObject", no_right("kms:Decrypt", KEY), f"{NOT_READ}GetObject operation: ", READ),
        id="decrypt-object",
    ),
    pytest.param(
        Denied("GetObject", PLAIN, f"{NOT_READ}GetObject operation: ", READ),
        id="read-object-without-reason",
    ),
    pytest.param(
        Denied(
            "PutObject",
            no_right("s3:PutObject", object_arn(REJECTS)),
            f"{NOT_WRITTEN}PutObject operation: ",
            WRITE,
        ),
        id="write-rejects",
    ),
    pytest.param(
        Denied(
            "PutObject",
            no_right("kms:GenerateDataKey", KEY),
            f"{NOT_WRITTEN}PutObject operation: ",
            WRITE,
        ),
        id="encrypt-rejects",
    ),
]
SECRETS = [
    pytest.param(
        Denied(
            "GetSecretValue",
            no_right("secretsmanager:GetSecretValue", SECRET),
            NOT_TOLD,
            READ_SECRET,
        ),
        id="read-secret",
    ),
    pytest.param(
        Denied("GetSecretValue", "Access to KMS is not allowed", NOT_TOLD, READ_SECRET),
        id="decrypt-secret",
    ),
]


def notification(version: str | None) -> dict[str, Any]:
    found = {"key": OBJECT, "sequencer": "0065F0C4"} | ({"versionId": version} if version else {})
    return {"Records": [{"s3": {"bucket": {"name": "shop"}, "object": found}}]}


def logged(name: str, denied: Denied, event: dict[str, Any], environ: dict[str, str]) -> str:
    """All that the function logs while the runtime's client gives it the event.

    JSON is the format that the stack asks for; in the other one an error has its trace below.
    """
    objects = {f"/shop/{OBJECT}": b'{"orderId": "1"}\n'}  # a line that is rejected
    with serve_aws(objects, {denied.operation: denied.told}) as address:
        own = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": f"{CANARY}-key",
            "AWS_SESSION_TOKEN": f"{CANARY}-token",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
        }
        with serve(checkout(), {**environ, **own}, handler=f"handler.entry.{name}") as front:
            with pytest.raises(FunctionError):
                front.invoke(event)
            return front.output.read_text()


def told_by(log: str) -> str:
    """The error of the only line."""
    (line,) = log.splitlines()
    found = json.loads(line)
    assert (found["level"], found["errorType"]) == ("ERROR", "UpstreamError")
    return str(found["errorMessage"])


@pytest.mark.parametrize("denied", OBJECTS)
def test_what_ingest_may_not_do_with_an_object_is_one_line(
    denied: Denied, database: DatabaseUrl
) -> None:
    asyncio.run(migrate(database, MIGRATIONS))
    log = logged("ingest", denied, notification(denied.version), settings_for(database))
    assert told_by(log) == denied.line
    assert CANARY not in log


@pytest.mark.parametrize("denied", SECRETS)
@pytest.mark.parametrize(
    ("name", "event"),
    [
        pytest.param("migrate", {"action": "migrate"}, id="migrate"),
        pytest.param("ingest", notification(None), id="ingest"),
    ],
)
def test_a_secret_that_may_not_be_read_is_one_line(
    name: str, event: dict[str, Any], denied: Denied
) -> None:
    environ = settings_for(
        DatabaseUrl.parse("mysql://nobody@127.0.0.1:1/orders"),
        DATABASE_URL="",
        DATABASE_HOST="127.0.0.1",
        DATABASE_NAME="orders",
        DATABASE_AUTH="secret",
        DATABASE_SECRET_ARN=SECRET,
        DATABASE_CA_FILE=certifi.where(),
    )
    log = logged(name, denied, event, environ)
    assert told_by(log) == denied.line
    assert CANARY not in log
