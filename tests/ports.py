"""Ports for the servers that tests start."""

from __future__ import annotations

import random
import socket

# Below those that the kernel gives to outgoing connections, which take one between the moment that
# it is found free and the moment that a server listens on it.
_FIRST, _LAST = 10_000, 22_000
BUS = 10_000  # how far above its port a node of a Redis cluster listens as well


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, nor on the one of a cluster's bus.

    Chosen at random, because other processes look for one at the same time.
    """
    for _ in range(100):
        port = random.randint(_FIRST, _LAST)
        with socket.socket() as probe, socket.socket() as bus:
            try:
                probe.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + BUS))
            except OSError:
                continue
            return port
    raise RuntimeError("no free pair of ports")
