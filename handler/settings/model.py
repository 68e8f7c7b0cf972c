"""``Settings``: what one API needs to know, its defaults, and what cannot go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

from handler.access.limits import CallerLimits
from handler.access.trust import Trust
from handler.errors import Hiding, SettingsError
from handler.http.options import HttpSettings
from handler.language.limits import Limits
from handler.paths import StrPath
from handler.settings.kinds import Database
from handler.settings.reading import assemble, default_of, read_values
from handler.settings.variables import ERROR, OFF, VARIABLES
from handler.stores.login import IAM, PASSWORD, SECRET, AwsAccess, CacheAccess, DatabaseAccess
from handler.stores.url import DatabaseUrl


class Settings(Hiding, Struct, frozen=True, kw_only=True):
    """Everything that may differ between two APIs; the defaults are those of production."""

    HIDDEN: ClassVar = ("cache_url",)

    database_url: DatabaseUrl
    database: DatabaseAccess = DatabaseAccess()
    cache_url: str = ""  # may hold a password; empty: no cache
    cache: CacheAccess = CacheAccess()
    cache_local_s: float = 0.0  # an answer may be that much older than the last write
    aws: AwsAccess = AwsAccess()
    stage: str = "local"
    release: str = ""  # empty: nobody has deployed it
    function_name: str = ""  # empty: not in Lambda
    initialization_type: str = ""  # how Lambda started this environment
    sdl_dir: StrPath = "sdl"
    migrations_dir: StrPath = "migrations"
    ingest_mappings_dir: StrPath = "data/mappings"
    resolvers: str = ""  # a module; empty: none
    pool_size: int = 4  # connections; in Lambda an environment serves one request at a time
    page_size: int = 50
    page_size_max: int = 200
    list_max: int = 1_000  # rows
    request_timeout_s: float = 25.0
    request_rows_max: int = 10_000
    request_bytes_max: int = 16_000_000  # of rows, and of JSON before it is compressed
    log_level: str = "INFO"
    log_tracebacks: bool = False
    operation_metrics: tuple[str, ...] = ()  # names of operations with metrics of their own
    tracing: str = OFF
    xray_address: str = "127.0.0.1:2000"  # of the daemon, where it listens by itself
    introspection: bool = False
    persisted_queries: str = OFF
    auth: bool = True  # off: every request is let in as the development principal
    forbidden_fields: str = ERROR
    limits: Limits = Limits()
    http: HttpSettings = HttpSettings()
    trust: Trust = Trust()  # of the authorizer
    caller_limits: CallerLimits = CallerLimits()

    def __post_init__(self) -> None:
        if self.page_size > self.page_size_max:
            raise SettingsError(
                f"PAGE_SIZE is {self.page_size}, more than PAGE_SIZE_MAX, which is"
                f" {self.page_size_max}; lower the one or raise the other"
            )
        if mistakes := [*_login_mistakes(self), *_trust_mistakes(self.trust, self.stage)]:
            raise SettingsError("\n".join(mistakes))

    @property
    def reader_url(self) -> DatabaseUrl:
        """Where reads go."""
        host = self.database.reader_host
        return replace(self.database_url, host=host) if host else self.database_url

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, is_server: bool = False) -> Self:
        """Read every variable of the table; an empty one counts as absent.

        The database is named by ``DATABASE_URL``, or by ``DATABASE_HOST`` and what goes with it.
        ``is_server``: for a server that others may reach, as Lambda's function is, too.
        Raises ``SettingsError`` with one line per mistake, all of them at once.
        """
        values, mistakes = read_values(environ, VARIABLES)
        address = values.pop("database_url", {})
        mistakes = [*_address_mistakes(environ, address), *mistakes]
        mistakes += _development_mistakes(environ, values, is_server=is_server)
        chosen = assemble(cls, values, mistakes)
        if "host" in address:
            chosen["database_url"] = DatabaseUrl(**{"user": "", **address})
        return cls(**chosen)


class AuthorizerSettings(Struct, frozen=True, kw_only=True):
    """What the authorizer needs of them: it has no database, no SDL and no cache."""

    trust: Trust = Trust()
    stage: str = "local"
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        if mistakes := list(_trust_mistakes(self.trust, self.stage)):
            raise SettingsError("\n".join(mistakes))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read its variables of the table; an empty one counts as absent.

        Raises ``SettingsError`` with one line per mistake, all of them at once.
        """
        variables = [
            each for each in VARIABLES if each.field.partition(".")[0] in cls.__struct_fields__
        ]
        return cls(**assemble(cls, *read_values(environ, variables)))


