"""The environment becomes ``Settings``, or an error that says what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import asdict, replace

from aurora_graphql.settings import default_text, format_table
from handler.errors import SettingsError
from handler.http.options import HttpSettings
from handler.language.limits import Limits
from handler.settings import VARIABLES, Settings
from handler.stores.login import AwsAccess, CacheAccess, DatabaseAccess
from handler.stores.url import DatabaseUrl

URL = "mysql://reader:s3cret@db.example:3307/orders"
ADDRESS = DatabaseUrl.parse(URL)
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api-AbCdEf"


@pytest.fixture
def by_host(tmp_path: Path) -> dict[str, str]:
    """The variables that the stack gives to the function that answers requests."""
    (tmp_path / "rds-ca.pem").touch()
    return {
        "DATABASE_HOST": "proxy.example",
        "DATABASE_NAME": "orders",
        "DATABASE_USER": "graphql_api",
        "DATABASE_AUTH": "iam",
        "DATABASE_CA_FILE": str(tmp_path / "rds-ca.pem"),
    }


def test_only_the_database_is_required() -> None:
    assert Settings.from_environ({"DATABASE_URL": URL}) == Settings(database_url=ADDRESS)


def test_every_variable_reaches_its_field() -> None:
    environ = {
        "DATABASE_URL": URL,
        "DATABASE_READER_HOST": "reader.example",
        "DATABASE_SECRET_ARN": SECRET_ARN,
        "DATABASE_API_SECRET_ARN": SECRET_ARN + "2",
        "DATABASE_API_USER": "api",
        "DATABASE_FORMER_API_USERS": "before, once",
        "CACHE_URL": "redis://:pw@cache.example:6380/2",
        "CACHE_USER": "answers",
        "CACHE_CLUSTER": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/keys",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pass",
        "STAGE": "prod",
        "SDL_DIR": "shop/sdl",
        "MIGRATIONS_DIR": "shop/migrations",
        "RESOLVERS": "shop.resolvers",
        "POOL_SIZE": "2",
        "PAGE_SIZE": "10",
        "PAGE_SIZE_MAX": "20",
        "LIST_MAX": "30",
        "REQUEST_TIMEOUT_S": "2.5",
        "REQUEST_ROWS_MAX": "5000",
        "REQUEST_BYTES_MAX": "900000",
        "LOG_LEVEL": "warning",
        "LOG_TRACEBACKS": "off",
        "OPERATION_METRICS": "Orders, Order,Orders",
        "INTROSPECTION": "ON",
        "DOCUMENT_TOKENS_MAX": "77",
        "GRAPHIQL": "on",
        "CORS_ORIGINS": "https://a.example, https://b.example:8443,",
        "CORS_HEADERS": "authorization",
        "CSRF_GUARD": "1",
        "BODY_BYTES_MAX": "2048",
        "JSON_DEPTH_MAX": "9",
        "ERRORS_MAX": "8",
        "GZIP_MIN_BYTES": "off",
        "RESPONSE_BYTES_MAX": "20000",
    }
    assert Settings.from_environ(environ) == Settings(
        database_url=ADDRESS,
        database=DatabaseAccess(
            reader_host="reader.example",
            secret_arn=SECRET_ARN,
            api_secret_arn=SECRET_ARN + "2",
            api_user="api",
            former_api_users=("before", "once"),
        ),
        cache_url="redis://:pw@cache.example:6380/2",
        cache=CacheAccess(user="answers", is_cluster=True),
        aws=AwsAccess(
            region="eu-central-1",
            access_key_id="AKIA",
            secret_access_key="key",
            session_token="token",
            container_uri="http://127.0.0.1:9001/keys",
            container_token="pass",
        ),
        stage="prod",
        sdl_dir="shop/sdl",
        migrations_dir="shop/migrations",
        resolvers="shop.resolvers",
        pool_size=2,
        page_size=10,
        page_size_max=20,
        list_max=30,
        request_timeout_s=2.5,
        request_rows_max=5_000,
        request_bytes_max=900_000,
        log_level="WARNING",
        operation_metrics=("Orders", "Order"),
        introspection=True,
        limits=Limits(tokens=77),
        http=HttpSettings(
            graphiql=True,
            cors_origins=("https://a.example", "https://b.example:8443"),
            cors_headers=("authorization",),
            csrf_guard=True,
            max_body_bytes=2048,
            max_json_depth=9,
            max_errors=8,
            gzip_min_bytes=None,
            max_response_bytes=20_000,
        ),
    )


def test_the_table_covers_every_field() -> None:
    """A field that no variable sets would be a setting that nobody can set."""
    leaves = set()
    for name, value in asdict(Settings(database_url=ADDRESS)).items():
        if isinstance(value, Struct) and name != "database_url":
            leaves |= {f"{name}.{inner}" for inner in value.__struct_fields__}
        else:
            leaves.add(name)
    leaves |= {f"database_url.{name}" for name in ("host", "port", "database", "user", "ssl_ca")}
    assert sorted(variable.field for variable in VARIABLES) == sorted(leaves)


def test_defaults_are_written_as_they_are_read() -> None:
    """What the table shows as default, given explicitly, changes nothing."""
    environ = {variable.name: default_text(variable) for variable in VARIABLES}
    assert Settings.from_environ({**environ, "DATABASE_URL": URL}) == Settings(database_url=ADDRESS)


def test_an_empty_variable_counts_as_absent() -> None:
    environ = {"DATABASE_URL": URL, "CACHE_URL": "", "PAGE_SIZE": " "}
    assert Settings.from_environ(environ) == Settings(database_url=ADDRESS)


@pytest.mark.parametrize("text", ["off", "OFF"])
def test_the_cache_can_be_off(text: str) -> None:
    assert Settings.from_environ({"DATABASE_URL": URL, "CACHE_URL": text}).cache_url == ""


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param(
            "PAGE_SIZE",
            "0",
            "PAGE_SIZE is '0': outside 1 to 10000; write a whole number from 1 to 10000",
            id="below-the-limit",
        ),
        pytest.param(
            "POOL_SIZE",
            "many",
            "POOL_SIZE is 'many': not a whole number; write a whole number from 1 to 64",
            id="not-a-number",
        ),
        pytest.param(
            "POOL_SIZE",
            "٤",
            "POOL_SIZE is '٤': not a whole number; write a whole number from 1 to 64",
            id="a-digit-of-another-script",
        ),
        pytest.param(
            "REQUEST_TIMEOUT_S",
            "nan",
            "REQUEST_TIMEOUT_S is 'nan': outside 0.1 to 900; write seconds from 0.1 to 900",
            id="not-a-time",
        ),
        pytest.param(
            "REQUEST_TIMEOUT_S",
            "soon",
            "REQUEST_TIMEOUT_S is 'soon': not a number; write seconds from 0.1 to 900",
            id="a-word-as-time",
        ),
        pytest.param(
            "GRAPHIQL",
            "maybe",
            "GRAPHIQL is 'maybe': neither on nor off; write on or off",
            id="neither-on-nor-off",
        ),
        pytest.param(
            "OPERATION_METRICS",
            ",".join(f"Op{number}" for number in range(21)),
            f"OPERATION_METRICS is '{','.join(f'Op{number}' for number in range(21))}': more than"
            " 20 names; write names of operations, separated by commas, 20 at most",
            id="too-many-operations",
        ),
        pytest.param(
            "OPERATION_METRICS",
            "Orders,(other)",
            "OPERATION_METRICS is 'Orders,(other)': not all of them are names of GraphQL; write"
            " names of operations, separated by commas, 20 at most",
            id="no-name-of-an-operation",
        ),
        pytest.param(
            "LOG_LEVEL",
            "LOUD",
            "LOG_LEVEL is 'LOUD': not one of the words; write one of DEBUG, INFO, WARNING, ERROR",
            id="unknown-word",
        ),
        pytest.param(
            "RESOLVERS",
            "shop/resolvers.py",
            "RESOLVERS is 'shop/resolvers.py': not a dotted module name;"
            " write a Python module such as `shop.resolvers`",
            id="a-file-instead-of-a-module",
        ),
        pytest.param(
            "CACHE_URL",
            "http://:hidden@cache",
            "CACHE_URL is ***: begins with none of redis://, rediss:// and unix://;"
            " write `redis://host:port/0`, `rediss://...` for TLS, `unix:///path`, or `off`",
            id="another-scheme-of-cache",
        ),
        pytest.param(
            "CACHE_URL",
            "redis://h:port",
            "CACHE_URL is ***: not a URL, or its port is not a number up to 65535;"
            " write `redis://host:port/0`, `rediss://...` for TLS, `unix:///path`, or `off`",
            id="a-cache-with-a-wrong-port",
        ),
        pytest.param(
            "GZIP_MIN_BYTES",
            "-1",
            "GZIP_MIN_BYTES is '-1': outside 0 to 6291456;"
            " write a whole number from 0 to 6291456, or off",
            id="neither-a-size-nor-off",
        ),
        pytest.param(
            "CORS_ORIGINS",
            "shop.example",
            "CORS_ORIGINS must hold * or origins such as https://shop.example.com"
            " (lower case, no path), got 'shop.example'",
            id="checked-by-its-section",
        ),
        pytest.param(
            "CACHE_URL",
            "redis:///0",
            "CACHE_URL is ***: names no server;"
            " write `redis://host:port/0`, `rediss://...` for TLS, `unix:///path`, or `off`",
            id="a-cache-without-host",
        ),
        pytest.param(
            "CACHE_URL",
            "redis://:s3cret%FF@cache.example",
            "CACHE_URL is ***: its password is not UTF-8 after percent-decoding, or holds a NUL;"
            " write `redis://host:port/0`, `rediss://...` for TLS, `unix:///path`, or `off`",
            id="a-cache-with-a-password-that-is-no-text",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_limit(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"DATABASE_URL": URL, name: text})
    assert str(caught.value) == message


def test_a_wrong_database_url_is_refused_without_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"DATABASE_URL": "postgres://me:hidden@h/shop"})
    message = str(caught.value)
    assert message.startswith("DATABASE_URL starts with 'postgres'; write mysql://")
    assert "hidden" not in message


def test_the_database_may_be_named_by_its_parts(by_host: dict[str, str]) -> None:
    given = {**by_host, "DATABASE_PORT": "3307", "DATABASE_READER_HOST": "reads.example"}
    settings = Settings.from_environ(given)
    address = DatabaseUrl(
        host="proxy.example",
        port=3307,
        user="graphql_api",
        database="orders",
        ssl_ca=by_host["DATABASE_CA_FILE"],
    )
    assert settings == Settings(
        database_url=address, database=DatabaseAccess(auth="iam", reader_host="reads.example")
    )
    assert settings.reader_url == replace(address, host="reads.example")


def test_reads_go_to_the_host_itself_without_another(by_host: dict[str, str]) -> None:
    settings = Settings.from_environ(by_host)
    assert settings.reader_url == settings.database_url


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"DATABASE_URL": URL, "DATABASE_AUTH": "password"},
            "DATABASE_HOST does not go with DATABASE_URL; write one of the two\n"
            "DATABASE_NAME does not go with DATABASE_URL; write one of the two\n"
            "DATABASE_USER does not go with DATABASE_URL; write one of the two\n"
            "DATABASE_CA_FILE does not go with DATABASE_URL; write one of the two",
            id="beside-a-url",
        ),
        pytest.param(
            {"DATABASE_NAME": ""},
            "DATABASE_NAME is not set; write the name of the database on DATABASE_HOST",
            id="no-name",
        ),
        pytest.param(
            {"DATABASE_USER": ""},
            "DATABASE_USER is not set; write the account that logs in by DATABASE_AUTH iam",
            id="iam-without-account",
        ),
        pytest.param(
            {"DATABASE_CA_FILE": ""},
            "DATABASE_AUTH is iam, which needs TLS; write DATABASE_CA_FILE, the file of"
            " certificates that the server's is signed by",
            id="iam-without-tls",
        ),
        pytest.param(
            {"DATABASE_AUTH": "secret"},
            "DATABASE_SECRET_ARN is not set; write the secret that DATABASE_AUTH secret reads",
            id="secret-without-its-name",
        ),
        pytest.param(
            {"DATABASE_AUTH": "", "DATABASE_USER": ""},
            "DATABASE_HOST comes without a password; write DATABASE_AUTH iam or secret, or a"
            " DATABASE_URL with user and password",
            id="no-way-to-log-in",
        ),
        pytest.param(
            {"DATABASE_CA_FILE": "no/such.pem"},
            "DATABASE_CA_FILE is 'no/such.pem': there is no such file; write a file",
            id="certificates-that-are-not-there",
        ),
        pytest.param(
            {"DATABASE_HOST": "proxy.example:3306"},
            "DATABASE_HOST is 'proxy.example:3306': not the name of a host;"
            " write a host such as `db.example`",
            id="a-host-with-its-port",
        ),
        pytest.param(
            {"DATABASE_SECRET_ARN": "api-AbCdEf"},
            "DATABASE_SECRET_ARN is 'api-AbCdEf': not an ARN of secretsmanager;"
            " write an ARN such as `arn:aws:secretsmanager:...`",
            id="a-secret-by-its-short-name",
        ),
        pytest.param(
            {"CACHE_URL": "redis://cache.example", "CACHE_CA_FILE": __file__},
            "CACHE_CA_FILE is for a CACHE_URL that begins with rediss://; write one, or take"
            " CACHE_CA_FILE away",
            id="certificates-of-a-cache-in-the-clear",
        ),
        pytest.param(
            {"CACHE_URL": "redis://cache.example", "CACHE_AUTH": "iam"},
            "CACHE_AUTH is iam, which needs TLS; write a CACHE_URL that begins with rediss://\n"
            "CACHE_USER is not set; write the user that logs in by CACHE_AUTH iam",
            id="a-cache-in-the-clear",
        ),
    ],
)
def test_ways_to_log_in_that_cannot_work_are_refused(
    by_host: dict[str, str], changes: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({**by_host, **changes})
    assert str(caught.value) == message


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"PAGE_SIZE": "x", "LIST_MAX": "y"})
    lines = str(caught.value).split("\n")
    assert [line.split()[0] for line in lines] == ["DATABASE_URL", "PAGE_SIZE", "LIST_MAX"]


def test_a_page_cannot_exceed_the_largest_page() -> None:
    with pytest.raises(SettingsError, match="PAGE_SIZE is 50, more than PAGE_SIZE_MAX"):
        Settings.from_environ({"DATABASE_URL": URL, "PAGE_SIZE_MAX": "49"})


def test_secrets_are_not_shown() -> None:
    environ = {
        "DATABASE_URL": URL,
        "CACHE_URL": "redis://:s3cret@h",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "AWS_SESSION_TOKEN": "s3cret",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "s3cret",
    }
    settings = Settings.from_environ(environ)
    assert "host='db.example'" in repr(settings)
    assert "s3cret" not in repr(settings)


def test_values_cannot_be_changed() -> None:
    settings: Any = Settings(database_url=ADDRESS)
    with pytest.raises(AttributeError, match="immutable"):
        settings.page_size = 1


def test_the_page_in_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text() == format_table(), (
        "write it anew: .venv/bin/python -m aurora_graphql.settings > docs/settings.md"
    )


@pytest.mark.parametrize("name", ["AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"])
@pytest.mark.parametrize("stage", ["", "dev", "prod"])
def test_auth_cannot_be_off_on_aws(name: str, stage: str) -> None:
    environ = {"DATABASE_URL": URL, "AUTH": "off", name: "x", "STAGE": stage}
    with pytest.raises(SettingsError, match=f"AUTH is off and {name} is set: .*take AUTH away"):
        Settings.from_environ(environ)
    assert Settings.from_environ({**environ, "AUTH": "on"}).auth
    assert Settings.from_environ({**environ, "AUTH": ""}).auth


@pytest.mark.parametrize("name", ["AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"])
@pytest.mark.parametrize("stage", ["", "dev", "prod"])
def test_tracebacks_cannot_be_logged_on_aws(name: str, stage: str) -> None:
    environ = {"DATABASE_URL": URL, "LOG_TRACEBACKS": "on", name: "x", "STAGE": stage}
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(environ)
    assert str(caught.value) == (
        f"LOG_TRACEBACKS is on and {name} is set: with LOG_TRACEBACKS the log repeats values of"
        " callers and rows, which is for a developer's machine; take LOG_TRACEBACKS away"
    )
    assert Settings.from_environ({**environ, "STAGE": "local"}).log_tracebacks
    assert not Settings.from_environ({**environ, "LOG_TRACEBACKS": ""}).log_tracebacks


def test_auth_may_be_off_where_lambda_is_played_on_ones_own_machine() -> None:
    environ = {"DATABASE_URL": URL, "AUTH": "off", "AWS_LAMBDA_FUNCTION_NAME": "x"}
    assert not Settings.from_environ({**environ, "STAGE": "local"}).auth
    assert not Settings.from_environ({"DATABASE_URL": URL, "AUTH": "off"}).auth
