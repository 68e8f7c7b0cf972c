from __future__ import annotations

from typing import Any

import pytest

from handler.http.options import HttpSettings


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("cors_origins", ("https://shop.example/",), "lower case, no path"),
        ("cors_origins", ("shop.example",), "got 'shop.example'"),
        ("cors_origins", ("https://Shop.example",), "lower case"),
        ("cors_origins", ("https://a.example\r\nx: y",), "cors_origins"),
        ("cors_headers", ("x-a, x-b",), "got 'x-a, x-b'"),
        ("max_body_bytes", 0, "between 1024 and 6000000, got 0"),
        ("max_json_depth", 900, "between 2 and 200, got 900"),
        ("max_errors", 0, "between 1 and 1000, got 0"),
        ("gzip_min_bytes", -5, "between 0 and 6291456, got -5"),
        ("max_response_bytes", 7_000_000, "between 10000 and 6291456, got 7000000"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        HttpSettings(**{name: value})
    assert name in str(raised.value)


def test_origins_may_have_a_port_or_an_address() -> None:
    HttpSettings(cors_origins=("*", "http://localhost:3000", "http://[::1]:3000"))
