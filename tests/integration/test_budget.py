"""What one request may read and write, on real servers: told before, counted while it runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handler.engine.worst_case import worst_case
from handler.errors import BudgetError, RequestError
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.request_budget import RequestBudget
from handler.stores.url import DatabaseUrl
from tests.apis import Api, RecordingDatabase, open_api
from tests.conftest import SDL
from tests.documents import Document, documents
from tests.domains.orders.values import fold, line_total
from tests.finished import compare_finished
from tests.reference import Reference

ORDERS = "{ orders(first: 20) { nodes { orderId items { quantity product { productName } } } } }"


@dataclasses.dataclass
class Counted:
    """What a request has read, as the database's client saw it."""

    answer: bytes | BudgetError
    statements: int
    answered: int  # of the statements
    rows: int
    limits: list[Any]  # the last parameter of each statement that lists rows
    told: dict[str, float]


def count(api: Api, text: str, variables: dict[str, Any] | None = None) -> Counted:
    """Ask, and count rows where they arrive, not where they are budgeted."""
    engine, grant = api.engine, api.development
    prepared = engine.prepare(text, None, variables or {}, grant)
    told = worst_case(engine, prepared, grant)
    rows = answered = 0

    class Counting(RecordingDatabase):
        async def fetch(self, statement: Any, deadline: Deadline) -> Any:
            nonlocal answered, rows
            if "information_schema" in statement.text:  # read once for all requests
                return await self.inner.fetch(statement, deadline)
            found = await super().fetch(statement, deadline)
            answered += 1
            rows += found.count
            return found

    database = Counting(api.database)
    answer: bytes | BudgetError
    try:
        execution = api.loop.run_until_complete(
            engine.execute(prepared, grant, database, Deadline.after(30))
        )
        assert execution.data is not None
        answer = execution.data
    except BudgetError as error:
        answer = error
    limits = [each.parameters[-1] for each in database.statements if " LIMIT %s" in each.text]
    return Counted(answer, len(database.statements), answered, rows, limits, told)


ROWS, BYTES = 25, 20_000


@pytest.fixture(scope="module")
def small(northwind_database: DatabaseUrl) -> Iterator[Api]:
    """The example with a budget that its larger answers do not fit into."""
    with open_api(northwind_database, SDL, request_rows_max=ROWS, request_bytes_max=BYTES) as api:
        yield api


@pytest.fixture(scope="module")
def some_documents(northwind_database: DatabaseUrl) -> st.SearchStrategy[Document]:
    sdl = (SDL / "orders.graphql").read_text()
    reference = Reference(northwind_database, sdl, {"OrderItem.lineTotal": line_total}, fold=fold)
    orders = [*range(10_248, 10_260), "none"]
    pools: dict[str, list[Any]] = {
        "Order.orderId": orders,
        "OrderItem.orderId": orders,
        "Customer.customerId": ["ALFKI", "VINET", "none"],
        "Order.customerId": ["ALFKI", "VINET", "none"],
        "Product.productId": [*range(1, 20), "none"],
        "Product.productName": ["", "C", "Ch"],
        "Order.orderedAt": ["1996-07-04T00:00:00Z", "1998-01-01T00:00:00Z"],
    }
    return documents(reference, pools)


def test_no_answer_has_more_statements_or_rows_than_were_told(
    northwind: Api, small: Api, some_documents: st.SearchStrategy[Document]
) -> None:
    ended = 0

    @settings(
        max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(some_documents)
    @example(Document(ORDERS, {}))
    @example(Document(ORDERS.replace("20", "30"), {}))
    @example(Document("{ products(first: 200) { nodes { productName } } }", {}))
    def check(document: Document) -> None:
        nonlocal ended
        try:
            whole = count(northwind, document.text, document.variables)
        except RequestError:
            return
        assert whole.statements <= whole.told["statements"]
        assert whole.rows <= whole.told["rows"] <= northwind.engine.settings.request_rows_max
        part = count(small, document.text, document.variables)
        assert part.statements <= part.told["statements"]
        assert part.rows <= part.told["rows"] <= ROWS
        if isinstance(part.answer, BudgetError):
            ended += 1
        else:
            assert part.answer == whole.answer
            assert len(part.answer) <= BYTES

    check()
    assert ended > 2


def test_what_is_finished_is_what_is_written_anew_for_any_document(
    northwind: Api,
    small: Api,
    some_documents: st.SearchStrategy[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = compare_finished(monkeypatch)

    @settings(
        max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(some_documents)
    @example(Document(ORDERS, {}))
    def check(document: Document) -> None:
        try:
            first = count(northwind, document.text, document.variables)
        except RequestError:
            return
        for api in (northwind, northwind, small, small):
            count(api, document.text, document.variables)
        assert count(northwind, document.text, document.variables).answer == first.answer

    check()
    assert found["anew"] + 100 < found["all"]


def test_rows_beyond_the_budget_are_not_read_and_end_the_request(small: Api) -> None:
    count(small, "{ product(productId: 1) { productName } }")
    connections = [each.connection for each in small.database._free]
    found = count(small, ORDERS)
    assert isinstance(found.answer, BudgetError)
    assert found.answer.code == "LIMIT_EXCEEDED"
    assert found.answer.message == (
        "The request reads more than 25 rows, the most that one request may: some list is longer"
        " than its cost says. Ask for smaller pages or fewer lists"
    )
    assert found.answer.extensions == {"limit": 25}
    assert found.limits == [21, 25 - 21 + 1]  # one more tells that there are more
    assert [each.connection for each in small.database._free] == connections


def test_nothing_is_asked_once_the_budget_is_spent(small: Api) -> None:
    text = "{ a: products(first: 200) { nodes { productName } } " + " ".join(
        f"p{number}: product(productId: {number}) {{ productName }}" for number in range(9)
    )
    found = count(small, text + " }")
    assert isinstance(found.answer, BudgetError)
    assert (found.statements, found.answered) == (10, 0)


async def test_a_value_that_is_too_long_is_not_read_to_its_end(database: DatabaseUrl) -> None:
    client = MySqlDatabase(database)
    budget = RequestBudget(bytes_max=1_000_000)
    deadline = Deadline.after(20).bounded(budget)
    with pytest.raises(BudgetError, match="more than 1000000 bytes"):
        await client.fetch(Statement("SELECT REPEAT('x', 15000000)", ()), deadline)
    assert budget.row_bytes < 2_000_000
    assert not client._free  # of no more use, while the next request gets another
    found = await client.fetch(Statement("SELECT 1", ()), Deadline.after(20))
    assert found.rows == [(b"1",)]
    await client.close()
