"""Lines to records: JSON objects and CSV records, and what one broken line costs."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.jobs.ingest.records import RECORD_LINES, CsvReader, Record, detect_format, read_jsonl
from handler.jobs.ingest.report import IngestError, Reject
from handler.jobs.ingest.source import LINE_BYTES, open_source


def jsonl(content: bytes, encoding: str = "utf-8") -> list[Record | Reject]:
    with open_source(io.BytesIO(content)) as source:
        return list(read_jsonl(source.lines(), encoding))


def csv_records(
    content: bytes, encoding: str = "utf-8", delimiter: str | None = None
) -> list[Record | Reject]:
    return list(CsvReader(io.BytesIO(content), encoding, delimiter).records())


def brief(records: list[Record | Reject]) -> list[tuple[int, object]]:
    return [
        (each.line, each.reason if isinstance(each, Reject) else dict(each.values))
        for each in records
    ]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"a":1}', "jsonl"),
        (b' \r\n\t{"a"', "jsonl"),
        (b"a,b\n", "csv"),
        (b'"a","b"', "csv"),
        (b"", "csv"),
    ],
)
def test_format_is_seen_in_the_first_character(head: bytes, expected: str) -> None:
    assert detect_format(head) == expected


def test_json_array_is_refused_with_advice() -> None:
    with pytest.raises(IngestError, match=r"one object per line \(jq"):
        detect_format(b' [{"a": 1}]')


def test_jsonl_keeps_digits_and_counts_blank_lines() -> None:
    found = jsonl(b'{"a": 0.1, "b": 12345678901234567890.5, "c": 7}\r\n\n   \n{"a": "\xc3\xbc"}')
    assert brief(found) == [
        (1, {"a": Decimal("0.1"), "b": Decimal("12345678901234567890.5"), "c": 7}),
        (4, {"a": "ü"}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b'{"a": 1,}', "broken JSON at column 9", id="comma"),
        pytest.param(b'{"a": 1', "broken JSON at column 8", id="cut"),
        pytest.param(
            b'{"a": 1} {"b": 2}', "broken JSON at column 10: Extra data", id="two-objects"
        ),
        pytest.param(b"[1]", "not a JSON object", id="array"),
        pytest.param(b"null", "not a JSON object", id="null"),
        pytest.param(b'{"a": NaN}', "broken JSON: NaN is not a JSON value", id="nan"),
        pytest.param(b'{"a": -Infinity}', "broken JSON: -Infinity", id="infinity"),
        pytest.param(b'{"a": "\xfc"}', "byte 8 of the line is not utf-8", id="encoding"),
        pytest.param(b'{"a": "\x00"}', "holds a NUL byte", id="nul"),
        pytest.param(b"[" * 100_000, "broken JSON: ", id="nested-too-deep"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "broken JSON: ", id="digits-without-end"),
        pytest.param(b'{"a": 1e99999999999999999999}', "broken JSON: the exponent", id="exponent"),
        pytest.param(
            b'{"a": "' + b"x" * 2 * LINE_BYTES, "longer than 1,048,576 bytes", id="too-long"
        ),
    ],
)
def test_jsonl_rejects_one_line_only(line: bytes, reason: str) -> None:
    first, bad, last = jsonl(b'{"a": 1}\n' + line + b"\n" + b'{"a": 3}')
    assert brief([first, last]) == [(1, {"a": 1}), (3, {"a": 3})]
    assert isinstance(bad, Reject)
    assert bad.line == 2
    assert bad.reason.startswith(reason)
    assert len(bad.text) <= 10_000


def test_latin_1_is_read_as_told() -> None:
    assert brief(jsonl(b'{"a": "\xfc"}', "latin-1")) == [(1, {"a": "ü"})]
    assert brief(csv_records(b"a\n\xfc", "latin-1")) == [(2, {"a": "ü"})]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a,b\n1,2\n3,4", [(2, "1", "2"), (3, "3", "4")], id="plain"),
        pytest.param(b"a,b\r\n1,2\r\n", [(2, "1", "2")], id="crlf"),
        pytest.param(b" a , b \n1,2", [(2, "1", "2")], id="blanks-in-the-header"),
        pytest.param(b"a;b\n1,5;2", [(2, "1,5", "2")], id="semicolons"),
        pytest.param(b"a\tb\n1\t2", [(2, "1", "2")], id="tabs"),
        pytest.param(b"a|b\n1|2", [(2, "1", "2")], id="bars"),
        pytest.param(b'a,b\n"1,5","2 ""x"""', [(2, "1,5", '2 "x"')], id="quotes"),
        pytest.param(b'a,b\n1,5" pipe', [(2, "1", '5" pipe')], id="quote-inside-a-plain-field"),
        pytest.param(
            b'a,b\n"1\r\nx",2\n3,4', [(2, "1\r\nx", "2"), (4, "3", "4")], id="line-end-inside"
        ),
        pytest.param(b"a,b\n\n1,2\n\n\n3,4\n", [(3, "1", "2"), (6, "3", "4")], id="blank-lines"),
        pytest.param(b"a,b\n,\n", [(2, "", "")], id="empty-values"),
        pytest.param(b"a,b\n", [], id="only-a-header"),
    ],
)
def test_csv_reads(content: bytes, expected: list[tuple[int, str, str]]) -> None:
    assert brief(csv_records(content)) == [(line, {"a": a, "b": b}) for line, a, b in expected]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(b"1", "1 values where the header has 2 columns", id="too-few"),
        pytest.param(b"1,2,3", "3 values where the header has 2 columns", id="too-many"),
        pytest.param(b'"1"x,2', "broken CSV: ", id="text-behind-a-quote"),
        pytest.param(b'1,"2', "a quote is never closed", id="open-quote"),
        pytest.param(b"1,\xfc", "byte 3 of the line is not utf-8", id="encoding"),
        pytest.param(b"1,\x00", "holds a NUL byte", id="nul"),
        pytest.param(b"1," + b"x" * 200_000, "broken CSV: field larger", id="huge-field"),
    ],
)
@pytest.mark.parametrize("after", [0, 3, RECORD_LINES * 3])
def test_csv_rejects_one_line_only(bad: bytes, reason: str, after: int) -> None:
    good = [b"%d,x" % number for number in range(after)]
    first, reject, *rest = brief(csv_records(b"\n".join([b"a,b", b"0,x", bad, *good])))
    assert first == (2, {"a": "0", "b": "x"})
    assert reject[0] == 3
    if after == 0 and reason.startswith("a quote"):
        reason = "broken CSV: unexpected end of data"
    assert str(reject[1]).startswith(reason)
    assert rest == [(4 + at, {"a": str(at), "b": "x"}) for at in range(after)]


