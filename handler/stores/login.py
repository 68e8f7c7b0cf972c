"""How to log in to the database and the cache: what the settings say of it, and a login itself.

Pure. No secret is in a ``repr``.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from handler.errors import Hiding

PASSWORD, SECRET, IAM = "password", "secret", "iam"  # names of ways, not passwords


class Login(Hiding, Struct, frozen=True):
    """A name and what proves it: a password, or a token that is used like one."""

    HIDDEN: ClassVar = ("password",)

    user: str
    password: str


def is_sendable(text: str) -> bool:
    """Whether a user, a password or a name can be sent: it is UTF-8, and no NUL would end it."""
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: of a byte that is not UTF-8, mostly
        return False
    return "\0" not in text


class DatabaseAccess(Struct, frozen=True, kw_only=True):
    """The account at the database.

    ``auth``: ``password`` is that of the URL, ``secret`` is read from Secrets Manager, ``iam`` is
    a token signed here. ``api_user`` and ``api_secret_arn`` are of the account that a migration
    creates for the API, ``former_api_users`` those that it had for other ways to log in.
    ``may_pause``: it sleeps while nobody asks it.
    """

    auth: str = PASSWORD
    reader_host: str = ""  # where reads go; empty: to the host itself
    secret_arn: str = ""
    api_secret_arn: str = ""
    api_user: str = ""
    may_pause: bool = False
    former_api_users: tuple[str, ...] = ()


class CacheAccess(Struct, frozen=True, kw_only=True):
    """The account at the cache.

    ``is_cluster``: it speaks the protocol of Redis Cluster. ``ca_file``: who may have signed its
    certificate; empty: any authority that the system knows.
    """

    auth: str = PASSWORD
    user: str = ""
    is_cluster: bool = False
    ca_file: str = ""


class AwsAccess(Hiding, Struct, frozen=True, kw_only=True):
    """What Lambda puts into the environment for signing: keys, or (SnapStart) where to get some."""

    HIDDEN: ClassVar = ("secret_access_key", "session_token", "container_token")

    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""
    container_uri: str = ""
    container_token: str = ""
