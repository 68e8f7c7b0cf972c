"""The ``Did you mean`` at the end of a message about a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

MAX_SUGGESTIONS = 5
MAX_NAME = 64  # characters; a longer name is no slip of the pen, and the distance costs its square


def did_you_mean(name: str, options: Iterable[str], kind: str = "") -> str:
    """A sentence with the options closest to ``name``, or nothing where none is close."""
    return suggest(similar(name, options), kind)


def suggest(names: list[str], kind: str = "") -> str:
    """`` Did you mean "a" or "b"?``, or nothing for no names."""
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
    """The options that a few typing errors away from ``name``, closest first."""
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
    """Insertions, deletions, replacements and swaps of neighbours; more than allowed is enough.

    A difference in case only counts as one.
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