def test_csv_reject_keeps_the_text_of_all_its_lines() -> None:
    (found,) = csv_records(b'a,b\n"1\n2",3,4\n')
    assert found == Reject(2, "3 values where the header has 2 columns", '"1\n2",3,4', "broken CSV")


@pytest.mark.parametrize("content", [b"", b"\n", b",,\n1,2,3"])
def test_csv_needs_a_header(content: bytes) -> None:
    with pytest.raises(IngestError, match="no header line"):
        csv_records(content)


def test_csv_header_in_another_encoding_is_an_error() -> None:
    with pytest.raises(IngestError, match=r"header line cannot be read: byte 1 .* is not utf-8"):
        csv_records(b"\xfc,b\n1,2")


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8
).filter(lambda text: text.count("\n") < 5)


@given(st.lists(st.tuples(cells, cells, cells), max_size=12), st.sampled_from(",;\t|"))
def test_csv_reads_what_python_writes(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), *rows])
    found = csv_records(out.getvalue().encode(), delimiter=delimiter)
    assert [tuple(each.values.values()) for each in found if isinstance(each, Record)] == rows


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), max_size=8))
def test_jsonl_reads_what_python_writes(rows: list[dict[str, str]]) -> None:
    content = "\n".join(map(json.dumps, rows)).encode()
    found = jsonl(content)
    assert [each.values for each in found if isinstance(each, Record)] == rows
