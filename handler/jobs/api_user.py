"""The API's account: which columns the API reads, and the statements that let it read no others.

Accounts of other programs are made of the same statements.

Pure. Valid on MariaDB 10.11, MySQL 8 and Aurora MySQL 3; logging in by IAM only on the last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from handler.model.model import Model
from handler.sql.names import quote

_QUOTED = r"`(?:[^`]|``)*`"
_ROLE = rf"{_QUOTED}(?:@{_QUOTED})?"  # MySQL's have a host
_PROXY = r"PROXY ON (?:'[^']*'|`[^`]*`)@(?:'[^']*'|`[^`]*`)"
_OTHERS = re.compile(rf"GRANT ({_ROLE}(?:, ?{_ROLE})*|{_PROXY}) TO ")
_ON_COLUMNS = re.compile(rf"[A-Z]+ \({_QUOTED}(?:, ?{_QUOTED})*\),? ")
_NARROW = re.compile(r"GRANT (?:USAGE )?ON (?!.* WITH GRANT OPTION)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)  # 32 characters is MySQL's limit


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the database; without a password it logs in by IAM.

    Raises ``ValueError`` for a name that would need quoting somewhere.
    """

    name: str
    password: str | None = field(repr=False)
    requires_tls: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"an account is named by 1 to 32 of a-z, 0-9 and _, a letter first, "
                f"got {self.name!r}"
            )

    @property
    def grantee(self) -> str:
        """Its name as the server's own tables write it: from any host."""
        return f"'{self.name}'@'%'"


@dataclass(frozen=True, slots=True)
class Command:
    """A statement that changes accounts; a ``%s`` in its text for each of its values."""

    text: str
    values: tuple[str, ...] = field(repr=False)  # the password may be among them


@dataclass(frozen=True, slots=True)
class Privilege:
    """Something that an account may do with one column."""

    database: str
    table: str
    column: str
    name: str  # such as SELECT
    can_be_granted: bool = False


@dataclass(frozen=True, slots=True)
class Privileges:
    """What an account may do. ``has_wider``: on more than columns, such as tables and routines.

    ``others``: whose rights it may take on, each in the words of SQL: roles, and accounts that it
    is a proxy of.
    """

    columns: Sequence[Privilege]
    has_wider: bool
    others: Sequence[str] = ()


def read_columns(model: Model) -> dict[str, frozenset[str]]:
    """Every column that a statement of the API may name, by table.

    What chooses and orders rows are fields of their type, and what ``@where`` compares.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for _, rows in model.rows_fields("Query"):
        for each in rows.conditions:
            found[model.table(rows.target).name].update(each.filter.column.columns)
    for table in model.tables.values():
        found[table.name].update(table.key)
        for each in table.conditions:
            found[table.name].update(each.filter.column.columns)
        if table.members is not None:
            found[table.name].update(table.members.column.columns)
        for member in table.fields.values():
            found[table.name].update(member.columns)
            here = table.name
            for hop in member.path.hops if member.path else ():
                found[here].update(hop.columns)
                here = model.table(hop.target).name
                found[here].update(hop.references)
                for each in hop.conditions:
                    found[here].update(each.filter.column.columns)
            for column in member.rows.link_columns.values() if member.rows else ():
                found[column.table].update(column.columns)
    return {table: frozenset(columns) for table, columns in found.items()}


def read_grants(columns: Sequence[Privilege], lines: Iterable[str]) -> Privileges:
    """What the lines of SHOW GRANTS say beside the rights on columns."""
    others = []
    has_wider = False
    for line in lines:
        if other := _OTHERS.match(line):
            others.append(other[1])
        elif line.startswith("GRANT ") and not _NARROW.match(_ON_COLUMNS.sub("", line)):
            has_wider = True
    return Privileges(columns, has_wider, others)


def account_statements(account: Account) -> list[Command]:
    """Create the account, or change the way in which it logs in."""
    values: tuple[str, ...] = (account.name,)
    if account.password is None:
        proof = "WITH AWSAuthenticationPlugin AS 'RDS'"
    else:
        proof = "BY %s"
        values += (account.password,)
    encryption = "SSL" if account.requires_tls else "NONE"
    ending = f"%s@'%%' IDENTIFIED {proof} REQUIRE {encryption}"
    return [
        Command(f"CREATE USER IF NOT EXISTS {ending}", values),
        Command(f"ALTER USER {ending}", values),
    ]


def grant_statements(
    account: Account,
    database: str,
    wanted: Mapping[str, AbstractSet[str]],
    present: Privileges,
    rights: Sequence[str] = ("SELECT",),
) -> list[Command]:
    """Take away what is not wanted, then grant all that is; to grant it again is harmless.

    ``rights``: what may be done with each of the ``wanted`` columns, by table.
    """
    allowed = {
        Privilege(database, table, column, right)
        for table, columns in wanted.items()
        for column in columns
        for right in rights
    }
    values = (account.name,)
    # To take away all that it may do by itself leaves these, on MySQL.
    others = [
        Command(f"REVOKE {other.replace('%', '%%')} FROM %s@'%%'", values)
        for other in present.others
    ]
    if present.has_wider or any(each.can_be_granted for each in present.columns):
        revoked = [Command("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", values)]
    else:
        extra = (each for each in present.columns if each not in allowed)
        revoked = [Command(f"REVOKE {text} FROM %s@'%%'", values) for text in _by_table(extra)]
    return (
        others
        + revoked
        + [Command(f"GRANT {text} TO %s@'%%'", values) for text in _by_table(allowed)]
    )


def _by_table(privileges: Iterable[Privilege]) -> Iterator[str]:
    """``SELECT (a, b) ON database.table``: one for each table and kind."""
    grouped: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in privileges:
        grouped[each.database, each.table, each.name].append(each.column)
    for (database, table, name), columns in sorted(grouped.items()):
        listed = ", ".join(quote(column) for column in sorted(columns))
        yield f"{name} ({listed}) ON {quote(database)}.{quote(table)}"
