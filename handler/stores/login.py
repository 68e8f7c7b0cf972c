"""Logins to the database and the cache, and the settings about them.

Pure. No secret is in a ``repr``.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from handler.errors import Hiding

PASSWORD, SECRET, IAM = "password", "secret", "iam"  # names of ways, not passwords


class Login(Hiding, Struct, frozen=True):
    """A user and a password, or a token in its place."""

    HIDDEN: ClassVar = ("password",)

    user: str
    password: str


def is_sendable(text: str) -> bool:
    """Whether a text can be sent as user, password or name: without NUL, and valid UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: of a byte that is not UTF-8, mostly
        return False
    return "\0" not in text


class DatabaseAccess(Struct, frozen=True, kw_only=True):
    """The account of the database.

    ``auth``: ``password`` is that of the URL, ``secret`` is read from Secrets Manager, ``iam`` is
    a token signed here. ``api_user`` and ``api_secret_arn`` are of the account that a migration
    creates for the API, ``former_api_users`` those that it had for other ways to log in, and
    ``ingest_user`` is the one that it creates for the ingest.
    ``may_pause``: the database pauses when it is idle.
    """

    auth: str = PASSWORD
    reader_host: str = ""  # where reads go; empty: to the host itself
    secret_arn: str = ""
    api_secret_arn: str = ""
    api_user: str = ""
    ingest_user: str = ""
    may_pause: bool = False
    former_api_users: tuple[str, ...] = ()


class CacheAccess(Struct, frozen=True, kw_only=True):
    """The account of the cache.

    ``is_cluster``: it speaks the protocol of Redis Cluster. ``ca_file``: the trusted
    authorities; empty: those of the system.
    """

    auth: str = PASSWORD
    user: str = ""
    is_cluster: bool = False
    ca_file: str = ""


class AwsAccess(Hiding, Struct, frozen=True, kw_only=True):
    """The keys for signing that Lambda puts into the environment, or (SnapStart) their address."""

    HIDDEN: ClassVar = ("secret_access_key", "session_token", "container_token")

    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""
    container_uri: str = ""
    container_token: str = ""
