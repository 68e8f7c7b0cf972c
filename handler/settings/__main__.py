"""`python -m handler.settings` prints docs/settings.md."""

from __future__ import annotations

import sys

from handler.settings.printing import format_table

sys.stdout.write(format_table())
