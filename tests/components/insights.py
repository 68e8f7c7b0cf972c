"""As much of CloudWatch Logs Insights as the saved queries use: fields, filter, stats, sort, limit.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import Any, Final

COMMANDS: Final = ("fields", "filter", "stats", "sort", "limit")
_FIELD: Final = r"@?[A-Za-z][\w.]*"
_CALL: Final = rf"(count|sum|avg|max|pct)\((\*|{_FIELD})(?:, (\d+))?\) as (\w+)"
_TEST: Final = rf'ispresent\(({_FIELD})\)|({_FIELD}) (=|!=) "([^"]*)"'

Line = dict[str, Any]


def flat(line: Any, prefix: str = "") -> Line:
    """As the fields of a JSON line are found: members and places joined by dots."""
    pairs = line.items() if isinstance(line, dict) else enumerate(line)
    found: Line = {}
    for name, value in pairs:
        if isinstance(value, dict | list):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def commands_of(query: str) -> list[tuple[str, str]]:
    """Command and rest of each step. Raises ``ValueError`` for another command."""
    steps = [" ".join(step.split()) for step in query.split("|")]
    found = [(step.partition(" ")[0], step.partition(" ")[2]) for step in steps]
    for command, _ in found:
        if command not in COMMANDS:
            raise ValueError(f"{command} is none of {COMMANDS}")
    return found


def fields_of(query: str) -> set[str]:
    """The fields of log lines that a query reads; names that it makes itself are not among them."""
    read, made = set[str](), set[str]()
    for command, rest in commands_of(query):
        match command:
            case "fields":
                read |= set(_whole(rf"{_FIELD}(?:, {_FIELD})*", rest)[0].split(", "))
            case "filter":
                for test in rest.split(" and "):
                    present, compared, *_ = _whole(_TEST, test).groups()
                    read.add(present or compared)
            case "stats":
                calls, groups = _stats(rest)
                read |= {field for _, field, _, _ in calls if field != "*"}
                read |= {group for group in groups if not group.startswith("bin(")}
                made |= {alias for *_, alias in calls}
            case "sort":
                read.add(_whole(rf"({_FIELD}) (?:asc|desc)", rest)[1])
            case "limit":
                _whole(r"[1-9]\d{0,3}", rest)
    return read - made


def run(query: str, lines: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The rows that a query makes of JSON lines. All lines are of the same hour."""
    rows: Sequence[Line] = [flat(dict(line)) for line in lines]
    shown: list[str] = []
    for command, rest in commands_of(query):
        match command:
            case "fields":
                shown = rest.split(", ")
            case "filter":
                rows = [row for row in rows if all(_holds(row, t) for t in rest.split(" and "))]
            case "stats":
                rows = _grouped(rows, *_stats(rest))
            case "sort":
                name, way = rest.split()
                rows = sorted(rows, key=lambda row: row.get(name, 0), reverse=way == "desc")
            case "limit":
                rows = rows[: int(rest)]
    if not shown:
        return list(rows)
    return [{name: row[name] for name in shown if name in row} for row in rows]


def _holds(row: Line, test: str) -> bool:
    present, field, operator, value = _whole(_TEST, test).groups()
    if present:
        return present in row
    return (str(row.get(field)) == value) == (operator == "=")


def _stats(rest: str) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    calls, _, groups = rest.partition(" by ")
    _whole(rf"{_CALL}(?:, {_CALL})*", calls)
    names = groups.split(", ")
    for name in names:
        _whole(rf"{_FIELD}|bin\(1h\)", name)
    return re.findall(_CALL, calls), names


def _grouped(
    rows: Iterable[Line], calls: Sequence[tuple[str, str, str, str]], groups: Sequence[str]
) -> list[Line]:
    found: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for row in rows:
        found[tuple(row.get(name) for name in groups)].append(row)
    made = []
    for key, members in found.items():
        row = {name: value for name, value in zip(groups, key, strict=True) if value is not None}
        for function, field, _, alias in calls:
            values = [
                one if field == "*" else one[field] for one in members if field in {*one, "*"}
            ]
            if function == "count" or values:
                row[alias] = _FUNCTIONS[function](values)
        made.append(row)
    return made


_FUNCTIONS: Final[Mapping[str, Any]] = {
    "count": len,
    "sum": sum,
    "avg": mean,
    "max": max,
    "pct": max,  # of the few lines of a test
}


def _whole(pattern: str, text: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError(f"{text!r} is not understood")
    return found
