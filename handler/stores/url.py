"""The address of the database: ``mysql://user:password@host:port/name`` as a value.

Pure: reads no environment and opens no connection. No message and no ``repr`` holds the password.
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from handler.errors import Hiding, SettingsError
from handler.stores.login import Login, is_sendable

DEFAULT_PORT = 3306
EXAMPLE = "mysql://user:password@host:3306/name or mysql://user@localhost/name?unix_socket=/path"
OPTIONS = ("unix_socket", "ssl_ca")


class DatabaseUrl(Hiding, Struct, frozen=True, kw_only=True):
    """The address of one MySQL or MariaDB database, and an account.

    ``unix_socket`` takes precedence over host and port. ``ssl_ca`` is a file of certificates:
    with it the connection is encrypted and the server's name is checked.
    """

    HIDDEN: ClassVar = ("password",)

    host: str = "localhost"
    port: int = DEFAULT_PORT
    user: str
    password: str = ""
    database: str
    unix_socket: str | None = None
    ssl_ca: str | None = None

    @classmethod
    def parse(cls, text: str, *, name: str = "DATABASE_URL") -> DatabaseUrl:
        """Read a URL whose parts are percent-encoded where they hold ``:/?#[]@%``.

        ``name`` is the setting that a ``SettingsError`` names. Without a user, ``root`` is meant.
        """
        if not text.strip():
            raise SettingsError(f"{name} is not set; write {EXAMPLE}")
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError:  # its text may quote the password
            raise SettingsError(
                f"{name} has a host or port that cannot be read; {_hint()}"
            ) from None
        if parts.scheme != "mysql":
            raise SettingsError(f"{name} starts with {parts.scheme or 'no scheme'!r}; {_hint()}")
        if parts.fragment:
            raise SettingsError(f"{name} has a '#' that is not percent-encoded (%23); {_hint()}")
        if port == 0:
            raise SettingsError(f"{name} names port 0; {_hint()}")
        if "@" not in parts.netloc and _is_cut(parts):
            raise SettingsError(
                f"{name} has an '@' behind a '/' or '?': if they are of the password, write them as"
                f" %40, %2F and %3F; {_hint()}"
            )
        options = _options(parts, name)
        database = _decoded(parts.path.removeprefix("/"), name, "database name")
        if not database or "/" in parts.path.removeprefix("/"):
            raise SettingsError(f"{name} names no database, or more than one; {_hint()}")
        return cls(
            host=parts.hostname or "localhost",
            port=port or DEFAULT_PORT,
            user=_decoded(parts.username or "root", name, "user"),
            password=_decoded(parts.password or "", name, "password"),
            database=database,
            unix_socket=options.get("unix_socket"),
            ssl_ca=options.get("ssl_ca"),
        )

    @property
    def login(self) -> Login:
        """Its user and password."""
        return Login(self.user, self.password)

    def with_login(self, login: Login) -> DatabaseUrl:
        """The same database for another user or password."""
        return replace(self, user=login.user, password=login.password)

    def __str__(self) -> str:
        """The address for logs and messages: without the password."""
        place = self.unix_socket or f"{self.host}:{self.port}"
        return f"{self.user}@{place}/{self.database}"

    def text(self) -> str:
        """The URL that ``parse`` reads, with the password: for another process, never for logs."""
        account = quote(self.user, safe="")
        if self.password:
            account += ":" + quote(self.password, safe="")
        host = f"[{self.host}]" if ":" in self.host else self.host
        given = {"unix_socket": self.unix_socket, "ssl_ca": self.ssl_ca}
        options = "&".join(f"{key}={quote(value)}" for key, value in given.items() if value)
        url = f"mysql://{account}@{host}:{self.port}/{quote(self.database, safe='')}"
        return f"{url}?{options}" if options else url


def _hint() -> str:
    return f"write {EXAMPLE}, and percent-encode special characters"


def _options(parts: SplitResult, name: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            parts.query.replace("+", "%2B"),  # a plus is a plus in a path
            keep_blank_values=True,
            strict_parsing=bool(parts.query),
            errors="strict",
        )
    except ValueError:
        raise SettingsError(f"{name} has options that are not key=value; {_hint()}") from None
    options = dict(pairs)
    for key, value in options.items():
        if key not in OPTIONS:
            raise SettingsError(f"{name} has the unknown option {key!r}; known: {_known()}")
        if not value.startswith("/"):
            raise SettingsError(f"{name}: {key} must be an absolute path, got {value!r}")
    if len(options) != len(pairs):
        raise SettingsError(f"{name} gives an option twice; known: {_known()}")
    return options


def _is_cut(parts: SplitResult) -> bool:
    """Whether what looks like a path or an option may be part of a password."""
    is_option = parts.query.partition("=")[0] in OPTIONS
    return "@" in parts.path or ("@" in parts.query and not is_option)


def _known() -> str:
    return ", ".join(OPTIONS)


def _decoded(text: str, name: str, part: str) -> str:
    """A part of the URL, percent-decoded. Errors do not quote it: it may be the password."""
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        decoded = "\0"
    if not is_sendable(decoded):
        raise SettingsError(
            f"{name}: the {part} is not UTF-8 after percent-decoding, or holds a NUL; {_hint()}"
        )
    return decoded
