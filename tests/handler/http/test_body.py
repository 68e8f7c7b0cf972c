from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.http.body import read_json
from handler.http.errors import BodyError, DepthError, HttpError
from tests.handler.http.event_strategies import any_json


def read(data: bytes) -> Any:
    return read_json(data, what="The body", max_depth=8)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "not valid JSON", id="empty"),
        pytest.param(b"{", "not valid JSON: .*, character 2", id="cut"),
        pytest.param(b"{} x", "not valid JSON: .*, character 4", id="more-after"),
        pytest.param(b"{'a':1}", "not valid JSON", id="single-quotes"),
        pytest.param(b'{"a":NaN}', "not valid JSON", id="nan"),
        pytest.param(b'{"a":-Infinity}', "not valid JSON", id="infinity"),
        pytest.param(
            b'{"a":1e999}', "a number of 1.8e308 or more, character 6", id="number-out-of-range"
        ),
        pytest.param(b'{"a":"\\ud800"}', "not valid JSON", id="lone-surrogate-escaped"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', "not valid UTF-8, at byte 7", id="lone-surrogate"),
        pytest.param(b'{"a":"\xff"}', "not valid UTF-8, at byte 7", id="not-utf-8"),
        pytest.param(b'{"a":"\x00"}', "not valid JSON", id="nul"),
        pytest.param(b"\xef\xbb\xbf{}", "not valid JSON", id="byte-order-mark"),
        pytest.param("{}".encode("utf-16"), "not valid UTF-8", id="utf-16"),
        pytest.param(b'{"a":1,"b":2,"a":1}', "the key 'a' twice", id="key-twice"),
        pytest.param(b'{"v":[{"b":{},"\\u0062":1}]}', "the key 'b' twice", id="key-twice-inside"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", "a number of 1.8e308 or more", id="digits"),
    ],
)
def test_a_body_that_is_not_json_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BodyError, match=f"^The body .*{message}"):
        read(data)


@pytest.mark.parametrize("inner", ["[%s]", '{"a":%s}', '[{"a":%s}]'])
def test_nesting_is_limited(inner: str) -> None:
    levels = inner.count("[") + inner.count("{")

    def nested(depth: int) -> bytes:
        text = "0"
        for _ in range(depth // levels):
            text = inner % text
        return text.encode()

    assert read(nested(8)) == orjson.loads(nested(8))
    with pytest.raises(DepthError, match="nested 9 or more levels deep; the limit is 8"):
        read(nested(8 + levels))


@pytest.mark.parametrize("depth", [1_024, 1_025, 100_000])
def test_deep_json_is_refused_quickly(depth: int) -> None:
    def spent_s() -> float:
        started = time.process_time()
        with pytest.raises(DepthError):
            read(b"[" * depth + b"]" * depth)
        return time.process_time() - started

    assert min(spent_s() for _ in range(3)) < 0.05  # in one of them no garbage was collected


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_blanks_change_nothing(blank: str) -> None:
    text = f'{{"a":{blank}[1,{blank}2.50, "\\u00e9"],{blank}"b":{blank}10000000000000000000000}}'
    assert read(text.encode()) == {"a": [1, 2.5, "é"], "b": 10**22}
    with pytest.raises(BodyError, match="the key 'a' twice"):
        read(f'{{"a":1,{blank}"a":1}}'.encode())


def test_integers_stay_exact() -> None:
    assert read(b'{"a":123456789012345678901234567890}') == {"a": 123456789012345678901234567890}


@given(any_json)
def test_what_orjson_writes_is_read_back(value: Any) -> None:
    try:
        data = orjson.dumps(value)
    except TypeError:  # surrogates, or integers of more than 64 bits
        return
    assert read_json(data, what="The body", max_depth=100) == orjson.loads(data)


@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]":,0a\\u'), max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes | str) -> None:
    try:
        read(data if isinstance(data, bytes) else data.encode())
    except HttpError:
        return


def test_a_long_key_is_shortened_in_the_message() -> None:
    key = "k" * 61
    with pytest.raises(BodyError, match=f"the key '{'k' * 60}\\.\\.\\.' twice"):
        read(f'{{"{key}":1,"{key}":2}}'.encode())
    with pytest.raises(BodyError, match=f"the key '{'k' * 60}' twice"):
        read(f'{{"{key[1:]}":1,"{key[1:]}":2}}'.encode())
