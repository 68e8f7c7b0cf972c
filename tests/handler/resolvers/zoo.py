"""An SDL and functions that give members of interfaces and unions, some of which have tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from handler.resolvers.registry import ResolverContext

Arguments = Mapping[str, Any]
SDL = """
type Query @public {
  animals: [Animal] @resolver
  animal(which: String!): Animal @resolver
  things: [[Thing]] @resolver
  page: CatConnection @resolver
}
interface Animal { name: String friends: [Animal] }
union Thing = Cat | Robot | Owner
type Cat implements Animal @table(name: "cats") @public {
  catId: ID!
  name: String
  lives: Int
  secret: String @requiresScopes(scopes: [["secrets"]])
  owner: Owner
  friends: [Animal] @resolver(requires: "catId")
}
type Dog implements Animal @rowAccess(field: "keeper", claim: "keeper") @public {
  dogId: ID!
  name: String
  keeper: String
  friends: [Animal] @resolver
}
type Robot implements Animal @public { name: String friends: [Animal] owner: Owner }
type Owner @table(name: "owners") @public { ownerId: ID! name: String cats: [Cat!]! }
type CatConnection @public { edges: [CatEdge!]! }
type CatEdge { node: Cat cursor: String! }
"""
CAT = {"__typename": "Cat", "catId": 1}
OTHER_CAT = {"_typename": "Cat", "catId": "2", "name": "not read", "lives": 1}
DOG = SimpleNamespace(_typename="Dog", dogId="a")
ROBOT = {"__typename": "Robot", "name": "R2", "friends": (CAT, DOG, None), "owner": {"ownerId": 1}}


class Robot:
    """Its class says its type."""

    name = "C3"
    friends = None
    owner = None


async def animals(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """What there is, in one list."""
    return [CAT, ROBOT, None, DOG, OTHER_CAT, CAT, {"__typename": "Cat", "catId": 404}, Robot()]


async def animal(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """One of them."""
    return {
        "cat": CAT,
        "dog": DOG,
        "robot": ROBOT,
        "no row": {"__typename": "Cat", "catId": 404},
        "no number": {"__typename": "Cat", "catId": "x"},
        "null key": {"__typename": "Cat", "catId": None},
    }.get(arguments["which"])


async def things(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Of a union, in lists of lists."""
    return ([CAT], [], None, [{"__typename": "Owner", "ownerId": 1}, ROBOT])


async def friends(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Of a row."""
    return [DOG, ROBOT] if parent["catId"] == "1" else []


async def page(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """A connection that a function gives as a whole, but for its rows."""
    edges = [{"cursor": "1", "node": CAT}, {"cursor": "2", "node": {"catId": 2}}]
    return {"edges": edges}


async def nobody(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """No friends."""
    return []


RESOLVERS = {
    "Query.animals": animals,
    "Query.animal": animal,
    "Query.things": things,
    "Query.page": page,
    "Cat.friends": friends,
    "Dog.friends": nobody,
}
