"""The report of a check for people: by table, the worst first, in a line each where nothing is to
be done."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.accepted import FILE, Acceptance
from aurora_graphql.check.compare import Checked
from aurora_graphql.check.finding import Finding, Kind, Severity

_BOLD: Final = "1"
_COLOURS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "2"}
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")
_INDENT: Final = " " * 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """``whole``: notes are printed like the others, with their SQL, and so is what is accepted."""

    width: int = 100
    has_colours: bool = False
    whole: bool = False

    def paint(self, text: str, code: str) -> str:
        """In a colour, on a terminal that has some."""
        return f"\033[{code}m{text}\033[0m" if self.has_colours else text


def report(checked: Checked, acceptances: Sequence[Acceptance], style: Style) -> str:
    """All findings that are not accepted, and a sum."""
    reasons = {each.finding: each.reason for each in acceptances}
    shown = [each for each in checked.findings if each.name not in reasons]
    accepted = [each for each in checked.findings if each.name in reasons]
    lines: list[str] = []
    tables = dict.fromkeys(each.table for each in shown)
    for table in sorted(tables, key=lambda name: _rank(checked, name)):
        own = [each for each in shown if each.table == table]
        lines += [*_group(table, checked.tables.get(table), own, style), ""]
    if style.whole and accepted:
        lines.append(style.paint(f"accepted in {FILE}", _BOLD))
        for each in accepted:
            lines += [f"  {each.name}", *_wrapped(reasons[each.name], style)]
        lines.append("")
    return "\n".join([*lines, _sum(checked, shown, len(accepted), style)])


def _rank(checked: Checked, table: str) -> tuple[bool, int]:
    """Tables in the order of their types; what is about none comes first."""
    order = list(checked.tables)
    return bool(table), order.index(table) if table in order else -1


def _group(
    table: str, live: LiveTable | None, findings: Sequence[Finding], style: Style
) -> Iterator[str]:
    yield style.paint(f"{table or 'SDL'}{_sized(live)}", _BOLD)
    printed: set[str] = set()
    whole = [each for each in findings if style.whole or each.severity is not Severity.NOTE]
    for severity in Severity:
        for each in whole:
            if each.severity is severity:
                yield from _finding(each, printed, style)
    yield from _notes([each for each in findings if each not in whole], style)


def _sized(live: LiveTable | None) -> str:
    if live is None:
        return ""
    rows = "rows unknown" if live.rows is None else f"{live.rows:,} rows"
    kind = "view, " if live.is_view else ""
    return f"  ({kind}{rows}{f', {_size(live.data_bytes)}' if live.data_bytes else ''})"


def _size(size: int) -> str:
    power = min((size.bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{size / 1024**power:.3g} {_UNITS[power]}"


def _finding(finding: Finding, printed: set[str], style: Style) -> Iterator[str]:
    """Its name and place, what is wrong, and SQL in a line of its own that can be copied."""
    word = style.paint(finding.severity.value.ljust(8), _COLOURS[finding.severity])
    yield f"  {word}{style.paint(finding.name, _BOLD)}  {finding.place}"
    yield from _wrapped(finding.message, style)
    for remedy in finding.remedies:
        if remedy not in printed:
            yield _INDENT + remedy
        printed.add(remedy)


def _notes(notes: Sequence[Finding], style: Style) -> Iterator[str]:
    """One line each, and one for all indexes of a field."""
    by_field: dict[tuple[Kind, str], list[Finding]] = {}
    for each in notes:
        field = each.about.partition("(")[0] if each.kind is Kind.INDEX else each.about
        by_field.setdefault((each.kind, field), []).append(each)
    for (kind, field), them in by_field.items():
        first = them[0]
        word = style.paint("note".ljust(8), _COLOURS[Severity.NOTE])
        if kind is Kind.INDEX and len(them) > 1:
            details = [
                each.about.partition("(")[2].removesuffix(")") or "its order" for each in them
            ]
            told = f"index: {field}  {first.place}: no index by {', '.join(details)}"
        else:
            told = f"{first.name}  {first.place}: {first.message}"
        yield from textwrap.wrap(
            told,
            style.width,
            initial_indent=f"  {word}",
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _wrapped(text: str, style: Style) -> Iterable[str]:
    return textwrap.wrap(
        text,
        style.width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _sum(checked: Checked, shown: Sequence[Finding], accepted: int, style: Style) -> str:
    counts = {each: sum(f.severity is each for f in shown) for each in Severity}
    told = [
        style.paint(_plural(count, severity.value), _COLOURS[severity]) if count else ""
        for severity, count in counts.items()
    ]
    told.append(f"{accepted} accepted" if accepted else "")
    counted = ", ".join(filter(None, told))
    if counts[Severity.ERROR] or counts[Severity.WARNING]:
        return counted
    one_table, one_path = len(checked.tables) == 1, checked.paths == 1
    fits = (
        f"{_plural(len(checked.tables), 'table')} {'fits' if one_table else 'fit'} the SDL, "
        f"{_plural(checked.paths, 'access path')} {'is' if one_path else 'are'} served by indexes"
    )
    return f"{fits}; {counted}" if counted else fits


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
