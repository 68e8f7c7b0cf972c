"""The report of a check: by table, the worst first, each finding once."""

from __future__ import annotations

import pytest

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.accepted import Acceptance
from aurora_graphql.check.compare import Checked
from aurora_graphql.check.finding import FEW_ROWS, MANY_ROWS, Finding, Kind, Severity
from aurora_graphql.check.report import Style, report
from aurora_graphql.check.run import fails
from aurora_graphql.cli import main
from handler.errors import Location
from handler.language.schema import Origin

pytestmark = pytest.mark.usefixtures("in_project")

FILMS = LiveTable("films", {}, [], rows=10_250_000, data_bytes=2_400_000_000)
SEEN = LiveTable("seen", {}, [], is_view=True)
INDEX = "CREATE INDEX `films_by_title` ON `films` (`title`);"


def found(
    kind: Kind, about: str, severity: Severity, message: str = "wrong", *remedies: str
) -> Finding:
    table = "" if kind is Kind.CLOSED else "seen" if "Seen" in about else "films"
    return Finding(
        kind=kind,
        about=about,
        message=message,
        origin=Origin("a.graphql", Location(7, 3)),
        severity=severity,
        table=table,
        remedies=remedies,
    )


FINDINGS = (
    found(Kind.INDEX, "Query.films(year)", Severity.NOTE, "no index", INDEX),
    found(Kind.INDEX, "Query.films", Severity.NOTE, "no index"),
    found(Kind.NULL, "Film.title", Severity.WARNING, "may be NULL"),
    found(Kind.INDEX, "Query.films(title)", Severity.ERROR, "no index, " * 12, INDEX),
    found(Kind.INDEX, "Person.films(title)", Severity.ERROR, "no index", INDEX),
    found(Kind.KEY, "Seen(id)", Severity.NOTE, "taken as said"),
    found(Kind.CLOSED, "type Film", Severity.NOTE, "closed"),
)
CHECKED = Checked(FINDINGS, {"films": FILMS, "seen": SEEN}, 3)


def test_findings_stand_by_table_with_its_size_and_the_worst_first() -> None:
    assert report(CHECKED, (), Style(width=80)) == "\n".join(
        (
            "SDL",
            "  note    closed: type Film  a.graphql:7: closed",
            "",
            "films  (10,250,000 rows, 2.24 GiB)",
            "  error   index: Query.films(title)  a.graphql:7",
            "          no index, no index, no index, no index, no index, no index, no index,",
            "          no index, no index, no index, no index, no index,",
            f"          {INDEX}",
            "  error   index: Person.films(title)  a.graphql:7",
            "          no index",  # its SQL stands above
            "  warning null: Film.title  a.graphql:7",
            "          may be NULL",
            "  note    index: Query.films  a.graphql:7: no index by year, its order",
            "",
            "seen  (view, rows unknown)",
            "  note    key: Seen(id)  a.graphql:7: taken as said",
            "",
            "2 errors, 1 warning, 4 notes",
        )
    )


def test_notes_can_be_shown_in_whole_and_what_is_accepted_with_its_reason() -> None:
    accepted = [Acceptance("index: Query.films(title)", "Rare.", Origin("x", Location(1, 1)))]
    told = report(CHECKED, accepted, Style(width=80, whole=True))
    assert "  note    index: Query.films(year)  a.graphql:7\n          no index\n" in told
    assert "accepted in check.toml\n  index: Query.films(title)\n          Rare.\n" in told
    assert told.endswith("\n1 error, 1 warning, 4 notes, 1 accepted")
    assert told.count(INDEX) == 1


def test_colours_are_for_terminals() -> None:
    assert "\033" not in report(CHECKED, (), Style())
    assert "\033[31merror   \033[0m" in report(CHECKED, (), Style(has_colours=True))


def test_a_database_that_fits_is_said_to() -> None:
    fits = Checked(FINDINGS[:1], {"films": FILMS}, 1_203)
    assert report(fits, (), Style()).splitlines()[-1] == (
        "1 table fits the SDL, 1,203 access paths are served by indexes; 1 note"
    )


@pytest.mark.parametrize(
    ("findings", "accepted", "on", "expected"),
    [
        pytest.param(FINDINGS, (), Severity.ERROR, True, id="error"),
        pytest.param(FINDINGS[:3], (), Severity.ERROR, False, id="warning-alone"),
        pytest.param(FINDINGS[:3], (), Severity.WARNING, True, id="warning-counts"),
        pytest.param(FINDINGS[:2], (), Severity.WARNING, False, id="notes"),
        pytest.param(FINDINGS[:3], ("null: Film.title",), Severity.WARNING, False, id="accepted"),
        pytest.param(FINDINGS, ("null: Film.title",), Severity.ERROR, True, id="another-accepted"),
    ],
)
def test_status_is_by_what_is_found_and_not_accepted(
    findings: tuple[Finding, ...], accepted: tuple[str, ...], on: Severity, expected: bool
) -> None:
    acceptances = [Acceptance(each, "Rare.", Origin("x", Location(1, 1))) for each in accepted]
    assert fails(Checked(findings, {}, 0), acceptances, on) is expected


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        pytest.param(0, Severity.NOTE, id="none"),
        pytest.param(3, Severity.NOTE, id="three"),
        pytest.param(FEW_ROWS, Severity.NOTE, id="few"),
        pytest.param(FEW_ROWS + 1, Severity.WARNING, id="more-than-few"),
        pytest.param(MANY_ROWS, Severity.WARNING, id="many"),
        pytest.param(MANY_ROWS + 1, Severity.ERROR, id="more-than-many"),
        pytest.param(10_000_000, Severity.ERROR, id="ten-million"),
        pytest.param(None, Severity.WARNING, id="unknown"),
    ],
)
def test_a_missing_index_weighs_what_is_read_for_want_of_it(
    rows: int | None, severity: Severity
) -> None:
    assert Severity.by_rows(rows) is severity


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--rows", "x"], "a whole number such as 1e7, got 'x'", id="no-number"),
        pytest.param(["--rows", "-1"], "a whole number such as 1e7, got '-1'", id="negative"),
        pytest.param(["--rows", "1.5"], "a whole number such as 1e7, got '1.5'", id="part"),
        pytest.param(["--rows", "inf"], "a whole number such as 1e7, got 'inf'", id="infinite"),
        pytest.param(["--fail-on", "note"], "error or warning, got 'note'", id="other-severity"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == 2
    assert said in capsys.readouterr().err
