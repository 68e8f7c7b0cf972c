"""A private Valkey server: the one of this machine if it has one, else the unpacked one."""

from __future__ import annotations

import os
import shutil

from aurora_graphql.dev.servers import EXTRA_PATH, RedisServer
from aurora_graphql.dev.unpacked import Unpacked


class ValkeyServer(RedisServer):
    """A Valkey that keeps nothing on disk."""

    name = "valkey"
    title = "Valkey"

    def _programs(self) -> list[str]:
        search = os.pathsep.join([os.environ.get("PATH", os.defpath), *EXTRA_PATH])
        own = shutil.which("valkey-server", path=search)
        return [own] if own else Unpacked.find().command("bin/valkey-server")
