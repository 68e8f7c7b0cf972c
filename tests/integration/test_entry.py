"""The entry points on a real database, called with the events that AWS and the stack send."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 publishes no types
import pytest
import redis
from moto import mock_aws

import handler.entry
from components.ingest_store import REJECTS
from handler.errors import ClientError, UpstreamError
from handler.jobs.ingest import IngestError
from handler.jobs.migrate import MigrationError, migrate
from handler.jobs.privileges import AccountError
from handler.stores.redis.versions import SHARDS, version_key
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.integration.servers import MIGRATIONS, fetch_rows, run_script

BUCKET = "orders-incoming"
LINES: list[dict[str, Any]] = [
    {"orderId": "1", "customerId": "ALFKI", "productId": "chai", "price": 18, "quantity": 2},
    {"orderId": "2", "customerId": "ALFKI", "productId": "chang"},
]


class Context:
    """The runtime's context with a fixed rest of time."""

    def __init__(self, remaining_s: float = 60.0) -> None:
        self._remaining_s = remaining_s

    def get_remaining_time_in_millis(self) -> int:
        return int(self._remaining_s * 1000)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], handler.entry.Function]]:
    """Starts an entry point anew with the environment at hand, in the folder of a project."""
    monkeypatch.chdir(PROJECT)
    loops: list[asyncio.AbstractEventLoop] = []
    new_event_loop = asyncio.new_event_loop

    def remembered() -> asyncio.AbstractEventLoop:
        loops.append(new_event_loop())
        return loops[-1]

    monkeypatch.setattr("handler.entry.asyncio.new_event_loop", remembered)

    def start(name: str) -> handler.entry.Function:
        module = importlib.reload(handler.entry)
        vars(module).pop(name, None)
        function: handler.entry.Function = getattr(module, name)
        return function

    yield start
    for loop in loops:
        loop.close()


