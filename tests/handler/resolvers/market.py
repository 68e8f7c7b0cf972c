"""An SDL with functions at every place, and documents that ask for them in every way.

What the functions give depends on their parents and arguments alone; nulls, keys of no row and
errors are among it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from handler.errors import ClientError
from handler.language.schema import Schema, named
from handler.resolvers.registry import ResolverContext, batched

SDL = """
type Query @public {
  good(goodId: ID!): Good
  goods: [Good!]!
  page(first: Int, last: Int, after: String, before: String): GoodConnection!
  shops: [Shop!]!
  count(add: Int = 1): Int @resolver
  must(n: Int): Int! @resolver
  things(n: Int): [[Thing!]] @resolver
  animals: [Animal]! @resolver
  best(n: Int): Good @resolver
  mood: Mood @resolver
}
interface Animal { name: String friend: Animal }
union Thing = Good | Mood | Robot
type Shop @table(name: "shops") @key(fields: "shopId") @public {
  shopId: ID!
  name: String!
  goods: [Good!]!
  page(first: Int, after: String): GoodConnection!
  mood(n: Int): Mood @resolver(requires: "name")
  moods: [Mood!] @resolver(requires: "shopId")
  things: [Thing]! @resolver(requires: "shopId")
}
type Good implements Animal @table(name: "goods") @key(fields: "goodId") @public {
  goodId: ID!
  name: String
  price: Decimal
  secret: Int @requiresScopes(scopes: [["secrets"]])
  shop: Shop
  score(add: Int): Int @resolver(requires: "goodId price")
  must: Int! @resolver(requires: "goodId")
  ranks: [Int!] @resolver(requires: "goodId")
  nested: [[Int]!]! @resolver(requires: "goodId")
  risky(n: Int): String @resolver(requires: "goodId")
  each: Int @resolver(requires: "goodId")
  near(n: Int): [Good] @resolver(requires: "goodId")
  twin: Good! @resolver(requires: "goodId")
  mood(n: Int): Mood! @resolver(requires: "goodId")
  thing: Thing @resolver(requires: "goodId")
  friend: Animal @resolver(requires: "goodId")
  hush: Int @resolver(requires: "goodId") @requiresScopes(scopes: [["secrets"]])
}
type Mood @public {
  name: String!
  level: Int
  secret: Int @requiresScopes(scopes: [["secrets"]])
  next(n: Int): Mood @resolver
  all: [Mood] @resolver
  best: Good
  sure: Good!
  goods: [Good!]
  things: [Thing]
  inner: Mood
  risky: Int! @resolver
}
type Robot implements Animal @public { name: String friend: Animal things: [[Thing]] shop: Shop }
type GoodConnection @public {
  edges: [GoodEdge!]! nodes: [Good!]! pageInfo: PageInfo! totalCount: Int!
}
type GoodEdge @public { node: Good! cursor: String! }
type PageInfo @public {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
"""
TABLES = (
    "CREATE TABLE shops (shop_id INT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE goods (good_id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(9, 2),"
    " secret INT, shop_id INT, KEY (shop_id))",
    "INSERT INTO shops VALUES (1, 'Mitte'), (2, 'Nord'), (3, 'Leer')",
    "INSERT INTO goods VALUES (1, 'A', 1.50, 7, 1), (2, NULL, NULL, 8, 1), (3, 'C', 3.00, NULL, 2),"
    " (4, 'D', 4.25, 1, NULL), (5, 'E', 5.00, 2, 404), (6, 'F', 6.00, 3, 2), (7, 'G', 7, 4, 2)",
)
Given = Mapping[str, Any]


def number(parent: Any) -> int:
    """A number that stands for a parent."""
    for name in ("goodId", "shopId"):
        if isinstance(parent, Mapping) and name in parent:
            return int(parent[name])
    found = parent.get("name") if isinstance(parent, Mapping) else getattr(parent, "name", None)
    return len(found or "")


def good(n: int) -> dict[str, Any]:
    """The key of a row; of some numbers there is none."""
    return {"__typename": "Good", "goodId": n % 9}


@dataclass
class Mood:
    """An object with rows inside."""

    n: int

    def __getattr__(self, name: str) -> Any:
        n = self.n
        values: dict[str, Any] = {
            "name": None if n % 7 == 6 else f"{'mood':<{n % 5 + 4}}",
            "level": n,
            "secret": n,
            "best": good(n),
            "sure": good(n + 3),
            "goods": [good(n), good(n + 1)],
            "things": (thing(n), None, thing(n + 1), thing(n + 2)),
            "inner": Mood(n - 1) if n % 3 else None,
        }
        if name not in values:
            raise AttributeError(name)
        return values[name]


def thing(n: int) -> Any:
    """A member of the union; one of no type that is known now and then."""
    match n % 5:
        case 0:
            return good(n)
        case 1:
            return Mood(n)
        case 2:
            return robot(n)
        case 3:
            return {"__typename": "Good", "goodId": str(n)}
        case _:
            return {"__typename": "Nobody"} if n % 2 else None


def robot(n: int) -> dict[str, Any]:
    """A mapping, with others inside."""
    return {
        "__typename": "Robot",
        "name": f"R{n}",
        "friend": robot(n - 1) if n % 2 else good(n),
        "things": [[thing(n + 3), thing(n + 4)], None, []] if n < 9 else None,
        "shop": {"shopId": n % 4},
    }


async def score(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return None if parent["price"] is None else number(parent) + (arguments.get("add") or 0)


@batched
async def must(parents: Sequence[Given], arguments: Given, context: ResolverContext) -> list[Any]:
    return [None if number(each) % 4 == 3 else number(each) for each in parents]


@batched
async def ranks(parents: Sequence[Given], arguments: Given, context: ResolverContext) -> list[Any]:
    return [
        [1, None, 3] if number(each) % 3 == 0 else (number(each), 2) if number(each) % 3 else "no"
        for each in parents
    ]


async def nested(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return ([1, None, "x"], [], [2]) if number(parent) != 5 else [[1], None]


async def risky(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    match (number(parent) + (arguments.get("n") or 0)) % 4:
        case 0:
            raise ClientError("not now")
        case 1:
            raise RuntimeError("no words")
        case 2:
            return object()
        case _:
            return "fine"


@batched
async def each(parents: Sequence[Given], arguments: Given, context: ResolverContext) -> list[Any]:
    values: list[Any] = [1, None, ClientError("just this one"), ValueError("hidden"), "no number"]
    return [values[number(parent) % 5] for parent in parents]


@batched
async def near(parents: Sequence[Given], arguments: Given, context: ResolverContext) -> list[Any]:
    n = arguments.get("n") or 0
    return [
        None if (number(p) + n) % 5 == 4 else [good(number(p) + n), None, good(number(p) + n + 4)]
        for p in parents
    ]


async def twin(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return good(number(parent) + 5)


async def mood(parent: Any, arguments: Given, context: ResolverContext) -> Any:
    n = number(parent) + (arguments.get("n") or 0)
    return None if n % 6 == 5 else Mood(n)


@batched
async def moods(parents: Sequence[Given], arguments: Given, context: ResolverContext) -> list[Any]:
    return [[Mood(number(p)), Mood(number(p) + 4)] if number(p) != 3 else [] for p in parents]


@batched
async def moods_of_mood(
    parents: Sequence[Any], arguments: Given, context: ResolverContext
) -> list[Any]:
    return [[Mood(number(p) - 3), None] if number(p) != 5 else ValueError("x") for p in parents]


async def one_thing(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return thing(number(parent))


@batched
async def many_things(
    parents: Sequence[Given], arguments: Given, context: ResolverContext
) -> list[Any]:
    return [[thing(number(p) + n) for n in range(5)] for p in parents]


async def friend(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return robot(number(parent)) if number(parent) % 2 else good(number(parent) + 1)


async def count(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return arguments["add"]


async def root_must(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return None if arguments.get("n") == 3 else 1


async def root_things(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    n = arguments.get("n") or 0
    return [[thing(n), thing(n + 1)], None, [thing(n + 2)]]


async def animals(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return [robot(3), good(2), None, good(8), robot(4)]


async def best(parent: Given, arguments: Given, context: ResolverContext) -> Any:
    return good(arguments.get("n") or 1)


async def risky_mood(parent: Any, arguments: Given, context: ResolverContext) -> Any:
    if number(parent) % 3 == 1:
        raise ClientError("no mood for it")
    return number(parent)


RESOLVERS = {
    "Query.count": count,
    "Query.must": root_must,
    "Query.things": root_things,
    "Query.animals": animals,
    "Query.best": best,
    "Query.mood": mood,
    "Shop.mood": mood,
    "Shop.moods": moods,
    "Shop.things": many_things,
    "Good.score": score,
    "Good.must": must,
    "Good.ranks": ranks,
    "Good.nested": nested,
    "Good.risky": risky,
    "Good.each": each,
    "Good.near": near,
    "Good.twin": twin,
    "Good.mood": mood,
    "Good.thing": one_thing,
    "Good.friend": friend,
    "Good.hush": score,
    "Mood.next": mood,
    "Mood.all": moods_of_mood,
    "Mood.risky": risky_mood,
}


@dataclass
class Writer:
    """Writes one document: valid, with every way to ask for a field."""

    schema: Schema
    random: Random
    budget: int = 40  # fields
    numbers: int = 0
    fragments: list[str] = field(default_factory=list)

    def document(self) -> tuple[str, dict[str, Any]]:
        """The text, and the variables that it takes."""
        body = self.selection("Query", 0)
        head = "query ($yes: Boolean! = true, $no: Boolean!, $n: Int, $m: Int = 2)"
        unused = "_0: __typename @skip(if: $no) _1: __typename @include(if: $yes)"
        used = "_2: count(add: $n) _3: must(n: $m)"
        text = f"{head} {{ {unused} {used} {body[1:]}\n" + "\n".join(self.fragments)
        variables = {"no": False, "n": self.random.choice([None, 1, 4])}
        return text, variables

    def selection(self, type_name: str, depth: int) -> str:
        """What is selected of a type."""
        parts = [self.part(type_name, depth) for _ in range(self.random.randint(1, 5))]
        return "{ " + " ".join(parts) + " }"

    def part(self, type_name: str, depth: int) -> str:
        """A field, or a fragment around some."""
        random = self.random
        possible = sorted(self.schema.possible_types[type_name])
        is_union = not hasattr(self.schema.types[type_name], "fields")
        chance = random.random()
        if chance < (0.75 if type_name not in possible else 0.12) or (is_union and chance < 0.9):
            inner = random.choice(possible)
            body = self.selection(inner, depth)
            if random.random() < 0.4:
                self.numbers += 1
                name = f"f{self.numbers}"
                self.fragments.append(f"fragment {name} on {inner} {body}")
                return f"...{name}{self.directive()}"
            condition = "" if inner == type_name and random.random() < 0.3 else f" on {inner}"
            return f"...{condition}{self.directive()} {body}"
        if is_union or chance > 0.95:
            return "__typename"
        return self.field(type_name, depth)

    def field(self, type_name: str, depth: int) -> str:
        """One field of an object type or of an interface."""
        random = self.random
        fields: Any = self.schema.types[type_name]
        leaves = [
            each
            for each in fields.fields.values()
            if named(each.type) not in self.schema.possible_types
        ]
        self.budget -= 1
        is_deep = depth >= 4 or self.budget <= 0
        chosen = random.choice(
            (leaves or list(fields.fields.values())) if is_deep else list(fields.fields.values())
        )
        key = f"{type_name}_{chosen.name}"
        arguments = self.arguments(chosen.name, chosen.arguments)
        if arguments or random.random() < 0.2:
            self.numbers += 1
            key += str(self.numbers)
        target = named(chosen.type)
        body = ""
        if target in self.schema.possible_types:
            body = " " + ("{ __typename }" if depth > 6 else self.selection(target, depth + 1))
        return f"{key}: {chosen.name}{arguments}{self.directive()}{body}"

    def arguments(self, name: str, known: Mapping[str, Any]) -> str:
        """Some of them."""
        random = self.random
        written = []
        for argument in known:
            if argument == "goodId":
                written.append(f'goodId: "{random.randint(1, 9)}"')
            elif argument in ("first", "last"):
                written.append(f"{argument}: {random.randint(0, 4)}" if not written else "")
            elif argument in ("n", "add") and random.random() < 0.7:
                written.append(f"{argument}: {random.choice(['$n', '$m', '0', '1', '3', 'null'])}")
        text = ", ".join(each for each in written if each)
        return f"({text})" if text else ""

    def directive(self) -> str:
        """Mostly none."""
        if self.random.random() < 0.85:
            return ""
        return self.random.choice(
            (" @skip(if: $no)", " @include(if: $no)", " @skip(if: $yes)", " @include(if: true)")
        )
