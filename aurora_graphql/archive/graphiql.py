"""GraphiQL in the archive: its files, and the packages that they are made of."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from aurora_graphql.archive.certificates import LockedPackage
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.dev import graphiql

_REMEDY = "write apiGraphiql: false in every Pulumi.<stack>.yaml to do without"


def bundle_graphiql() -> Path:
    """The folder of its files, bundled unless that has been done. Raises ``BuildError``."""
    try:
        graphiql.build()
    except (OSError, subprocess.CalledProcessError, graphiql.GraphiqlError) as error:
        raise BuildError(
            f"GraphiQL, which a stack shows to browsers, cannot be bundled: {error}; is the npm "
            f"registry reachable? Or {_REMEDY}"
        ) from error
    return graphiql.folder()


def graphiql_packages(lock: Path = graphiql.LOCK) -> list[LockedPackage]:
    """What is bundled, as the lock names it; hashes are those of the locked files."""
    entries: dict[str, Any] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = {}
    for place, entry in entries.items():
        if not place or entry.get("dev"):  # the project itself; tools
            continue
        name = place.rpartition("node_modules/")[2]
        sha512 = base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex()
        found[name, entry["version"]] = LockedPackage(
            name=name, version=entry["version"], sha512=sha512, license=entry["license"]
        )
    return [package for _, package in sorted(found.items())]
