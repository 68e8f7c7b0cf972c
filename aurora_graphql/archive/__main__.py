"""``python -m aurora_graphql.archive`` builds as ``make package`` does; with ``audit`` it asks."""

from __future__ import annotations

import os
import sys

from aurora_graphql.archive.audit import audit
from aurora_graphql.archive.build import build
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.options import Options, is_on


def main(arguments: list[str]) -> int:
    """0: done; 1: not done, the message says why; 2: no such command."""
    try:
        if arguments == ["audit"]:
            required = is_on(os.environ, "AUDIT_REQUIRED")
            return audit(Options.from_environ(os.environ).output, required=required)
        if arguments:
            _say(f"unknown command {' '.join(arguments)!r}; write audit or nothing")
            return 2
        built = build(Options.from_environ(os.environ), tell=_say)
    except BuildError as error:
        _say(str(error))
        return 1
    manifest = built.manifest
    _say(
        f"wrote {os.path.relpath(built.archive)}: {manifest['bytes_zipped'] / 1e6:.1f} MB, "
        f"{manifest['bytes_unzipped'] / 1e6:.1f} MB unzipped, python{manifest['python']} on "
        f"{manifest['architecture']}, {len(manifest['packages'])} packages, "
        f"{'with' if 'tartiflette' in manifest['packages'] else 'without'} Tartiflette"
    )
    for note in built.notes:
        _say(f"note: {note}")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"package: {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
