"""Documents that mean harm. Each must be refused, or served, for little time and memory."""

from __future__ import annotations

from collections.abc import Iterator


def chain(count: int, body: str) -> str:
    """Fragments of which each spreads the next."""
    parts = [f"fragment F{n} on Customer {{ {body.format(n=n + 1)} }}" for n in range(count)]
    return " ".join([*parts, f"fragment F{count} on Customer {{ id }}"])


def corpus() -> Iterator[tuple[str, str]]:
    """Name and text of every document."""
    for depth in (63, 300, 3_000, 100_000):
        yield f"selections-{depth}-deep", "{ a " * depth + "}" * depth
        yield f"lists-{depth}-deep", "{ settings(at: " + "[" * depth + "]" * depth + ") }"
        yield (
            f"objects-{depth}-deep",
            "{ settings(at: " + "{ a: " * depth + "1" + "}" * depth + ") }",
        )
        yield (
            f"list-types-{depth}-deep",
            "query($a: " + "[" * depth + "Int" + "]" * depth + ") { a }",
        )
        yield f"inline-fragments-{depth}-deep", "{ ... " * depth + "a" + "}" * depth
    yield "one-megabyte-of-brackets", "{" * 1_000_000
    yield "fields-50000", "{ " + "__typename " * 50_000 + "}"
    yield "fields-900", "{ " + "__typename " * 900 + "}"
    yield "unknown-fields-900", "{ " + "".join(f"custome{n} " for n in range(900)) + "}"
    yield "aliases-5000", "{ " + "".join(f"a{n}: __typename " for n in range(5_000)) + "}"
    yield "aliases-300", "{ " + "".join(f"a{n}: __typename " for n in range(300)) + "}"
    yield (
        "fragments-10000",
        "{ a } " + "".join(f"fragment F{n} on Query {{ a }} " for n in range(10_000)),
    )
    yield (
        "fragments-140",
        "{ a } " + "".join(f"fragment F{n} on Query {{ a }} " for n in range(140)),
    )
    yield "fragment-chain", '{ customer(by: {id: "1"}) { ...F0 } } ' + chain(100, "...F{n}")
    yield (
        "deep-fragment-chain",
        '{ customer(by: {id: "1"}) { ...F0 } } '
        + chain(50, "orders {{ nodes {{ customer {{ ...F{n} }} }} }}"),
    )
    yield "fragment-bomb", '{ customer(by: {id: "1"}) { ...F0 } } ' + chain(60, "...F{n} ...F{n}")
    yield (
        "nested-fragment-bomb",
        '{ customer(by: {id: "1"}) { ...F0 } } '
        + chain(
            18,
            "a: orders {{ nodes {{ customer {{ ...F{n} }} }} }} b: orders {{ nodes {{"
            " customer {{ ...F{n} }} }} }}",
        ),
    )
    yield (
        "fragment-ring",
        '{ customer(by: {id: "1"}) { ...F0 } } '
        + " ".join(f"fragment F{n} on Customer {{ id ...F{(n + 1) % 90} }}" for n in range(90)),
    )
    yield (
        "complete-fragment-graph",
        "{ ...F0 } "
        + " ".join(
            f"fragment F{n} on Query {{ {' '.join(f'...F{m}' for m in range(20))} }}"
            for n in range(20)
        ),
    )
    yield (
        "overlapping-fields",
        "{ " + 'a: customer(by: {id: "1"}) { name b: name } ' * 45 + "}",
    )
    deep = "orders { nodes { " * 8 + "id" + " } }" * 8
    yield "overlapping-pyramids", '{ customer(by: {id: "1"}) { ' + f"{deep} " * 18 + "} }"
    pyramid = "orders { nodes { customer { " * 5 + "id" + " } } }" * 5
    yield "deep-pyramids", '{ customer(by: {id: "1"}) { ' + f"{pyramid} " * 19 + "} }"
    # Every path of as and bs meets another combination of fragments: subset construction.
    for size in (4, 5, 6):
        yield f"subset-construction-{size}", subset_construction(size)
    yield "conflicts", "{ " + "".join(f'a: node(id: "{n}") {{ id }} ' for n in range(90)) + "}"
    yield (
        "conflicting-lists",
        "{ " + "".join(f"a: settings(at: [{n}, {n}]) " for n in range(80)) + "}",
    )
    yield (
        "interfaces-against-types",
        '{ node(id: "1") { '
        + "... on Customer { id } ... on Product { id } ... on Order { id } " * 30
        + "id " * 400
        + "} }",
    )
    yield "variables-unused", "query(" + "".join(f"$a{n}: Int " for n in range(240)) + ") { a }"
    yield (
        "operations-with-one-fragment",
        " ".join(f"query Q{n} {{ ...F }}" for n in range(90))
        + " fragment F on Query { "
        + " ".join(f"settings(at: $v{n})" for n in range(60))
        + " }",
    )
    yield "directives-900", "{ a " + "@a " * 450 + "}"
    yield "directives-not-repeatable", "{ __typename " + "@skip(if: false) " * 140 + "}"
    yield "arguments-300", "{ a(" + "a: 1 " * 300 + ") }"
    yield "input-fields-300", "{ settings(at: {" + "a: 1 " * 300 + "}) }"
    yield "string-10-megabytes", '{ a(b: "' + "x" * 10_000_000 + '") }'
    yield "string-14000", '{ node(id: "' + "x" * 14_000 + '") { id } }'
    yield "name-14000", "{ " + "x" * 14_000 + " }"
    yield "number-14000", "{ settings(at: " + "9" * 14_000 + ") }"
    yield "float-14000", "{ settings(at: 1e" + "9" * 14_000 + ") }"
    yield "enum-14000", "{ orders(filter: { status: " + "X" * 14_000 + " }) { totalCount } }"
    yield "comments-7000", "#\n" * 7_000 + "{ __typename }"
    yield "open-string", '{ a(b: "' + "x" * 14_000
    yield "open-block-string", '{ a(b: """' + '"x' * 7_000
    yield "escapes", '{ node(id: "' + "\\u0041" * 2_300 + '") { id } }'
    yield (
        "introspection-of-introspection",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    )
    inside = "fields { description args { description type { description } } }"
    yield (
        "introspection-wide",
        "{ "
        + " ".join(
            f"s{n}: __schema {{ types {{ description fields {{ description type {{ {inside} }}"
            " } } }"
            for n in range(20)
        )
        + " }",
    )
    for byte in range(0x20):
        yield f"control-{byte:02x}", f"{{ a {chr(byte)} }}"
        yield f"control-{byte:02x}-in-a-string", f'{{ node(id: "{chr(byte)}") {{ id }} }}'


def subset_construction(size: int) -> str:
    """A fragment for each level and state; what ``a`` and ``b`` lead to differs on every path."""
    parts = ['{ customer(by: {id: "1"}) { ...S0x0 } }']
    for level in range(size):
        for state in range(level + 1):
            stays, moves = f"...S{level + 1}x{state}", f"...S{level + 1}x{state + 1}"
            a, b = (f"{stays} {moves}", stays) if state == 0 else (moves, moves)
            parts.append(
                f"fragment S{level}x{state} on Customer {{ a: orders {{ nodes {{ customer {{ {a} }}"
                f" }} }} b: orders {{ nodes {{ customer {{ {b} }} }} }} }}"
            )
    parts += [f"fragment S{size}x{state} on Customer {{ id }}" for state in range(size + 1)]
    return " ".join(parts)
