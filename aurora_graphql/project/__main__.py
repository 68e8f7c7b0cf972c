"""``python -m aurora_graphql.project OUT_DIR``: SDL from a database."""

from __future__ import annotations

import sys

from aurora_graphql.project.command import main

if __name__ == "__main__":
    sys.exit(main())
