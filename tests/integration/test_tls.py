"""Connections to servers that demand TLS: what is checked, and what a client must not fall for."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 publishes no types
import pytest
from moto import mock_aws
from msgspec.structs import replace

from aurora_graphql.dev.choice import database_server
from aurora_graphql.dev.servers import DatabaseServer
from handler.app import App
from handler.entry import Function
from handler.errors import SettingsError, UpstreamError
from handler.jobs.migrate import migrate
from handler.settings import Settings
from handler.settings.stores import Writer, open_database
from handler.sql.statement import Statement
from handler.stores.aws.credentials import IamCredentials, LoginRefusedError
from handler.stores.aws.secrets import SecretCredentials, SecretStore
from handler.stores.aws.signature import AwsKeys, database_endpoint
from handler.stores.deadline import Deadline
from handler.stores.login import AwsAccess, DatabaseAccess, Login
from handler.stores.mysql.connection import tls_context
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.integration.account import put
from tests.integration.authority import Authority
from tests.integration.rds_proxy import CLEAR, RdsProxy
from tests.integration.servers import (
    MIGRATIONS,
    fetch_rows,
    fresh_database,
    is_mysql,
    run_script,
)
from tests.integration.test_entry import BUCKET, LINES, Context, jsonl, notification, start
from tests.ports import free_port

__all__ = ["start"]  # a fixture

CIPHER = "SHOW STATUS LIKE 'Ssl_version'"
CANARY = "Canary-never-shown-1"
KEYS = AwsKeys("AKIDEXAMPLE", CANARY, f"{CANARY}/token==")
AWS = AwsAccess(
    region="eu-central-1",
    access_key_id=KEYS.access_key_id,
    secret_access_key=KEYS.secret_access_key,
    session_token=KEYS.session_token,
)


async def by_the_pool(url: DatabaseUrl, statement: str = CIPHER) -> str:
    database = MySqlDatabase(url)
    try:
        found = await database.fetch(Statement(statement, ()), Deadline.after(20))
    finally:
        await database.close()
    return (found.rows[0][1] or b"").decode()


async def by_a_session(url: DatabaseUrl, statement: str = CIPHER) -> str:
    async with open_session(url) as session:
        return str((await session.execute(statement)).rows[0][1])


Ask = Callable[[DatabaseUrl], Coroutine[Any, Any, str]]


@pytest.fixture(params=[by_the_pool, by_a_session], ids=["pool", "session"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Both ways to connect: that of requests, that of migrate and ingest."""
    chosen: Ask = request.param
    return chosen


@dataclass(frozen=True)
class Secured:
    """A MariaDB that lets nobody in without TLS, and who has signed its certificate."""

    server: DatabaseServer
    authority: Authority

    def url(self, database: str) -> DatabaseUrl:
        """As the account ``api``, by the name in the certificate."""
        return DatabaseUrl(
            host="localhost",
            port=self.server.port or 0,
            user="api",
            password=CANARY,
            database=database,
            ssl_ca=str(self.authority.file),
        )

    def take(self, host: str = "localhost", *, expired: bool = False) -> None:
        """Another certificate, from now on."""
        self.authority.certify(host, expired=expired)
        url = self.server.url("mysql")
        run_script(url, "ALTER INSTANCE RELOAD TLS" if is_mysql(url) else "FLUSH SSL")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.create(folder / "authority")
    certificate, key = authority.certify("localhost")
    options = (
        f"--ssl-ca={authority.file}",  # MySQL loads no certificate that its own authority knows not
        *(f"--ssl-cert={certificate}", f"--ssl-key={key}", "--require-secure-transport=ON"),
    )
    kind = database_server(os.environ)
    with kind(folder / "server", port=free_port(), options=options) as server:
        run_script(
            server.url("mysql"),
            f"CREATE USER 'api'@'%' IDENTIFIED BY '{CANARY}'",
            "GRANT ALL ON *.* TO 'api'@'%' WITH GRANT OPTION",
        )
        yield Secured(server, authority)


@pytest.fixture
def url(secured: Secured) -> Iterator[DatabaseUrl]:
    """An empty database behind TLS."""
    with fresh_database(secured.server) as database:
        yield secured.url(database.database)


def everything(error: BaseException | None) -> str:
    """All that a log could show of an error, its causes included."""
    shown = ""
    while error is not None:
        shown += f"{error} {error!r} {error.args} "
        error = error.__cause__ or error.__context__
    return shown


async def test_a_connection_is_encrypted(url: DatabaseUrl, ask: Ask) -> None:
    assert (await ask(url)).startswith("TLSv1.")


