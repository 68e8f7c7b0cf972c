"""The API's account: the columns that the SDL reads, and the statements that allow these alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from handler.jobs.api_user import (
    Account,
    Command,
    Privilege,
    Privileges,
    account_statements,
    grant_statements,
    read_columns,
    read_grants,
)
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from tests.domains.orders import PROJECT

ROOT = Path(__file__).parents[3]
API = Account("api", "pw")
NOTHING = Privileges([], has_wider=False)


def columns_of(sdl: str) -> dict[str, frozenset[str]]:
    return read_columns(build_model(build_schema({"shop.graphql": sdl})))


def test_the_example_reads_its_four_tables() -> None:
    assert read_columns(build_model(load_schema(PROJECT / "sdl"))) == {
        "customers": {"customer_id", "name", "country"},
        "products": {"product_id", "product_name", "price"},
        "orders": {"order_id", "order_ref", "ordered_at", "customer_id"},
        "order_items": {
            *("order_id", "order_item_id", "product_id"),
            *("quantity", "unit_price", "discount"),
        },
    }


def test_columns_of_relations_are_read_though_no_field_shows_them() -> None:
    found = read_columns(build_model(load_schema(ROOT / "tests" / "domains" / "staff" / "sdl")))
    assert found["projects"] == {"project_id", "title", "starts_at", "budget", "lead_id"}
    assert {"manager_id", "site_code", "department_no"} <= found["employees"]
    assert "head_id" in found["departments"]
    assert found["assignments"] == {"project_id", "employee_id", "role", "hours"}


@pytest.mark.parametrize(
    ("sdl", "expected"),
    [
        pytest.param(
            "type Query { note(noteId: ID!): Note } type Note { noteId: ID! text: String }",
            {"notes": {"note_id", "text"}},
            id="key-and-fields",
        ),
        pytest.param(
            "type Query { note(noteId: ID!): Note }"
            ' type Note @table(name: "memo") { noteId: ID! @column(name: "Id") }',
            {"memo": {"Id"}},
            id="names-of-its-own",
        ),
        pytest.param(
            "type Query { note(noteId: ID!): Note } type Note { noteId: ID!"
            ' size: Int! @expression(sql: "CHAR_LENGTH({body}) + {margin}") }',
            {"notes": {"note_id", "body", "margin"}},
            id="columns-of-an-expression",
        ),
        pytest.param(
            "type Query { note(noteId: ID!): Note } type Note { noteId: ID!"
            ' pages: [Page!]! @relation(columns: ["shelf"], references: ["shelf_no"])'
            ' pageCount: Int! @count(of: "pages") }'
            " type Page { pageId: ID! }",
            {"notes": {"note_id", "shelf"}, "pages": {"page_id", "shelf_no"}},
            id="columns-of-a-relation",
        ),
        pytest.param(
            "type Query { note(noteId: ID!): Note } type Note { noteId: ID!"
            ' pages: [Page!]! @relation(columns: ["note_id"], references: ["note_no"])'
            ' words: Int! @sum(of: "pages", field: "words") most: Int @max(of: "pages",'
            ' field: "words") }'
            ' type Page { pageId: ID! words: Int! @expression(sql: "{lines} * 9") }',
            {"notes": {"note_id"}, "pages": {"page_id", "note_no", "lines"}},
            id="columns-of-a-sum",
        ),
        pytest.param(
            'type Query { long: [Note!]! short: [Brief!]! @orderBy(fields: ["size DESC"]) }'
            ' type Note @table(name: "notes") { noteId: ID! text: String }'
            ' type Brief @table(name: "notes") @key(fields: "noteId") { noteId: ID! size: Int! }'
            " type Unused { unusedId: ID! password: String }",
            {"notes": {"note_id", "text", "size"}},
            id="two-types-of-one-table-and-one-that-nothing-leads-to",
        ),
    ],
)
def test_exactly_the_columns_that_a_statement_can_name(
    sdl: str, expected: dict[str, set[str]]
) -> None:
    assert columns_of(sdl) == expected


@pytest.mark.parametrize(
    ("account", "ending", "values"),
    [
        pytest.param(API, "IDENTIFIED BY %s REQUIRE SSL", ("api", "pw"), id="password"),
        pytest.param(
            Account("api", "p%w'", requires_tls=False),
            "IDENTIFIED BY %s REQUIRE NONE",
            ("api", "p%w'"),
            id="on-one-machine",
        ),
        pytest.param(
            Account("api", None),
            "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
            ("api",),
            id="iam",
        ),
    ],
)
def test_an_account_is_created_and_always_brought_up_to_date(
    account: Account, ending: str, values: tuple[str, ...]
) -> None:
    assert account_statements(account) == [
        Command(f"CREATE USER IF NOT EXISTS %s@'%%' {ending}", values),
        Command(f"ALTER USER %s@'%%' {ending}", values),
    ]


def test_columns_are_granted_table_by_table() -> None:
    wanted = {"b": {"y", "x"}, "a": {"50%", "back`tick"}}
    assert grant_statements(API, "shop", wanted, NOTHING) == [
        Command("GRANT SELECT (`50%%`, `back``tick`) ON `shop`.`a` TO %s@'%%'", ("api",)),
        Command("GRANT SELECT (`x`, `y`) ON `shop`.`b` TO %s@'%%'", ("api",)),
    ]


def test_what_is_no_longer_used_is_revoked_first() -> None:
    present = Privileges(
        [
            Privilege("shop", "a", "x", "SELECT"),
            Privilege("shop", "a", "old", "SELECT"),
            Privilege("shop", "a", "x", "UPDATE"),
            Privilege("shop", "gone", "y", "SELECT"),
            Privilege("other", "a", "x", "SELECT"),
        ],
        has_wider=False,
    )
    assert [each.text for each in grant_statements(API, "shop", {"a": {"x"}}, present)] == [
        "REVOKE SELECT (`x`) ON `other`.`a` FROM %s@'%%'",
        "REVOKE SELECT (`old`) ON `shop`.`a` FROM %s@'%%'",
        "REVOKE UPDATE (`x`) ON `shop`.`a` FROM %s@'%%'",
        "REVOKE SELECT (`y`) ON `shop`.`gone` FROM %s@'%%'",
        "GRANT SELECT (`x`) ON `shop`.`a` TO %s@'%%'",
    ]


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(Privileges([], has_wider=True), id="on-a-whole-table"),
        pytest.param(
            Privileges([Privilege("shop", "a", "x", "SELECT", True)], has_wider=False),
            id="to-hand-on",
        ),
    ],
)
def test_anything_wider_is_taken_away_altogether(present: Privileges) -> None:
    assert [each.text for each in grant_statements(API, "shop", {"a": {"x"}}, present)] == [
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'",
        "GRANT SELECT (`x`) ON `shop`.`a` TO %s@'%%'",
    ]


@pytest.mark.parametrize(
    ("line", "has_wider", "others"),
    [
        pytest.param("GRANT USAGE ON *.* TO `a`@`%` REQUIRE SSL", False, [], id="nothing"),
        pytest.param(
            "GRANT SELECT (`a`, `b (``) ON c`), INSERT (`x`) ON `shop`.`t` TO `a`@`%`",
            False,
            [],
            id="columns",
        ),
        pytest.param("GRANT SELECT (`a`), INSERT ON `shop`.`t` TO `a`@`%`", True, [], id="a-table"),
        pytest.param(
            "GRANT SELECT (`a`) ON `shop`.`t` TO `a`@`%` WITH GRANT OPTION", True, [], id="hand-on"
        ),
        pytest.param("GRANT SELECT ON `shop`.* TO `a`@`%`", True, [], id="a-database"),
        pytest.param("GRANT EXECUTE ON PROCEDURE `s`.`p` TO `a`@`%`", True, [], id="a-routine"),
        pytest.param("GRANT CONNECTION_ADMIN ON *.* TO `a`@`%`", True, [], id="the-server"),
        pytest.param(
            "GRANT PROXY ON `b`@`%` TO `a`@`%`", False, ["PROXY ON `b`@`%`"], id="proxy-mysql"
        ),
        pytest.param(
            "GRANT PROXY ON 'b'@'%' TO 'a'@'%'", False, ["PROXY ON 'b'@'%'"], id="proxy-mariadb"
        ),
        pytest.param("GRANT `r` TO `a`@`%` WITH ADMIN OPTION", False, ["`r`"], id="role-mariadb"),
        pytest.param(
            "GRANT `r`@`%`,`s`@`%` TO `a`@`%`", False, ["`r`@`%`,`s`@`%`"], id="roles-mysql"
        ),
        pytest.param("SET DEFAULT ROLE `r` FOR `a`@`%`", False, [], id="default-mariadb"),
    ],
)
def test_lines_of_show_grants_tell_what_goes_beyond_columns(
    line: str, has_wider: bool, others: list[str]
) -> None:
    assert read_grants([], [line]) == Privileges([], has_wider, others)


def test_roles_are_taken_away_by_name() -> None:
    present = Privileges([], has_wider=False, others=["`r`@`%`,`s`@`%`"])
    assert grant_statements(API, "shop", {}, present) == [
        Command("REVOKE `r`@`%%`,`s`@`%%` FROM %s@'%%'", ("api",))
    ]


@pytest.mark.parametrize("name", ["", "Api", "1api", "api'", "api@host", "a" * 33, "api\n"])
def test_names_that_would_need_quoting_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="an account is named by 1 to 32 of a-z"):
        Account(name, "pw")


def test_the_password_is_in_no_repr_and_no_text() -> None:
    account = Account("api", "canary-never-shown")
    assert "canary" not in f"{account!r} {account_statements(account)!r}"
