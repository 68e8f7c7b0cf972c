"""The ``Did you mean`` of messages about unknown names."""

from __future__ import annotations

from collections.abc import Iterable

MAX_SUGGESTIONS = 5
MAX_NAME = 64  # characters; the distance takes quadratic time


def did_you_mean(name: str, options: Iterable[str], kind: str = "") -> str:
    """A sentence with the options that are similar to a name; empty if there are none."""
    return suggest(similar(name, options), kind)


def suggest(names: list[str], kind: str = "") -> str:
    """`` Did you mean "a" or "b"?``; empty for no names."""
    if not names:
        return ""
    quoted = [f'"{name}"' for name in names[:MAX_SUGGESTIONS]]
    listed = quoted[0]
    if len(quoted) == 2:
        listed = " or ".join(quoted)
    elif len(quoted) > 2:
        listed = f"{', '.join(quoted[:-1])}, or {quoted[-1]}"
    return f" Did you mean {kind + ' ' if kind else ''}{listed}?"


def similar(name: str, options: Iterable[str]) -> list[str]:
    """The options that differ from a name by a few typing errors, closest first."""
    if len(name) > MAX_NAME:
        return []
    allowed = int(len(name) * 0.4) + 1
    found: list[tuple[int, str]] = []
    for option in options:
        if abs(len(option) - len(name)) <= allowed and len(option) <= MAX_NAME:
            distance = _distance(name, option, allowed)
            if distance <= allowed:
                found.append((distance, option))
    return [option for _, option in sorted(found)]


def _distance(left: str, right: str, allowed: int) -> int:
    """The Damerau-Levenshtein distance, or some number over ``allowed``.

    Names that differ in case only have the distance 1.
    """
    if left == right:
        return 0
    left, right = left.lower(), right.lower()
    if left == right:
        return 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row, above = row, [i], before
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            break
    return row[-1] if len(row) == len(right) + 1 and min(row) <= allowed else allowed + 1
