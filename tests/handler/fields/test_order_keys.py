"""Keys of orders that are no columns of the rows themselves."""

from __future__ import annotations

import pytest

from handler.compiler.storage import Storage
from handler.fields.order_keys import ComputedSlot
from handler.sql.stored_type import StoredType
from tests.handler.compiler.plans import Compiler

SDL = """
type Query { as(order: Order, first: Int): AConnection! }
enum Order { LEAST @orderBy(fields: ["b.least"]) MEAN @orderBy(fields: ["b.mean"]) }
type A { aId: ID! b: B }
type B { bId: ID! cs: [C!]!
  least: Float @min(of: "cs", field: "weight") mean: Float @avg(of: "cs", field: "weight") }
type C { cId: ID! bId: ID! weight: Float }
"""


@pytest.mark.parametrize(
    ("order", "data_type", "expected"),
    [("LEAST", "float", True), ("LEAST", "double", False), ("MEAN", "float", False)],
)
def test_the_least_of_far_floats_is_shortened_as_they_are_and_their_average_is_not(
    order: str, data_type: str, expected: bool
) -> None:
    document = f"{{ as(order: {order}, first: 1) {{ edges {{ cursor }} }} }}"
    plan, _ = Compiler.of(SDL).bound(document)
    (batch,) = plan.batches
    storage = Storage({("cs", "weight"): StoredType(data_type)})
    computed = [slot for slot in batch.slots if isinstance(slot, ComputedSlot)]
    assert [slot.is_single(batch, storage) for slot in computed] == [expected]
