"""Whom the authorizer trusts: what the settings may say, and what they may not."""

from __future__ import annotations

import hashlib

import pytest

from handler.access.trust import ApiKey, Issuer, Trust
from handler.errors import SettingsError
from handler.settings import AuthorizerSettings, Settings

DIGEST = hashlib.sha256(b"key").hexdigest()
LOGIN = "https://login.example"


def test_without_settings_nobody_is_let_in() -> None:
    assert AuthorizerSettings.from_environ({}) == AuthorizerSettings(
        trust=Trust(issuers=(), audience=(), api_keys=(), anonymous=False),
        stage="local",
        log_level="INFO",
    )


def test_every_variable_reaches_its_field() -> None:
    environ = {
        "AUTH_ISSUERS": f"{LOGIN}/, https://b.example/realms/x|https://keys.example/jwks",
        "AUTH_AUDIENCE": "orders-api, other",
        "AUTH_ALGORITHMS": "EdDSA",
        "AUTH_LEEWAY_S": "5",
        "AUTH_SCOPE_CLAIMS": "permissions",
        "AUTH_CLAIMS": "customer_id,https://shop.example/tenant",
        "AUTH_ANONYMOUS": "on",
        "AUTH_API_KEYS": f"reports={DIGEST} orders:read, cron={DIGEST}",
        "STAGE": "prod",
        "LOG_LEVEL": "warning",
        "POOL_SIZE": "of no interest here",
    }
    assert AuthorizerSettings.from_environ(environ) == AuthorizerSettings(
        trust=Trust(
            issuers=(f"{LOGIN}/", "https://b.example/realms/x|https://keys.example/jwks"),
            audience=("orders-api", "other"),
            algorithms=("EdDSA",),
            leeway_s=5,
            scope_claims=("permissions",),
            claims=("customer_id", "https://shop.example/tenant"),
            anonymous=True,
            api_keys=(f"reports={DIGEST} orders:read", f"cron={DIGEST}"),
        ),
        stage="prod",
        log_level="WARNING",
    )


def test_an_issuer_may_say_where_its_keys_are() -> None:
    trust = Trust(issuers=(LOGIN, "https://b.example|https://k.example/"), audience=("a",))
    assert trust.known_issuers == [
        Issuer(LOGIN),
        Issuer("https://b.example", "https://k.example/"),
    ]


def test_an_api_key_has_a_name_and_scopes() -> None:
    assert ApiKey.parse(f"reports={DIGEST} orders:read x") == ApiKey(
        "reports", hashlib.sha256(b"key").digest(), frozenset({"orders:read", "x"})
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(
            {"AUTH_ISSUERS": LOGIN}, "AUTH_AUDIENCE must name the audience", id="no-audience"
        ),
        pytest.param(
            {"AUTH_ISSUERS": "http://login.example", "AUTH_AUDIENCE": "a"},
            "AUTH_ISSUERS holds 'http://login.example': an address begins with https://",
            id="no-tls",
        ),
        pytest.param(
            {"AUTH_ISSUERS": f"{LOGIN}|http://127.0.0.1/keys", "AUTH_AUDIENCE": "a"},
            "an address begins with https://",
            id="keys-without-tls",
        ),
        pytest.param(
            {"AUTH_ISSUERS": "https://me:secret@login.example", "AUTH_AUDIENCE": "a"},
            "an address has a host, no user and no fragment",
            id="user-in-address",
        ),
        pytest.param(
            {"AUTH_ISSUERS": "file:///etc/passwd", "AUTH_AUDIENCE": "a"},
            "an address has a host",
            id="no-host",
        ),
        pytest.param(
            {"AUTH_ISSUERS": "https://login.example:port", "AUTH_AUDIENCE": "a"},
            "AUTH_ISSUERS holds",
            id="no-port",
        ),
        pytest.param(
            {"AUTH_ISSUERS": f"{LOGIN},{LOGIN}|https://k.example", "AUTH_AUDIENCE": "a"},
            "AUTH_ISSUERS must differ",
            id="issuer-twice",
        ),
        pytest.param({"AUTH_ALGORITHMS": "HS256"}, "AUTH_ALGORITHMS holds HS256", id="symmetric"),
        pytest.param({"AUTH_ALGORITHMS": "none"}, "AUTH_ALGORITHMS holds none", id="none"),
        pytest.param({"AUTH_LEEWAY_S": "301"}, "AUTH_LEEWAY_S is '301'", id="leeway"),
        pytest.param({"AUTH_API_KEYS": "a"}, "AUTH_API_KEYS number 1 is not", id="no-hash"),
        pytest.param(
            {"AUTH_CLAIMS": ",".join(map(str, range(17)))},
            "AUTH_CLAIMS must be at most 16, got 17",
            id="too-many-claims",
        ),
    ],
)
def test_a_setting_that_would_open_the_api_stops_the_start(
    environ: dict[str, str], expected: str
) -> None:
    with pytest.raises(SettingsError) as error:
        AuthorizerSettings.from_environ(environ)
    assert expected in str(error.value)


def test_a_key_that_was_written_instead_of_its_hash_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as error:
        AuthorizerSettings.from_environ({"AUTH_API_KEYS": f"reports={DIGEST},b=agql_canary"})
    assert "number 2" in str(error.value)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    "issuer",
    ["http://127.0.0.1:8009", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1/a|http://localhost/b"],
)  # fmt: skip
@pytest.mark.parametrize("stage", ["dev", "prod", "Local"])
def test_an_issuer_of_this_machine_is_for_the_local_stage_only(issuer: str, stage: str) -> None:
    environ = {"AUTH_ISSUERS": issuer, "AUTH_AUDIENCE": "a"}
    assert AuthorizerSettings.from_environ(environ).trust.issuers == (issuer,)
    for read in (AuthorizerSettings.from_environ, Settings.from_environ):
        with pytest.raises(SettingsError, match="which only STAGE local may have"):
            read({**environ, "STAGE": stage, "DATABASE_URL": "mysql://u:p@h/d"})
