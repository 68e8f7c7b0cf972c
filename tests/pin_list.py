"""What RDS Proxy pins on, and how to find it in what a client sends.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pymysql.constants import COMMAND

MAX_BYTES = 16_384

_QUOTED = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`", re.DOTALL)
_TRACKED = re.compile(
    rb"SET (?:autocommit|NAMES|CHARACTER SET|time_zone|sql_mode|character_set_\w+|"
    rb"collation_\w+|(?:SESSION )?TRANSACTION (?:ISOLATION LEVEL|READ))\b",
    re.IGNORECASE,
)
_PATTERNS = {
    "a SET that the proxy does not track": re.compile(rb"^SET\b", re.IGNORECASE),
    "a user variable": re.compile(rb"@[\w'`\"$]"),
    "an executable comment": re.compile(rb"/\*M?!"),
    "a prepared statement": re.compile(rb"^(PREPARE|EXECUTE|DEALLOCATE)\b", re.IGNORECASE),
    "a temporary table": re.compile(rb"\bTEMPORARY\b", re.IGNORECASE),
    "a lock": re.compile(
        rb"^(LOCK|UNLOCK|HANDLER)\b|\b(GET_LOCK|RELEASE_LOCK|RELEASE_ALL_LOCKS|IS_USED_LOCK)\s*\(|"
        rb"\bFOR UPDATE\b|\bLOCK IN SHARE MODE\b",
        re.IGNORECASE,
    ),
    "a transaction": re.compile(rb"^(BEGIN|START)\b", re.IGNORECASE),
    "state of the statement before": re.compile(
        rb"\b(FOUND_ROWS|ROW_COUNT|LAST_INSERT_ID)\s*\(|SQL_CALC_FOUND_ROWS", re.IGNORECASE
    ),
    "several statements in one text": re.compile(rb";\s*\S"),
}
_HARMLESS_COMMANDS = {COMMAND.COM_QUERY, COMMAND.COM_PING, COMMAND.COM_QUIT}


def find_pins(command: int, text: bytes) -> list[str]:
    """Why the proxy would pin on this command; nothing if it would not.

    Values and names in quotes are not looked into: what they hold is no SQL.
    """
    if command not in _HARMLESS_COMMANDS:
        return [f"command {command} of the protocol"]
    found = []
    if len(text) >= MAX_BYTES:
        found.append(f"a statement of {MAX_BYTES} bytes or more")
    bare = _QUOTED.sub(b"''", text).strip()
    if _TRACKED.match(bare) and b"," not in bare:
        return found
    return found + [reason for reason, pattern in _PATTERNS.items() if pattern.search(bare)]


@dataclass
class Commands:
    """Takes apart what one client sends, packet by packet; the login is not looked at."""

    buffer: bytes = b""
    is_logged_in: bool = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The commands that are whole by now."""
        self.buffer += data
        while len(self.buffer) >= 4:
            length = int.from_bytes(self.buffer[:3], "little")
            if len(self.buffer) < 4 + length:
                return
            sequence, payload = self.buffer[3], self.buffer[4 : 4 + length]
            self.buffer = self.buffer[4 + length :]
            if sequence == 0 and payload:  # a login goes on with the numbers of the handshake
                self.is_logged_in = True
                yield payload[0], payload[1:]
