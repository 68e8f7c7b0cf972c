"""The API over private databases: what it answers, what it asks of the database, who may ask."""

from pathlib import Path

import pytest
from aurora_graphql.cli import main
from aurora_graphql.testing import Api, TestDatabase

OPERATIONS = Path(__file__).parents[1] / "sdl" / "operations"


@pytest.fixture
def books(aurora_database: TestDatabase, aurora_api: Api) -> Api:
    """The API, whose tables have these rows."""
    aurora_database.load("authors", [{"author_id": 1, "name": "Jules Verne"}])
    titles = ["In Search of the Castaways", "The Mysterious Island", "Michael Strogoff"]
    aurora_database.load(
        "books",
        [
            {"author_id": 1, "title": title, "published_on": f"{1868 + at}-01-01"}
            for at, title in enumerate(titles)
        ],
    )
    return aurora_api


def test_a_page_of_books_and_their_authors_is_one_statement(books: Api) -> None:
    answer = books.ask("{ books(first: 2) { nodes { title author { name } } } }")
    assert answer.data == {
        "books": {
            "nodes": [
                {"title": "In Search of the Castaways", "author": {"name": "Jules Verne"}},
                {"title": "Michael Strogoff", "author": {"name": "Jules Verne"}},
            ]
        }
    }
    assert len(answer.statements) == 1


def test_saved_operations_are_answered(books: Api) -> None:
    page = books.ask((OPERATIONS / "book_page.graphql").read_text(), {"first": 1})
    assert page.data["books"]["totalCount"] == 3
    author = books.ask((OPERATIONS / "author_books.graphql").read_text(), {"authorId": "1"})
    assert author.data["author"]["books"]["nodes"][0]["title"] == "Michael Strogoff"


def test_an_author_is_found_by_the_key(books: Api) -> None:
    assert books.explain("{ author(authorId: 1) { name } }") == ["t0: const, PRIMARY, 1"]


def test_what_has_a_mistake_is_refused(books: Api) -> None:
    assert books.ask("{ films { title } }").errors[0]["message"].startswith("Cannot query field")


def test_the_database_has_what_the_sdl_promises() -> None:
    assert main(["check", "--fail-on", "warning"]) == 0
