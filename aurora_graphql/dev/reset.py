"""`make reset`: removes the private servers' data. Standard library only: needs no environment."""

from __future__ import annotations

import shutil
from pathlib import Path

from aurora_graphql.dev.claim import Claim

SERVERS = ("mariadb", "mysql", "redis", "valkey")


def reset(folder: Path) -> list[Path]:
    """Remove what the servers keep below ``folder``; ``ClaimedError`` while they are in use."""
    with Claim(folder):
        found = [folder / name for name in SERVERS if (folder / name).exists()]
        for each in found:
            shutil.rmtree(each)
    return found
