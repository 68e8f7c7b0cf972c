"""Applies ``migrations/NNNN_verb_noun.sql`` in order, each once, under a lock.

``python -m handler.jobs.migrate`` takes the database and MIGRATIONS_DIR from the environment; the
Lambda entry calls ``migrate``. MySQL commits with every DDL statement, so a file cannot be undone
as a whole. Instead each statement is recorded as it is applied, and a corrected file goes on where
the last run stopped.

A run that is cut (a lost connection, the end of Lambda's time) leaves recorded which statement was
under way, and that one may have been applied or not. The next run sends it again, if its text is
still the same. If the server then answers that what the statement makes is there, or that what it
drops is gone, it counts as applied; ``handler.jobs.repeated`` has the answers. For every other
statement, and for that one after the server has once refused it, such an answer is a conflict and
stops the run. A constraint or index without a name is made a second time, so name them.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO

import pymysql.err

from handler.errors import HandlerError
from handler.jobs.repeated import was_applied
from handler.jobs.script import ScriptError, ScriptStatement, split_script
from handler.settings import Settings
from handler.settings.stores import open_writer
from handler.stores.mysql.server_errors import MISSING_RIGHTS, describe, describe_of_migration
from handler.stores.mysql.session import Session, open_session
from handler.stores.mysql.waking import COMMAND_WAIT_S
from handler.stores.url import DatabaseUrl

LOCK_WAIT_S = 60.0

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9]+(_[a-z0-9]+)*\.sql", re.ASCII)

_CREATE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
  version INT UNSIGNED NOT NULL,
  name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  statements_applied INT UNSIGNED NOT NULL,
  statement_running CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  applied_at DATETIME(6) NULL,
  PRIMARY KEY (version)
) ENGINE = InnoDB
"""
_OTHERS = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND NOT EXISTS (SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = 'schema_migrations')"
)
_SELECT = (
    "SELECT version, name, checksum, statements_applied, statement_running, applied_at "
    "FROM schema_migrations ORDER BY version"
)
_BEGIN = (
    "INSERT INTO schema_migrations (version, name, checksum, statements_applied) "
    "VALUES (%s, %s, %s, 0)"
)
_RENAME = "UPDATE schema_migrations SET name = %s WHERE version = %s"
_RUNNING = "UPDATE schema_migrations SET statement_running = %s WHERE version = %s"
_PROGRESS = (
    "UPDATE schema_migrations SET statements_applied = %s, checksum = %s, statement_running = NULL "
    "WHERE version = %s"
)
_FINISH = (
    "UPDATE schema_migrations SET checksum = %s, statement_running = NULL, "
    "applied_at = UTC_TIMESTAMP(6) WHERE version = %s"
)


class MigrationError(HandlerError):
    """A file cannot be applied; names it and what to do. Everything before it stays applied."""


@dataclass(frozen=True)
class Migration:
    """One file. ``checksum`` is that of its text, whatever its line ends."""

    version: int
    name: str
    checksum: str
    statements: tuple[ScriptStatement, ...]

    def checksum_of(self, count: int) -> str:
        """Checksum of the first ``count`` statements: these must not change once applied."""
        return _checksum("\0".join(each.text for each in self.statements[:count]))


@dataclass(frozen=True)
class Record:
    """One row of ``schema_migrations``; the checksum of an unfinished one covers its prefix."""

    version: int
    name: str
    checksum: str
    applied: int  # statements
    running: str | None  # checksum of the statement in which the last run was cut
    applied_at: datetime.datetime | None  # UTC

    @property
    def finished(self) -> bool:
        """Whether all statements of the file are applied."""
        return self.applied_at is not None

    def left(self) -> str:
        """What there is of an unfinished one whose file is gone."""
        if self.running is not None:
            came = f"was cut in statement {self.applied + 1}, which may be applied"
        elif self.applied:
            came = f"stopped after {_count(self.applied)}"
        else:
            return f"{self.name} failed at its first statement, and nothing of it is applied"
        return f"{self.name} {came}: put it back and run again, or undo by hand what it did"


