"""Keys that a server may find equal though their bytes are not.

A collation may take letters for one that differ in case, in accents or in a blank at the end, and
all characters beyond 16 bits for one. Which one a column has is not known here, so this is the
widest of them: keys that it tells apart are told apart by every collation of the two servers.
Source: https://dev.mysql.com/doc/refman/8.0/en/charset-unicode-sets.html
"""

from __future__ import annotations

from collections.abc import Sequence

from handler.sql.rowset import Row


def may_be_equal(keys: Sequence[Row]) -> bool:
    """Whether some server may take two of these keys for one. The keys differ, and none is NULL."""
    columns = [_folded(column) for column in zip(*keys, strict=True)]
    return len(set(zip(*columns, strict=True))) < len(keys)


def _folded(column: Sequence[bytes | None]) -> Sequence[object]:
    """The values of a column, alike where they may be equal."""
    values = [value or b"" for value in column]
    joined = b"\0".join(values)
    if joined.isascii():
        if joined.count(b"\0") == len(values) - 1:
            values = joined.lower().split(b"\0")
        else:
            values = [value.lower() for value in values]
        return [value.rstrip() for value in values] if b" " in joined else values
    return [_fold(value) for value in values]


def _fold(value: bytes) -> str:
    from unicodedata import category, normalize  # late: few keys hold other letters than ASCII's

    text = normalize("NFKD", value.decode("utf-8", "replace").casefold())
    kept = (c if c <= "\uffff" else "\ufffd" for c in text if category(c)[0] not in "MC")
    return "".join(kept).rstrip()
