"""Row rules of every kind: several at once, chains, lifted apart, over columns that deceive.

As in ``test_row_access``, over other tables: names that a collation takes for one, numbers, and
fields that may be null because the caller may not see where they lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.check.finding import Kind, Severity
from aurora_graphql.dev.servers import MariaDb
from handler.compiler.tables import Tables
from handler.compiler.visible import VisibleRows
from handler.sql.statement import Sql
from tests.apis import open_api
from tests.callers import ANONYMOUS, DEVELOPMENT, Caller, Oracle, token
from tests.checked import MANY, checked
from tests.documents import Document
from tests.domains.clinic.rows import clinic_rows
from tests.domains.database import insert_rows
from tests.domains.orders.values import fold
from tests.integration.servers import fresh_database, run_script
from tests.paths import PathWriter, cursor_of
from tests.proof import Proof
from tests.random_filters import RandomFilters
from tests.reference import Reference

CLINIC = Path(__file__).parents[1] / "domains" / "clinic"
DEPTH, DEPTH_AT_NIGHT = 4, 7

CALLERS = (
    ANONYMOUS,
    DEVELOPMENT,
    token("ann", clinic="1", doctor="ann", page="1"),
    token("ann-in-capitals", "read", clinic="1", doctor="ANN"),
    token("ann-with-dots", "read", clinic="1", doctor="Änn"),
    token("ann-in-a-clinic-that-is-gone", "read", clinic="7", doctor="ANN"),
    token("ann-nowhere", "read", doctor="ann"),
    token("everybody-s-number", "read", clinic="01", doctor="ann"),
    token("a-number-and-more", "read", clinic="1x", doctor="ann"),
    token("ward", "read", "ward", clinic="1"),
    token("ward-with-one-scope-of-two", "ward", clinic="1", page="2"),
    token("seven", "read", clinic="2", doctor="7"),
    token("admin-of-one-page", "admin", page="2"),
    token("admin", "admin", "read"),
)
SEVEN = CALLERS[11]  # whose rows stand behind those of others
ONE_PAGE = CALLERS[12]  # who sees all visits, and one note of each
by_caller = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)


@pytest.fixture(scope="module")
def clinic(mariadb: MariaDb) -> Iterator[Proof]:
    with fresh_database(mariadb) as url:
        run_script(url, *(CLINIC / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, clinic_rows())
        sdl = (CLINIC / "sdl" / "clinic.graphql").read_text()
        reference = Reference(url, sdl, {}, fold=lambda text: fold(text).rstrip(" "))
        with open_api(url, CLINIC / "sdl") as api:
            yield Proof(api, Oracle(reference), PathWriter(reference, openings(reference)))


def openings(reference: Reference) -> dict[str, list[dict[str, object]]]:
    """Arguments that lead to rows of several doctors and clinics, and to nothing."""
    patients = cursor_of(reference, "Query", "patients")
    of_clinic = cursor_of(reference, "Clinic", "patients")
    led = cursor_of(reference, "Clinic", "led")
    return {
        "Query.clinic": [{"clinicId": number} for number in ("1", "2", "7")],
        "Query.clinics": [{"first": 3}],
        "Query.patient": [{"patientId": name} for name in ("p1-1", "p0-1", "p4-2", "p0-7", "x")],
        "Query.patients": [
            {"first": 4},
            {"last": 3},
            {"first": 3, "after": patients(5)},
            {"last": 2, "before": patients(20)},
        ],
        "Query.visit": [{"visitId": str(number)} for number in (10, 9, 33, 1000)],
        "Query.note": [{"visitId": str(visit), "number": 1} for visit in (10, 42, 33, 62)],
        "Query.notes": [
            {"first": 5},
            {"first": 2, "after": cursor_of(reference, "Query", "notes")(9)},
        ],
        "Clinic.patients": [{"first": 2}, {"first": 3, "after": of_clinic(9)}],
        "Clinic.led": [{"first": 2}, {"last": 3}, {"first": 2, "after": led(5)}, {"last": 9}],
    }


def test_the_rows_are_of_several_callers(clinic: Proof) -> None:
    """What is proved below is about something."""
    seen = {caller.name: clinic.oracle.rows(caller) for caller in CALLERS}
    patients = {
        name: [row["patient_id"] for row in rows["patients"]] for name, rows in seen.items()
    }
    assert patients["ann"] == ["p1-1"]
    assert patients["ann-in-capitals"] == ["p0-1"]
    assert patients["ann-with-dots"] == ["p2-1"]
    assert patients["ann-in-a-clinic-that-is-gone"] == ["p0-7"]
    assert patients["seven"] == ["p4-2"]
    assert len(patients["ward"]) == 8
    for nobody in (
        "anonymous",
        "ann-nowhere",
        "everybody-s-number",
        "a-number-and-more",
        "ward-with-one-scope-of-two",
    ):
        assert patients[nobody] == []
    assert len(seen["admin"]["notes"]) == len(seen["development"]["notes"])
    assert len(seen["admin"]["notes"]) > len(seen["admin-of-one-page"]["notes"]) > 0
    assert seen["ann"]["notes"]


def test_every_access_of_every_caller_has_an_index(clinic: Proof) -> None:
    proved = clinic.api
    found = checked(proved.engine.model, clinic.oracle.reference.url, MANY)
    # What a filter input may compare has no index here; what the rules and lists compare has.
    inputs = tuple(f"{name}(" for name in proved.engine.model.filter_inputs)
    wrong = found.of(Severity.ERROR, Severity.WARNING)
    assert [str(each) for each in wrong if not each.about.startswith(inputs)] == []
    assert [str(each) for each in found.findings if each.kind is Kind.UNPROVED] == []


@by_caller
def test_every_path_gives_what_the_caller_may_see(clinic: Proof, caller: Caller) -> None:
    clinic.check_paths(caller, DEPTH)


@pytest.mark.nightly
@by_caller
def test_every_longer_path_in_every_form_gives_what_the_caller_may_see(
    clinic: Proof, caller: Caller
) -> None:
    for document in clinic.all_documents(DEPTH_AT_NIGHT):
        clinic.check(caller, document, clinic.ask(caller, document))


FILTERED = """query (
  $c: ClinicFilter, $p: PatientFilter, $v: VisitFilter, $n: NoteFilter, $r: ReferralFilter
  $l: LedEdgeFilter
) {
  clinics(where: $c, first: 10) {
    clinicId countOf(where: $p) ledCount(where: $l)
    led(where: $l, first: 30) { totalCount edges { node { referralId } } }
  }
  patients(where: $p, first: 50) { totalCount nodes { patientId } }
  visits(where: $v) { visitId }
  notes(where: $n, first: 100) { totalCount nodes { visitId number } }
  referrals(where: $r, first: 20) { referralId }
}"""
POOLS: dict[str, list[Any]] = {
    "Clinic.city": ["Bonn", "", "x"],
    "Patient.doctor": ["ann", "ANN", "Änn", "7", ""],
    "Patient.born": [1900, 1950, 2000],
    "Visit.price": ["0", "10.5", "100"],
    "Note.number": [1, 2],
    "Note.text": ["", "a"],
    "Referral.edge.born": [1900, 1950, 2000],
    "Referral.edge.doctor": ["ann", "ANN", "7", ""],
}


def check_filters(clinic: Proof, caller: Caller, rounds: int) -> None:
    """Random filters choose by the rows alone that the caller sees."""
    filters = RandomFilters(clinic.oracle.reference, POOLS, rounds)
    kinds = {"c": "Clinic", "p": "Patient", "v": "Visit", "n": "Note", "r": "Referral"}
    for _ in range(rounds):
        variables = {name: filters.draw(kind) for name, kind in kinds.items()}
        variables["l"] = filters.draw_edges("Clinic", "led")
        document = Document(FILTERED, variables)
        clinic.check(caller, document, clinic.ask(caller, document))


TOTALS = """{
  patientCount spent lastBorn pages
  born: patientCount(where: {born: {gt: 1960}})
  spending: patientCount(where: {spent: {gt: "50"}})
  inBonn: patientCount(where: {clinic: {patientCount: {gt: 2}, youngest: {lt: 1990}}})
}"""


@by_caller
def test_values_of_the_root_are_made_of_the_rows_that_the_caller_sees(
    clinic: Proof, caller: Caller
) -> None:
    document = Document(TOTALS, {})
    clinic.check(caller, document, clinic.ask(caller, document))


@by_caller
def test_filters_choose_by_the_rows_that_the_caller_sees(clinic: Proof, caller: Caller) -> None:
    check_filters(clinic, caller, 6)


@pytest.mark.parametrize(
    ("alias", "caller"), [("f1", SEVEN), ("f1_1", SEVEN), ("g1", SEVEN), ("f2", ONE_PAGE)]
)
def test_a_guard_left_out_of_a_filter_is_noticed(
    clinic: Proof, alias: str, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards = Tables._guards

    def some(self: Tables, rows: VisibleRows, name: str) -> Iterator[Sql]:
        return iter(()) if name == alias else guards(self, rows, name)

    monkeypatch.setattr(Tables, "_guards", some)
    with pytest.raises(AssertionError):
        check_filters(clinic, caller, 60)


def test_some_paths_give_the_same_by_tartiflette(clinic: Proof) -> None:
    for document in list(clinic.some_documents(DEPTH))[::6]:
        for caller in (CALLERS[3], CALLERS[9]):
            text, variables = document.text, document.variables
            answer = clinic.api.run_by_executor(text, variables, caller.principal)
            clinic.check(caller, document, answer)


@pytest.mark.parametrize("alias", ["t0", "t1", "k", "r", "g1", "g2", "t0_1", "k_1", "r_1"])
def test_a_guard_left_out_anywhere_is_noticed(
    clinic: Proof, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of first tables, joined ones, pages, counts and sums, of the rows that decide, and of link
    tables on the way to each of these."""
    guards = Tables._guards

    def some(self: Tables, rows: VisibleRows, name: str) -> Iterator[Sql]:
        return iter(()) if name == alias else guards(self, rows, name)

    monkeypatch.setattr(Tables, "_guards", some)
    with pytest.raises(AssertionError):
        clinic.check_paths(SEVEN, DEPTH)


def test_a_comparison_by_the_collation_alone_is_noticed(
    clinic: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards = Tables._guards

    def loose(self: Tables, rows: VisibleRows, name: str) -> Iterator[Sql]:
        for part in guards(self, rows, name):
            equal, _, exact = part.text.partition(" AND ")
            yield Sql(equal, part.parameters[:1]) if "CAST(" in exact else part

    monkeypatch.setattr(Tables, "_guards", loose)
    with pytest.raises(AssertionError):
        clinic.check_paths(CALLERS[3], DEPTH)


# ---------------------------------------------------------------------------- Python resolvers

RESOLVED = """
  told: [Note] @resolver
  one(patientId: ID!): Patient @resolver
  born: Int @resolver
  careless(text: String!): Int @resolver
"""


async def told(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> Any:
    """Keys of rows, whoever may see them."""
    return [{"visitId": str(visit), "number": 1} for visit in (42, 10, 33, 1000)]


async def one(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> Any:
    """The key of one row, as the caller says."""
    return {"patientId": arguments["patientId"]}


async def born(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> int:
    """From the rows that the caller sees, between parameters of its own."""
    rows = await context.fetch(
        "SELECT %s AS a, COUNT(*) AS n, '100%%' AS b FROM {Patient} p JOIN {Visit} v"
        " ON v.patient_id = p.patient_id WHERE p.born > %s LIMIT 1",
        "x",
        1900,
    )
    assert (rows[0]["a"], rows[0]["b"]) == ("x", "100%")
    return int(rows[0]["n"])


async def careless(parent: Mapping[str, Any], arguments: Mapping[str, Any], context: Any) -> int:
    """Runs any text."""
    return len(await context.fetch(arguments["text"]))


RESOLVERS = {
    "Query.told": told,
    "Query.one": one,
    "Query.born": born,
    "Query.careless": careless,
}


@pytest.fixture(scope="module")
def resolved(clinic: Proof, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proof]:
    """The same API with fields that Python answers."""
    folder = tmp_path_factory.mktemp("sdl")
    sdl = (CLINIC / "sdl" / "clinic.graphql").read_text()
    opened = sdl.replace("type Query {", "type Query @public {" + RESOLVED, 1)
    (folder / "clinic.graphql").write_text(opened)
    url = clinic.oracle.reference.url
    with open_api(url, folder, resolvers="tests.integration.test_row_access_clinic") as api:
        yield Proof(api, clinic.oracle, clinic.writer)


def ask(clinic: Proof, caller: Caller, text: str) -> Any:
    answer = clinic.ask(caller, Document(text, {}))
    return answer.body["data"] if "errors" not in answer.body else answer.body


@by_caller
def test_keys_that_python_gives_lead_to_visible_rows_only(resolved: Proof, caller: Caller) -> None:
    rows = resolved.oracle.rows(caller)
    notes = {(row["visit_id"], row["number"]) for row in rows["notes"]}
    found = ask(resolved, caller, "{ told { visitId number } }")["told"]
    given = [("42", "1"), ("10", "1"), ("33", "1"), ("1000", "1")]
    assert found == [
        {"visitId": visit, "number": int(number)} if (visit, number) in notes else None
        for visit, number in given
    ]
    patients = {row["patient_id"]: row for row in rows["patients"]}
    for name in ("p0-1", "p1-1", "p4-2", "x"):
        found = ask(resolved, caller, f'{{ one(patientId: "{name}") {{ patientId visitCount }} }}')
        visits = [row for row in rows["visits"] if row["patient_id"] == name]
        seen = {"patientId": name, "visitCount": len(visits)}
        assert found == {"one": seen if name in patients else None}


@by_caller
def test_python_reads_the_rows_that_the_caller_sees(resolved: Proof, caller: Caller) -> None:
    rows = resolved.oracle.rows(caller)
    patients = {row["patient_id"] for row in rows["patients"]}
    joined = [row for row in rows["visits"] if row["patient_id"] in patients]
    assert ask(resolved, caller, "{ born }") == {"born": len(joined)}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM patients LIMIT 1",
        "SELECT 1 FROM `PATIENTS` LIMIT 1",
        "SELECT 1 FROM clinics c JOIN\\tvisits v ON TRUE LIMIT 1",
        "SELECT 1 FROM {Patient} p, notes LIMIT 1",
        "SELECT 1 FROM {Nobody} n LIMIT 1",
        "SELECT 1 FROM {PatientConnection} n LIMIT 1",
        "SELECT 1 FROM {Patient} p WHERE born > %s LIMIT 1",
    ],
)
@pytest.mark.parametrize("caller", [DEVELOPMENT, SEVEN], ids=lambda caller: caller.name)
def test_python_that_forgets_the_rules_is_refused(
    resolved: Proof, caller: Caller, text: str
) -> None:
    """In development, too, so that it is found there."""
    found = ask(resolved, caller, f'{{ careless(text: "{text}") }}')
    assert found["data"] == {"careless": None}
    (error,) = found["errors"]
    assert (error["message"], error["code"]) == ("Internal error", "INTERNAL")


def test_python_may_read_tables_without_rules(resolved: Proof) -> None:
    text = "SELECT 1 FROM clinics c JOIN referrals r ON TRUE LIMIT 2"
    assert ask(resolved, SEVEN, f'{{ careless(text: "{text}") }}') == {"careless": 2}
