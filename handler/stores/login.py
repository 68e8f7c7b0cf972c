"""How to log in to the database and the cache: what the settings say of it, and a login itself.

Pure. No secret is in a ``repr``.
"""

from __future__ import annotations

from handler.records import dataclass, field

PASSWORD, SECRET, IAM = "password", "secret", "iam"  # names of ways, not passwords


@dataclass(frozen=True, slots=True)
class Login:
    """A name and what proves it: a password, or a token that is used like one."""

    user: str
    password: str = field(repr=False)


def is_sendable(text: str) -> bool:
    """Whether a user, a password or a name can be sent: it is UTF-8, and no NUL would end it."""
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: of a byte that is not UTF-8, mostly
        return False
    return "\0" not in text


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
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


@dataclass(frozen=True, kw_only=True)
class CacheAccess:
    """The account at the cache.

    ``is_cluster``: it speaks the protocol of Redis Cluster. ``ca_file``: who may have signed its
    certificate; empty: any authority that the system knows.
    """

    auth: str = PASSWORD
    user: str = ""
    is_cluster: bool = False
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class AwsAccess:
    """What Lambda puts into the environment for signing: keys, or (SnapStart) where to get some."""

    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    container_uri: str = ""
    container_token: str = field(default="", repr=False)
