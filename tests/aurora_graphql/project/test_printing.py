"""Catalogue in, SDL out: whole files, as an author finds them."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.decide import decide
from aurora_graphql.project.printing import print_api
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.aurora_graphql.project.catalogues import database, table


def files(
    live: Mapping[str, LiveTable], view_keys: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, str]:
    """What is written, which is a schema with a model."""
    found = print_api(decide(live, view_keys))
    build_model(build_schema(found))
    return found


def text(of: str) -> str:
    return dedent(of).lstrip("\n")


AUTHORS = table(
    "authors",
    {
        "author_id": "int # The number on the shelf.",
        "name": "varchar(50)",
        "born": "date null",
        "score": "decimal(5,2)",
    },
    ["author_id"],
    indexes=[["name"], ["born"], ["score"]],
    comment='Who writes "books".',
)
BOOKS = table(
    "books",
    {"book_id": "int", "author_id": "int", "title": "varchar(200)"},
    ["book_id"],
    unique=[["title"]],
    indexes=[["author_id", "title"]],
    foreign={"author_id": "authors.author_id"},
)


def test_table_is_a_file_of_its_questions_its_type_and_its_orders() -> None:
    assert files(database(AUTHORS, BOOKS))["author.graphql"] == text(
        """
        extend type Query {
          "One author by authorId, or null."
          author(authorId: Int!): Author

          "Authors by their key, unless another order is chosen."
          authors(
            name: String
            born: Date
            score: Decimal
            orderBy: AuthorOrder
            first: Int
            after: String
            last: Int
            before: String
          ): AuthorConnection!

          "Authors by `name`."
          authorsByName(
            "Only authors whose `name` starts with this text."
            prefix: String @filter(field: "name", operator: PREFIX)
            first: Int
            after: String
            last: Int
            before: String
          ): AuthorConnection! @orderBy(fields: ["name"])

          "Authors by `born`, the latest first."
          authorsByBorn(
            "Only authors whose `born` is this or more."
            from: Date @filter(field: "born", operator: GREATER_OR_EQUAL)
            "Only authors whose `born` is less than this."
            to: Date @filter(field: "born", operator: LESS)
            first: Int
            after: String
            last: Int
            before: String
          ): AuthorConnection! @orderBy(fields: ["born DESC"])

          "Authors by `score`."
          authorsByScore(
            "Only authors whose `score` is this or more."
            from: Decimal @filter(field: "score", operator: GREATER_OR_EQUAL)
            "Only authors whose `score` is less than this."
            to: Decimal @filter(field: "score", operator: LESS)
            first: Int
            after: String
            last: Int
            before: String
          ): AuthorConnection! @orderBy(fields: ["score"])
        }

        "Who writes \\\\"books\\\\"."
        type Author {
          "The number on the shelf."
          authorId: Int!
          name: String!
          born: Date
          score: Decimal!
          books(
            orderBy: AuthorBooksOrder
            first: Int
            after: String
            last: Int
            before: String
          ): BookConnection! @orderBy(fields: ["title"])
        }

        "Orders of `authors`."
        enum AuthorOrder {
          AUTHOR_ID @orderBy(fields: ["authorId"])
          AUTHOR_ID_DESC @orderBy(fields: ["authorId DESC"])
          NAME @orderBy(fields: ["name"])
          NAME_DESC @orderBy(fields: ["name DESC"])
          BORN @orderBy(fields: ["born"])
          BORN_DESC @orderBy(fields: ["born DESC"])
          SCORE @orderBy(fields: ["score"])
          SCORE_DESC @orderBy(fields: ["score DESC"])
        }
    """.replace("\\\\", "\\")
    )


def test_unique_key_is_a_look_up_and_an_index_behind_a_foreign_key_an_order() -> None:
    found = files(database(AUTHORS, BOOKS))
    assert found["book.graphql"] == text("""
        extend type Query {
          "One book by bookId, or null."
          book(bookId: Int!): Book

          "One book by title, or null."
          bookByTitle(title: String!): Book

          "Books by their key, unless another order is chosen."
          books(
            orderBy: BookOrder
            first: Int
            after: String
            last: Int
            before: String
          ): BookConnection!

          "Books by `title`."
          booksByTitle(
            "Only books whose `title` starts with this text."
            prefix: String @filter(field: "title", operator: PREFIX)
            first: Int
            after: String
            last: Int
            before: String
          ): BookConnection! @orderBy(fields: ["title"])
        }

        type Book @key(fields: "bookId") @key(fields: "title") {
          bookId: Int!
          authorId: Int!
          author: Author!
          title: String!
        }

        "Orders of `books`."
        enum BookOrder {
          BOOK_ID @orderBy(fields: ["bookId"])
          BOOK_ID_DESC @orderBy(fields: ["bookId DESC"])
          TITLE @orderBy(fields: ["title"])
          TITLE_DESC @orderBy(fields: ["title DESC"])
        }

        "Orders of `Author.books`."
        enum AuthorBooksOrder {
          TITLE @orderBy(fields: ["title"])
          TITLE_DESC @orderBy(fields: ["title DESC"])
        }
    """)


def test_names_of_the_longest_kind_are_written_as_fields_without_arguments() -> None:
    """64 letters, as long as a server lets them be: no line has room for them."""
    one, own, other = "x" * 64, "y" * 64, "z" * 64
    found = table(one, {own: "int", other: "int null"}, [own], foreign={other: f"{one}.{own}"})
    written = files(database(found))[f"{one}.graphql"]
    assert f"  {other}{own.capitalize()}: Int\n    @column(" in written
    assert f"  {other}: {one.capitalize()}\n    @relation(" in written
