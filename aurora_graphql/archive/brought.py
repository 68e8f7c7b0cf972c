"""What a release's wheel brings, so that its user needs neither Node.js nor the registry of npm.

``python -m aurora_graphql.archive.brought FOLDER`` fills ``FOLDER``, which is ``bundled`` of
``dev/browser`` where a wheel is built: GraphiQL's files with the licences of what they are made of,
and the package of the certificates.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from aurora_graphql.archive.certificates import download, locked_certificates
from aurora_graphql.archive.graphiql import bundle_graphiql


def bring(folder: Path) -> None:
    """Fill the folder, which is not there yet. Raises ``BuildError``."""
    shutil.copytree(bundle_graphiql(), folder)
    with tempfile.TemporaryDirectory() as downloads:
        shutil.copy(download(locked_certificates(), Path(downloads)), folder)


if __name__ == "__main__":
    bring(Path(sys.argv[1]))
