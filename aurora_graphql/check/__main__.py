"""``python -m aurora_graphql.check``: does the database have what the SDL promises?"""

from __future__ import annotations

import sys

from aurora_graphql.check.run import main

if __name__ == "__main__":
    sys.exit(main())
