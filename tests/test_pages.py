"""Each document of docs/errors.md gets the answer that stands below it; a picture shows results.

``pytest tests/test_pages.py --rewrite-golden`` writes the answers anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from aurora_graphql.asgi import Asgi
from benchmarks import environments_picture
from benchmarks.speed_picture import PICTURE, RESULTS, draw
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.asgi_server import uvicorn_of

PAGE: Final = Path(__file__).parents[1] / "docs/errors.md"
PAIR: Final = re.compile(r"^```graphql\n(.*?)^```\n\n```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.usefixtures("in_project")
async def test_the_errors_of_the_page_are_real(
    northwind_database: DatabaseUrl, request: pytest.FixtureRequest
) -> None:
    environ = {
        "DATABASE_URL": northwind_database.text(),
        "INTROSPECTION": "on",
        "AUTH": "off",
        "STAGE": "local",
    }
    text = PAGE.read_text(encoding="utf-8")
    answers = {}
    async with (
        uvicorn_of(Asgi(environ)) as address,
        aiohttp.ClientSession(address) as client,
    ):
        for document, _ in PAIR.findall(text):
            async with client.post("/graphql", json={"query": document}) as response:
                answers[document] = await response.json()
    assert len(answers) == text.count("```graphql")
    if request.config.getoption("rewrite_golden"):
        PAGE.write_text(PAIR.sub(lambda found: _written(found[1], answers[found[1]]), text))
    else:
        assert answers == {document: json.loads(shown) for document, shown in PAIR.findall(text)}


def _written(document: str, answer: dict[str, list[object]]) -> str:
    """An error a line; none of the answers has data."""
    (errors,) = answer.values()
    lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in errors)
    return f'```graphql\n{document}```\n\n```json\n{{"errors": [\n{lines}\n]}}\n```'


def test_the_picture_of_the_speed_is_drawn_from_the_results() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert PICTURE.read_text(encoding="utf-8") == draw(results), (
        "draw it anew: .venv/bin/python -m benchmarks.speed_picture"
    )


def test_the_picture_of_environments_is_drawn_from_the_results() -> None:
    results = json.loads(environments_picture.FILE.read_text(encoding="utf-8"))
    assert environments_picture.PICTURE.read_text(encoding="utf-8") == (
        environments_picture.draw(results)
    ), "draw it anew: .venv/bin/python -m benchmarks.environments_picture"