async def test_the_server_lets_nobody_in_without_tls(url: DatabaseUrl, ask: Ask) -> None:
    """So that the other tests prove something."""
    with pytest.raises(UpstreamError, match=r"Access denied|insecure transport") as caught:
        await ask(replace(url, ssl_ca=None))
    assert CANARY not in everything(caught.value)


async def test_a_server_of_another_authority_is_refused(
    url: DatabaseUrl, ask: Ask, tmp_path: Path
) -> None:
    other = Authority.create(tmp_path / "other")
    with pytest.raises(UpstreamError, match="certificate verify failed") as caught:
        await ask(replace(url, ssl_ca=str(other.file)))
    assert CANARY not in everything(caught.value)


async def test_the_authorities_of_the_system_do_not_count(
    url: DatabaseUrl, secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.authority.file))
    other = Authority.create(tmp_path / "other")
    with pytest.raises(UpstreamError, match="certificate verify failed"):
        await by_the_pool(replace(url, ssl_ca=str(other.file)))


async def test_a_server_of_another_name_is_refused(url: DatabaseUrl, ask: Ask) -> None:
    with pytest.raises(UpstreamError, match=r"certificate is not valid for '127\.0\.0\.1'"):
        await ask(replace(url, host="127.0.0.1"))


async def test_certificates_are_followed_as_the_server_changes_them(
    url: DatabaseUrl, ask: Ask, secured: Secured
) -> None:
    try:
        secured.take("db.example")
        with pytest.raises(UpstreamError, match="certificate is not valid for 'localhost'"):
            await ask(url)
        if not is_mysql(secured.server.url("mysql")):  # which refuses to load such a one
            secured.take(expired=True)
            with pytest.raises(UpstreamError, match="certificate has expired"):
                await ask(url)
    finally:
        secured.take()
    assert (await ask(url)).startswith("TLSv1.")


async def test_a_wrong_password_is_a_refused_login(url: DatabaseUrl, ask: Ask) -> None:
    with pytest.raises(LoginRefusedError, match="Access denied") as caught:
        await ask(replace(url, password=CANARY + "x"))
    assert CANARY not in everything(caught.value)


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\n"])
def test_a_file_that_holds_no_certificates_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError, match=r"ca\.pem' cannot be used .* DATABASE_CA_FILE"):
        tls_context(str(file))


def test_only_what_is_safe_is_spoken(secured: Secured) -> None:
    context = tls_context(str(secured.authority.file))
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


# --------------------------------------------------------------------- rotation of passwords


@dataclass
class Rotating(SecretStore):
    """Secrets Manager while RDS rotates the password: the next read gives the new one."""

    passwords: tuple[str, ...] = ()
    reads: int = 0

    async def read(self, arn: str) -> Login:
        self.reads += 1
        return Login("api", self.passwords[min(self.reads, len(self.passwords)) - 1])


async def test_a_rotated_password_costs_one_more_read(url: DatabaseUrl) -> None:
    store = Rotating(passwords=("the one of before", CANARY))
    writer = Writer(replace(url, user="", password=""), SecretCredentials("arn", store))
    for _ in range(2):
        report = await writer.run(lambda given: migrate(given, MIGRATIONS))
    assert report.already
    assert store.reads == 2


async def test_a_password_that_stays_wrong_is_tried_once(url: DatabaseUrl) -> None:
    store = Rotating(passwords=("wrong",))
    database = MySqlDatabase(url, credentials=SecretCredentials("arn", store))
    with pytest.raises(LoginRefusedError):
        await database.fetch(Statement("SELECT 1", ()), Deadline.after(20))
    assert store.reads == 2


# ------------------------------------------------------------------ IAM through RDS Proxy


@pytest.fixture
async def proxy(northwind_database: DatabaseUrl, secured: Secured) -> AsyncIterator[RdsProxy]:
    """A proxy before the Northwind orders, which logs in as the API's account."""
    limited = await put(northwind_database, SDL)
    files = Authority.create(secured.authority.file.parent / f"proxy-{free_port()}")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*files.certify("localhost"))
    proxy = RdsProxy(limited, tls, files.file, keys={KEYS.access_key_id: KEYS})
    async with proxy.running():
        yield proxy
    run_script(northwind_database, "DROP USER 'graphql_api'@'%'")


def settings_for(proxy: RdsProxy, *, ca: bool = True, auth: str = "iam") -> Settings:
    url = DatabaseUrl(
        host="db.example",
        port=proxy.port,
        user="graphql_api",
        database=proxy.backend.database,
        ssl_ca=str(proxy.ca_file) if ca else None,
    )
    access = DatabaseAccess(auth=auth, reader_host="localhost")
    return Settings(database_url=url, database=access, aws=AWS, sdl_dir=SDL, auth=False)


