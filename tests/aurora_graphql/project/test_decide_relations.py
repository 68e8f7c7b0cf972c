"""Which rows lead to which: by foreign keys, by link tables, and by names."""

from __future__ import annotations

from aurora_graphql.project.printing import print_api
from tests.aurora_graphql.project.catalogues import table
from tests.aurora_graphql.project.decisions import decided, fields, type_of

# ------------------------------------------------------------------------------------ relations


def test_two_foreign_keys_to_one_table_have_names_of_their_own() -> None:
    language = table("languages", {"language_id": "int"}, ["language_id"])
    film = table(
        "films",
        {"film_id": "int", "language_id": "int", "original_language_id": "int null"},
        ["film_id"],
        indexes=[["language_id"], ["original_language_id"]],
        foreign={
            "language_id": "languages.language_id",
            "original_language_id": "languages.language_id",
        },
    )
    api = decided(language, film)
    assert fields(type_of(api, "films")) == {
        "filmId": "Int!",
        "languageId": "Int!",
        "originalLanguageId": "Int",
        "language": "Language! language_id",
        "originalLanguage": "Language original_language_id",
    }
    assert fields(type_of(api, "languages")) == {
        "languageId": "Int!",
        "films": "[Film] language_id",
        "filmsByOriginalLanguage": "[Film] original_language_id",
    }


def test_table_may_lead_to_itself() -> None:
    staff = table(
        "employees",
        {"id": "int", "parent_id": "int null", "reports_to": "int null"},
        ["id"],
        indexes=[["parent_id"], ["reports_to"]],
        foreign={"parent_id": "employees.id", "reports_to": "employees.id"},
    )
    api = decided(staff)
    assert fields(type_of(api, "employees")) == {
        "id": "Int!",
        "parentId": "Int",
        "reportsToId": "Int",
        "parent": "Employee parent_id",
        "reportsTo": "Employee reports_to",
        "children": "[Employee] parent_id",
        "employeesByReportsTo": "[Employee] reports_to",
    }
    assert api.renamed == [
        "column employees.reports_to is the field reportsToId, because reportsTo is the row that "
        "it leads to"
    ]


def test_foreign_key_of_several_columns_is_one_relation() -> None:
    seats = table("seats", {"hall": "int", "place": "int"}, ["hall", "place"])
    tickets = table(
        "tickets",
        {"id": "int", "hall": "int", "place": "int null"},
        ["id"],
        indexes=[["hall", "place"]],
        foreign={"hall, place": "seats.hall, place"},
    )
    api = decided(seats, tickets)
    assert fields(type_of(api, "tickets"))["seat"] == "Seat hall, place"
    assert fields(type_of(api, "seats"))["tickets"] == "[Ticket] hall, place"


def test_foreign_key_that_is_unique_leads_back_to_one_row() -> None:
    users = table("users", {"id": "int"}, ["id"])
    profiles = table("profiles", {"user_id": "int"}, ["user_id"], foreign={"user_id": "users.id"})
    api = decided(users, profiles)
    assert fields(type_of(api, "users"))["profile"] == "Profile id"
    assert fields(type_of(api, "profiles")) == {"userId": "Int!", "user": "User! user_id"}


def test_unique_foreign_key_beside_a_key_leads_back_by_its_own_columns() -> None:
    """The convention of one row would be a column of this table that holds the key of that one."""
    users = table("users", {"id": "int"}, ["id"])
    people = table(
        "people",
        {"id": "int", "user_id": "int null"},
        ["id"],
        unique=[["user_id"]],
        foreign={"user_id": "users.id"},
    )
    found = print_api(decided(users, people))["user.graphql"]
    assert '  person: Person @relation(columns: ["id"], references: ["user_id"])\n' in found


def test_relation_called_as_a_column_gives_way() -> None:
    cities = table("cities", {"id": "int"}, ["id"])
    homes = table(
        "homes",
        {"id": "int", "city": "varchar(9)", "city_id": "int"},
        ["id"],
        indexes=[["city_id"]],
        foreign={"city_id": "cities.id"},
    )
    api = decided(cities, homes)
    assert fields(type_of(api, "homes"))["cityCity"] == "City! city_id"
    assert api.renamed == ["homes (city_id) leads to City by cityCity, because city is a column"]


def test_foreign_key_of_a_column_without_letters_is_called_as_its_row() -> None:
    cities = table("cities", {"id": "int"}, ["id"])
    homes = table("homes", {"id": "int", "市": "int"}, ["id"], foreign={"市": "cities.id"})
    assert fields(type_of(decided(cities, homes), "homes")) == {
        "id": "Int!",
        "column2": "Int!",
        "city": "City! 市",
    }


def test_foreign_key_into_a_table_that_is_left_out_is_none() -> None:
    logs = table("logs", {"n": "int null"}, unique=[["n"]])
    api = decided(
        logs, table("a", {"id": "int", "log_n": "int null"}, ["id"], foreign={"log_n": "logs.n"})
    )
    assert fields(type_of(api, "a")) == {"id": "Int!", "logN": "Int"}


