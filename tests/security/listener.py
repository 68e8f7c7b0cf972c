"""A pytest plugin, always on: searches whatever is written during the suite for what must not be.

Log lines may have the fields of the list and no others; and no line holds a token, a password that
a test has planted, or a value of the rows and variables that tests work with. Tests that read
their output themselves (``capsys``) have to judge it themselves.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.security.canaries import LOGGED_FIELDS, MAY_BE_LOGGED, found_in

# A token in its compact form; what tests plant as passwords and keys; people, firms and things of
# the domains' rows, which tests ask for in documents and variables, too.
_PLANTED = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}|Canary-never-shown|Vins et alcools|Chop-suey|e\d+@example\.test"
    r"|Mozzarella|DROP TABLE"
)

_seen: Counter[str] = Counter()
_findings: list[str] = []
_failed: set[str] = set()


def judge(text: str) -> list[str]:
    """What is wrong with a text that was written."""
    findings = [f"planted: {found[0][:40]}" for found in _PLANTED.finditer(text)]
    findings += [f"canary: {kind}" for kind in found_in(text, MAY_BE_LOGGED)]
    for line in _log_lines(text):
        allowed = LOGGED_FIELDS.get(line["message"])
        if allowed is None:
            findings.append(f"a line of no known kind: {line['message']!r}")
        elif odd := line.keys() - allowed:
            findings.append(f"fields of {line['message']!r} that are not on the list: {odd}")
    return findings


def _log_lines(text: str) -> list[dict[str, Any]]:
    lines = []
    for line in text.splitlines():
        if line.startswith('{"level":'):
            lines.append(json.loads(line))
    return lines


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Read what was captured, once: the last report of a test has the output of all its phases."""
    if report.failed:
        _failed.add(report.nodeid)
    if report.when != "teardown" or report.nodeid in _failed:
        return  # a failed test shows values on purpose
    for name, text in report.sections:
        if name.startswith("Captured std"):
            _seen["log lines"] += len(_log_lines(text))
            _findings.extend(f"{report.nodeid}: {finding}" for finding in judge(text))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if anything was found."""
    if _findings:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was seen."""
    for finding in _findings:
        terminalreporter.line(f"LEAK: {finding}")
    if _seen and not _findings:
        terminalreporter.line(
            f"written by the handler: {_seen['log lines']:,} log lines, nothing leaks"
        )
