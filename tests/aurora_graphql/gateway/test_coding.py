"""What is packed, for whom, and what is no packed body."""

from __future__ import annotations

import gzip
import zlib

import pytest

from aurora_graphql.gateway.coding import PACKED_BYTES_MIN, CodingError, TooLargeError, pack, unpack

LONG = b"x" * PACKED_BYTES_MIN


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        pytest.param("gzip, deflate, br, zstd", "gzip", id="a-browser"),
        pytest.param("deflate, gzip;q=1.0", "deflate", id="the-first-of-equals"),
        pytest.param("gzip;q=0.5, deflate;q=0.8", "deflate", id="the-greatest-weight"),
        pytest.param("GZIP", "gzip", id="upper-case"),
        pytest.param("br, gzip;q=0.9", "", id="another-one-is-liked-best"),
        pytest.param("gzip;q=0", "", id="not-wanted"),
        pytest.param("gzip;q=much", "", id="no-weight"),
        pytest.param("identity", "", id="as-it-is"),
        pytest.param("", "", id="nothing-said"),
    ],
)
def test_the_caller_chooses_the_coding(accepted: str, coding: str) -> None:
    body, told = pack(LONG, accepted)
    assert told == coding
    assert unpack(body, told, bytes_max=len(LONG)) == LONG


def test_a_short_answer_goes_as_it_is() -> None:
    assert pack(LONG[1:], "gzip") == (LONG[1:], "")


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        pytest.param(b"text", "gzip", id="not-packed"),
        pytest.param(zlib.compress(b"text"), "gzip", id="in-another-way"),
        pytest.param(gzip.compress(b"text")[:-1], "gzip", id="cut"),
        pytest.param(gzip.compress(b"text") + b"more", "gzip", id="more-than-that"),
        pytest.param(b"", "gzip", id="nothing"),
        pytest.param(b"text", "br", id="unknown"),
    ],
)
def test_what_is_not_packed_as_it_says_is_refused(body: bytes, coding: str) -> None:
    with pytest.raises(CodingError):
        unpack(body, coding, bytes_max=100)


def test_the_limit_is_one_of_the_unpacked_body() -> None:
    packed = gzip.compress(bytes(100))
    assert unpack(packed, "gzip", bytes_max=100) == bytes(100)
    with pytest.raises(TooLargeError):
        unpack(packed, "gzip", bytes_max=99)
