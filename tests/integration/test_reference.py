"""Random documents: the compiled answer is the reference's, errors and paths included."""

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
    fill_blog,
    fill_films,
    fill_orders,
    fill_site,
    fill_staff,
    fill_timetable,
)
from tests.integration.servers import fresh_database
from tests.reference import Reference


@dataclass(frozen=True)
class Domain:
    """An API, the reference over the same rows, and documents for both."""

    api: Api
    reference: Reference
    documents: st.SearchStrategy[Document]


def open_domain(mariadb: MariaDb, fill: Fill) -> Iterator[Domain]:
    with fresh_database(mariadb) as url:
        filled = fill(url)
        with open_api(url, filled.sdl) as api:
            yield Domain(api, filled.reference, filled.documents)


@pytest.fixture(scope="module")
def orders(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_orders)


@pytest.fixture(scope="module")
def staff(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_staff)


@pytest.fixture(scope="module")
def timetable(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_timetable)


@pytest.fixture(scope="module")
def blog(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_blog)


@pytest.fixture(scope="module")
def films(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_films)


@pytest.fixture(scope="module")
def site(mariadb: MariaDb) -> Iterator[Domain]:
    yield from open_domain(mariadb, fill_site)


modest = settings(
    max_examples=int(os.environ.get("EXAMPLES", "150")),  # `make nightly` asks for more
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
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


@modest
@given(data=st.data())
def test_orders_answer_as_the_reference_does(orders: Domain, data: st.DataObject) -> None:
    check(orders, data.draw(orders.documents))


@modest
@given(data=st.data())
def test_staff_answers_as_the_reference_does(staff: Domain, data: st.DataObject) -> None:
    check(staff, data.draw(staff.documents))


@modest
@given(data=st.data())
def test_timetable_answers_as_the_reference_does(timetable: Domain, data: st.DataObject) -> None:
    check(timetable, data.draw(timetable.documents))


@modest
@given(data=st.data())
def test_a_blog_answers_as_the_reference_does(blog: Domain, data: st.DataObject) -> None:
    check(blog, data.draw(blog.documents))


@modest
@given(data=st.data())
def test_films_answer_as_the_reference_does(films: Domain, data: st.DataObject) -> None:
    check(films, data.draw(films.documents))


def is_below_null(data: Any, path: list[str | int]) -> bool:
    """Whether a null above the path hides what happened there."""
    for part in path[:-1]:
        if data is None:
            return True
        data = data[part]
    return data is None


@settings(modest, max_examples=80)
@given(data=st.data())
def test_executor_answers_as_the_reference_does(staff: Domain, data: st.DataObject) -> None:
    check_by_executor(staff, data.draw(staff.documents))


@settings(modest, max_examples=80)
@given(data=st.data())
def test_executor_answers_of_a_blog_as_the_reference_does(
    blog: Domain, data: st.DataObject
) -> None:
    check_by_executor(blog, data.draw(blog.documents))


@settings(modest, max_examples=80)
@given(data=st.data())
def test_executor_answers_of_films_as_the_reference_does(
    films: Domain, data: st.DataObject
) -> None:
    check_by_executor(films, data.draw(films.documents))


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


@modest
@given(data=st.data())
def test_rows_of_several_types_answer_as_the_reference_does(
    site: Domain, data: st.DataObject
) -> None:
    check(site, data.draw(site.documents))
