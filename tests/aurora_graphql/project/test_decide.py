"""How tables and columns are named, which scalar reads what, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora_graphql.catalog import Index, IndexColumn
from aurora_graphql.project.operations import print_operations
from aurora_graphql.project.printing import print_api
from tests.aurora_graphql.project.catalogues import table
from tests.aurora_graphql.project.decisions import decided, fields, reasons, roots, type_of

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


def test_table_called_as_a_file_of_the_schema_has_one_of_its_own() -> None:
    api = decided(table("schemas", {"id": "int"}, ["id"]))
    assert list(print_api(api)) == ["schema.graphql", "schema_2.graphql"]


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


def test_key_is_said_where_a_column_is_called_as_the_key_by_convention() -> None:
    """``seriesId`` would be the key of Series, were it not said that this is ``id``."""
    series = table(
        "series", {"id": "int", "series_id": "int null"}, ["id"], foreign={"series_id": "series.id"}
    )
    named = table("films", {"film_id": "int", "id": "int"}, ["film_id"])
    api = decided(series, named)
    assert [each.keys for each in api.types] == [[("id",)], ()]
    assert fields(type_of(api, "series"))["series"] == "Series series_id"


def test_sixteen_bytes_that_are_a_key_are_a_uuid() -> None:
    assert fields(type_of(decided(table("things", {"x": "binary(16)"}, ["x"])), "things")) == {
        "x": "UUID!"
    }


def test_table_of_bytes_alone_has_a_document_that_asks_for_its_key() -> None:
    """Other bytes are left out of pages, and what is left must be something."""
    api = decided(table("blobs", {"sum": "varbinary(20)", "body": "blob"}, ["sum"]))
    assert "    nodes {\n      sum\n    }\n" in print_operations(api)["blobs.graphql"]


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


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("bit(8)", "its key k is bit(8), by which no row is known"),
        ("float", "its key k is float, by which no row is known"),
        ("set('a','b')", "its key k is set('a','b'), by which no row is known"),
    ],
)
def test_table_whose_key_tells_no_rows_apart_is_left_out_and_says_so(
    words: str, reason: str
) -> None:
    api = decided(table("t", {"k": words}, ["k"]), table("u", {"id": "int"}, ["id"]))
    assert reasons(api) == {"t": reason}


def test_table_whose_key_is_of_beginnings_is_left_out_and_says_so() -> None:
    """``PRIMARY KEY (k(5))``: of such a part the catalogue tells no column."""
    api = decided(table("t", {"k": "blob"}, [""]), table("u", {"id": "int"}, ["id"]))
    assert reasons(api) == {"t": "its key holds the beginning of a value only"}


def test_long_text_that_mariadb_keeps_apart_by_a_hash_is_no_key_to_look_rows_up_by() -> None:
    url = {"url": "text"}
    links, only = table("links", {"id": "int", **url}, ["id"]), table("pages", url)
    hashed = Index("url", (IndexColumn("url"),), is_unique=True, is_hash=True)
    api = decided(replace(links, indexes=[*links.indexes, hashed]), replace(only, indexes=[hashed]))
    assert roots(type_of(api, "links")) == ["link(id)", "links()"]
    assert reasons(api) == {
        "pages": "has no key but one of long texts, by which the server finds no row"
    }


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


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        pytest.param("migrations", ("id", "migration", "batch"), id="laravel"),
        pytest.param("app_migrations", ("id", "migration", "batch"), id="laravel-with-a-prefix"),
        pytest.param("migrations", ("id", "timestamp", "name"), id="typeorm"),
        pytest.param("migration", ("version", "apply_time"), id="yii"),
    ],
)
def test_table_of_a_tool_that_calls_it_by_a_plain_word_is_known_by_its_columns(
    name: str, columns: tuple[str, ...]
) -> None:
    api = decided(
        table(name, dict.fromkeys(columns, "varchar(180)"), columns[:1]),
        table("kept", {"id": "int"}, ["id"]),
    )
    assert reasons(api) == {name: "is what a tool for migrations remembers"}


def test_table_that_is_called_migrations_and_holds_others_is_written() -> None:
    columns = {"id": "int", "bird": "varchar(40)", "name": "varchar(40)", "timestamp": "datetime"}
    api = decided(table("migrations", columns, ["id"]))
    assert [each.table for each in api.types] == ["migrations"]
    assert reasons(api) == {}


@pytest.mark.parametrize("name", ["schema_migrations", "__EFMigrationsHistory"])
def test_table_of_a_tool_for_migrations_is_left_out(name: str) -> None:
    api = decided(table(name, {"id": "int"}, ["id"]), table("kept", {"id": "int"}, ["id"]))
    assert reasons(api) == {name: "is what a tool for migrations remembers"}
