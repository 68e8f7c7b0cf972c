"""The file of rejected lines: bounded, and a sentence where it cannot be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handler.jobs.ingest.report import IngestError, Reject, RejectsFile, Report

FULL = Path("/dev/full")


def reject(line: int, text: str = "x") -> Reject:
    return Reject(line, "is wrong", text, "is wrong")


def test_lines_beyond_the_room_are_counted_and_told(tmp_path: Path) -> None:
    report = Report()
    size = len(json.dumps({"line": 1, "reason": "is wrong", "text": "é"}, ensure_ascii=False)) + 2
    with RejectsFile(tmp_path / "rejects", report, most_bytes=3 * size) as rejects:
        for line in range(1, 10):
            rejects.add(reject(line, "é" * 100 if line == 3 else "é"))
        rejects.note_left_out()
    content = (tmp_path / "rejects").read_bytes()
    assert [json.loads(line)["line"] for line in content.splitlines()] == [1, 2]
    assert len(content) == 2 * size
    assert (report.rejected, [each.line for each in report.first_rejects]) == (9, [1, 2, 3, 4, 5])
    assert report.notes == [
        "the file of rejects holds the first 2 rejected lines, because it may have "
        f"{3 * size} bytes; 7 more are counted only"
    ]


def test_nothing_is_told_where_all_fit_or_nothing_is_written(tmp_path: Path) -> None:
    for path in (tmp_path / "rejects", None):
        report = Report()
        with RejectsFile(path, report) as rejects:
            rejects.add(reject(1))
            rejects.flush()
            rejects.note_left_out()
        assert (report.rejected, report.notes) == (1, [])


def write_to_full_disk(report: Report, how: str) -> None:
    with RejectsFile(FULL, report) as rejects:
        rejects.add(reject(1, "x" * (1 << 20 if how == "write" else 1)))
        if how == "flush":
            rejects.flush()
        if how == "other":
            raise KeyError


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
@pytest.mark.parametrize("how", ["write", "flush", "close"])
def test_full_disk_is_a_sentence(how: str) -> None:
    with pytest.raises(IngestError) as caught:
        write_to_full_disk(Report(loaded=1200), how)
    assert str(caught.value) == (
        "/dev/full: No space left on device: the rejected lines cannot be written; 1,200 lines "
        "are loaded and stay. Make room or name another file, and run the same again"
    )


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
def test_what_stopped_the_run_is_told_and_not_the_full_disk() -> None:
    with pytest.raises(KeyError):
        write_to_full_disk(Report(), "other")
