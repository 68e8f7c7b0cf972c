"""Which lists and orders the roots have: those that an index serves."""

from __future__ import annotations

from dataclasses import replace

from tests.aurora_graphql.project.catalogues import table
from tests.aurora_graphql.project.decisions import decided, roots, type_of


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


def test_table_in_partitions_has_lists_by_its_key_only_on_mariadb() -> None:
    """Which sorts the rows that another index finds in several partitions."""
    log = replace(
        table("log", {"id": "int", "a": "int"}, ["id"], indexes=[["a"]]), is_partitioned=True
    )
    maria, mysql = (decided(log, is_mariadb=each) for each in (True, False))
    assert roots(type_of(maria, "log")) == ["log(id)", "logs()"]
    assert roots(type_of(mysql, "log")) == ["log(id)", "logs(a)", "logsByA(from, to)"]
    assert mysql.told == []
    assert maria.told == [
        "lists by their key only, and rows of a relation sorted by the server, because other "
        "indexes do not end in the key: log (in partitions)"
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


def test_index_with_the_end_of_the_key_gives_no_order_of_all_rows_on_mysql() -> None:
    """MySQL expects the whole key behind an index, but for what is equal, and sorts rows where a
    column of it stands in the index already."""
    usage = table(
        "usage",
        {"file": "int", "type": "int", "id": "int", "count": "int"},
        ["file", "type", "id"],
        indexes=[["type", "id"], ["count", "file"], ["type", "count"]],
    )
    found = [type_of(decided(usage, is_mariadb=each), "usage") for each in (False, True)]
    assert [[name for name, _ in each.enums[0].values][::2] for each in found] == [
        ["FILE", "TYPE_ID"],
        ["FILE", "TYPE_ID", "TYPE_COUNT", "COUNT"],
    ]
    assert [roots(each)[1:] for each in found] == [
        ["usages(file)", "usagesByType(type, from, to)"],
        ["usages(file, count)", "usagesByCount(from, to)", "usagesByType(type, from, to)"],
    ]


def test_text_that_is_no_text_in_the_column_has_no_prefix() -> None:
    hosts = table("hosts", {"id": "int", "ip": "inet6"}, ["id"], indexes=[["ip"]])
    assert roots(type_of(decided(hosts), "hosts")) == ["host(id)", "hosts(ip)"]


def test_column_called_as_another_argument_has_one_of_its_own() -> None:
    columns = {"first": "int", "order_by": "int", "from": "int", "n": "date", "offset": "int"}
    indexes = [["order_by"], ["from", "n"], ["offset"]]
    found = type_of(decided(table("t", columns, ["first"], indexes=indexes)), "t")
    assert roots(found) == [
        "t(firstIs)",
        "ts(orderByIs, offsetIs)",
        "tsByOrderBy(from, to)",
        "tsByOffset(from, to)",
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


def test_times_are_ordered_by_the_latest_first_whatever_the_direction_of_the_index() -> None:
    for index in (["at"], ["at DESC", "id DESC"]):
        found = type_of(
            decided(table("t", {"id": "int", "at": "datetime"}, ["id"], indexes=[index])), "t"
        )
        assert [list(each.order) for each in found.roots[2:]] == [["at DESC"]]
