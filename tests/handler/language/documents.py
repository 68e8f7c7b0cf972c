"""Random documents for a schema, from a seed: mostly valid, some wrong in one place or more."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from handler.language.schema import (
    EnumType,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    NonNull,
    ObjectType,
    Schema,
    TypeRef,
    UnionType,
    named,
)

COMPOSITE = (ObjectType, InterfaceType, UnionType)
WRONG_VALUES = [
    *("null", "1", "-0", "99999999999", "1.5", '"text"', '"""block"""', "true", "WORD", "[1]"),
    *("{ a: 1 }", "[]", "{}", "$v0", "$none", '"2026-11-23"', "[[1]]"),
]


@dataclass
class DocumentMaker:
    """Writes one document. ``mistakes``: the probability of a wrong choice, at each choice."""

    schema: Schema
    rng: random.Random
    mistakes: float
    variables: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: (type, body)
    pool: list[tuple[str, str]] = field(default_factory=list)  # fragments that may be spread

    def slips(self) -> bool:
        return self.rng.random() < self.mistakes

    def document(self) -> str:
        rng = self.rng
        composite = [
            name for name, each in self.schema.types.items() if isinstance(each, COMPOSITE)
        ]
        own = [name for name in composite if not name.startswith("__")]
        for index in range(rng.choice((0, 0, 1, 2, 3))):
            kind = rng.choice(own)
            if self.slips():
                kind = rng.choice([*self.schema.types, "Nothing"])
            name = f"F{index}" if not self.slips() else "F0"
            body = self.selection_set(kind, 2)
            self.fragments[name] = (kind, f"fragment {name} on {kind}{self.directives()} {body}")
            self.pool.append((name, kind))
        operations = [self.operation(index) for index in range(rng.choice((1, 1, 1, 2)))]
        parts = [*operations, *(body for _, body in self.fragments.values())]
        if self.slips():
            parts.append(rng.choice(["type A { b: Int }", "scalar X", "schema { query: Query }"]))
        if self.slips():
            parts.append(rng.choice(parts))
        rng.shuffle(parts)
        return "\n".join(parts)

    def operation(self, index: int) -> str:
        rng = self.rng
        body = self.selection_set(self.schema.query, 3)
        definitions = []
        for name, used in self.variables.items():
            kind = used
            if self.slips():
                continue
            if self.slips():
                kind = rng.choice(
                    ["Int", "[Int]", "String!", "Order", "Nothing", "ID!", "OrderFilter"]
                )
            default = f" = {rng.choice(WRONG_VALUES)}" if self.slips() else ""
            definitions.append(f"${name}: {kind}{default}")
            if self.slips():
                definitions.append(f"${name}: {kind}")
        if self.slips():
            definitions.append("$extra: Int")
        head = f"({', '.join(definitions)})" if definitions else ""
        kind = "mutation" if self.slips() and self.slips() else "query"
        name = f" Q{index}"
        if self.slips():
            name = rng.choice(["", " Q0"])
        return f"{kind}{name}{head}{self.directives('query')} {body}"

    def selection_set(self, kind: str, depth: int) -> str:
        count = self.rng.choice((1, 1, 2, 3, 4))
        return "{ " + " ".join(self.selection(kind, depth) for _ in range(count)) + " }"

    def selection(self, kind: str, depth: int) -> str:
        rng = self.rng
        choice = rng.random()
        if choice < 0.15 and self.pool:
            name, _ = rng.choice(self.pool)
            fitting = [each for each, on in self.pool if self.overlap(kind, on)]
            if not self.slips() and fitting:
                name = rng.choice(fitting)
            elif not self.slips():
                return "__typename"
            if self.slips():
                name = rng.choice(["F0", "F1", "F2", "Unknown"])
            return f"...{name}{self.directives()}"
        if choice < 0.3 and depth > 0:
            fitting = [
                name
                for name, each in self.schema.types.items()
                if isinstance(each, COMPOSITE) and self.overlap(kind, name)
            ]
            inside = rng.choice(fitting) if fitting else kind
            if self.slips():
                inside = rng.choice([*self.schema.types, "Nothing"])
            on = f" on {inside}" if rng.random() < 0.8 else ""
            body = self.selection_set(inside if on else kind, depth - 1)
            return f"...{on}{self.directives()} {body}"
        return self.field(kind, depth)

    def overlap(self, one: str, other: str) -> bool:
        possible = self.schema.possible_types
        return not possible.get(one, frozenset()).isdisjoint(possible.get(other, frozenset()))

    def field(self, kind: str, depth: int) -> str:
        rng = self.rng
        found = self.schema.types.get(kind)
        fields = found.fields if isinstance(found, ObjectType | InterfaceType) else {}
        names = [
            name
            for name, each in fields.items()
            if depth > 0 or not isinstance(self.schema.types[named(each.type)], COMPOSITE)
        ]
        if not names or rng.random() < 0.05:
            return rng.choice(["__typename", "a: __typename"])
        name = rng.choice(names)
        definition = fields[name]
        alias = rng.choice(["", "", "", "", "", f"{name}: ", f"a{rng.randrange(9)}: "])
        if self.slips():
            alias = f"{rng.choice(names)}: "
        arguments = self.arguments(definition.arguments)
        body = ""
        inner = named(definition.type)
        is_composite = isinstance(self.schema.types[inner], COMPOSITE)
        if is_composite != self.slips():
            body = " " + self.selection_set(inner, depth - 1)
        if self.slips():
            name = rng.choice(["nothing", name[:-1], "id", "name"])
        return f"{alias}{name}{arguments}{self.directives()}{body}"

    def arguments(self, definitions: dict[str, InputValue]) -> str:
        given = []
        for name, definition in definitions.items():
            wanted = definition.is_required or self.rng.random() < 0.3
            if wanted != self.slips():
                given.append(f"{name}: {self.value(definition.type, 2)}")
        if self.slips():
            given.append("nothing: 1")
        if self.slips() and given:
            given.append(given[0])
        return f"({', '.join(given)})" if given else ""

    def directives(self, place: str = "field") -> str:
        rng = self.rng
        if place == "query":
            return " @include(if: true)" if self.slips() else ""
        if self.slips():
            return rng.choice(
                [
                    " @nothing",
                    " @skip",
                    " @skip(if: 1)",
                    " @skip(if: true) @skip(if: false)",
                    " @deprecated",
                    " @include(if: $none)",
                    " @include(unless: true, if: true)",
                ]
            )
        if rng.random() < 0.05:
            return f" @{rng.choice(['skip', 'include'])}(if: {self.value_of('Boolean', 0)})"
        return ""

    def value(self, ref: TypeRef, depth: int) -> str:
        if self.slips():
            return self.rng.choice(WRONG_VALUES)
        if self.rng.random() < 0.2:
            return self.variable(str(ref))
        if isinstance(ref, NonNull):
            ref = ref.of
        elif self.rng.random() < 0.1:
            return "null"
        if isinstance(ref, ListOf):
            if self.rng.random() < 0.2:
                return self.value(ref.of, depth)
            items = [self.value(ref.of, depth - 1) for _ in range(self.rng.randrange(3))]
            return f"[{', '.join(items)}]"
        return self.value_of(ref.name, depth)

    def variable(self, kind: str) -> str:
        rng = self.rng
        known = [name for name, each in self.variables.items() if each == kind]
        if known and rng.random() < 0.6:
            return f"${rng.choice(known)}"
        name = f"v{len(self.variables)}"
        self.variables[name] = kind
        return f"${name}"

    def value_of(self, name: str, depth: int) -> str:
        rng = self.rng
        found = self.schema.types[name]
        if isinstance(found, EnumType):
            return rng.choice(list(found.values))
        if isinstance(found, InputObjectType):
            return self.input_object(found, depth)
        options = {
            "Int": ["1", "0", "-5"],
            "Float": ["1.5", "2"],
            "String": ['"a"', '""', '"""b"""'],
            "Boolean": ["true", "false"],
            "ID": ['"x"', "7"],
            "DateTime": ['"2026-11-23T08:30:00Z"'],
            "Decimal": ['"19.90"', "19.90"],
        }
        return rng.choice(options.get(name, ["1", '"a"', "{ a: [1] }", "[true]"]))

    def input_object(self, found: InputObjectType, depth: int) -> str:
        rng = self.rng
        fields = list(found.fields.values())
        if found.is_one_of and not self.slips():
            chosen = [rng.choice(fields)]
        else:
            chosen = [
                each for each in fields if (each.is_required or rng.random() < 0.4) != self.slips()
            ]
        if depth <= 0:
            chosen = [each for each in chosen if each.is_required or found.is_one_of]
        members = []
        for each in chosen:
            ref = each.type
            if found.is_one_of and not isinstance(ref, NonNull) and not self.slips():
                # A one-of field takes neither null nor a variable that may be null.
                members.append(f"{each.name}: {self.value(NonNull(ref), depth - 1)}")
            else:
                members.append(f"{each.name}: {self.value(ref, depth - 1)}")
        if self.slips():
            members.append("nothing: 1")
        if self.slips() and members:
            members.append(members[0])
        return f"{{ {', '.join(members)} }}"


def random_document(schema: Schema, seed: int) -> str:
    """The document of that seed; every third has no intended mistake."""
    rng = random.Random(seed)
    mistakes = (0.0, 0.01, 0.04)[seed % 3]
    return DocumentMaker(schema, rng, mistakes).document()
