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
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        HttpSettings(**{name: value})
    assert name in str(raised.value)


def test_origins_may_have_a_port_or_an_address() -> None:
    HttpSettings(cors_origins=("*", "http://localhost:3000", "http://[::1]:3000"))
