# mypy: disable-error-code="call-arg, import-not-found, misc, untyped-decorator"
# Its packages are in another virtual environment than mypy's.
"""Strawberry, code first, with its own loaders: a body of a request to one of a response.

Documents are parsed and validated once for each text, by the extensions that Strawberry has for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import orjson
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.handwritten import OrderCursors
from benchmarks.peers.python.held import held
from benchmarks.resolvers import Node, Shop


@strawberry.type
class PageInfo:
    """Whether a list goes on."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Product:
    """What is sold."""

    product_id: strawberry.ID
    product_name: str
    price: float
    exact_price: str


@strawberry.type
class OrderItem:
    """A line of an order."""

    order_item_id: strawberry.ID
    quantity: int
    unit_price: str
    line_total: str
    bought: strawberry.Private[str]

    @strawberry.field
    async def product(self, info: strawberry.Info) -> Product:
        """What was bought."""
        return await info.context.products.load(self.bought)  # type: ignore[no-any-return]


@strawberry.type
class Order:
    """An order."""

    order_id: strawberry.ID
    order_ref: str
    ordered_at: str | None
    buyer: strawberry.Private[str]

    @strawberry.field
    async def customer(self, info: strawberry.Info) -> Customer:
        """Who ordered."""
        return await info.context.customers.load(self.buyer)  # type: ignore[no-any-return]

    @strawberry.field
    async def items(self, info: strawberry.Info) -> list[OrderItem]:
        """Its lines."""
        return await info.context.items.load(self.order_id)  # type: ignore[no-any-return]

    @strawberry.field
    async def item_count(self, info: strawberry.Info) -> int:
        """How many lines it has."""
        count, _ = await info.context.sums.load(self.order_id)
        return count  # type: ignore[no-any-return]

    @strawberry.field
    async def total(self, info: strawberry.Info) -> str:
        """The sum of its lines."""
        _, total = await info.context.sums.load(self.order_id)
        return total  # type: ignore[no-any-return]


@strawberry.type
class OrderConnection:
    """A page of orders."""

    nodes: list[Order]
    page_info: PageInfo


@strawberry.type
class Customer:
    """Who buys."""

    customer_id: strawberry.ID
    name: str | None
    country: str | None

    @strawberry.field
    async def orders(self, info: strawberry.Info, first: int) -> OrderConnection:
        """The newest of this customer."""
        return await info.context.pages.load(  # type: ignore[no-any-return]
            (self.customer_id, first)
        )

    @strawberry.field
    async def order_count(self, info: strawberry.Info) -> int:
        """How many there are."""
        return await info.context.order_counts.load(  # type: ignore[no-any-return]
            self.customer_id
        )


@strawberry.type
class CustomerConnection:
    """A page of customers."""

    nodes: list[Customer]
    page_info: PageInfo


@strawberry.type
class Query:
    """Where documents begin."""

    @strawberry.field
    async def order(self, info: strawberry.Info, order_id: strawberry.ID) -> Order | None:
        """One order."""
        found = await info.context.order(order_id)
        return found and _order(found)

    @strawberry.field
    async def orders(self, info: strawberry.Info, first: int) -> OrderConnection:
        """The newest orders."""
        return _orders(await info.context.orders(first))

    @strawberry.field
    async def customers(self, info: strawberry.Info, first: int) -> CustomerConnection:
        """Customers by their id."""
        page = await info.context.customer_page(first)
        nodes = [_customer(each) for each in page["nodes"]]
        return CustomerConnection(nodes=nodes, page_info=_page_info(page))


def _page_info(page: Node) -> PageInfo:
    found = page["pageInfo"]
    return PageInfo(has_next_page=found["hasNextPage"], end_cursor=found["endCursor"])


def _orders(page: Node) -> OrderConnection:
    nodes = [_order(each) for each in page["nodes"]]
    return OrderConnection(nodes=nodes, page_info=_page_info(page))


def _order(node: Node) -> Order:
    return Order(
        order_id=node["orderId"],
        order_ref=node["orderRef"],
        ordered_at=node["orderedAt"],
        buyer=node["customer_id"],
    )


def _customer(node: Node) -> Customer:
    return Customer(
        customer_id=node["customerId"], name=node.get("name"), country=node.get("country")
    )


def _product(node: Node) -> Product:
    return Product(
        product_id=node["productId"],
        product_name=node["productName"],
        price=node["price"],
        exact_price=node["exactPrice"],
    )


def _items(nodes: list[Node]) -> list[OrderItem]:
    return [
        OrderItem(
            order_item_id=node["orderItemId"],
            quantity=node["quantity"],
            unit_price=node["unitPrice"],
            line_total=node["lineTotal"],
            bought=node["product_id"],
        )
        for node in nodes
    ]


# What the loaders' functions answer, as objects of the types above: by the names of Shop's methods.
_AS_OBJECTS: Mapping[str, Callable[[Any], Any]] = {
    "_customers": _customer,
    "_products": _product,
    "_items": _items,
    "_pages": _orders,
}


def start(pool: Any, cursors: OrderCursors) -> Callable[[str], Awaitable[bytes]]:
    """The engine, ready to be asked."""
    schema = strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache])

    async def answer(body: str) -> bytes:
        request = orjson.loads(body)
        result = await schema.execute(
            request["query"],
            variable_values=request["variables"],
            context_value=Shop(pool, cursors, loader),
        )
        response: dict[str, Any] = {"data": result.data}
        if result.errors:
            response["errors"] = [error.formatted for error in result.errors]
        return orjson.dumps(response)

    return answer


def loader(fetch: Callable[[Sequence[Any]], Coroutine[Any, Any, Mapping[Any, Any]]]) -> Any:
    """A DataLoader over a function from keys to a mapping, whose values become objects."""
    make = _AS_OBJECTS.get(getattr(fetch, "__name__", ""))

    async def load(keys: list[Any]) -> list[Any]:
        found = await held(fetch(keys))
        if make is None:
            return [found[key] for key in keys]
        return [make(found[key]) for key in keys]

    return DataLoader(load)
