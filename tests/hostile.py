"""Requests that are odd or hostile, and well-formed as far as a client can make them so.

Drawn from a seed: documents over a schema with arguments in every state and values of every kind,
shipped documents with tokens missing, doubled and swapped, variables of any JSON, forged cursors,
and the HTTP around all of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from handler.app import App
from handler.compiler.cursor import VERSION, fingerprint
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputValue,
    InterfaceType,
    ObjectType,
    Schema,
    UnionType,
    named,
)
from handler.model.lists import RowsField
from handler.model.model import Model
from handler.model.relations import ToMany
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, JSON, proxy_event

NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 5, 7, 100, 201, 2**31 - 1, 2**31, -(2**31), 2**53 + 1, 2**63, 2**64, 10**30),
    *(0.0, -0.0, 0.1, 1.5, 1e-7, 1e21, 1.7976931348623157e308, 5e-324),
)
TEXTS = (
    *("", " ", "0", "1", "-0", "007", "1e5", "0x1F", "NaN", "Infinity", "null", "true", "a", "A "),
    *(
        "é",
        "e\u0301",
        "日本",
        "🍣",
        "\U0010ffff",
        "ß",
        "İ",
        "\u200b",
        "\u2028",
        "\x00",
        "\x1f",
        "\r\n",
    ),
    *(
        "%",
        "_",
        "|",
        "\\",
        "'",
        '"',
        "`",
        ";",
        "--",
        "/*",
        "%s",
        "%(a)s",
        "{Order}",
        "' OR 1=1 -- ",
    ),
    *("2026-11-23", "2026-02-30", "0000-00-00", "9999-12-31", "2026-11-23T09:30:00Z", "20261123"),
    *("9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00+14:00", "2026-11-23T24:00:00Z"),
    *("10248", "ALFKI", "1.50", "-1.5", ".5", "1" * 70, "9" * 400, "x" * 600, "🍣" * 800),
    *("\ud800", "\udc00a"),
)
_TOKEN = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d[\d.eE+-]*|\S')
GOLDEN = Path(__file__).parent / "handler" / "golden"


@dataclass
class Hostile:
    """Requests over one schema; the same ones for the same seed."""

    schema: Schema
    model: Model
    documents: Sequence[str]  # that are known to be good
    random: Random
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    # ------------------------------------------------------------------------------ requests

    def event(self) -> dict[str, Any]:
        """An event of the gateway."""
        body = self.body()
        if self.chance(80):
            return _encoded(body, {"Accept": GRAPHQL_RESPONSE, "Content-Type": JSON})
        return self.odd_event(body)

    def odd_event(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same over HTTP that no library sends."""
        pick = self.random.choice
        accept = pick([JSON, "*/*", "text/html", "application/*;q=0", ";;", "", "a/b;q=x", None])
        kind = pick([JSON, "application/json; charset=utf-16", "text/plain", "application/x", None])
        headers = {"Accept": accept, "Content-Type": kind}
        method = pick(["POST", "GET", "HEAD", "PUT", "OPTIONS", "get", ""])
        text = json.dumps(body)
        shape = self.random.randrange(8)
        if shape == 0:
            query = {
                name: value if isinstance(value, str) else json.dumps(value)
                for name, value in body.items()
            }
            return proxy_event("GET", headers=_given(headers), query=query)
        if shape == 1:
            text = text[: self.random.randrange(len(text))]
        elif shape == 2:
            text = json.dumps([body, body])
        elif shape == 3:
            text = json.dumps(self.json(3))
        elif shape == 4:
            text = pick(
                ["", "{", "null", "[]", '"', "\x00", "\ufeff{}", '{"query":1,"query":"{a}"}']
            )
        elif shape == 5:
            text = text.replace(":", ":" * self.random.randrange(3), 1)
        event = proxy_event(method, headers=_given(headers), body=text)
        if shape == 6:
            packed = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
            event |= {"body": packed[: self.random.randrange(len(packed) + 1)]}
            event["isBase64Encoded"] = True
        elif shape == 7:
            event[pick(list(event))] = self.json(2)
        return event

    def body(self) -> dict[str, Any]:
        """The JSON of a request."""
        self.definitions, self.variables, self.fragments = [], {}, []
        if self.chance(60) or not self.documents:
            text = self.document()
        else:
            text = self.random.choice(self.documents)
            for name in re.findall(r"\$(\w+)\s*:", text):
                if self.chance(80):
                    self.variables[name] = self.json(2)
        if self.chance(15):
            text = self.damaged(text)
        body: dict[str, Any] = {"query": text, "variables": self.variables}
        if self.chance(5):
            body["operationName"] = self.random.choice(["", "q", "Q", None, 1, "é"])
        if self.chance(10):
            body["extensions"] = self.extensions(text)
        if self.chance(3):
            body["variables"] = self.json(2)
        if self.chance(3):
            body["query"] = self.json(2)
        return body

    def extensions(self, text: str) -> Any:
        """What a client may send beside a document; by chance the document's hash."""
        known = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        persisted = {
            "version": self.random.choice([1, 1, 1, 2, "1", None, True, 1.0]),
            "sha256Hash": self.random.choice([known, known, known.upper(), known[1:], "", 7, None]),
        }
        return self.random.choice(
            [{"cost": True}, {"persistedQuery": persisted}, {"persistedQuery": self.json(1)}, [], 1]
        )

    # ----------------------------------------------------------------------------- documents

    def document(self) -> str:
        """One that is often valid; arguments are in every state."""
        query = self.schema.object(self.schema.query)
        body = self.selections(query, self.random.randrange(1, 5))
        head = "query q"
        if self.definitions:
            head += f"({', '.join(self.definitions)})"
        return "\n".join([f"{head} {body}", *self.fragments])

    def damaged(self, text: str) -> str:
        """With some tokens missing, doubled, swapped, or taken from elsewhere."""
        tokens = _TOKEN.findall(text)
        for _ in range(self.random.randrange(1, 4)):
            if len(tokens) < 2:
                break
            at, other = (self.random.randrange(len(tokens)) for _ in range(2))
            match self.random.randrange(5):
                case 0:
                    del tokens[at]
                case 1:
                    tokens.insert(at, tokens[other])
                case 2:
                    tokens[at], tokens[other] = tokens[other], tokens[at]
                case 3:
                    tokens[at] = self.literal(self.value())
                case _:
                    tokens[at] = self.random.choice(
                        ["{", "}", "(", ")", "$", "@skip(if: true)", "...", "null", "[", "fragment"]
                    )
        return " ".join(tokens)

    def selections(self, owner: ObjectType | InterfaceType | UnionType, depth: int) -> str:
        """A selection set."""
        written = [self.selection(owner, depth) for _ in range(self.random.randrange(1, 5))]
        return "{ " + " ".join(written) + " }"

    def selection(self, owner: ObjectType | InterfaceType | UnionType, depth: int) -> str:
        """A field, a fragment, or something of introspection."""
        possible = sorted(self.schema.possible_types[owner.name])
        if self.chance(8):
            target = self.schema.object(self.random.choice(possible))
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            at = len(self.fragments) - 1
            inner = self.selections(target, depth)
            self.fragments[at] = f"fragment {name} on {target.name} {inner}"
            return f"...{name}{self.directive()}"
        if self.chance(8) or isinstance(owner, UnionType):
            target = self.schema.object(self.random.choice(possible))
            return f"... on {target.name}{self.directive()} {self.selections(target, depth)}"
        if owner.name == self.schema.query and self.chance(6):
            return self.random.choice(
                ["__schema { types { name } }", '__type(name: "Query") { name fields { name } }']
            )
        fields = list(owner.fields.values())
        if depth <= 0:
            fields = [each for each in fields if named(each.type) not in self.schema.possible_types]
        if not fields or self.chance(5):
            return "__typename"
        found = self.random.choice(fields)
        return self.field(owner.name, found, depth)

    def field(self, owner: str, found: FieldDef, depth: int) -> str:
        """A field under an alias of its own, as its arguments may differ from another's."""
        alias = f"a{self.random.randrange(1_000_000)}: " if found.arguments else ""
        text = f"{alias}{found.name}{self.arguments(owner, found)}{self.directive()}"
        target = self.schema.types[named(found.type)]
        if isinstance(target, ObjectType | InterfaceType | UnionType):
            text += " " + self.selections(target, depth - 1)
        return text

    def directive(self) -> str:
        """Often none."""
        if not self.chance(10):
            return ""
        value = self.argument("Boolean!", self.chance(50))
        return f" @{self.random.choice(['skip', 'include'])}(if: {value})"

    def arguments(self, owner: str, found: FieldDef) -> str:
        """In each state: not written, null, a variable that is absent, null or given, a value."""
        written = []
        for argument in found.arguments.values():
            if argument.is_required or self.chance(45):
                value = self.value_of(owner, found, argument)
                written.append(f"{argument.name}: {self.argument(str(argument.type), value)}")
        return f"({', '.join(written)})" if written else ""

    def argument(self, type_text: str, value: Any) -> str:
        """The value written there, or by a variable."""
        state = self.random.randrange(8)
        if state == 0 and (self.chance(10) or not type_text.endswith("!")):
            return "null"
        if state < 4:
            return self.literal(value)
        name = f"v{len(self.definitions)}"
        if state == 4 and self.chance(50):
            type_text = type_text.rstrip("!")
        default = f" = {self.literal(value)}" if self.chance(25) else ""
        self.definitions.append(f"${name}: {type_text}{default}")
        if type_text.endswith("!") or self.chance(75):
            self.variables[name] = None if self.chance(10) else value
        return f"${name}"

    def value_of(self, owner: str, found: FieldDef, argument: InputValue) -> Any:
        """Often one that the argument takes."""
        kind = self.schema.types[named(argument.type)]
        if self.chance(8):
            return self.json(2)
        if argument.name in ("after", "before"):
            return self.cursor(owner, found)
        if argument.name in ("first", "last"):
            return self.random.choice([0, 1, 2, 3, 5, 20])
        if isinstance(kind, EnumType):
            return _Name(self.random.choice(list(kind.values)))
        value = self.value(kind.name)
        if "[" in str(argument.type) and self.chance(80):
            return [value, self.value(kind.name), value][: self.random.randrange(4)]
        return value

    def value(self, scalar: str = "") -> Any:
        """A scalar, by chance one that such a type can hold."""
        pick = self.random.choice
        if self.chance(15):
            return pick([*TEXTS, *NUMBERS, True, False])
        match scalar:
            case "Int":
                return pick([each for each in NUMBERS if isinstance(each, int)])
            case "Float":
                return pick(NUMBERS)
            case "Boolean":
                return pick([True, False])
            case "DateTime" | "Date":
                return pick([each for each in TEXTS if re.match(r"\d{4}-?\d\d", each)])
            case "Decimal" | "BigInt":
                return pick([*NUMBERS, "1.50", "-1.5", "9" * 400, "10248"])
            case _:
                return pick([*TEXTS, *NUMBERS[:9]])

    def json(self, depth: int) -> Any:
        """Anything that JSON holds."""
        match self.random.randrange(8 if depth else 5):
            case 5:
                return [self.json(depth - 1) for _ in range(self.random.randrange(4))]
            case 6 | 7:
                return {self.random.choice(TEXTS): self.json(depth - 1) for _ in range(2)}
            case 0:
                return None
            case _:
                return self.value()

    def literal(self, value: Any) -> str:
        """A value as GraphQL writes it."""
        match value:
            case _Name():
                return str(value)
            case list():
                return f"[{', '.join(map(self.literal, value))}]"
            case dict():
                inner = ", ".join(f"k{n}: {self.literal(v)}" for n, v in enumerate(value.values()))
                return f"{{{inner}}}"
            case _:
                return json.dumps(value, ensure_ascii=self.chance(50))

    def cursor(self, owner: str, found: FieldDef) -> Any:
        """Of just this list and order with values of any kind, or something else."""
        if self.chance(20):
            return self.value()
        orders = list(self._orders(owner, found.name))
        if not orders:
            return "e30"
        place, order = self.random.choice(orders)
        values = [None if self.chance(10) else str(self.value()) for _ in order]
        if self.chance(10):
            values = [self.json(1) for _ in range(self.random.randrange(4))]
        forged = json.dumps([VERSION, fingerprint(place, order), *values])
        return base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")

    def _orders(self, owner: str, name: str) -> Iterator[tuple[str, Any]]:
        rows: Any = self.model.roots.get(name) if owner == self.schema.query else None
        if owner in self.model.tables:
            rows = self.model.tables[owner].fields.get(name)
        if isinstance(rows, ToMany):
            rows = rows.rows
        if isinstance(rows, RowsField):
            for order in (rows.order, *rows.orders.values()):
                yield f"{owner}.{name}", order
                yield rows.target, order


class _Name(str):
    """A name and no text: the value of an enum."""


def _given(headers: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}


def _encoded(body: object, headers: Mapping[str, str]) -> dict[str, Any]:
    return proxy_event(headers=headers, body=json.dumps(body))


def shipped(sdl: Path) -> list[str]:
    """Good documents over the SDL of a folder."""
    files = sorted((sdl / "operations").glob("*.graphql"))
    if sdl == SDL:
        files += sorted(GOLDEN.glob("*/request.graphql"))
    return [file.read_text() for file in files]


async def ask_many(
    app: App, sdl: Path, seed: int, count: int, codes: Sequence[str] = ("INTERNAL",)
) -> list[str]:
    """Ask; the answers with the codes of our mistakes, and with what was asked."""
    engine = app.engine
    hostile = Hostile(engine.schema, engine.model, shipped(sdl), Random(seed))
    found = []
    for _ in range(count):
        event = hostile.event()
        response = await app.handle(event, budget_s=20.0)
        if response["statusCode"] == 500 or any(f'"{code}"' in response["body"] for code in codes):
            asked = {name: event[name] for name in ("httpMethod", "headers", "body")}
            found.append(f"{response['statusCode']} {response['body'][:500]} for {asked}")
    return found