@dataclass(frozen=True)
class Report:
    """What a run did. Of files that are not here, ``unknown`` are applied, as by a newer checkout;
    ``unfinished`` says of each other what is left of it.
    """

    applied: tuple[str, ...]
    already: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


async def migrate(
    url: DatabaseUrl,
    directory: Path,
    *,
    tell: Callable[[str], None] = lambda _: None,
    lock_wait_s: float = LOCK_WAIT_S,
) -> Report:
    """Bring the database up to date; harmless if it is, or if two do it at a time.

    ``tell`` receives a line as each file is done. Raises ``MigrationError``, ``UpstreamError`` if
    the database cannot be reached, ``LockTakenError`` if another run holds it too long.
    """
    migrations = load_migrations(directory)
    async with open_session(url) as session, session.lock("migration", wait_s=lock_wait_s):
        try:
            return await _migrate(session, migrations, tell)
        except pymysql.err.Error as error:  # those of a file's statements are told with the file
            needed = "; the account needs CREATE, SELECT, INSERT and UPDATE on schema_migrations"
            raise MigrationError(
                f"the records of migrations cannot be kept in {session.database}: "
                f"{describe(error)}{needed if error.args[0] in MISSING_RIGHTS else ''}"
            ) from error


async def _migrate(
    session: Session, migrations: Sequence[Migration], tell: Callable[[str], None]
) -> Report:
    others = len((await session.execute(_OTHERS)).rows)
    if others:
        tell(
            f"{session.database} has {others} table{'' if others == 1 else 's'} and no "
            f"schema_migrations: no migration has run there; all files are applied now"
        )
    await session.execute(_CREATE)
    rows = (await session.execute(_SELECT)).rows
    records = {row[0]: Record(*row) for row in rows}
    check_history(migrations, records)
    done = [each.name for each in migrations if _is_finished(records.get(each.version))]
    applied: list[str] = []
    for migration in migrations:
        record = records.get(migration.version)
        if not _is_finished(record):
            await _apply(session, migration, record, tell, earlier=applied)
            applied.append(migration.name)
            tell(f"{migration.name} applied, {_count(len(migration.statements))}")
    known = {migration.version for migration in migrations}
    gone = [each for each in records.values() if each.version not in known]
    return Report(
        tuple(applied),
        tuple(done),
        unknown=tuple(each.name for each in gone if each.finished),
        unfinished=tuple(each.left() for each in gone if not each.finished),
    )


def load_migrations(directory: Path) -> tuple[Migration, ...]:
    """Read the files in order of their numbers; what does not end in ``.sql`` is no migration."""
    if not directory.is_dir():
        raise MigrationError(f"there is no folder {directory}; set MIGRATIONS_DIR")
    migrations: dict[int, Migration] = {}
    for file in sorted(directory.glob("*.sql")):
        named = _FILE_NAME.fullmatch(file.name)
        if named is None:
            raise MigrationError(f"{file.name}: name it like 0002_add_country.sql")
        try:
            text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            statements = split_script(text)
        except UnicodeDecodeError as error:
            raise MigrationError(f"{file.name} is not UTF-8: {error}") from error
        except ScriptError as error:
            raise MigrationError(f"{file.name}, {error}") from error
        if not statements:
            raise MigrationError(f"{file.name} holds no statement")
        migration = Migration(int(named[1]), file.name, _checksum(text), statements)
        other = migrations.setdefault(migration.version, migration)
        if other is not migration:
            raise MigrationError(
                f"{other.name} and {file.name} have the same number: "
                f"give the one that is not applied anywhere the next free one"
            )
    return tuple(migrations.values())


