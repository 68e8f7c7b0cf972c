"""What Lambda says of one invocation."""

from __future__ import annotations

import pytest

from handler.observe.invocation import TRACE_VARIABLE, Invocation
from handler.observe.starts import start_of

ROOT, PARENT = "1-58406520-a006649127e371903a2de979", "53995c3f42cd8ad8"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", (ROOT, PARENT, True)),
        (f"Root={ROOT};Parent={PARENT};Sampled=0", (ROOT, PARENT, False)),
        (f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a:1|b:0", (ROOT, PARENT, True)),
        (f"Self=1-5840;Root={ROOT}", (ROOT, "", False)),
        ("", ("", "", False)),
        ("Root=;Parent=;Sampled=1", ("", "", False)),
        (f"Root={ROOT}x", ("", "", False)),
        ('Root=1-58406520-"},"x":"a006649127e371;Sampled=1', ("", "", False)),
    ],
)
def test_a_trace_is_read_from_its_header(header: str, expected: tuple[str, str, bool]) -> None:
    found = Invocation.from_environ({TRACE_VARIABLE: header}, "i-1")
    assert (found.trace_id, found.parent_id, found.is_sampled) == expected
    assert found.request_id == "i-1"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("", "cold"),
        ("on-demand", "cold"),
        ("snap-start", "restored"),
        ("provisioned-concurrency", "provisioned"),
    ],
)
def test_how_an_environment_began(kind: str, expected: str) -> None:
    assert start_of(kind) == expected
