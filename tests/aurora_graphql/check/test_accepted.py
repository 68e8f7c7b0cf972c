"""Acceptances: decisions to live with a finding, each with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora_graphql.check.accepted import AcceptanceError, read_acceptances, unused
from aurora_graphql.check.finding import Finding, Kind, Severity
from handler.errors import Location
from handler.language.schema import Origin

REASON = "An editor asks for it twice a day."
TITLE = Finding(
    kind=Kind.INDEX,
    about="Query.films(title)",
    message="no index",
    origin=Origin("a.graphql", Location(3, 1)),
)


def read(folder: Path, text: str) -> list[tuple[str, str, int]]:
    (folder / "check.toml").write_text(text)
    return [(e.finding, e.reason, e.origin.location.line) for e in read_acceptances(folder)]


def test_each_entry_names_one_finding_and_its_reason(tmp_path: Path) -> None:
    assert read_acceptances(tmp_path) == ()
    text = f"""
# Decided in spring.
[[accept]]
finding = "index: Query.films(title)"
reason = "{REASON}"

[[accept]]
reason = "{REASON}"
finding = " null:  Film.title "
"""
    assert read(tmp_path, text) == [
        ("index: Query.films(title)", REASON, 3),
        ("null: Film.title", REASON, 7),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[accept", "check.toml: ", id="no-toml"),
        pytest.param('[[except]]\nfinding = "x"', "except means nothing here", id="other-table"),
        pytest.param("accept = 1", "accept is no list", id="no-list"),
        pytest.param(
            'accept = ["x"]', 'check.toml:1: an acceptance names one: finding = "', id="x"
        ),
        pytest.param("[[accept]]\nreason = 'because'", "an acceptance names one", id="no-finding"),
        pytest.param("[[accept]]\nfinding = 1", "an acceptance names one", id="number"),
        pytest.param(
            "\n[[accept]]\nfinding = 'a: b'",
            'check.toml:2: "a: b" is accepted without a reason',
            id="no-reason",
        ),
        pytest.param(
            "[[accept]]\nfinding = 'a: b'\nreason = '                         '",
            "say in at least 20 characters why it may stay",
            id="blank-reason",
        ),
        pytest.param(
            f"[[accept]]\nfinding = 'a: b'\nreason = '{REASON}'\nuntil = 'May'",
            "check.toml:1: until means nothing here; there are finding, reason",
            id="other-word",
        ),
        pytest.param(
            f"[[accept]]\nfinding = 'a: b'\nreason = '{REASON}'\n" * 2,
            'check.toml:4: "a: b" is accepted in line 1, too; take one out',
            id="twice",
        ),
    ],
)
def test_what_is_not_written_as_it_must_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AcceptanceError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)


def test_an_acceptance_of_what_is_not_found_is_a_warning(tmp_path: Path) -> None:
    entry = '[[accept]]\nfinding = "{}"\nreason = "' + REASON + '"\n'
    (tmp_path / "check.toml").write_text(entry.format(TITLE.name) + entry.format("key: Film(id)"))
    (stale,) = unused(read_acceptances(tmp_path), [TITLE])
    assert (stale.severity, str(stale)) == (
        Severity.WARNING,
        'check.toml:4: warning: accepted: "key: Film(id)": nothing of this name is found any more; '
        "take the entry out",
    )
