"""After a migration: the account that the API logs in with, as the SDL at hand needs it."""

from __future__ import annotations

import pymysql.err

from handler.errors import HandlerError
from handler.jobs.api_user import Account, read_columns
from handler.jobs.former_columns import Columns, note_columns
from handler.jobs.privileges import drop_account, has_account, put_account
from handler.language.files import quoting
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.settings import Settings
from handler.stores.aws.secrets import SecretStore
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl


class AccountError(HandlerError):
    """The account cannot be prepared; says why in the database's own words."""


async def prepare_account(
    url: DatabaseUrl, settings: Settings, name: str, secrets: SecretStore, former_releases: int = 0
) -> None:
    """Create or update the account ``name`` to read what the SDL needs, and nothing else.

    What the SDLs of so many ``former_releases`` needed it may read, too: the one before serves
    until the traffic has moved, and one may go back to them.

    Where it is new, the API still logs in with a former one until its traffic has moved. So the
    former ones go with the next call, which finds it there.

    It logs in with the password of ``DATABASE_API_SECRET_ARN``, by IAM without one. Raises
    ``AccountError``, ``SchemaError`` and ``UpstreamError``.
    """
    with quoting(settings.sdl_dir):
        columns: Columns = read_columns(build_model(load_schema(settings.sdl_dir)))
    requires_tls = url.ssl_ca is not None
    account = await _account(settings, name, secrets, requires_tls=requires_tls)
    former = [
        _named(other, None, requires_tls=requires_tls)
        for other in settings.database.former_api_users
        if other != name
    ]
    async with open_session(url) as session:
        try:
            has_served = bool(former) and await has_account(session, account)
            if former_releases:
                columns = await note_columns(session, columns, former_releases)
            await put_account(session, account, columns)
            for other in former if has_served else ():
                await drop_account(session, other)
        except pymysql.err.Error as error:
            # A server may quote the statement, or a part of it, with the password as it is written
            # in SQL: so nothing but names is told, and no cause.
            raise AccountError(
                f"the tables are up to date, but the account {name!r} cannot be prepared: "
                f"{describe(error)}. "
                f"Does every column of the SDL exist (python -m aurora_graphql.check)? Has the "
                f"database IAM, or else is DATABASE_API_SECRET_ARN set?"
            ) from None


async def _account(
    settings: Settings, name: str, secrets: SecretStore, *, requires_tls: bool
) -> Account:
    expected = settings.database.api_user
    if expected and name != expected:
        raise AccountError(f"api_user is {name!r}, but DATABASE_API_USER is {expected!r}")
    arn, password = settings.database.api_secret_arn, None
    if arn:
        login = await secrets.read(arn)
        if login.user != name:
            raise AccountError(f"the secret {arn} is of the account {login.user!r}, not {name!r}")
        password = login.password
    return _named(name, password, requires_tls=requires_tls)


def _named(name: str, password: str | None, *, requires_tls: bool) -> Account:
    try:
        return Account(name, password, requires_tls=requires_tls)
    except ValueError as error:
        raise AccountError(f"api_user: {error}") from None