async def fetch(database: MySqlDatabase, text: str = "SELECT COUNT(*) FROM orders") -> int:
    found = await database.fetch(Statement(text, ()), Deadline.after(20))
    return int(found.rows[0][0] or b"0")


async def test_a_token_logs_in_by_the_readers_name(proxy: RdsProxy) -> None:
    database = open_database(settings_for(proxy))
    assert await fetch(database) == 830
    assert proxy.tokens[0].startswith(f"localhost:{proxy.port}/?Action=connect&DBUser=graphql_api&")
    await database.close()


async def test_the_whole_app_answers_and_shows_no_token(
    proxy: RdsProxy, capsys: pytest.CaptureFixture[str]
) -> None:
    events = Path(__file__).parents[1] / "events"
    event = json.loads((events / "post.json").read_text())
    event["body"] = json.dumps({"query": '{ order(orderId: "10248") { orderRef } }'})
    app = await App.start(settings_for(proxy))
    good = await app.handle(event, budget_s=20)
    await app.close()
    assert json.loads(good["body"])["data"]["order"]["orderRef"]
    proxy.keys.clear()  # the role has lost its right
    app = await App.start(settings_for(proxy))
    refused = await app.handle(event, budget_s=20)
    await app.close()
    logged = capsys.readouterr()
    shown = f"{good} {refused} {logged.out} {logged.err} {app.settings!r} {app.database!r}"
    (failure,) = [line for line in logged.out.splitlines() if '"failure"' in line]
    assert "Access denied for user 'graphql_api'" in failure
    assert "give the function's role rds-db:connect for this user" in failure
    assert len(proxy.tokens) == 2
    for secret in (CANARY, "X-Amz", *proxy.tokens):
        assert secret not in shown


async def test_an_app_reads_no_secrets(proxy: RdsProxy) -> None:
    with pytest.raises(SettingsError, match="DATABASE_AUTH is secret, which is for migrate"):
        await App.start(
            replace(
                settings_for(proxy),
                database=DatabaseAccess(auth="secret", secret_arn="arn:aws:secretsmanager:r:1:s"),
            )
        )


async def test_a_token_that_is_too_old_is_refused(proxy: RdsProxy) -> None:
    """So that the proxy of these tests checks what the real one does."""
    endpoint = database_endpoint("localhost", proxy.port, "eu-central-1", "graphql_api")
    credentials = IamCredentials(
        endpoint, Source([KEYS]), clock=lambda: datetime.now(UTC) - timedelta(minutes=16)
    )
    url = settings_for(proxy).reader_url
    with pytest.raises(LoginRefusedError):
        await fetch(MySqlDatabase(url, credentials=credentials))


class Source:
    """Keys that change whenever a token of them was refused."""

    def __init__(self, keys: list[AwsKeys]) -> None:
        self.rest = keys

    async def current(self) -> AwsKeys:
        return self.rest[0]

    async def renew(self) -> AwsKeys | None:
        return self.rest[1] if len(self.rest) > 1 else None

    def forget(self) -> None:
        """Nothing was fetched."""


async def test_keys_that_have_changed_cost_one_try(proxy: RdsProxy) -> None:
    settings = settings_for(proxy)
    endpoint = database_endpoint("localhost", proxy.port, "eu-central-1", "graphql_api")
    source = Source([AwsKeys("AKIDOLD", "old", "old"), KEYS])
    database = MySqlDatabase(settings.reader_url, credentials=IamCredentials(endpoint, source))
    assert await fetch(database) == 830
    assert len(proxy.tokens) == 2
    await database.close()


async def test_several_connections_have_tokens_that_are_all_good(proxy: RdsProxy) -> None:
    database = open_database(settings_for(proxy))
    assert await asyncio.gather(*(fetch(database) for _ in range(8))) == [830] * 8
    assert 1 <= len(proxy.tokens) <= 4
    await database.close()


@pytest.mark.parametrize("greets_with", [b"mysql_native_password", CLEAR], ids=["asks", "greets"])
async def test_no_password_goes_out_in_the_clear(proxy: RdsProxy, greets_with: bytes) -> None:
    proxy.greets_with = greets_with
    url = settings_for(proxy, ca=False, auth="password").reader_url
    with pytest.raises(UpstreamError, match="password in the clear, which needs TLS"):
        await by_the_pool(replace(url, password=CANARY))
    assert CANARY.encode() not in proxy.received
    assert proxy.tokens == []


