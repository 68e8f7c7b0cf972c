"""Which files start first where several processes run the suite, a file at a time.

The longest come first, so that short ones remain to fill the end, when a process would have nothing
to do. It is about balance alone: a file that is not named here may take long, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent
LONGEST: Final = (
    "outside/test_user.py",
    "types/test_types.py",
    "aurora_graphql/dev/test_foreign.py",
    "aurora_graphql/archive/test_build.py",
    "aurora_graphql/dev/test_run.py",
    "aurora_graphql/preview/test_replacement.py",
    "mutation/test_mutations.py",
    "aurora_graphql/archive/test_run.py",
    "aurora_graphql/preview/test_policy.py",
    "security/test_injection.py",
    "integration/test_api_user_answers.py",
    "integration/test_row_access.py",
    "integration/test_waking.py",
    "integration/test_runtime_client.py",
    "integration/test_servers.py",
    "integration/test_damage.py",
    "aurora_graphql/preview/test_mutants.py",
    "components/test_program.py",
    "integration/test_faults_cache.py",
    "integration/test_faults_database.py",
    "integration/test_faults_server.py",
    "aurora_graphql/dev/test_graphiql.py",
    "handler/language/validation/test_differential.py",
    "test_layers.py",
)
"""From the one that takes longest; see ``--durations=0``."""

_PLACES: Final = {TESTS / name: number for number, name in enumerate(LONGEST)}


def place(path: Path) -> int:
    """Where a file stands in the order; all that are not named stand behind, as they were."""
    return _PLACES.get(path, len(LONGEST))
