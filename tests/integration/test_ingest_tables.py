"""The ingest over tables that are not orders: its own keys, any collation, any kind."""

from __future__ import annotations

import asyncio
import io
import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from handler.jobs.ingest import IngestError, InputMapping, Report, ingest, load_mapping
from handler.jobs.ingest.report import Tally
from handler.jobs.privileges import put_account
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.integration.servers import fetch_rows, run_script
from tests.integration.test_ingest_account import WRITER

TABLES = (
    "CREATE TABLE genres (genre_id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,"
    " since YEAR NULL, UNIQUE KEY (name)) DEFAULT CHARACTER SET utf8mb4",
    "CREATE TABLE artists (artist_id BIGINT PRIMARY KEY, name VARCHAR(80) NULL, born DATE NULL)"
    " DEFAULT CHARACTER SET utf8mb4",
    "CREATE TABLE songs (isrc CHAR(12) PRIMARY KEY, title TEXT NOT NULL, genre_id INT NULL,"
    " artist_id BIGINT NULL, length TIME NULL, is_live TINYINT(1) NOT NULL DEFAULT 0,"
    " mood ENUM('calm', 'loud') NULL, extra JSON NULL, gain DOUBLE NULL, plays INT UNSIGNED NOT"
    " NULL DEFAULT 7, price DECIMAL(5, 2) NULL, code VARCHAR(10) NULL, released TIMESTAMP NULL,"
    " UNIQUE KEY (code), CHECK (plays < 1000),"
    " FOREIGN KEY (genre_id) REFERENCES genres (genre_id),"
    " FOREIGN KEY (artist_id) REFERENCES artists (artist_id)) DEFAULT CHARACTER SET utf8mb4",
)
MAPPING = """
optional = ["since", "artist", "name", "born", "length", "live", "mood", "extra", "gain", "plays",
            "price", "code", "released"]

[tables.genres]
key = ["name"]
columns = { name = "genre", since = "since" }
optional = true

[tables.artists]
key = ["artist_id"]
optional = true
on_conflict = "fill"

[tables.artists.columns]
artist_id = "artist"
name = "name"
born = { from = "born", date_format = "%d.%m.%Y" }

[tables.songs]
key = ["isrc"]

[tables.songs.columns]
isrc = "isrc"
title = "title"
genre_id = { row_of = "genres" }
artist_id = "artist"
length = "length"
is_live = "live"
mood = "mood"
extra = "extra"
gain = "gain"
plays = "plays"
price = { from = "price", max = 99 }
code = "code"
released = "released"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> InputMapping:
    file = tmp_path / "songs.toml"
    file.write_text(MAPPING)
    return load_mapping(file)


@pytest.fixture
def music(database: DatabaseUrl) -> DatabaseUrl:
    run_script(database, *TABLES)
    return database


def load(
    url: DatabaseUrl, mapping: InputMapping, *records: dict[str, Any], **options: Any
) -> Report:
    lines = io.BytesIO("\n".join(map(json.dumps, records)).encode())
    return asyncio.run(ingest(url, lines, mapping, **options))


def song(isrc: str, genre: str | None = "Rock", **values: Any) -> dict[str, Any]:
    return {"isrc": isrc, "title": f"Song {isrc}", "genre": genre} | values


FULL = song(
    "A1",
    artist=5,
    name="Ann",
    born="3.2.1970",
    since=1950,
    length="00:03:20",
    live="yes",
    mood="LOUD",
    extra={"b": [1, None], "a": "ü"},
    gain="0.25",
    plays=3,
    price="1.005",
    code="x",
    released="2026-01-02T03:04:05+01:00",
)


def test_every_kind_of_column_takes_its_values(music: DatabaseUrl, mapping: InputMapping) -> None:
    report = load(music, mapping, FULL, song("A2", None))
    assert (report.loaded, report.rejected, report.notes) == (2, 0, [])
    columns = "isrc, title, artist_id, length, is_live, mood, gain, plays, price, code, released"
    assert fetch_rows(music, f"SELECT {columns} FROM songs ORDER BY isrc") == [
        (
            "A1",
            "Song A1",
            5,
            timedelta(minutes=3, seconds=20),
            1,
            "loud",
            0.25,
            3,
            Decimal("1.01"),
            "x",
            datetime(2026, 1, 2, 2, 4, 5),
        ),
        ("A2", "Song A2", None, None, 0, None, None, 7, None, None, None),
    ]
    (extra,) = fetch_rows(music, "SELECT extra FROM songs WHERE isrc = 'A1'")[0]
    assert json.loads(str(extra)) == FULL["extra"]
    assert fetch_rows(music, "SELECT * FROM artists") == [(5, "Ann", date(1970, 2, 3))]


@pytest.mark.parametrize("batch_lines", [1, 2, 100])
def test_keys_that_the_database_makes_are_found_again(
    music: DatabaseUrl, mapping: InputMapping, batch_lines: int
) -> None:
    lines = [song("A1", "Rock"), song("A2", "Jazz"), song("A3", "rock"), song("A4", "Jazz")]
    for _ in range(2):
        load(music, mapping, *lines, batch_lines=batch_lines)
        assert fetch_rows(
            music,
            "SELECT s.isrc, LOWER(g.name) FROM songs s JOIN genres g USING (genre_id) ORDER BY 1",
        ) == [("A1", "rock"), ("A2", "jazz"), ("A3", "rock"), ("A4", "jazz")]
        assert fetch_rows(music, "SELECT COUNT(*) FROM genres") == [(2,)]


def test_keys_that_are_one_for_the_database_are_one_row(
    music: DatabaseUrl, mapping: InputMapping
) -> None:
    """An absent value erases nothing, and the last line wins, however the key is written."""
    load(music, mapping, song("é1", since=1950, price=1), song("E1", "ROCK", price=2))
    load(music, mapping, song("É1", "rock", title="Last"))
    assert fetch_rows(music, "SELECT title, price FROM songs") == [("Last", Decimal(2))]
    assert fetch_rows(music, "SELECT since FROM genres") == [(1950,)]


def test_same_input_again_changes_nothing(music: DatabaseUrl, mapping: InputMapping) -> None:
    lines = [FULL, song("A2"), song("A3", "Jazz", artist=6)]
    load(music, mapping, *lines)
    before = fetch_rows(music, "SELECT * FROM songs ORDER BY isrc")
    again = load(music, mapping, *lines)
    assert fetch_rows(music, "SELECT * FROM songs ORDER BY isrc") == before
    assert {name: tally.new for name, tally in again.tables.items()} == {
        "genres": 0,
        "artists": 0,
        "songs": 0,
    }


def test_row_that_may_only_be_filled_keeps_what_it_has(
    music: DatabaseUrl, mapping: InputMapping
) -> None:
    load(music, mapping, song("A1", artist=1, name="Ann"))
    load(music, mapping, song("A1", artist=1, name="Bob", born="1.1.2000"))
    assert fetch_rows(music, "SELECT * FROM artists") == [(1, "Ann", date(2000, 1, 1))]


def test_line_that_the_database_refuses_is_rejected_alone(
    music: DatabaseUrl, mapping: InputMapping, tmp_path: Path
) -> None:
    run_script(music, "INSERT INTO artists VALUES (1, 'Ann', NULL)")
    lines = [song(f"A{at:02}", code=f"c{at}") for at in range(20)]
    lines[3]["plays"] = 1000  # the check of the table
    lines[11]["code"] = "c10"  # another song has it: that one must not change
    rejects = tmp_path / "rejects.jsonl"
    report = load(music, mapping, *lines, rejects=rejects)
    assert (report.loaded, report.rejected) == (18, 2)
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [4, 12]
    assert {each.text for each in report.first_rejects} == {json.dumps(lines[at]) for at in (3, 11)}
    assert all(each.reason.startswith("the database refuses it: ") for each in report.first_rejects)
    assert fetch_rows(music, "SELECT title FROM songs WHERE code = 'c10'") == [("Song A10",)]
    assert report.tables["songs"] == Tally(18, 0)


def test_value_that_does_not_fit_is_told_with_its_column(
    music: DatabaseUrl, mapping: InputMapping
) -> None:
    bad: dict[str, Any] = {
        "live": "maybe",
        "mood": "sad",
        "extra": "{",
        "price": 100,
        "born": "1970-02-03",
        "length": "3 min",
        "plays": -1,
        "artist": "x",
        "code": ["a"],
    }
    report = load(music, mapping, *(song("A1", **{name: value}) for name, value in bad.items()))
    assert report.loaded == 0
    reasons = dict(report.reasons)
    is_json = "extra: a text is not JSON; songs.extra is json" in reasons  # MariaDB: LONGTEXT
    assert report.rejected == 9
    assert set(reasons) - {
        "extra: a text is not JSON; songs.extra is json",
        *(each for each in reasons if each.startswith("the database refuses it")),
    } == {
        "live: a text is neither true nor false; songs.is_live is tinyint(1)",
        "mood: a text is none of calm, loud; songs.mood is enum('calm','loud')",
        "price: a number is not up to 99; songs.price is decimal(5,2)",
        "born: a text is not a date in the format %d.%m.%Y; artists.born is date",
        "length: a text is not a time of day such as 08:30:00; songs.length is time",
        next(
            each for each in reasons if each.startswith("plays: a number is negative; songs.play")
        ),
        next(
            each for each in reasons if each.startswith("artist: a text is not a number; artists")
        ),
        "code: a list is not a single value; songs.code is varchar(10)",
    }
    assert is_json or any(each.startswith("the database refuses it") for each in reasons)
    assert (
        "born: no line fits %d.%m.%Y; the first lines fit iso (%Y-%m-%d would fit, too): write "
        f'date_format = "iso" in {mapping.file}'
    ) in report.notes


def test_two_digit_years_are_told_with_the_format_that_fits(
    music: DatabaseUrl, mapping: InputMapping
) -> None:
    lines = [song(f"A{at}", released=f"12/{at}/10 8:26") for at in (1, 13, 28)]
    chosen = mapping.with_options(columns={}, defaults={}, date_format="%m/%d/%Y %H:%M")
    report = load(music, chosen, *lines)
    assert (report.loaded, report.rejected) == (0, 3)
    assert report.notes == [
        "released: no line fits %m/%d/%Y %H:%M; the first lines fit %m/%d/%y %H:%M: "
        f'write date_format = "%m/%d/%y %H:%M" in {mapping.file}'
    ]
    assert "note: released: no line fits" in str(report)
    right = mapping.with_options(columns={}, defaults={}, date_format="%m/%d/%y %H:%M")
    assert load(music, right, *lines).loaded == 3


def test_what_no_row_fits_ends_the_run(
    music: DatabaseUrl, mapping: InputMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.jobs.ingest.run.REFUSED_MOST", 3)
    lines = [song(f"A{at}", plays=2000) for at in range(9)]
    with pytest.raises(IngestError, match="no line could be loaded: the database refuses it: "):
        load(music, mapping, *lines)


def test_changed_tables_are_told_by_their_names(music: DatabaseUrl, mapping: InputMapping) -> None:
    told: list[list[str]] = []

    async def tell(tables: list[str]) -> bool:
        told.append(tables)
        return True

    load(music, mapping, FULL, tell_changed=tell)
    load(music, mapping, {**FULL, "plays": 4}, tell_changed=tell)
    every = ["genres", "artists", "songs"]
    assert told == [every, every, every, ["songs"]]


def test_rights_on_the_columns_of_the_mapping_are_enough(
    music: DatabaseUrl, mapping: InputMapping
) -> None:
    async def prepare() -> None:
        async with open_session(music) as session:
            rights = ("SELECT", "INSERT", "UPDATE")
            await put_account(session, WRITER, mapping.written_columns(), rights)

    asyncio.run(prepare())
    from handler.stores.login import Login

    writer = music.with_login(Login(WRITER.name, WRITER.password or ""))
    assert load(writer, mapping, FULL, song("A2", "Jazz")).loaded == 2


def test_the_docs_show_a_mapping_that_loads_its_line(database: DatabaseUrl, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    (text,) = re.findall(r"```toml\n(.*?)\n```", page, re.DOTALL)
    file = tmp_path / "songs.toml"
    file.write_text(text)
    run_script(
        database,
        "CREATE TABLE genres (genre_id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) UNIQUE)",
        "CREATE TABLE artists (artist_id INT PRIMARY KEY, name VARCHAR(40), born DATE)",
        "CREATE TABLE songs (isrc CHAR(12) PRIMARY KEY, title VARCHAR(40) NOT NULL, genre_id INT,"
        " artist_id INT NOT NULL, seconds DECIMAL(6, 1) NOT NULL)",
    )
    report = asyncio.run(ingest(database, io.BytesIO(line.encode()), load_mapping(file)))
    assert (report.loaded, report.notes) == (1, [])
    assert fetch_rows(
        database,
        "SELECT isrc, title, g.name, artist_id, seconds FROM songs JOIN genres g USING (genre_id)",
    ) == [("DEA123", "Blue", "Jazz", 5, Decimal("201.5"))]