def check_history(migrations: Sequence[Migration], records: Mapping[int, Record]) -> None:
    """Refuse to go on when files and database tell different stories."""
    latest = max((each.version for each in records.values() if each.finished), default=0)
    for migration in migrations:
        record = records.get(migration.version)
        if record is None:
            if migration.version < latest:
                raise MigrationError(
                    f"{migration.name} comes before {records[latest].name}, which is applied: "
                    f"give it a number after {latest:04d}"
                )
        elif record.finished:
            if record.name != migration.name:
                raise MigrationError(
                    f"{migration.name} is applied under the name {record.name}: rename it back"
                )
            if record.checksum != migration.checksum:
                raise MigrationError(
                    f"{migration.name} was changed after it was applied: take its old text back "
                    f"and put the change into a new file"
                )
        elif record.checksum != migration.checksum_of(record.applied):
            raise MigrationError(
                f"{migration.name}: its first {_count(record.applied)} are applied by a run that "
                f"stopped there, and were changed since: take their old text back and correct "
                f"the file from statement {record.applied + 1} on"
            )


async def _apply(
    session: Session,
    migration: Migration,
    record: Record | None,
    tell: Callable[[str], None],
    *,
    earlier: Sequence[str],
) -> None:
    version = migration.version
    if record is None:
        empty = migration.checksum_of(0)
        await session.execute(_BEGIN, (version, migration.name, empty))
        first, cut = 1, None
    else:
        await session.execute(_RENAME, (migration.name, version))
        first, cut = record.applied + 1, record.running
    for number in range(first, len(migration.statements) + 1):
        statement = migration.statements[number - 1]
        running = _checksum(statement.text)
        await session.execute(_RUNNING, (running, version))
        # one transaction: a statement that changes rows is recorded exactly if it is kept
        await session.begin()
        try:
            await session.execute(statement.text)
        except pymysql.err.Error as error:
            if running != cut or not was_applied(statement.text, error):
                await _stopped(session, migration, number, error, earlier)
            tell(
                f"{migration.name}: statement {number} was applied by the run that was cut in it"
                f" ({describe_of_migration(error)})"
            )
        cut = None
        await session.execute(_PROGRESS, (number, migration.checksum_of(number), version))
        await session.commit()
    await session.execute(_FINISH, (migration.checksum, version))


async def _stopped(
    session: Session,
    migration: Migration,
    number: int,
    error: pymysql.err.Error,
    earlier: Sequence[str],
) -> NoReturn:
    """Raise the error that says how far the run came."""
    where = (
        f"{migration.name} stopped at statement {number} of {len(migration.statements)} "
        f"(line {migration.statements[number - 1].line}): {describe_of_migration(error)}"
    )
    kept = f"applied and recorded in this run: {', '.join(earlier)}. " if earlier else ""
    try:
        await session.rollback()
        await session.execute(_RUNNING, (None, migration.version))
    except (pymysql.err.Error, OSError):
        raise MigrationError(
            f"{where}. The connection is lost, and the statement may have been applied or not; "
            f"{kept}Run again: it goes on at this statement"
        ) from error
    if number > 1:
        kept += f"The {_count(number - 1)} before it are applied and must stay as they are. "
    raise MigrationError(
        f"{where}. {kept}Correct the file from this statement on and run again"
    ) from error


def _is_finished(record: Record | None) -> bool:
    return record is not None and record.finished


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _count(statements: int) -> str:
    return f"{statements} statement{'' if statements == 1 else 's'}"


def main() -> int:
    """Run from the command line: 0 up to date, 2 stopped with a message."""
    try:
        settings = Settings.from_environ(os.environ)
        report = asyncio.run(
            open_writer(settings).run(
                lambda url: migrate(
                    url, Path(settings.migrations_dir), tell=lambda line: _say(sys.stdout, line)
                ),
                wait_s=COMMAND_WAIT_S if settings.database.may_pause else 0.0,
            )
        )
    except HandlerError as error:
        _say(sys.stderr, f"migrate: {error}")
        return 2
    if not report.applied:
        _say(sys.stdout, f"nothing to do: {len(report.already)} migrations are applied")
    for name in report.unknown:
        _say(sys.stderr, f"migrate: {name} is applied and has no file here (older checkout?)")
    for told in report.unfinished:
        _say(sys.stderr, f"migrate: there is no file here of a migration that began: {told}")
    return 0


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
