"""A transport without a network, for what is its protocol."""

from __future__ import annotations

import asyncio
from typing import Any


class Line(asyncio.Transport):
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.protocol: Any = asyncio.Protocol()

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol
