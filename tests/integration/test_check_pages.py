"""The check explains pages: the first one, those behind a row, and those from the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora_graphql.check.finding import Finding, Kind
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.model.model import Model
from handler.stores.url import DatabaseUrl
from tests.checked import checked, model_of
from tests.domains.journal.rows import journal_statements
from tests.integration.servers import is_mysql, run_script

JOURNAL = Path(__file__).parents[1] / "domains" / "journal" / "sdl"
SDL = """
type Query {
  scores(first: Int, after: String, last: Int, before: String): ScoreConnection! @public
    @orderBy(fields: ["points DESC", "scoreId"])
}
type Score @public { scoreId: Int! points: Int! }
type ScoreConnection { edges: [ScoreEdge!]! nodes: [Score!]! }
type ScoreEdge { cursor: String! node: Score! }
"""
TABLE = (
    "CREATE TABLE scores (score_id INT PRIMARY KEY, points INT NOT NULL,"
    " KEY best (points DESC, score_id))",
    "INSERT INTO scores VALUES (1, 5), (2, 5), (3, 7)",
)


def findings(url: DatabaseUrl, model: Model) -> list[Finding]:
    return [each for each in checked(model, url).findings if each.kind is Kind.INDEX]


def test_an_order_of_mixed_directions_is_read_from_its_end_by_another_index(
    database: DatabaseUrl,
) -> None:
    """On MySQL; MariaDB reads an index in both directions."""
    run_script(database, *TABLE)
    model = model_of(SDL)
    found = findings(database, model)
    if not is_mysql(database):
        assert found == []
        return
    (finding,) = found
    assert "read from its end, index 'best' does not give the order" in finding.message
    (remedy,) = finding.remedies
    assert remedy.endswith("(`points`, `score_id` DESC);")
    run_script(database, remedy)
    assert findings(database, model) == []


def test_an_order_that_is_read_from_its_beginning_alone_needs_no_other(
    database: DatabaseUrl,
) -> None:
    run_script(database, *TABLE)
    sdl = SDL.replace(", last: Int, before: String", "")
    assert findings(database, model_of(sdl)) == []


@pytest.mark.parametrize("rows", [300, 20_000])
def test_large_and_small_tables_are_found_to_be_served(database: DatabaseUrl, rows: int) -> None:
    """Wherever a page begins; what no index serves is told."""
    run_script(database, *journal_statements(rows))
    found = findings(database, build_model(load_schema(JOURNAL)))
    assert {each.about for each in found} == {"Query.entries(state)"}  # no index in its order
