"""The sum of a check: nothing that is found hides something else."""

from __future__ import annotations

from aurora_graphql.check.compare import summed
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.live import Live
from aurora_graphql.check.paths import Judge
from aurora_graphql.check.sight import Sight
from handler.errors import Location
from handler.language.schema import Origin
from handler.stores.deadline import Deadline
from tests.checked import NoDatabase, model_of


def found(message: str) -> Finding:
    return Finding(
        kind=Kind.KEY, about="A(id)", message=message, origin=Origin("a.graphql", Location(1, 1))
    )


def test_each_finding_is_told_once_and_two_of_one_name_have_numbers() -> None:
    live = Live({}, Sight(), 1024, NoDatabase(), Deadline.after(1))
    findings = [found("one"), found("two"), found("one")]
    model = model_of("type Query { as: [A!]! } type A { id: ID! }")
    told = summed(findings, model, live, Judge(live))
    assert [(each.name, each.message) for each in told.findings] == [
        ("key: A(id)", "one"),
        ("key: A(id) (2)", "two"),
    ]