def _address_mistakes(environ: Mapping[str, str], parts: Mapping[str, Any]) -> Iterator[str]:
    """The database is named by DATABASE_URL alone, or by DATABASE_HOST and the other parts."""
    given = {name for name in ("DATABASE_URL", "DATABASE_HOST") if environ.get(name, "").strip()}
    if not given:
        yield f"DATABASE_URL is not set; write {Database().accepts}, or DATABASE_HOST"
    elif "DATABASE_URL" in given:
        for name, value in parts.items():
            if value != default_of(Settings, f"database_url.{name}"):
                yield f"{_variable_name(name)} does not go with DATABASE_URL; write one of the two"
    elif not parts.get("database"):
        yield "DATABASE_NAME is not set; write the name of the database on DATABASE_HOST"


# What is for a developer's machine only: the variable, its field, the value, what it would do.
_DEVELOPMENT = (
    ("AUTH", "auth", False, "AUTH is off", "without AUTH everybody may read everything"),
    (
        "LOG_TRACEBACKS",
        "log_tracebacks",
        True,
        "LOG_TRACEBACKS is on",
        "with LOG_TRACEBACKS the log repeats values of callers and rows",
    ),
)


def _development_mistakes(
    environ: Mapping[str, str], values: Mapping[str, Mapping[str, Any]], *, is_server: bool
) -> Iterator[str]:
    """Without rules, and with values in its log, an API may run on a developer's machine only.

    Lambda's rules can be played there, but then somebody has said that the stage is local.
    """
    if environ.get("STAGE", "").strip() == "local":
        return
    signs = [
        f"{name} is set"
        for name in ("AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV")
        if environ.get(name)
    ]
    if is_server:
        signs.append("STAGE is not set to local")
    for name, field_name, value, given, effect in _DEVELOPMENT:
        if signs and values.get("", {}).get(field_name) is value:
            yield (
                f"{given} and {signs[0]}: {effect}, which is for a developer's machine;"
                f" take {name} away"
            )


def _login_mistakes(settings: Settings) -> Iterator[str]:
    """Ways to log in that cannot work with the rest."""
    url, database, cache = settings.database_url, settings.database, settings.cache
    if database.auth == PASSWORD and not url.user:
        yield (
            "DATABASE_HOST comes without a password; write DATABASE_AUTH iam or secret, or a"
            " DATABASE_URL with user and password"
        )
    if database.auth != PASSWORD and url.ssl_ca is None:
        yield (
            f"DATABASE_AUTH is {database.auth}, which needs TLS; write DATABASE_CA_FILE, the file"
            " of certificates that the server's is signed by"
        )
    if database.auth == IAM and not url.user:
        yield "DATABASE_USER is not set; write the account that logs in by DATABASE_AUTH iam"
    if database.auth == SECRET and not database.secret_arn:
        yield "DATABASE_SECRET_ARN is not set; write the secret that DATABASE_AUTH secret reads"
    if cache.ca_file and not settings.cache_url.startswith("rediss://"):
        yield (
            "CACHE_CA_FILE is for a CACHE_URL that begins with rediss://; write one, or take"
            " CACHE_CA_FILE away"
        )
    if cache.auth == IAM:
        if not settings.cache_url.startswith("rediss://"):
            yield "CACHE_AUTH is iam, which needs TLS; write a CACHE_URL that begins with rediss://"
        if not cache.user:
            yield "CACHE_USER is not set; write the user that logs in by CACHE_AUTH iam"


def _trust_mistakes(trust: Trust, stage: str) -> Iterator[str]:
    """An issuer of this machine makes tokens for whoever asks: it is for development only."""
    if stage != "local" and any(issuer.is_local for issuer in trust.known_issuers):
        yield (
            f"AUTH_ISSUERS holds an http address, which only STAGE local may have, and STAGE is"
            f" {stage}; write addresses that begin with https://"
        )


def _variable_name(part: str) -> str:
    path = f"database_url.{part}"
    return next(variable.name for variable in VARIABLES if variable.field == path)
