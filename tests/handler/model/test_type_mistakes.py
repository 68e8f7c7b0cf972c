"""A clear word about types, columns, expressions, keys and relations that cannot be served."""

from __future__ import annotations

import json

import pytest

from tests.handler.model.mistakes import A, told

OF_MANY = (
    "is taken over many rows, and an expression is computed from one; use @count(of: ...), "
    "@sum(of: ..., field: ...), @min, @max or @avg on the type that has the rows, or a view"
)
ERRORS = [
    pytest.param(
        f"type Query {{ a(id: ID!): A }}\ntype Mutation {{ x: Int }}\n{A}",
        "test.graphql:2:1: mutation type 'Mutation': this API only reads; write the data by an "
        "ingest of your own and take the type out of the SDL",
        id="mutation",
    ),
    *(
        pytest.param(
            f"type Query {{ {field} }}\ntype Subscription {said}{{ subscriptionId: ID! }}\n{A}",
            "test.graphql:2:1: type Subscription is taken for the subscription type by its name, "
            "and this API only reads; where it is the rows of a table, say which roots there are: "
            "write `schema { query: Query }`",
            id=name,
        )
        for name, field, said in (
            ("rows-called-subscription", "subscriptions: [Subscription!]!", ""),
            ("page-called-subscription", "subscriptions: SubscriptionConnection!", ""),
            ("table-called-subscription", "a(id: ID!): A", '@table(name: "subscription") '),
        )
    ),
    pytest.param(
        f"type Query {{ a(id: ID!): A }}\ntype Subscription {{ x: Int }}\n{A}",
        "test.graphql:2:1: subscription type 'Subscription': this API only reads; write the data "
        "by an ingest of your own and take the type out of the SDL",
        id="subscription",
    ),
    pytest.param(
        f"type Query {{\n  x: X }} {A} union X = A",
        "test.graphql:2:3: field 'x' gives the union 'X', which no single table holds; where "
        "one does, say by which column a row is of which type with @discriminator(column: ...), or "
        "use an object type, or answer it by Python with @resolver; a list of it in Query needs "
        "none of these",
        id="union",
    ),
    pytest.param(
        "type Query {\n  x: X } interface X { id: ID! } type A implements X { id: ID! }",
        "test.graphql:2:3: field 'x' gives the interface 'X', which no single table holds; where "
        "one does, say by which column a row is of which type with @discriminator(column: ...), or "
        "use an object type, or answer it by Python with @resolver; a list of it in Query needs "
        "none of these",
        id="interface",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n tags: [Int!] }",
        "test.graphql:2:2: A.tags: no column holds a list of Int, only a SET one of String or of "
        "an enum; use the scalar JSON, a type with a table of its own, or @resolver",
        id="list-of-scalars",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n tags: [[String!]] }",
        "test.graphql:2:2: A.tags: no column holds a list of String, only a SET one of String or "
        "of an enum; use the scalar JSON, a type with a table of its own, or @resolver",
        id="list-of-lists-of-labels",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n name(upper: Boolean): String }",
        "test.graphql:2:2: A.name: a column takes no arguments; take them out, or answer the "
        "field by Python with @resolver",
        id="column-with-arguments",
    ),
    *(
        pytest.param(
            f'type Query {{ a: [A!]! }}\ntype A @key(fields: "at") {{ at: {scalar}! }}',
            f"test.graphql:2:1: @key names A.at, which is {scalar}, and a {scalar} has no "
            f"order; take it away",
            id=f"key-of-{scalar}",
        )
        for scalar in ("JSON", "GeoJSON")
    ),
    pytest.param(
        "scalar Money type Query { a(id: ID!): A } type A { id: ID!\n cost: Money }",
        "test.graphql:2:2: A.cost: no column is read as Money; say what it is like by scalar Money "
        '@scalar(as: "String"), with one of BigInt, Boolean, Bytes, Date, DateTime, Decimal, '
        "Float, GeoJSON, ID, Int, JSON, String, Time, UUID, or use @resolver",
        id="unknown-scalar",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n"
        ' x: Int @column(name: "y") @expression(sql: "{n}") }',
        "test.graphql:2:2: A.x: @column and @expression exclude each other",
        id="column-and-expression",
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: Int @expression(sql: "{sql}") }}',
            f"test.graphql:2:2: A.x: the expression may not hold {shown}; write columns in braces, "
            "such as {quantity} * {unit_price}",
            id=f"expression-{name}",
        )
        for name, sql, shown in (
            ("semicolon", "{n}; DROP TABLE a", "';'"),
            ("comment", "{n} -- x", "'--'"),
            ("block-comment", "{n} /*! x */", "'/*'"),
            ("hash", "{n} # x", "'#'"),
            ("backtick", "`n` + {n}", "'`'"),
            ("user-variable", "@x := {n}", "'@'"),
            ("open-brace", "{n} + {m", "'{'"),
            ("empty-braces", "{n} + { }", "'{'"),
        )
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: String @expression(sql: "{sql}") }}',
            "test.graphql:2:2: A.x: a text in the expression may not hold braces, which are for "
            "columns; write CHAR(123) and CHAR(125) for them",
            id=f"expression-{name}",
        )
        for name, sql in (
            ("column-in-a-text", "CONCAT({n}, '{n}')"),
            ("brace-in-a-text", "CONCAT('{', {n})"),
            ("brace-in-double-quotes", 'CONCAT({n}, \\"}\\")'),
        )
    ),
    pytest.param(
        'type Query { a(id: ID!): A } type A { id: ID!\n x: Int @expression(sql: "1 + 1") }',
        "test.graphql:2:2: A.x: the expression names no column; write columns in braces, such as "
        "{quantity} * {unit_price}",
        id="expression-without-column",
    ),
    *(
        pytest.param(
            "type Query { films: [Film!]! }\ntype Film { filmId: ID!\n"
            f" actors: {actors} }}\ntype Actor {{ actorId: ID! films: {films} }}",
            "test.graphql:3:2: Film.actors and Actor.films are lists of each other's rows, and "
            "neither type has the key of the other: write @relation(through: {table: "
            '"film_actors"}) on both with the table that holds which belong together, or by which '
            "columns they do with @relation(columns: [...], references: [...])",
            id=f"many-to-many-{name}",
        )
        for name, actors, films in (
            ("lists", "[Actor!]!", "[Film!]!"),
            ("pages", "ActorConnection!", "FilmConnection!"),
            ("page-and-list", "ActorConnection!", "[Film!]!"),
        )
    ),
    *(
        pytest.param(
            f"type Query {{ films: [Film!]! }} type Film {{ filmId: ID! {film} }}"
            f" type Actor {{ actorId: ID! {actor} }}",
            None,
            id=f"lists-on-both-sides-{name}",
        )
        for name, film, actor in (
            ("with-a-column", "actors: [Actor!]!", "filmId: ID! films: [Film!]!"),
            (
                "of-which-one-is-said",
                "actors: [Actor!]!",
                'films: [Film!]! @relation(columns: ["actor_id"], references: ["star_id"])',
            ),
            (
                "through",
                'actors: [Actor!]! @relation(through: {table: "cast"})',
                'films: [Film!]! @relation(through: {table: "cast"})',
            ),
        )
    ),
    pytest.param(
        "type Query { as: [A!]! }\ntype A { name: String }",
        'test.graphql:2:1: type A has no key; write @key(fields: "...") with the fields that '
        "identify a row, or add a field 'aId'",
        id="no-key",
    ),
    pytest.param(
        'type Query { as: [A!]! }\ntype A @key(fields: "id nr") { id: ID! n: Int }',
        "test.graphql:2:1: @key names 'nr', which is no stored column of A; it may be one of id, n",
        id="key-of-unknown-field",
    ),
    pytest.param(
        'type Query { as: [A!]! }\ntype A @key(fields: " ") { id: ID! n: Int }',
        'test.graphql:2:1: type A has an empty @key; write @key(fields: "...") with the fields '
        "that identify a row",
        id="empty-key",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID! b: B!\n} type B { id: ID! a: A @relation"
        '(columns: ["x"], references: ["n"]) }',
        "test.graphql:2:20: B.a leads to one A, but n is not a key of it; make the field a list, "
        'say which row is the first with @orderBy(fields: ["..."]), or add @key(fields: ...) to A',
        id="to-one-by-no-key",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n b(x: Int): B } type B { id: ID! }",
        "test.graphql:2:2: A.b: a relation to one row takes no arguments; one to the first of "
        'several does, as @orderBy(fields: ["..."]) says it',
        id="to-one-with-arguments",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n up: A }",
        "test.graphql:2:2: A.up leads to its own type; say by which columns with "
        "@relation(columns: [...], references: [...])",
        id="self-relation-by-convention",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n up: A @relation(columns: ["x", "y"], '
        'references: ["id"]) }',
        "test.graphql:2:2: A.up: @relation needs as many columns as references, got 2 and 1; write"
        " both, or take it away to go by convention",
        id="uneven-relation",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @count(of: "bs") b: B } '
        "type B { id: ID! }",
        "test.graphql:2:2: A.c: @count(of: 'bs') must name fields that lead to rows, and "
        "'bs' of A is none; there are: b",
        id="count-of-nothing",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @sum(of: "b", field: "n") b: B } '
        "type B { id: ID! n: Int }",
        "test.graphql:2:2: A.c: @sum(of: 'b') leads to one row at most; name a list or a "
        "connection on the way, or show the row's own field",
        id="sum-of-one-row",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @sum(of: "bs", field: "t") bs: [B!]! }'
        " type B { id: ID! t: String }",
        "test.graphql:2:2: A.c: @sum(field: 't') must name a field of B that is an Int, BigInt, "
        "Float or Decimal",
        id="sum-of-text",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n r: Int @resolver(requires: "id bs") '
        "bs: [B!]! } type B { id: ID! }",
        "test.graphql:2:2: A.r: @resolver(requires: 'bs') must name fields of A that are columns",
        id="resolver-requires-rows",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n n: Int @count(of: "bs") @cursor bs: [B!]! }'
        " type B { id: ID! aId: ID! }",
        "test.graphql:2:2: A.n: @count and @cursor exclude each other",
        id="two-directives-that-say-what-a-field-is",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n bs: [B!]! @column(name: "b") }'
        " type B { id: ID! aId: ID! }",
        "test.graphql:2:2: A.bs: @column is for a single value, and this field leads to rows; say "
        "by which columns with @relation, or take it away",
        id="column-of-rows",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n"
        ' n: Int @relation(columns: ["n"], references: ["m"]) }',
        "test.graphql:2:2: A.n: @relation is for a field that leads to rows, and Int is a single "
        "value; take it away",
        id="relation-to-a-value",
    ),
    pytest.param(
        "type Query { now: Now @resolver } type Now {\n"
        ' hour: Int @column(name: "h") minute: Int @resolver }',
        "test.graphql:2:2: Now.hour: a resolver gives Now as a whole, and no table stands behind "
        "it; take the directive away, or write @table",
        id="column-of-what-a-resolver-gives",
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: Int @expression(sql: "{sql}") }}',
            f"test.graphql:2:2: A.x: the expression may not use {shown}",
            id=f"expression-{name}",
        )
        for name, sql, shown in (
            ("aggregate", "COUNT({n})", f"COUNT, which {OF_MANY}"),
            (
                "aggregate-inside",
                "1 + COALESCE(group_concat ({n}), 0)",
                f"GROUP_CONCAT, which {OF_MANY}",
            ),
            (
                "window",
                "ROW_NUMBER() + {n}",
                "ROW_NUMBER, which is taken over many rows, and an expression is computed from "
                "one; number the rows in a view, and read that",
            ),
            (
                "window-without-its-function",
                "crowd({n}) OVER (ORDER BY {n})",
                "OVER: a window is taken over many rows, and an expression is computed from one; "
                "number the rows in a view, and read that",
            ),
            (
                "random",
                "{n} + RAND()",
                "RAND, which gives another value each time; store the value in a column",
            ),
            (
                "sequence",
                "{n} + NEXT VALUE FOR s",
                "VALUE FOR: a sequence gives another value each time; store the value in a column",
            ),
            (
                "sleep",
                "sleep({n})",
                "SLEEP, which waits or acts on the server instead of computing; answer the field "
                "with @resolver",
            ),
            (
                "session",
                "{n} = CURRENT_USER",
                "CURRENT_USER, which tells about the server or its session, and not about the row",
            ),
        )
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f" x: Int @expression(sql: {json.dumps(sql)}) }}",
            None,
            id=f"expression-may-hold-{name}",
        )
        for name, sql in (
            ("the-name-in-a-text", "CONCAT('It''s sum(', {n}, \") over\")"),
            ("a-word-that-is-no-call", "{n} + INTERVAL(1, {count}) COLLATE max_bin"),
            ("longer-names", "LEAST({n}, my_count({n}), RANDOM({n}))"),
            ("the-time-of-the-statement", "TIMESTAMPDIFF(DAY, {at}, NOW())"),
        )
    ),
]


@pytest.mark.parametrize(("sdl", "expected"), ERRORS)
def test_mistake_names_file_line_and_what_to_write(sdl: str, expected: str | None) -> None:
    assert told(sdl) == expected
