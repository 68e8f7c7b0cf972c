"""``python -m tests.mutation.code`` prints who noticed which mutant, and rewrites witnesses.json.

With words it judges only the mutants whose names have one of them.
"""

from __future__ import annotations

import sys

from tests.mutation.code.targets import all_mutants
from tests.mutation.code.verdict import Verdict
from tests.mutation.code.workers import judge_all, write_witnesses


def main(words: list[str]) -> None:
    """Judge all, or those whose names have one of the words."""
    names = [mutant.name for mutant in all_mutants()]
    chosen = [name for name in names if not words or any(word in name for word in words)]
    verdicts: list[Verdict] = []

    def tell(verdict: Verdict) -> None:
        if verdict.mutant:
            verdicts.append(verdict)
        elif verdict.caught_by:
            raise SystemExit(f"{verdict.caught_by} fails without a mutant")
        sys.stdout.write(f"{verdict.caught_by or 'NOBODY'} | {verdict.mutant or 'no mutant'}\n")
        sys.stdout.flush()

    try:
        judge_all(chosen, tell)
    finally:
        write_witnesses(verdicts, names)
    missed = sorted(verdict.mutant for verdict in verdicts if not verdict.caught_by)
    sys.stdout.write(f"\n{len(verdicts)} judged, {len(verdicts) - len(missed)} caught\n")
    sys.stdout.write("".join(f"survived: {name}\n" for name in missed))


main(sys.argv[1:])
