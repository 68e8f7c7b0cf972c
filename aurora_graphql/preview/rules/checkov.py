"""Ask checkov, in an environment of its own: its pins contradict those of this project.

It reads a file and says what it thinks; ``--skip-download`` keeps it from asking anybody else.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aurora_graphql.errors import ToolError
from aurora_graphql.preview.rules.rule import Finding

TIMEOUT_S: Final = 300


class CheckovError(ToolError):
    """checkov did not answer."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """How many checks passed, and what failed."""

    version: str
    passed: int
    failed: tuple[Finding, ...]


NOT_ASKED: Final = Report(version="", passed=0, failed=())


def program() -> Path | None:
    """checkov, in an environment of its own within this one, or on the way where programs are."""
    own = Path(sys.prefix, "checkov", "bin", "checkov")
    if own.is_file():
        return own
    found = shutil.which("checkov")
    return Path(found) if found else None


def installed() -> bool:
    """Whether it is there to be asked."""
    return program() is not None


def check(plan: dict[str, Any], *, prefix: str) -> Report:
    """Every check of checkov for Terraform plans; ``NOT_ASKED`` where it is not installed.

    ``prefix``: left out of the resources' names.
    """
    asked = program()
    if asked is None:
        return NOT_ASKED
    with tempfile.TemporaryDirectory(prefix="aurora-checkov-") as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        answer = subprocess.run(
            [
                *(str(asked), "--file", str(path), "--framework", "terraform_plan"),
                *("--output", "json", "--compact", "--quiet", "--skip-download"),
            ],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,  # a failed check is no failure of the program
        )
    try:
        return _report(json.loads(answer.stdout), prefix)
    except (ValueError, KeyError) as exc:
        last = answer.stderr.strip().splitlines()[-1:] or ["no message"]
        raise CheckovError(f"checkov did not answer: {last[0]}") from exc


def _report(answer: dict[str, Any], prefix: str) -> Report:
    failed = [
        Finding(
            id=entry["check_id"],
            resource=entry["resource"].partition(".")[2].removeprefix(prefix),
            text="fails this check of checkov",
            holds=entry["check_name"],
            remedy=entry.get("guideline") or "",
        )
        for entry in answer["results"]["failed_checks"]
    ]
    summary = answer["summary"]
    if summary["parsing_errors"] or not summary["resource_count"]:
        raise ValueError("the plan was not read")
    return Report(
        version=summary["checkov_version"],
        passed=summary["passed"],
        failed=tuple(sorted(failed, key=lambda finding: (finding.id, finding.resource))),
    )
