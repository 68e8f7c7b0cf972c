"""Orders of a trader: the project that most tests of the library ask, with real rows.

It began as a copy of the example at the top of the repository, and owes it nothing since: whoever
replaces the example's SDL, migrations, data and stacks keeps these tests. ``rows`` has rows that
an ingest would never write.
"""

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parent
