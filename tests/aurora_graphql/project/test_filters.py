"""What may be filtered by where filters are asked for: what an index finds, and nothing else."""

from __future__ import annotations

import pytest

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.decide import Known, decide
from aurora_graphql.project.description import Api
from aurora_graphql.project.printing import print_api
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.aurora_graphql.project.catalogues import database, table


def decided(*tables: LiveTable) -> Api:
    """What is decided; as SDL it starts."""
    api = decide(database(*tables), known=Known(filters=True))
    build_model(build_schema(print_api(api, "@public")))
    return api


def operators(api: Api) -> dict[str, tuple[str, ...]]:
    """By field, of the first type."""
    return {each.field: tuple(each.operators) for each in api.types[0].columns}


RANGES = ("LESS", "LESS_OR_EQUAL", "GREATER", "GREATER_OR_EQUAL")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("int", ("EQUAL", "IN", *RANGES), id="number"),
        pytest.param("int null", ("EQUAL", "IN", *RANGES, "IS_NULL"), id="number-or-null"),
        pytest.param("datetime", ("EQUAL", "IN", *RANGES), id="time"),
        pytest.param("double", RANGES, id="float"),
        pytest.param("enum('a','b')", ("EQUAL", "IN"), id="label"),
        pytest.param("set('a','b') null", ("IS_NULL",), id="labels"),
        pytest.param("json null", ("IS_NULL",), id="json"),
    ],
)
def test_operators_are_those_that_an_index_serves(column: str, expected: tuple[str, ...]) -> None:
    things = table(
        "things",
        {"thing_id": "int", "a": column, "b": column},
        ["thing_id"],
        indexes=["a"],
    )
    found = operators(decided(things))
    assert (found["a"], found["b"]) == (expected, ())


def test_a_column_is_sortable_where_an_index_gives_its_order() -> None:
    things = table(
        "things",
        {"thing_id": "int", "a": "int", "b": "int", "c": "enum('a','b')"},
        ["thing_id"],
        indexes=["a", "c"],
    )
    (found,) = decided(things).types
    assert {each.field: each.is_sortable for each in found.columns} == {
        "thingId": True,
        "a": True,
        "b": False,
        "c": False,
    }


def test_only_the_first_column_of_an_index_is_found_by_it() -> None:
    things = table("things", {"a": "int", "b": "int"}, ["a", "b"])
    found = operators(decided(things))
    assert (bool(found["a"]), found["b"]) == (True, ())


def test_lists_and_relations_lead_to_types_with_something_to_filter_by() -> None:
    shops = table("shops", {"shop_id": "int"}, ["shop_id"])
    visits = table(
        "visits",
        {"visit_id": "int", "shop_id": "int"},
        ["visit_id"],
        indexes=[["shop_id"]],
        foreign={"shop_id": "shops.shop_id"},
    )
    api = decided(shops, visits)
    first = {each.name: next(root for root in each.roots if root.is_list) for each in api.types}
    assert {name: root.arguments[0].type for name, root in first.items()} == {
        "Shop": "ShopFilter",
        "Visit": "VisitFilter",
    }
    assert all(one.is_filterable for each in api.types for one in each.relations)


COFFEES = table("coffees", {"coffee_id": "int"}, ["coffee_id"])
CUPS = table(
    "cups",
    {"cup_id": "int", "coffee_id": "int"},
    ["cup_id"],
    indexes=[["coffee_id"]],
    foreign={"coffee_id": "coffees.coffee_id"},
)


def filtered(api: Api) -> set[str]:
    """Types whose lists are filtered, and relations by which others are."""
    lists = {
        each.name
        for each in api.types
        if any(argument.name == "where" for root in each.roots for argument in root.arguments)
    }
    return lists | {
        f"{each.name}.{one.field}"
        for each in api.types
        for one in each.relations
        if one.is_filterable
    }


def test_type_whose_input_is_the_name_of_another_type_has_none_and_says_so() -> None:
    api = decided(COFFEES, CUPS, table("coffee_filters", {"id": "int"}, ["id"]))
    assert filtered(api) == {"Cup", "CoffeeFilter"}
    assert not any(each.operators for each in api.types[0].columns)
    assert api.told == ["Coffee has no filter, because CoffeeFilter is a type"]


@pytest.mark.parametrize(
    "name", ["string_filters", "filters", "cup_coffee_id_filters", "cup_lists", "cup_list_filters"]
)
def test_table_that_is_only_called_like_an_input_is_in_nobodys_way(name: str) -> None:
    api = decided(COFFEES, CUPS, table(name, {"id": "int"}, ["id"]))
    other = next(each.name for each in api.types if each.table == name)
    assert filtered(api) == {"Coffee", "Cup", "Coffee.cups", "Cup.coffee", other}
    assert api.told == []


def test_text_without_a_collation_is_not_found_by_its_beginning() -> None:
    """An address is shown as a text, and no index is over that."""
    api = decided(table("hosts", {"at": "inet6", "name": "varchar(9)"}, ["at"], indexes=[["name"]]))
    found = operators(api)
    assert ("PREFIX" in found["at"], "PREFIX" in found["name"]) == (False, True)


def test_columns_that_are_called_as_words_of_filters() -> None:
    """`or` is not marked, and `where` is another argument."""
    odd = table(
        "odds",
        {"odd_id": "int", "or": "int null", "where": "int null"},
        ["odd_id"],
        indexes=[["or"], ["where"]],
    )
    api = decided(odd)
    found = operators(api)
    assert (found["or"], bool(found["where"])) == ((), True)
    first = next(root for root in api.types[0].roots if root.is_list)
    names = [each.name for each in first.arguments]
    assert names[0] == "where"
    assert "whereIs" in names


def test_nothing_is_marked_unless_it_is_asked_for() -> None:
    things = table("things", {"thing_id": "int"}, ["thing_id"])
    assert "filter" not in "".join(print_api(decide(database(things)), "").values()).lower()
