"""The environment becomes ``Settings``, or an error that says what to write."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from handler.errors import SettingsError
from handler.http.policy import Edition, HttpSettings
from handler.language.lexer import Limits
from handler.settings import VARIABLES, Settings, format_table
from handler.stores.url import DatabaseUrl

URL = "mysql://reader:s3cret@db.example:3307/orders"
ADDRESS = DatabaseUrl.parse(URL)


def test_only_the_database_is_required() -> None:
    assert Settings.from_environ({"DATABASE_URL": URL}) == Settings(database_url=ADDRESS)


def test_every_variable_reaches_its_field() -> None:
    environ = {
        "DATABASE_URL": URL,
        "CACHE_URL": "redis://:pw@cache.example:6380/2",
        "SDL_DIR": "shop/sdl",
        "MIGRATIONS_DIR": "shop/migrations",
        "RESOLVERS": "shop.resolvers",
        "POOL_SIZE": "2",
        "PAGE_SIZE": "10",
        "PAGE_SIZE_MAX": "20",
        "LIST_MAX": "30",
        "REQUEST_TIMEOUT_S": "2.5",
        "LOG_LEVEL": "warning",
        "INTROSPECTION": "ON",
        "DOCUMENT_TOKENS_MAX": "77",
        "GRAPHQL_OVER_HTTP": "september-2026",
        "GRAPHIQL": "on",
        "CORS_ORIGINS": "https://a.example, https://b.example:8443,",
        "CORS_HEADERS": "authorization",
        "CORS_MAX_AGE_S": "60",
        "CSRF_GUARD": "1",
        "HEALTH_PATH": "/alive",
        "BODY_BYTES_MAX": "2048",
        "JSON_DEPTH_MAX": "9",
        "ERRORS_MAX": "8",
        "GZIP_MIN_BYTES": "off",
        "RESPONSE_BYTES_MAX": "20000",
    }
    assert Settings.from_environ(environ) == Settings(
        database_url=ADDRESS,
        cache_url="redis://:pw@cache.example:6380/2",
        sdl_dir=Path("shop/sdl"),
        migrations_dir=Path("shop/migrations"),
        resolvers="shop.resolvers",
        pool_size=2,
        page_size=10,
        page_size_max=20,
        list_max=30,
        request_timeout_s=2.5,
        log_level="WARNING",
        introspection=True,
        limits=Limits(tokens=77),
        http=HttpSettings(
            edition=Edition.SEPTEMBER_2026,
            graphiql=True,
            cors_origins=("https://a.example", "https://b.example:8443"),
            cors_headers=("authorization",),
            cors_max_age_s=60,
            csrf_guard=True,
            health_path="/alive",
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
    for each in dataclasses.fields(Settings):
        value = getattr(Settings(database_url=ADDRESS), each.name)
        if dataclasses.is_dataclass(value) and each.name != "database_url":
            leaves |= {f"{each.name}.{inner.name}" for inner in dataclasses.fields(value)}
        else:
            leaves.add(each.name)
    assert sorted(variable.field for variable in VARIABLES) == sorted(leaves)


def test_defaults_are_written_as_they_are_read() -> None:
    """What the table shows as default, given explicitly, changes nothing."""
    environ = {variable.name: variable.default for variable in VARIABLES}
    assert Settings.from_environ({**environ, "DATABASE_URL": URL}) == Settings(database_url=ADDRESS)


def test_an_empty_variable_counts_as_absent() -> None:
    environ = {"DATABASE_URL": URL, "CACHE_URL": "", "PAGE_SIZE": " "}
    assert Settings.from_environ(environ) == Settings(database_url=ADDRESS)


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
            " write `redis://host:port/0`, `rediss://...` for TLS, or `unix:///path`; empty: none",
            id="another-scheme-of-cache",
        ),
        pytest.param(
            "CACHE_URL",
            "redis://h:port",
            "CACHE_URL is ***: not a URL, or its port is not a number up to 65535;"
            " write `redis://host:port/0`, `rediss://...` for TLS, or `unix:///path`; empty: none",
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
            "GRAPHQL_OVER_HTTP",
            "2027",
            "GRAPHQL_OVER_HTTP is '2027': not one of the words;"
            " write one of draft-2025, september-2026",
            id="unknown-edition",
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
            " write `redis://host:port/0`, `rediss://...` for TLS, or `unix:///path`; empty: none",
            id="a-cache-without-host",
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


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"PAGE_SIZE": "x", "LIST_MAX": "y"})
    lines = str(caught.value).split("\n")
    assert [line.split()[0] for line in lines] == ["DATABASE_URL", "PAGE_SIZE", "LIST_MAX"]


def test_a_page_cannot_exceed_the_largest_page() -> None:
    with pytest.raises(SettingsError, match="PAGE_SIZE is 50, more than PAGE_SIZE_MAX"):
        Settings.from_environ({"DATABASE_URL": URL, "PAGE_SIZE_MAX": "49"})


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environ({"DATABASE_URL": URL, "CACHE_URL": "redis://:s3cret@h"})
    assert "host='db.example'" in repr(settings)
    assert "s3cret" not in repr(settings)


def test_values_cannot_be_changed() -> None:
    settings: Any = Settings(database_url=ADDRESS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.page_size = 1


def test_the_page_in_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text() == format_table(), (
        "write it anew: .venv/bin/python -m handler.settings > docs/settings.md"
    )
