"""Global ids as texts: every one leads back to its type and key, and no other text does."""

from __future__ import annotations

import pytest

from handler.compiler.global_ids import MOST_CHARACTERS, decode_id, encode_id


@pytest.mark.parametrize("length", range(24))
def test_an_id_of_every_length_leads_back(length: int) -> None:
    """Base64 pads by three lengths, and a key may have any."""
    text = encode_id("Line", [b"x" * length, 'Ü"🎉'.encode()]).decode()
    assert decode_id(text) == ("Line", ["x" * length, 'Ü"🎉'])
    assert decode_id(text + "=") is None
    assert decode_id(text[:-1]) is None


def test_the_longest_key_has_an_id_and_longer_texts_are_none() -> None:
    key = b"\x01" * 3072  # six characters of JSON for each byte
    text = encode_id("A" * 200, [key]).decode()
    assert len(text) <= MOST_CHARACTERS
    assert decode_id(text) == ("A" * 200, [key.decode()])
    assert decode_id("x" * (MOST_CHARACTERS + 1)) is None