@pytest.mark.parametrize("greets_with", [b"mysql_native_password", CLEAR], ids=["asks", "greets"])
async def test_a_server_without_tls_learns_nothing(proxy: RdsProxy, greets_with: bytes) -> None:
    """Whoever sits between could say so for it."""
    proxy.offers_tls = False
    proxy.greets_with = greets_with
    with pytest.raises(UpstreamError, match="offers no TLS, which is demanded"):
        await fetch(open_database(settings_for(proxy)))
    assert proxy.received == b""


async def test_a_proxy_that_greets_for_the_clear_password_gets_it_over_tls(
    proxy: RdsProxy,
) -> None:
    """Such a first packet holds more than the password; none of it may be in the clear."""
    proxy.greets_with = CLEAR
    with pytest.raises(LoginRefusedError):  # this stand-in reads tokens of their own packet only
        await fetch(open_database(settings_for(proxy)))
    assert b"X-Amz-Signature" in proxy.received


# ------------------------------------------------- the functions with the stack's own variables


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Secrets Manager, and keys as Lambda gives them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("secretsmanager")


@pytest.fixture
def administrator(secured: Secured) -> Iterator[Callable[[str], None]]:
    """RDS's master user; calling it changes the password."""
    root = secured.server.url("mysql")

    def rotate(password: str) -> None:
        run_script(root, f"ALTER USER 'administrator'@'%' IDENTIFIED BY '{password}'")

    run_script(
        root,
        f"CREATE USER 'administrator'@'%' IDENTIFIED BY '{CANARY}' REQUIRE SSL",
        "GRANT ALL ON *.* TO 'administrator'@'%' WITH GRANT OPTION",
    )
    yield rotate
    run_script(root, "DROP USER 'administrator'@'%'", "DROP USER IF EXISTS 'graphql_api'@'%'")


def test_the_functions_log_in_by_secrets_that_rotate(
    url: DatabaseUrl,
    secured: Secured,
    manager: Any,
    administrator: Callable[[str], None],
    start: Callable[[str], Function],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Migrate, a rotation, migrate and ingest again; and the account that the API gets."""

    def create(name: str, user: str, password: str) -> str:
        text = json.dumps({"username": user, "password": password})
        return str(manager.create_secret(Name=name, SecretString=text)["ARN"])

    environ = {
        "DATABASE_HOST": url.host,
        "DATABASE_PORT": str(url.port),
        "DATABASE_NAME": url.database,
        "DATABASE_AUTH": "secret",
        "DATABASE_SECRET_ARN": create("master", "administrator", CANARY),
        "DATABASE_CA_FILE": str(url.ssl_ca),
        "DATABASE_API_USER": "graphql_api",
        "DATABASE_API_SECRET_ARN": create("api", "graphql_api", f"{CANARY}-api"),
        "STAGE": "test",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    event = {"action": "migrate", "api_user": "graphql_api"}
    migrate_function, ingest_function = start("migrate"), start("ingest")
    names = migrate_function(event, Context())["applied"]
    assert names
    assert migrate_function(event, Context())["already"] == names

    administrator(f"{CANARY}-2")  # the functions still hold the password of before
    with pytest.raises(LoginRefusedError) as caught:
        migrate_function(event, Context())
    manager.put_secret_value(
        SecretId=environ["DATABASE_SECRET_ARN"],
        SecretString=json.dumps({"username": "administrator", "password": f"{CANARY}-2"}),
    )
    assert migrate_function(event, Context())["already"] == names
    manager_of_objects = boto3.client("s3")
    manager_of_objects.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    manager_of_objects.put_object(Bucket=BUCKET, Key="incoming/a", Body=jsonl(LINES[:1]))
    assert ingest_function(notification("incoming/a"), Context())[0]["loaded"] == 1

    api = replace(url, user="graphql_api", password=f"{CANARY}-api")
    counted = "SELECT 'orders', COUNT(*) FROM orders"
    assert asyncio.run(by_a_session(api, counted)) == "1"
    root = secured.server.url(url.database)
    shown = fetch_rows(root, "SHOW CREATE USER 'graphql_api'@'%'")[0][0]
    assert " REQUIRE SSL" in str(shown)
    plain = replace(root, user="graphql_api", password=f"{CANARY}-api")
    with pytest.raises(LoginRefusedError):
        asyncio.run(by_a_session(plain, counted))

    logged = capsys.readouterr()
    assert CANARY not in f"{everything(caught.value)} {logged.out} {logged.err}"