@pytest.fixture
def shop(database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> DatabaseUrl:
    """The four tables, named by the environment."""
    asyncio.run(migrate(database, MIGRATIONS))
    monkeypatch.setenv("DATABASE_URL", database.text())
    return database


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield client


def notification(*keys: str) -> dict[str, Any]:
    """As S3 sends it; keys are percent-encoded, spaces as plus."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "eu-central-1",
                "eventTime": "2026-11-23T20:05:07.250Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "load",
                    "bucket": {"name": BUCKET, "arn": f"arn:aws:s3:::{BUCKET}"},
                    "object": {"key": key, "size": 1, "sequencer": "0065F0C4A1B2C3D4E5"},
                },
            }
            for key in keys
        ]
    }


def jsonl(lines: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, lines)).encode()


def test_migrate_says_what_it_applied(
    database: DatabaseUrl,
    start: Callable[[str], handler.entry.Function],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.text())
    names = sorted(file.name for file in MIGRATIONS.glob("*.sql"))
    function = start("migrate")
    first = function({"action": "migrate"}, Context())
    assert first == {"applied": names, "already": [], "unknown": [], "unfinished": []}
    again = function({"action": "migrate"}, Context())
    assert again == {"applied": [], "already": names, "unknown": [], "unfinished": []}


def test_migrate_fails_with_the_words_of_the_database(
    database: DatabaseUrl,
    start: Callable[[str], handler.entry.Function],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "0001_break.sql").write_text("CREATE TABLE a (x INT);\nINSERT INTO b VALUES (1);")
    monkeypatch.setenv("DATABASE_URL", database.text())
    monkeypatch.setenv("MIGRATIONS_DIR", str(tmp_path))
    with pytest.raises(MigrationError) as caught:
        start("migrate")({"action": "migrate"}, Context())
    assert str(caught.value).startswith(
        f"0001_break.sql stopped at statement 2 of 2 (line 2): "
        f"Table '{database.database}.b' doesn't exist"
    )


def test_migrate_ends_with_words_before_the_runtime_ends_it(
    database: DatabaseUrl,
    start: Callable[[str], handler.entry.Function],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "0001_wait.sql").write_text("DO SLEEP(30);")
    monkeypatch.setenv("DATABASE_URL", database.text())
    monkeypatch.setenv("MIGRATIONS_DIR", str(tmp_path))
    with pytest.raises(UpstreamError, match="migrate did not end within 1 s"):
        start("migrate")({"action": "migrate"}, Context(remaining_s=1.5))


def test_migrate_says_when_the_api_cannot_log_in(
    database: DatabaseUrl,
    start: Callable[[str], handler.entry.Function],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MariaDB has no IAM: better no API than one that cannot log in."""
    monkeypatch.setenv("DATABASE_URL", database.text())
    with pytest.raises(AccountError, match=r"tables are up to date, .* 'api' .*AWSAuthentication"):
        start("migrate")({"action": "migrate", "api_user": "api"}, Context())
    assert fetch_rows(database, "SELECT COUNT(*) FROM orders") == [(0,)]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        pytest.param({}, "action must be 'migrate', got None", id="no-action"),
        pytest.param({"action": "drop"}, "action must be 'migrate', got 'drop'", id="other"),
        *(
            pytest.param(
                {"action": "migrate", "former_releases": given},
                f"former_releases must be a whole number from 0 on, got {given!r}",
                id=f"releases-{given}",
            )
            for given in (-1, "3", True, 1.5, None)
        ),
    ],
)
def test_migrate_refuses_other_events(
    start: Callable[[str], handler.entry.Function],
    monkeypatch: pytest.MonkeyPatch,
    event: dict[str, Any],
    message: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root@127.0.0.1:1/orders")
    with pytest.raises(ClientError, match=message):
        start("migrate")(event, Context())


def test_ingest_loads_the_objects_of_a_notification(
    shop: DatabaseUrl, s3: Any, start: Callable[[str], handler.entry.Function]
) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/may 1/ä.jsonl", Body=jsonl(LINES[:1]))
    s3.put_object(Bucket=BUCKET, Key="incoming/b.gz", Body=gzip.compress(jsonl(LINES)))
    function = start("ingest")
    event = notification("incoming/may+1/%C3%A4.jsonl", "incoming/b.gz")
    created = {"customers": 1, "products": 1, "orders": 1, "order_items": 1}
    rejects = f"{REJECTS}incoming/b.gz.0065F0C4A1B2C3D4E5.jsonl"
    assert function(event, Context()) == [
        {
            "object": f"s3://{BUCKET}/incoming/may 1/ä.jsonl",
            "loaded": 1,
            "rejected": 0,
            "rejects": None,
            "reasons": {},
            "tables": {name: {"new": new, "changed": 0} for name, new in created.items()},
            "notes": [],
        },
        {
            "object": f"s3://{BUCKET}/incoming/b.gz",
            "loaded": 1,
            "rejected": 1,
            "rejects": rejects,
            "reasons": {"productPrice or price is missing": 1},
            "tables": {name: {"new": 0, "changed": 0} for name in created},
            "notes": [],
        },
    ]
    assert fetch_rows(shop, "SELECT order_id, quantity FROM order_items") == [("1", 2)]
    rejected = json.loads(s3.get_object(Bucket=BUCKET, Key=rejects)["Body"].read())
    assert rejected["line"] == 2
    assert "price" in rejected["reason"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [
        "incoming/b.gz",
        "incoming/may 1/ä.jsonl",
        rejects,
    ]


def test_ingest_ends_kept_answers(
    shop: DatabaseUrl,
    s3: Any,
    start: Callable[[str], handler.entry.Function],
    cache_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CACHE_URL", cache_url)
    keys = [version_key(shop.database, "orders", shard) for shard in range(SHARDS)]
    with redis.Redis.from_url(cache_url) as client:
        client.mset(dict.fromkeys(keys, b"version"))
        s3.put_object(Bucket=BUCKET, Key="incoming/a", Body=jsonl(LINES[:1]))
        start("ingest")(notification("incoming/a"), Context())
        assert set(client.mget(keys)) & {b"version"} == set()


def test_ingest_fails_for_an_object_that_is_cut(
    shop: DatabaseUrl, s3: Any, start: Callable[[str], handler.entry.Function]
) -> None:
    many = [{**LINES[0], "orderId": str(number)} for number in range(5000)]
    many[0]["quantity"] = "kanari"  # a reject; what lines hold must not come into the log
    s3.put_object(Bucket=BUCKET, Key="incoming/cut.gz", Body=gzip.compress(jsonl(many))[:-20])
    with pytest.raises(IngestError, match=f"s3://{BUCKET}/incoming/cut.gz ended early") as caught:
        start("ingest")(notification("incoming/cut.gz"), Context())
    assert "1 rejected" in str(caught.value)
    assert "kanari" not in str(caught.value)
    assert fetch_rows(shop, "SELECT COUNT(*) > 0 FROM orders") == [(1,)]


def test_ingest_fails_for_an_object_that_is_gone(
    shop: DatabaseUrl, s3: Any, start: Callable[[str], handler.entry.Function]
) -> None:
    with pytest.raises(
        UpstreamError, match=f"cannot read s3://{BUCKET}/incoming/gone: .*NoSuchKey"
    ):
        start("ingest")(notification("incoming/gone"), Context())


def test_ingest_fails_with_the_words_of_the_database(
    shop: DatabaseUrl, s3: Any, start: Callable[[str], handler.entry.Function]
) -> None:
    run_script(shop, "DROP TABLE order_items")
    s3.put_object(Bucket=BUCKET, Key="incoming/a", Body=jsonl(LINES[:1]))
    with pytest.raises(IngestError, match=r"the database has no table 'order_items'"):
        start("ingest")(notification("incoming/a"), Context())


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"Service": "Amazon S3", "Event": "s3:TestEvent"}, id="test-event"),
        pytest.param({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}, id="queue"),
        pytest.param({"Records": None}, id="nothing"),
    ],
)
def test_ingest_refuses_other_events(
    shop: DatabaseUrl,
    s3: Any,
    start: Callable[[str], handler.entry.Function],
    event: dict[str, Any],
) -> None:
    with pytest.raises(IngestError, match="no notification of S3"):
        start("ingest")(event, Context())


def test_the_rejects_go_where_the_role_may_write() -> None:
    assert handler.entry.REJECTS_PREFIX == REJECTS
