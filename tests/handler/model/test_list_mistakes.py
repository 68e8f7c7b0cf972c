"""A clear word about root fields, connections, pages, filters and orders that cannot be served."""

from __future__ import annotations

import pytest

from tests.handler.model.mistakes import A, told

ERRORS = [
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{\n edges: [Int!]! }}",
        "test.graphql:3:2: AConnection.edges must be a list of an edge type with a field 'node', "
        "such as `type AEdge { node: A! cursor: String! }`",
        id="edges-of-scalars",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{ edges: [E!]!\n sum: Int }}"
        " type E { node: A! }",
        "test.graphql:3:2: AConnection.sum: a connection pattern has the fields edges, nodes, "
        "pageInfo, totalCount, totalPages, and lists of a type with @aggregate(of: 'A'), only; put "
        "it on A instead",
        id="foreign-field-of-a-connection",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{ edges: [E!]! }}"
        " type E { node: A!\n weight: Int }",
        "test.graphql:1:14: field 'as' gives a AConnection, whose edges have the field 'weight': "
        "beside node and cursor, fields of E are columns of a link table, and this list has none; "
        "put it on A, or write @relation(through: {table: ...})",
        id="foreign-field-of-an-edge",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A} type B {{ id: ID! }}\ntype AConnection "
        "{ edges: [E!]! nodes: [B!]! } type E { node: A! }",
        "test.graphql:2:33: AConnection.nodes must be a list of A",
        id="nodes-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection "
        "{ edges: [E!]! pageInfo: P! } type E { node: A! } type P { page: Int }",
        "test.graphql:2:33: AConnection.pageInfo: use a type with endCursor, hasNextPage, "
        "hasPreviousPage, startCursor",
        id="foreign-page-info",
    ),
    *(
        pytest.param(
            f"enum Tag {{ X }} type A {{ id: ID! tags: [Tag!] name: String }} type Query {{"
            f"\n a({argument}): [A!]! }}",
            f"test.graphql:2:4: {message}",
            id=name,
        )
        for name, argument, message in (
            (
                "labels-without-has",
                "tags: Tag",
                "argument 'tags': A.tags is [Tag!], and rows are chosen by an item of it: "
                "@filter(field: ..., operator: HAS)",
            ),
            (
                "labels-as-a-list",
                "tags: [Tag!]",
                "argument 'tags': A.tags is [Tag!], and rows are chosen by an item of it: "
                "@filter(field: ..., operator: HAS)",
            ),
            (
                "has-of-another-type",
                'tag: String @filter(field: "tags", operator: HAS)',
                "argument 'tag' is a String, but A.tags is a [Tag!]",
            ),
            (
                "has-a-list",
                'tag: [Tag!] @filter(field: "tags", operator: HAS)',
                "argument 'tag': IN and NOT_IN take a list of values, all other"
                " operators one value",
            ),
            (
                "has-of-a-text",
                "name: String @filter(operator: HAS)",
                "argument 'name': A.name is String, and the operator HAS needs a list, of a SET "
                "column",
            ),
        )
    ),
    *(
        pytest.param(
            f"type Query {{\n a(at: {scalar} @filter(operator: {operator})): [A!]! }} "
            f"type A {{ id: ID! at: {scalar} }}",
            f"test.graphql:2:4: argument 'at': A.at is {scalar}, {reason}",
            id=f"{scalar}-{operator}",
        )
        for scalar, operator, reason in (
            (
                "GeoJSON",
                "EQUAL",
                "by which no argument chooses rows but IS_NULL; choose by a column or an "
                "@expression with the part that is compared",
            ),
            (
                "GeoJSON",
                "LESS",
                "by which no argument chooses rows but IS_NULL; choose by a column or an "
                "@expression with the part that is compared",
            ),
            (
                "JSON",
                "LESS",
                "which has no order; make the part that is compared a column of its "
                "own, such as a generated one",
            ),
        )
    ),
    *(
        pytest.param(
            f"type A {{ id: ID! at: {scalar} }}\n"
            'type Query { a: [A!]! @orderBy(fields: ["at"]) }',
            f"test.graphql:2:14: @orderBy names A.at, which is {scalar}, and a {scalar} has no "
            f"order; take it away",
            id=f"order-by-{scalar}",
        )
        for scalar in ("JSON", "GeoJSON")
    ),
    pytest.param(
        f"type Query {{\n as: [A!]! @cursor }} {A}",
        "test.graphql:2:2: Query.as reads rows of A, and its arguments choose them; take the "
        "directive away, or answer it by Python with @resolver",
        id="cursor-at-the-root",
    ),
    pytest.param(
        f"type Query {{ now: Now @resolver }} type Now {{\n as: [A!] @page(default: 1) }} {A}",
        "test.graphql:2:2: field 'as': @page is for a list or a connection of rows; take it away",
        id="page-of-what-a-resolver-gives",
    ),
    pytest.param(
        "type Query {\n  now: DateTime }",
        "test.graphql:2:3: Query.now gives a DateTime, which is no row of a table; answer it by "
        'Python with @resolver, or by the rows of a list with @count(of: "..."), @sum, @min, @max '
        "or @avg",
        id="scalar-root",
    ),
    pytest.param(
        f"type Query {{\n  a(n: Int!): A }} {A}",
        "test.graphql:2:3: Query.a gives one A, but its required arguments hold no key of A; add "
        "the arguments, make it a list, say which row is the first with "
        '@orderBy(fields: ["..."]), or add @key(fields: ...) to A',
        id="look-up-without-key",
    ),
    pytest.param(
        f"type Query {{\n  a(id: ID): A }} {A}",
        "test.graphql:2:3: Query.a gives one A, but its required arguments hold no key of A; add "
        "the arguments, make it a list, say which row is the first with "
        '@orderBy(fields: ["..."]), or add @key(fields: ...) to A',
        id="look-up-by-optional-key",
    ),
    pytest.param(
        f"type Query {{\n  as: [AConnection!]! }} {A}",
        "test.graphql:2:3: field 'as' gives a list of pages; give one AConnection, which holds the "
        "rows",
        id="list-of-pages",
    ),
    pytest.param(
        f"type Query {{\n  as: [[A!]!]! }} {A}",
        "test.graphql:2:3: field 'as': a list of lists has no rows",
        id="list-of-lists",
    ),
    pytest.param(
        f"type Query {{ as(\n first: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'first' of a page must be Int",
        id="first-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as(first: Int\n after: ID): [A!]! }} {A}",
        None,
        id="after-may-be-an-id",
    ),
    pytest.param(
        f"type Query {{ as(\n first: ID): [A!]! }} {A}",
        "test.graphql:2:2: argument 'first' of a page must be Int",
        id="first-is-no-id",
    ),
    pytest.param(
        f"type Query {{ a(id: ID!\n first: Int): A }} {A}",
        "test.graphql:2:2: field 'a' gives one row: it takes no 'first'",
        id="page-of-one-row",
    ),
    pytest.param(
        f"type Query {{ as(\n after: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'after' needs an argument 'first': Int",
        id="after-without-first",
    ),
    pytest.param(
        f"type Query {{ as(first: Int\n before: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'before' needs an argument 'last': Int",
        id="before-without-last",
    ),
    pytest.param(
        f"type Query {{\n as(first: Int): [A!]! @page(default: 5, maximum: 4) }} {A}",
        "test.graphql:2:2: field 'as': @page needs 1 <= default <= maximum, got default 5 and "
        "maximum 4",
        id="default-over-maximum",
    ),
    *(
        pytest.param(f"type Query {{\n {field} }} {A}", f"test.graphql:2:{column}: {told}", id=name)
        for name, field, column, told in (
            (
                "offset-without-a-maximum",
                "as(first: Int, offset: Int): [A!]!",
                17,
                "argument 'offset' of 'as' skips rows, and the server reads what it skips: say how "
                "many at most by @page(maximumOffset: 1000); to choose rows by a column of that "
                'name, call it otherwise, with @filter(field: "offset")',
            ),
            (
                "maximum-without-an-offset",
                "as(first: Int): [A!]! @page(maximumOffset: 7)",
                2,
                "field 'as': @page(maximumOffset: 7) is for an argument `offset: Int`; add it, or "
                "take maximumOffset away",
            ),
            (
                "offset-of-none",
                "as(first: Int, offset: Int): [A!]! @page(maximumOffset: 0)",
                2,
                "field 'as': @page needs maximumOffset >= 1, got 0",
            ),
            (
                "offset-without-first",
                "as(offset: Int): [A!]! @page(maximumOffset: 5)",
                5,
                "argument 'offset' needs an argument 'first': Int",
            ),
            (
                "offset-that-is-no-number",
                "as(first: Int, offset: String): [A!]! @page(maximumOffset: 5)",
                17,
                "argument 'offset' of a page must be Int",
            ),
            (
                "offset-of-one-row",
                "a(id: ID!, offset: Int): A",
                13,
                "field 'a' gives one row: it takes no 'offset'",
            ),
        )
    ),
    pytest.param(
        'type Query {\n as: [A!]! @orderBy(fields: ["b.gone"]) }'
        " type A { id: ID! json: JSON n: Int b: B } type B { bId: ID! json: JSON }",
        "test.graphql:2:2: @orderBy names 'b.gone', which is nothing to sort A by; it may be one "
        "of id, n, an aggregate, or such a field of one related row, as a.b",
        id="order-by-what-has-none",
    ),
    pytest.param(
        f"type Query {{\n as(first: Int): [A!]! @page(maximum: 0) }} {A}",
        "test.graphql:2:2: field 'as': @page needs 1 <= default <= maximum, got default 0 and "
        "maximum 0",
        id="maximum-zero",
    ),
    pytest.param(
        f"type Query {{ as(\n m: Int): [A!]! }} {A}",
        "test.graphql:2:2: argument 'm' of 'as' chooses by 'm', which is no column of A; name one "
        "with @filter(field: ...): id, n",
        id="filter-by-unknown-field",
    ),
    pytest.param(
        f"type Query {{ as(\n n: [Int!] @filter(operator: LESS)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': IN and NOT_IN take a list of values, all other"
        " operators one value",
        id="list-that-is-less",
    ),
    pytest.param(
        f"type Query {{ as(\n n: Int @filter(operator: IN)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': IN and NOT_IN take a list of values, all other"
        " operators one value",
        id="in-one-value",
    ),
    pytest.param(
        f"type Query {{ as(\n n: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n' is a String, but A.n is a Int",
        id="filter-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as(\n n: Int @filter(operator: PREFIX)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': A.n is Int, and the operator PREFIX needs a String or an "
        "ID",
        id="prefix-of-numbers",
    ),
    pytest.param(
        f'type Query {{ as(o: O): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"])\n Y }}',
        "test.graphql:2:2: O.Y: every value of an order needs @orderBy",
        id="order-value-without-fields",
    ),
    pytest.param(
        f'type Query {{ as(o: O): [A!]! }} {A} enum O {{\n X @orderBy(fields: ["n UP"]) }}',
        "test.graphql:2:2: @orderBy: 'n UP' must be a field, then ASC or DESC",
        id="order-direction",
    ),
    pytest.param(
        f'type Query {{\n as: [A!]! @orderBy(fields: ["z"]) }} {A}',
        "test.graphql:2:2: @orderBy names 'z', which is nothing to sort A by; it may be one of "
        "id, n, an aggregate, or such a field of one related row, as a.b",
        id="order-by-unknown-field",
    ),
    pytest.param(
        f'type Query {{ as(\n o: [O!]): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'o' of 'as' is a list of O, and a list of rows has one order; "
        "make the argument a O, and declare the order by several fields as a value of it: "
        '@orderBy(fields: ["...", "..."]); or let callers put fields together, by [...Sort!] over '
        "what is marked @sortable",
        id="list-of-orders",
    ),
    pytest.param(
        f'type Query {{ as(o: O\n p: O): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'p' of 'as' is a second order beside 'o', and a list has one; "
        "put the values of both into one enum, or take one away",
        id="two-orders",
    ),
    pytest.param(
        f'type Query {{ a(id: ID!\n o: O): A }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'o' of 'a' chooses an order, but the field gives one row; "
        "take it away",
        id="order-of-one-row",
    ),
    pytest.param(
        f'type Query {{ as(\n o: O @filter(field: "n")): [A!]! }} {A} '
        'enum O { X @orderBy(fields: ["n"]) }',
        "test.graphql:2:2: argument 'o' of 'as' chooses an order, and so no rows: take @filter "
        "away",
        id="order-that-filters",
    ),
    pytest.param(
        f'type Query {{ as(o: O!): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        None,
        id="order-that-must-be-chosen",
    ),
    pytest.param(
        f'type Query {{ as: [A!]!\n @orderBy(fields: ["n", "n DESC"]) }} {A}',
        "test.graphql:1:14: @orderBy names 'n' twice",
        id="order-by-a-field-twice",
    ),
    *(
        pytest.param(
            sdl.replace("%", used),
            f"test.graphql:2:2: field {field!r}: {used.partition('(')[0]} is for a list or a "
            f"connection of rows; take it away",
            id=f"{used[1:5]}-on-{name}",
        )
        for used in ('@orderBy(fields: ["id"])', "@page(maximum: 5)")
        for name, field, sdl in (
            ("column", "n", "type Query { as: [A!]! } type A { id: ID!\n n: Int % }"),
            ("look-up", "a", "type Query {\n a(id: ID!): A % } type A { id: ID! }"),
            (
                "one-row",
                "up",
                "type Query { as: [A!]! } type A { id: ID!\n up: A % "
                '@relation(columns: ["x"], references: ["id"]) }',
            ),
            (
                "resolver",
                "now",
                "type Query { as: [A!]!\n now: Int @resolver % } type A { id: ID! }",
            ),
        )
        if "maximum" in used or name not in ("look-up", "one-row")  # of several the first
    ),
]


@pytest.mark.parametrize(("sdl", "expected"), ERRORS)
def test_mistake_names_file_line_and_what_to_write(sdl: str, expected: str | None) -> None:
    assert told(sdl) == expected
