"""``python -m aurora_graphql``: the command line, also where no script is installed."""

from __future__ import annotations

import sys

from aurora_graphql.cli import main

if __name__ == "__main__":
    sys.exit(main())
