"""A Redis Cluster on this machine: nodes without replicas that share the slots."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from aurora_graphql.dev.servers import RedisServer
from tests.ports import free_port

SLOTS = 16_384


class ClusterNode(RedisServer):
    """One node."""

    @property
    def url(self) -> str:
        """Its address for ``CACHE_URL``."""
        return f"redis://127.0.0.1:{self.port}"

    def command(self, *words: str | int) -> object:
        """Tell it something."""
        with redis.Redis(host="127.0.0.1", port=self.port or 0) as client:
            return client.execute_command(*words)

    def flush(self) -> None:
        """Forget all values."""
        self.command("FLUSHALL")

    def _command(self) -> list[str]:
        config = self.directory / "nodes.conf"
        return [
            *super()._command(),
            "--cluster-enabled",
            "yes",
            "--cluster-config-file",
            str(config),
        ]


@contextmanager
def open_cluster(directory: Path, count: int) -> Iterator[list[ClusterNode]]:
    """So many nodes that know one another and serve all slots."""
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(ClusterNode(directory / str(at), port=free_port()))
            for at in range(count)
        ]
        for at, node in enumerate(nodes):
            first, last = SLOTS * at // count, SLOTS * (at + 1) // count - 1
            node.command("CLUSTER", "ADDSLOTSRANGE", first, last)
            node.command("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
            node.command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port or 0)
        deadline = time.monotonic() + 30
        while not all(_is_whole(node, count) for node in nodes):
            assert time.monotonic() < deadline, "the cluster did not form"
            time.sleep(0.05)
        yield nodes


def _is_whole(node: ClusterNode, count: int) -> bool:
    info = node.command("CLUSTER", "INFO")
    text = info.decode() if isinstance(info, bytes) else str(info)
    return "cluster_state:ok" in text.replace("': '", ":") and (
        f"cluster_known_nodes:{count}" in text.replace("': '", ":")
    )
