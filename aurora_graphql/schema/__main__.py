"""``python -m aurora_graphql.schema``."""

import sys

from aurora_graphql.schema.command import main

sys.exit(main())
