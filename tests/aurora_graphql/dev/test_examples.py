"""What GraphiQL opens with: queries made from the SDL of every API here, and tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora_graphql.dev.examples import candidates
from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.language.operations import check_operations
from handler.settings import Settings
from handler.stores.url import DatabaseUrl

ROOT = Path(__file__).parents[3]
FOLDERS = sorted({each.parent for each in (ROOT / "tests" / "domains").rglob("*.graphql")})
SDL = [each for each in FOLDERS if each.name != "operations"]


FILMS = """\
query Films {
  films(first: 5) {
    totalCount
    nodes {
      caption
      filmId
      title
      minutes
      castCount
      cast(first: 5) {
        totalCount
        nodes {
          caption
          actorId
        }
      }
    }
  }
}
"""


def load(folder: Path) -> Engine:
    return Engine.from_sdl(
        Settings(database_url=DatabaseUrl(user="x", database="x"), sdl_dir=folder)
    )


@pytest.mark.parametrize("folder", SDL, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_query_is_valid(folder: Path) -> None:
    engine = load(folder)
    everybody = engine.access.grant(Principal.development()).satisfied
    found = list(candidates(engine.schema, engine.model))
    assert found
    for text in found:
        engine.operation(text, everybody)
    assert len({*check_operations({text: text for text in found[:1]}, engine.schema)}) == 1


def test_a_list_with_a_list_below_comes_first() -> None:
    engine = load(ROOT / "tests" / "domains" / "films" / "sdl")
    first = next(candidates(engine.schema, engine.model))
    assert first == FILMS
