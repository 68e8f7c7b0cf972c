"""The comment by which a statement names its operation to whoever looks at the server.

Performance Insights, the slow log and ``SHOW FULL PROCESSLIST`` show statements with it; digests of
statements leave it out, so those of one shape stay one. It stands behind the first SELECT, where no
proxy takes it for another kind of statement, and is never executable: it holds letters, digits and
underscores only.
"""

from __future__ import annotations

from typing import Final

MAX_NAME: Final = 40  # characters of the operation's name
HASH_CHARACTERS: Final = 12  # of its hash, as in the log
MAX_COMMENT_BYTES: Final = MAX_NAME + HASH_CHARACTERS + len(" /*  */")


def comment_of(name: str, digest: str) -> bytes:
    """The comment of an operation. ``name``: a name of GraphQL, or empty; ``digest``: hexadecimal.

    >>> comment_of("Orders", "0f21b7c9aa31cc09")
    b' /* Orders 0f21b7c9aa31 */'
    """
    words = f"{name[:MAX_NAME]} {digest[:HASH_CHARACTERS]}".strip()
    return f" /* {words} */".encode("ascii")
