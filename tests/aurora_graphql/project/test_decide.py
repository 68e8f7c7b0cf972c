"""What is decided for the oddities of databases, one at a time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.decide import decide
from aurora_graphql.project.description import Api, Relation, Type
from aurora_graphql.project.printing import print_api
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.aurora_graphql.project.catalogues import database, table


def decided(
    *tables: LiveTable,
    views: Mapping[str, tuple[str, ...]] | None = None,
    is_mariadb: bool = False,
) -> Api:
    """What is decided; as SDL it starts."""
    api = decide(database(*tables), views, is_mariadb=is_mariadb)
    build_model(build_schema(print_api(api, "@public")))
    return api


def type_of(api: Api, table_name: str) -> Type:
    return next(each for each in api.types if each.table == table_name)


def fields(found: Type) -> dict[str, str]:
    """Types with their marks by field, of columns and of relations."""
    columns = {each.field: each.type + "!" * each.is_required for each in found.columns}
    return columns | {each.field: shown(each) for each in found.relations}


def shown(relation: Relation) -> str:
    if relation.is_list:
        return f"[{relation.target}] {', '.join(relation.references)}"
    return f"{relation.target}{'!' * relation.is_required} {', '.join(relation.columns)}"


def roots(found: Type) -> list[str]:
    return [
        f"{root.field}({', '.join(each.name for each in root.arguments if each.name not in PAGE)})"
        for root in found.roots
    ]


PAGE = ("first", "after", "last", "before", "orderBy")


def reasons(api: Api) -> dict[str, str]:
    return {each.name: each.reason for each in api.left_out}


# ---------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "type_name", "list_field"),
    [
        ("query", "QueryRow", "queryRows"),
        ("subscription", "SubscriptionRow", "subscriptionRows"),
        ("page_info", "PageInfoRow", "pageInfoRows"),
        ("date", "DateRow", "dateRows"),
        ("__x", "X", "xes"),
        ("2fa_devices", "_2faDevice", "_2faDevices"),
        ("order lines", "OrderLine", "orderLines"),
        ("straßen", "Strassen", "strassens"),
        ("名前", "Table1", "table1s"),
        ("news", "News", "newsList"),
        ("sheep", "Sheep", "sheepList"),
        ("OrderItem", "OrderItem", "orderItems"),
    ],
)
def test_table_of_any_name_has_a_type_and_a_list(
    name: str, type_name: str, list_field: str
) -> None:
    found = type_of(decided(table(name, {"id": "int"}, ["id"])), name)
    assert (found.name, found.roots[-1].field) == (type_name, list_field)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["authors", "order_items", "people"], ""),
        (["author", "order_item", "status"], "tableNames: SINGULAR"),
        (["Author", "OrderItem"], "tableNames: SINGULAR, tableCase: PASCAL_CASE"),
        (["authors", "orderItems"], "tableCase: CAMEL_CASE"),
        (["wp_posts", "wp_users", "wp_terms"], 'tablePrefix: "wp_"'),
        (["oc_cart", "oc_order", "oc_tax"], 'tableNames: SINGULAR, tablePrefix: "oc_"'),
        (
            ["tblUser", "tblOrder", "tblTaxRate"],
            'tableNames: SINGULAR, tableCase: PASCAL_CASE, tablePrefix: "tbl"',
        ),
        (["user_account", "user_group"], "tableNames: SINGULAR"),
    ],
)
def test_how_tables_are_named_is_said_once(names: list[str], said: str) -> None:
    api = decided(*(table(name, {"id": "int"}, ["id"]) for name in names))
    text = print_api(api)["schema.graphql"]
    expected = f"extend schema @conventions({said})" if said else ""
    assert expected in text
    assert ("@conventions" in text) is bool(said)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["order_id", "zip_code"], ""),
        (["orderId", "zipCode"], "columnCase: CAMEL_CASE"),
        (["OrderId", "ZipCode"], "columnCase: PASCAL_CASE"),
    ],
)
def test_how_columns_are_named_is_said_once(columns: list[str], said: str) -> None:
    api = decided(table("orders", dict.fromkeys(columns, "int"), [columns[0]]))
    text = print_api(api)
    assert f"@conventions({said})" in text["schema.graphql"] or not said
    assert "@column" not in text["order.graphql"]
    assert [each.field for each in type_of(api, "orders").columns] == ["orderId", "zipCode"]


def test_table_called_as_the_connection_of_another_gives_way() -> None:
    api = decided(*(table(name, {"id": "int"}, ["id"]) for name in ("film", "film_connection")))
    assert [each.name for each in api.types] == ["Film", "FilmConnectionRow"]
    assert "table film_connection is the type FilmConnectionRow" in api.renamed


def test_tables_that_would_be_one_type_are_two() -> None:
    names = ("order_item", "orderItem", "order_items")
    api = decided(*(table(name, {"id": "int"}, ["id"]) for name in names))
    assert len({each.name for each in api.types}) == 3
    assert {each.table for each in api.types} == set(names)


def test_columns_of_any_name_are_fields() -> None:
    columns = {
        "id": "int",
        "zip code": "int",
        "2fa": "int",
        "__typename": "int",
        "größe": "int",
        "名": "int",
        "a_b": "int",
        "aB": "int",
    }
    api = decided(table("things", columns, ["id"]))
    assert {each.name: each.field for each in type_of(api, "things").columns} == {
        "id": "id",
        "zip code": "zipCode",
        "2fa": "_2fa",
        "__typename": "typename",
        "größe": "grosse",
        "名": "column6",
        "a_b": "aB",
        "aB": "aB2",
    }
    assert api.renamed == [
        "column things.名 is the field column6",
        "column things.aB is the field aB2",
    ]


# ---------------------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("tinyint", "Int!"),
        ("tinyint(1)", "Boolean!"),
        ("smallint unsigned", "Int!"),
        ("mediumint unsigned", "Int!"),
        ("int(11) null", "Int"),
        ("int unsigned", "BigInt!"),
        ("bigint", "BigInt!"),
        ("decimal(5,2)", "Decimal!"),
        ("float", "Float!"),
        ("double null", "Float"),
        ("year", "Int!"),
        ("time", "Time!"),
        ("date", "Date!"),
        ("datetime(6) null", "DateTime"),
        ("timestamp", "DateTime!"),
        ("datetime = 0000-00-00 00:00:00", "DateTime"),
        ("date = 0000-00-00", "Date"),
        ("bit(1)", "Boolean!"),
        ("bit(8)", "BigInt!"),
        ("json null", "JSON"),
        ("blob null", "Bytes"),
        ("binary(16)", "Bytes!"),
        ("varbinary(16)", "Bytes!"),
        ("point", "GeoJSON!"),
        ("inet6 null", "String"),
        ("longtext", "String!"),
        ("uuid", "UUID!"),
        ("enum('a','b')", "ThingX!"),
    ],
)
def test_type_of_a_column_is_its_scalar(words: str, kind: str) -> None:
    found = type_of(decided(table("things", {"id": "int", "x": words}, ["id"])), "things")
    assert fields(found)["x"] == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("uuid", "UUID!"), ("owner_guid", "UUID!"), ("owner_id", "UUID!")]
)
def test_sixteen_bytes_named_so_are_a_uuid(name: str, kind: str) -> None:
    api = decided(table("things", {"id": "int", name: "binary(16)"}, ["id"]))
    assert (
        fields(type_of(api, "things"))[name if name == "uuid" else f"owner{name[6:].title()}"]
        == kind
    )


def test_sixteen_bytes_that_are_a_key_are_a_uuid() -> None:
    assert fields(type_of(decided(table("things", {"x": "binary(16)"}, ["x"])), "things")) == {
        "x": "UUID!"
    }


def test_label_that_is_no_name_gets_one() -> None:
    labels = "enum('PG','PG-13','','2nd','true','pg 13','++')"
    found = type_of(decided(table("films", {"id": "int", "rating": labels}, ["id"])), "films")
    assert found.enums[0].values == [
        ("PG", ""),
        ("PG_13", '@value(column: "PG-13")'),
        ("EMPTY", '@value(column: "")'),
        ("_2ND", '@value(column: "2nd")'),
        ("TRUE", '@value(column: "true")'),
        ("PG_13_2", '@value(column: "pg 13")'),
        ("VALUE", '@value(column: "++")'),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("password", "user_pass", "passwd", "pwd", "PasswordHash", "apiKey", "api_key", "secret"),
        *("access_token", "remember_token", "salt", "otp", "ssn", "card_number", "cvv"),
        *("user_activation_key", "accesstoken", "two_factor_recovery_codes"),
    ],
)
def test_column_that_looks_like_a_secret_is_left_out(name: str) -> None:
    api = decided(table("users", {"id": "int", name: "varchar(99)"}, ["id"]))
    assert fields(type_of(api, "users")) == {"id": "Int!"}
    assert reasons(api) == {f"users.{name}": "looks like a secret"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("password_changed_at", "datetime"),
        ("has_password", "tinyint(1)"),
        ("passenger", "varchar(9)"),
        ("shipping", "varchar(9)"),
        ("compass", "varchar(9)"),
    ],
)
def test_column_that_only_speaks_of_one_is_no_secret(name: str, words: str) -> None:
    api = decided(table("users", {"id": "int", name: words}, ["id"]))
    assert reasons(api) == {}


def test_invisible_column_is_left_out_unless_rows_are_known_by_it() -> None:
    api = decided(
        table("a", {"my_row_id": "bigint unsigned invisible", "x": "int invisible"}, ["my_row_id"])
    )
    assert fields(type_of(api, "a")) == {"myRowId": "BigInt!"}
    assert reasons(api) == {"a.x": "is invisible"}


def test_column_that_no_scalar_reads_is_left_out() -> None:
    api = decided(table("a", {"id": "int", "v": "vector(3)"}, ["id"]))
    assert reasons(api) == {"a.v": "no scalar reads vector(3)"}


# ----------------------------------------------------------------------------------------- keys


def test_table_without_a_key_is_left_out() -> None:
    api = decided(
        table("logs", {"line": "text", "n": "int null"}, unique=[["n"]]),
        table("kept", {"id": "int"}, ["id"]),
    )
    assert [each.table for each in api.types] == ["kept"]
    assert reasons(api) == {
        "logs": "has no key: neither a primary key nor a unique one without NULL"
    }


def test_unique_key_without_null_is_the_key_of_a_table_that_has_no_primary_one() -> None:
    api = decided(
        table("pairs", {"a": "int", "b": "int", "n": "int null"}, unique=[["n"], ["a", "b"]])
    )
    found = type_of(api, "pairs")
    assert found.keys == [("a", "b"), ("n",)]
    assert roots(found) == ["pair(a, b)", "pairByN(n)", "pairs(a)", "pairsByN(from, to)"]


def test_table_whose_key_looks_like_a_secret_is_left_out() -> None:
    api = decided(
        table("resets", {"token": "char(40)", "at": "datetime"}, ["token"]),
        table("kept", {"id": "int"}, ["id"]),
    )
    assert reasons(api) == {"resets": "its key token looks like a secret"}


def test_view_is_known_by_a_guessed_key() -> None:
    films = table("films", {"film_id": "int", "title": "varchar(9)"}, ["film_id"])
    view = table("film_list", {"FID": "int", "title": "varchar(9) null"}, is_view=True)
    api = decided(films, view, views={"film_list": ("FID",)})
    assert roots(type_of(api, "film_list")) == ["filmList(fid)", "filmLists()"]
    assert api.guessed == ["view film_list is known by FID: say so with @key if it is not"]


def test_view_without_a_likely_key_is_left_out() -> None:
    view = table("sales", {"store": "varchar(9)", "total": "decimal(9,2)"}, is_view=True)
    api = decided(table("a", {"id": "int"}, ["id"]), view)
    assert reasons(api) == {"sales": "is a view, and no column of it looks like a key"}


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


# ---------------------------------------------------------------------------------------- lists


def test_order_is_written_only_where_an_index_gives_it() -> None:
    found = type_of(
        decided(
            table(
                "t",
                {"id": "int", "a": "int", "b": "int", "c": "text", "d": "int"},
                ["id"],
                indexes=[["a", "b"], ["c"]],
            )
        ),
        "t",
    )
    assert roots(found) == ["t(id)", "ts()", "tsByA(a, from, to)"]
    assert [name for name, _ in found.enums[0].values] == ["ID", "ID_DESC", "A_B", "A_B_DESC"]


def test_index_of_several_columns_is_a_list_of_equal_rows_in_the_order_of_the_last() -> None:
    posts = table(
        "posts",
        {"id": "int", "kind": "varchar(9)", "state": "enum('a','b')", "at": "datetime", "n": "int"},
        ["id"],
        indexes=[["kind", "state", "at", "id"], ["n", "kind"], ["state", "id"]],
    )
    found = type_of(decided(posts), "posts")
    assert roots(found) == [
        "post(id)",
        "posts(state)",
        "postsByKindAndState(kind, state, from, to)",
        "postsByN(n, prefix)",
    ]
    assert [list(each.order) for each in found.roots[2:]] == [["at DESC"], ["kind"]]
    assert [each.type for each in found.roots[2].arguments[:2]] == ["String!", "PostState!"]


def test_other_engine_has_lists_by_its_key_only() -> None:
    api = decided(table("t", {"id": "int", "a": "int"}, ["id"], indexes=[["a"]], engine="MyISAM"))
    assert roots(type_of(api, "t")) == ["t(id)", "ts()"]
    assert api.told == [
        "lists by their key only, and rows of a relation sorted by the server, because other "
        "indexes do not end in the key: t (MyISAM)"
    ]


def test_unique_index_gives_an_order_on_mysql_only() -> None:
    """MariaDB sorts rows where the key stands behind all columns of a unique index."""
    users = table("users", {"id": "int", "email": "varchar(99)"}, ["id"], unique=[["email"]])
    found = [type_of(decided(users, is_mariadb=each), "users") for each in (False, True)]
    assert [[name for name, _ in each.enums[0].values] for each in found] == [
        ["ID", "ID_DESC", "EMAIL", "EMAIL_DESC"],
        ["ID", "ID_DESC"],
    ]
    assert [roots(each)[-1] for each in found] == ["usersByEmail(prefix)", "users()"]


def test_table_called_as_a_file_of_the_schema_has_one_of_its_own() -> None:
    api = decided(table("schemas", {"id": "int"}, ["id"]))
    assert list(print_api(api)) == ["schema.graphql", "schema_2.graphql"]


def test_text_that_is_no_text_in_the_column_has_no_prefix() -> None:
    hosts = table("hosts", {"id": "int", "ip": "inet6"}, ["id"], indexes=[["ip"]])
    assert roots(type_of(decided(hosts), "hosts")) == ["host(id)", "hosts(ip)"]


def test_column_called_as_another_argument_has_one_of_its_own() -> None:
    columns = {"first": "int", "order_by": "int", "from": "int", "n": "date"}
    found = type_of(
        decided(table("t", columns, ["first"], indexes=[["order_by"], ["from", "n"]])), "t"
    )
    assert roots(found) == [
        "t(firstIs)",
        "ts(orderByIs)",
        "tsByOrderBy(from, to)",
        "tsByFrom(fromIs, from, to)",
    ]


def test_order_by_a_column_without_letters_is_called_as_its_field() -> None:
    found = type_of(decided(table("t", {"id": "int", "名": "int"}, ["id"], indexes=[["名"]])), "t")
    assert [name for name, _ in found.enums[0].values] == [
        "ID",
        "ID_DESC",
        "COLUMN2",
        "COLUMN2_DESC",
    ]


@pytest.mark.parametrize("name", ["schema_migrations", "__EFMigrationsHistory"])
def test_table_of_a_tool_for_migrations_is_left_out(name: str) -> None:
    api = decided(table(name, {"id": "int"}, ["id"]), table("kept", {"id": "int"}, ["id"]))
    assert reasons(api) == {name: "is what a tool for migrations remembers"}


def test_times_are_ordered_by_the_latest_first_whatever_the_direction_of_the_index() -> None:
    for index in (["at"], ["at DESC", "id DESC"]):
        found = type_of(
            decided(table("t", {"id": "int", "at": "datetime"}, ["id"], indexes=[index])), "t"
        )
        assert [list(each.order) for each in found.roots[2:]] == [["at DESC"]]
