"""What the command says about a graph, in words for a terminal."""

from __future__ import annotations

from aurora_graphql.preview.checkov import Report
from aurora_graphql.preview.controls import BEYOND, CONTROLS
from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.policy import Finding, Verdict
from aurora_graphql.preview.rules import RULES


def unknowns_text(known: Graph, first: Graph) -> str:
    """How much of the stack a first ``pulumi preview`` can show before anything exists."""
    values = [str(resource.inputs) for resource in first.resources if resource.custom]
    waiting = sum(UNKNOWN in text for text in values)
    same = known.types_and_names() == first.types_and_names()
    return (
        f"{'the same' if same else 'NOT THE SAME'} resources; {waiting} of {len(values)} "
        "wait for values that only AWS can give"
    )


def policy_text(graph: Graph, verdict: Verdict, report: Report) -> str:
    """Open findings first, then what is excused and why."""
    judged = [control for control in CONTROLS if control.judged(graph)]
    failing = {control.id for control in CONTROLS if control.failing(graph)}
    lines = [
        f"{len(RULES)} rules of our own; controls of AWS (FSBP): {len(judged) - len(failing)} met, "
        f"{len(failing)} not, {len(CONTROLS) - len(judged)} without a resource, "
        f"{len(BEYOND)} beyond a graph;",
        f"checkov {report.version}: {report.passed} checks passed, {len(report.failed)} failed",
    ]
    if verdict.open:
        lines.append(f"OPEN: {len(verdict.open)}")
        lines += [f"  {finding.id}: {finding.text}" for finding in verdict.open]
    else:
        lines.append("open: none")
    lines.append(f"excused (aurora_graphql/preview/exceptions.toml): {len(verdict.excused)}")
    lines += [f"  {excuse.title}: {_ids(findings)}" for excuse, findings in verdict.excused]
    return "\n".join(lines)


def _ids(findings: tuple[Finding, ...]) -> str:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.id] = counts.get(finding.id, 0) + 1
    return ", ".join(f"{name} x{n}" if n > 1 else name for name, n in sorted(counts.items()))


def picture_title(graph: Graph, stack: str) -> str:
    """What a screen reader says instead of the picture."""
    made = sum(resource.custom for resource in graph.resources)
    return (
        f"The stack {stack}, {made} resources: callers reach API Gateway, which calls Lambda in "
        "isolated subnets, which asks Aurora MySQL"
    )
