"""Random documents: the compiled answer is the reference's, errors and paths included.

They are over every domain of ``tests/domains``, and over databases that nobody here made where
``FOREIGN_DATABASES`` names their folder. Whatever a domain's SDL has is drawn; see ``documents``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.documents import Document
from tests.domains.filled import (
    Fill,
    Filled,
    fill_blog,
    fill_films,
    fill_orders,
    fill_press,
    fill_site,
    fill_staff,
    fill_timetable,
)
from tests.domains.foreign import fill_foreign
from tests.integration.foreign import DUMPS, loaded
from tests.integration.servers import fresh_database
from tests.proof import is_below_null
from tests.reference import Reference

FILL: dict[str, Fill] = {
    "orders": fill_orders,
    "staff": fill_staff,
    "timetable": fill_timetable,
    "blog": fill_blog,
    "films": fill_films,
    "site": fill_site,
    "press": fill_press,
}
BY_EXECUTOR = ("staff", "blog", "films")
IN_CI = 1_000  # documents in all, without those of foreign databases
AT_NIGHT = 20_000  # with them


@dataclass(frozen=True)
class Domain:
    """An API, the reference over the same rows, and documents for both."""

    api: Api
    reference: Reference
    documents: st.SearchStrategy[Document]


def opened(filled: Filled, api: Api) -> Domain:
    return Domain(api, filled.reference, filled.documents)


@pytest.fixture(scope="module", params=[*FILL, *DUMPS])
def domain(
    request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Domain]:
    name = request.param
    with fresh_database(mariadb) as url:
        if name in FILL:
            filled = FILL[name](url)
            with open_api(url, filled.sdl) as api:
                yield opened(filled, api)
            return
        with loaded(url, name) as found:
            filled = fill_foreign(found, tmp_path_factory.mktemp(name) / "sdl")
            with open_api(found, filled.sdl, **filled.sizes) as api:
                yield opened(filled, api)


def drawn(most: int, *, share: int) -> settings:
    """Settings for as many documents as fall to one of ``share`` domains."""
    return settings(
        max_examples=int(os.environ.get("EXAMPLES", most // share)),
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def by_path(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        ({k: e[k] for k in ("message", "path", "locations")} for e in errors),
        key=lambda error: [str(part) for part in error["path"]],
    )


def check(domain: Domain, document: Document) -> None:
    """Both answers are the same, byte by byte."""
    expected = domain.reference.run(document.text, document.variables)
    answer = domain.api.run(document.text, document.variables)
    assert "data" in answer.body, answer.body
    assert answer.text == orjson.dumps(expected["data"])
    assert by_path(answer.body.get("errors", [])) == by_path(expected.get("errors", []))


@drawn(IN_CI, share=len(FILL))
@given(data=st.data())
def test_answers_are_those_of_the_reference(domain: Domain, data: st.DataObject) -> None:
    check(domain, data.draw(domain.documents))


@pytest.mark.nightly
@drawn(AT_NIGHT, share=len(FILL) + len(DUMPS))
@given(data=st.data())
def test_many_answers_are_those_of_the_reference(domain: Domain, data: st.DataObject) -> None:
    check(domain, data.draw(domain.documents))


@pytest.mark.parametrize("domain", BY_EXECUTOR, indirect=True)
@drawn(240, share=len(BY_EXECUTOR))
@given(data=st.data())
def test_answers_of_the_executor_are_those_of_the_reference(
    domain: Domain, data: st.DataObject
) -> None:
    check_by_executor(domain, data.draw(domain.documents))


def check_by_executor(domain: Domain, document: Document) -> None:
    """Tartiflette goes on beside a null that rises, so it may tell more errors below that null."""
    expected = domain.reference.run(document.text, document.variables)
    answer = domain.api.run_by_executor(document.text, document.variables)
    assert answer.text == orjson.dumps(expected["data"])
    told = by_path(answer.body.get("errors", []))
    for error in by_path(expected.get("errors", [])):
        assert error in told
        told.remove(error)
    assert all(is_below_null(answer.body["data"], error["path"]) for error in told)