def test_link_table_leads_from_many_to_many() -> None:
    api = decided(
        table("films", {"film_id": "int"}, ["film_id"]),
        table("actors", {"id": "int"}, ["id"]),
        table(
            "casts",
            {"film_id": "int", "actor_id": "int", "role": "varchar(9)"},
            ["film_id", "actor_id"],
            indexes=[["actor_id"]],
            foreign={"film_id": "films.film_id", "actor_id": "actors.id"},
        ),
    )
    text = print_api(api)
    assert fields(type_of(api, "films")) == {
        "filmId": "Int!",
        "actors": "[Actor] id",
        "casts": "[Cast] film_id",
    }
    assert '@relation(through: {table: "casts", references: ["actor_id"]})' in text["film.graphql"]
    assert '@relation(through: {table: "casts", columns: ["actor_id"]})' in text["actor.graphql"]


def test_link_table_with_a_key_of_its_own_is_known_by_its_unique_key() -> None:
    api = decided(
        table("posts", {"id": "int"}, ["id"]),
        table("tags", {"id": "int"}, ["id"]),
        table(
            "post_tags",
            {"id": "int", "post_id": "int", "tag_id": "int"},
            ["id"],
            unique=[["post_id", "tag_id"]],
            indexes=[["tag_id"]],
            foreign={"post_id": "posts.id", "tag_id": "tags.id"},
        ),
    )
    assert fields(type_of(api, "tags"))["posts"] == "[Post] id"


def test_link_table_between_rows_of_one_table_leads_both_ways() -> None:
    api = decided(
        table("users", {"id": "int"}, ["id"]),
        table(
            "follows",
            {"follower_id": "int", "followed_id": "int"},
            ["follower_id", "followed_id"],
            indexes=[["followed_id"]],
            foreign={"follower_id": "users.id", "followed_id": "users.id"},
        ),
    )
    assert fields(type_of(api, "users")) == {
        "id": "Int!",
        "usersByFollowed": "[User] id",
        "usersByFollower": "[User] id",
    }  # and none to the rows of the table, which hold nothing else


# -------------------------------------------------------------------------------------- guesses


def test_relations_of_a_database_without_foreign_keys_are_guessed_by_names() -> None:
    api = decided(
        table("wp_posts", {"ID": "bigint unsigned", "post_author": "bigint"}, ["ID"]),
        table(
            "wp_comments",
            {
                "comment_ID": "bigint unsigned",
                "comment_post_ID": "bigint unsigned",
                "user_id": "int",
                "tag_id": "varchar(9)",
            },
            ["comment_ID"],
            indexes=[["comment_post_ID"]],
        ),
        table("wp_users", {"ID": "bigint unsigned"}, ["ID"]),
        table("wp_tags", {"tag_id": "bigint unsigned"}, ["tag_id"]),
    )
    post, user = type_of(api, "wp_posts"), type_of(api, "wp_users")
    assert fields(type_of(api, "wp_comments")) == {
        "commentID": "BigInt!",
        "commentPostID": "BigInt!",
        "userId": "Int!",
        "tagId": "String!",
        "commentPost": "Post comment_post_ID",
        "user": "User user_id",
    }
    assert [each.is_list for each in post.relations] == [True]
    assert user.relations == []  # which no index would find
    assert api.guessed == [
        "wp_comments.comment_post_ID leads to wp_posts.ID: by its name, for no foreign key says it",
        "wp_comments.user_id leads to wp_users.ID: by its name, for no foreign key says it",
    ]


def test_indexed_parent_is_guessed_to_be_of_the_same_table() -> None:
    api = decided(
        table(
            "posts",
            {"id": "int", "post_parent": "int", "old_parent": "int"},
            ["id"],
            indexes=[["post_parent"]],
        )
    )
    assert fields(type_of(api, "posts")) == {
        "id": "Int!",
        "postParentId": "Int!",
        "oldParent": "Int!",
        "postParent": "Post post_parent",
        "postsByPostParent": "[Post] post_parent",
    }


def test_guess_over_another_engine_leads_back_where_an_index_finds_the_rows() -> None:
    api = decided(
        table("posts", {"id": "int"}, ["id"], engine="MyISAM"),
        table(
            "tags", {"id": "int", "post_id": "int"}, ["id"], indexes=[["post_id"]], engine="MyISAM"
        ),
    )
    assert fields(type_of(api, "posts")) == {"id": "Int!", "tags": "[Tag] post_id"}


def test_guessed_link_leads_only_from_the_side_that_an_index_serves() -> None:
    api = decided(
        table("posts", {"id": "int"}, ["id"]),
        table("tags", {"id": "int"}, ["id"]),
        table("post_tags", {"post_id": "int", "tag_id": "int"}, ["post_id", "tag_id"]),
    )
    assert fields(type_of(api, "posts")) == {"id": "Int!", "tags": "[Tag] id"}
    assert fields(type_of(api, "tags")) == {"id": "Int!"}


def test_nothing_is_guessed_where_one_foreign_key_is_declared() -> None:
    api = decided(
        table("posts", {"id": "int"}, ["id"]),
        table("tags", {"id": "int", "post_id": "int"}, ["id"], indexes=[["post_id"]]),
        table("links", {"p": "int"}, ["p"], foreign={"p": "posts.id"}),
    )
    assert api.guessed == []
