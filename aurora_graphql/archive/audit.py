"""Known vulnerabilities of the packages in the archive, asked of pip-audit.

pip-audit ends well when its service knows none of the packages, as behind a mirror, and with the
same status for no answer as for bad news. Here each of the three is told apart and said.
``PIP_AUDIT_VULNERABILITY_SERVICE`` and ``PIP_AUDIT_OSV_URL`` choose the service.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aurora_graphql.archive.command import run
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.writing import MANIFEST

_TIMEOUT_S = 15


@dataclass(frozen=True)
class Findings:
    """``vulnerable``: a line each; ``unknown``: packages nobody could be asked about, and why."""

    vulnerable: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)


def audit(output: Path, *, required: bool, tell: Callable[[str], object] | None = None) -> int:
    """Say what is known about the packages of the archive in ``output``.

    Returns 1 for a known vulnerability, and for a package that could not be asked about if the
    audit is ``required``. Raises ``BuildError`` without an archive.
    """
    say = tell or (lambda line: sys.stderr.write(f"audit: {line}\n"))
    packages = _packages(output)
    findings = ask(packages)
    for line in findings.vulnerable:
        say(f"VULNERABLE: {line}")
    for name, reason in sorted(findings.unknown.items()):
        say(f"NOT AUDITED: {name} {packages[name]}: {reason}")
    known = len(packages) - len(findings.unknown)
    say(f"{known} of {len(packages)} packages audited, {len(findings.vulnerable)} vulnerabilities")
    return 1 if findings.vulnerable or (required and findings.unknown) else 0


def ask(packages: Mapping[str, str]) -> Findings:
    """Ask pip-audit about versions by package."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text("".join(f"{name}=={packages[name]}\n" for name in sorted(packages)))
        done = run(
            [
                *(sys.executable, "-m", "pip_audit", "--requirement", listed),
                *("--no-deps", "--disable-pip", "--format", "json", "--desc", "off"),
                *("--progress-spinner", "off", "--timeout", str(_TIMEOUT_S)),
            ],
            remedy="",
            statuses=range(256),
        )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        return Findings(unknown=dict.fromkeys(packages, said[-1]))
    return _read(report, packages)


def _read(report: Mapping[str, Any], packages: Mapping[str, str]) -> Findings:
    findings = Findings(unknown=dict.fromkeys(packages, "pip-audit left it out"))
    for each in report["dependencies"]:
        if "skip_reason" in each:
            findings.unknown[each["name"]] = each["skip_reason"]
            continue
        findings.unknown.pop(each["name"], None)
        for found in each["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version"
            findings.vulnerable.append(
                f"{each['name']} {each['version']}: {found['id']}, fixed in {fixed}"
            )
    return findings


def _packages(output: Path) -> dict[str, str]:
    try:
        packages: dict[str, str] = json.loads((output / MANIFEST).read_bytes())["packages"]
    except (OSError, ValueError, KeyError) as error:
        raise BuildError(f"there is no archive in {output}: run aurora-graphql package") from error
    return packages
