"""A database of 147 tables, as a stock shop has: its SDL is written soon, and serves them all."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.integration.foreign import generate
from tests.integration.paging import Paging
from tests.integration.servers import run_script

TABLES = 147


def statements() -> list[str]:
    """Tables with texts, dates and prices, that lead to the one before and to the first."""
    found = []
    for at in range(TABLES):
        before = max(0, at - 1)
        found.append(
            f"CREATE TABLE oc_thing{at} ("
            f"thing{at}_id INT NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL, model VARCHAR(64),"
            " sku VARCHAR(64), price DECIMAL(15,4), quantity INT, status TINYINT(1) NOT NULL,"
            " state ENUM('new', 'sold out') NOT NULL, image VARCHAR(255), note TEXT,"
            " date_added DATETIME NOT NULL, date_modified DATETIME, sort_order INT NOT NULL,"
            f" before_id INT, first_id INT, KEY (name), KEY (date_added), KEY (state, sort_order),"
            f" KEY (before_id), KEY (first_id),"
            f" CONSTRAINT before{at} FOREIGN KEY (before_id) REFERENCES oc_thing{before}"
            f" (thing{before}_id), CONSTRAINT first{at} FOREIGN KEY (first_id) REFERENCES"
            f" oc_thing0 (thing0_id))"
        )
        found.append(
            f"INSERT INTO oc_thing{at} VALUES (1, 'a', NULL, NULL, 1.5, 1, 1, 'new', NULL, 'n',"
            " '2026-01-01', NULL, 1, 1, 1), (2, 'b', 'm', 's', 2, NULL, 0, 'sold out', 'i', NULL,"
            " '2026-01-02', '2026-01-03', 2, NULL, 1)"
        )
    return found


def test_many_tables_are_written_at_once_and_served(
    database: DatabaseUrl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_script(database, *statements())
    began = time.perf_counter()
    description = generate(database, tmp_path / "sdl")
    took_s = time.perf_counter() - began
    with capsys.disabled():
        sys.stdout.write(f"\nSDL for {len(description.types)} tables in {took_s:.1f} s ")
    with open_api(database, tmp_path / "sdl") as api:
        paging = Paging(api, database, description, tmp_path / "sdl")
        for found in paging.types.values():
            fast, _, expected = paging.rows(found)
            assert fast == expected
        paging.close()
    assert len(description.types) == TABLES
