"""What a line of the server's plan says of the rows that are read."""

from __future__ import annotations

import pytest

from aurora_graphql.check.operations import _ends_with_the_page


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param({"table": "k", "type": "index", "Extra": "Using index"}, True, id="in-order"),
        pytest.param(
            {"table": "k", "type": "index", "Extra": "Backward index scan; Using index"},
            True,
            id="backwards-on-mysql",
        ),
        pytest.param(
            {"table": "k", "type": "index", "Extra": "Using where; Using index"},
            False,
            id="until-enough-rows-fulfil-a-condition",
        ),
        pytest.param(
            {"table": "k", "type": "index", "Extra": "Using index; Using filesort"},
            False,
            id="in-another-order",
        ),
        pytest.param(
            {"table": "k", "type": "index", "Extra": "Using index; Using temporary"},
            False,
            id="put-aside",
        ),
        pytest.param({"table": "k", "type": "ALL"}, False, id="whole-table"),
        pytest.param({"table": "r", "type": "index", "Extra": "Using index"}, False, id="a-count"),
    ],
)
def test_an_index_is_left_at_the_last_key_of_a_page(
    line: dict[str, str], *, expected: bool
) -> None:
    assert _ends_with_the_page(line) is expected
