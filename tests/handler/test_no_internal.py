"""No request reaches a mistake of ours: whatever a caller sends, no INTERNAL and no status 500.

Without a database: one that is away, that is empty, and that has rows of any kind in it, so that
every text that would be sent is made, and every answer is read.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from random import Random

import pytest

from handler.app import App, start_engine
from handler.errors import UpstreamError
from handler.language.limits import Limits
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.sql.stored_type import Kind
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.literals import text_of
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.resolvers import zoo
from tests.hostile import TEXTS, ask_many

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DOMAINS = {
    "orders": SDL,
    "clinic": ROOT / "domains" / "clinic" / "sdl",
    "staff": ROOT / "domains" / "staff" / "sdl",
}
REQUESTS, REQUESTS_AT_NIGHT = 400, 20_000  # for each domain and each database
OF_ALL_ROWS = re.compile(r"(COALESCE\()?(COUNT|SUM|AVG|MIN|MAX)\(")
NOWHERE = DatabaseUrl(host="nowhere", database="none", user="nobody")


class AwayDatabase(MySqlDatabase):
    """One that makes the text of a statement as the real one does, and then has nothing."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Fail as a database does that cannot be reached."""
        self.text(statement)
        raise UpstreamError("the database is away")

    def text(self, statement: Statement) -> str:
        """The text that would be sent; refused as the real one refuses it."""
        return text_of(statement).decode()


class PretendedDatabase(AwayDatabase):
    """One whose rows are anything that a server may send for so many columns."""

    def __init__(self, random: Random) -> None:
        super().__init__(NOWHERE)
        self.random = random

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Some rows, and one of what is made of all rows together."""
        await asyncio.sleep(0)
        text = self.text(statement)
        columns, is_of_table = selected(text)
        is_of_all = all(map(OF_ALL_ROWS.match, columns)) and " GROUP BY " not in text
        rows = self.random.randrange(4) if is_of_table and not is_of_all else 1
        possible = [Kind.TEXT] if "information_schema" in text.lower() else list(Kind)
        kinds = [self.random.choice(possible) for _ in columns]
        found: list[list[bytes | None]] = []
        for number, column in enumerate(columns):
            if column.startswith(("COUNT", "(SELECT COUNT", "EXISTS", "(SELECT EXISTS")):
                kinds[number] = Kind.INTEGER
                found.append([self.random.choice([b"0", b"1", b"7"]) for _ in range(rows)])
            elif "datetime_precision" in column.lower():  # of information_schema: digits or NULL
                kinds[number] = Kind.INTEGER
                found.append([self.random.choice([None, b"0", b"3", b"6"]) for _ in range(rows)])
            elif column.endswith(".parent"):  # which of the parents: there is a first one
                kinds[number] = Kind.INTEGER
                found.append([b"0"] * rows)
            else:
                found.append([self.value(kinds[number]) for _ in range(rows)])
        return RowSet(tuple(kinds), found, tuple(f"c{number}" for number in range(len(kinds))))

    def value(self, kind: Kind) -> bytes | None:
        """A value of a column of that kind, as text."""
        if self.random.randrange(6) == 0:
            return None
        match kind:
            case Kind.INTEGER:
                return str(self.random.choice([0, 1, -1, 2**31, 2**64])).encode()
            case Kind.DECIMAL:
                return self.random.choice([b"0.00", b"-1.50", b"9" * 65, b"7"])
            case Kind.FLOAT:
                return self.random.choice([b"0", b"1.5", b"-1e308", b"3"])
            case Kind.TEXT:
                return self.random.choice(TEXTS).encode("utf-8", "replace")
            case _:
                return self.random.choice([b"", b"\x00", b"\xff\xfe", b"\x01"])


def selected(text: str) -> tuple[list[str], bool]:
    """The columns that a statement selects, and whether it selects them from a table."""
    begin = text.index("SELECT ") + len("SELECT ")
    depth, columns, quote = 0, [""], ""
    for at in range(begin, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'`":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth == 0:
            break
        elif sign == ")":
            depth -= 1
        elif sign == "," and depth == 0:
            columns.append("")
            continue
        elif depth == 0 and text.startswith(" FROM ", at):
            return [each.strip() for each in columns], True
        columns[-1] += sign
    return [each.strip() for each in columns], False


@pytest.fixture(params=["away", "any rows"])
def kind(request: pytest.FixtureRequest) -> str:
    """The database."""
    return str(request.param)


async def ask(domain: str, kind: str, seed: int, count: int, folder: Path) -> list[str]:
    sdl, resolvers = DOMAINS.get(domain, folder), ""
    if domain == "zoo":
        (folder / "zoo.graphql").write_text(zoo.SDL)
        resolvers = zoo.__name__
    settings = Settings(
        database_url=NOWHERE,
        sdl_dir=sdl,
        auth=False,
        introspection=True,
        limits=Limits(cost=10**6),
        resolvers=resolvers,
    )
    engine = await start_engine(settings)
    database = AwayDatabase(NOWHERE) if kind == "away" else PretendedDatabase(Random(seed))
    return await ask_many(App(settings, engine, database), sdl, seed, count)


@pytest.mark.parametrize("domain", [*DOMAINS, "zoo"])
def test_no_request_reaches_a_mistake_of_ours(
    domain: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asyncio.run(ask(domain, kind, 1, REQUESTS, tmp_path))
    capsys.readouterr()  # whole requests are in it on purpose
    assert found == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("domain", [*DOMAINS, "zoo"])
def test_no_request_of_very_many_reaches_a_mistake_of_ours(
    domain: str, kind: str, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asyncio.run(ask(domain, kind, seed, REQUESTS_AT_NIGHT, tmp_path))
    capsys.readouterr()
    assert found == []
