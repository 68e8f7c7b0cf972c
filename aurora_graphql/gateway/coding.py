"""Content codings as API Gateway knows them: it unpacks what callers send, and packs what they get.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping

from handler.http.body import shown

PACKED_BYTES_MIN = 1024  # smaller answers go as they are: the stack's apiCompressionBytes

_WINDOW_BITS: Mapping[str, int] = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
}


class CodingError(Exception):
    """The body is not packed as its header says, or in a way that API Gateway does not know."""


class TooLargeError(Exception):
    """Unpacked, the body is larger than it may be."""


def unpack(body: bytes, coding: str, *, bytes_max: int) -> bytes:
    """The body behind a Content-Encoding. Raises ``CodingError`` or ``TooLargeError``."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in _WINDOW_BITS:
        raise CodingError(f"no such coding as {shown(coding)}")
    unpacker = zlib.decompressobj(_WINDOW_BITS[coding])
    try:
        found = unpacker.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise CodingError(str(error)) from error
    if len(found) > bytes_max:
        raise TooLargeError
    if not unpacker.eof or unpacker.unused_data:
        raise CodingError("the body ends early, or goes on after its end")
    return found


def pack(body: bytes, accepted: str) -> tuple[bytes, str]:
    """An answer for a caller that accepts these codings, and the coding; empty: as it is.

    What the caller likes best decides: if it is none of ours, nothing is packed.
    """
    coding = _preferred(accepted)
    if len(body) < PACKED_BYTES_MIN or coding not in _PACKERS:
        return body, ""
    return _PACKERS[coding](body), coding


def _preferred(accepted: str) -> str:
    """The coding of the greatest weight, the first one of several."""
    best, greatest = "", 0.0
    for each in accepted.lower().split(","):
        coding, _, parameter = (part.strip() for part in each.partition(";"))
        name, _, value = (part.strip() for part in parameter.partition("="))
        try:
            weight = float(value) if name == "q" else 1.0
        except ValueError:
            weight = 0.0
        if weight > greatest:
            best, greatest = coding, weight
    return best
