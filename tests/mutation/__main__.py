"""``python -m tests.mutation`` prints who noticed which mutant, and rewrites ``witnesses.json``."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.mutation.workers import judge_all

with tempfile.TemporaryDirectory() as folder:
    verdicts = judge_all(Path(folder), afresh=True).verdicts
for verdict in sorted(verdicts, key=lambda one: (one["caught_by"], one["mutant"])):
    sys.stdout.write(f"{verdict['caught_by'] or 'NOBODY':9} | {verdict['mutant']}\n")
    sys.stdout.write(f"{'':9} | {verdict['detail'][:140]}\n" if verdict["detail"] else "")
witnesses = {one["mutant"]: one["detail"] for one in verdicts if one["caught_by"] == "test"}
Path(__file__).with_name("witnesses.json").write_text(
    json.dumps(dict(sorted(witnesses.items())), indent=2) + "\n", encoding="utf-8"
)
