"""What the command says about a graph, in words for a terminal."""

from __future__ import annotations

from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.policy import EXCEPTIONS, Verdict
from aurora_graphql.preview.rules import RULES
from aurora_graphql.preview.rules.checkov import Report
from aurora_graphql.preview.rules.rule import Finding
from aurora_graphql.preview.rules.standard import BEYOND, BY_CHECKOV


def unknowns_text(known: Graph, first: Graph) -> str:
    """How much of the stack a first ``pulumi preview`` can show before anything exists."""
    values = [str(resource.inputs) for resource in first.resources if resource.custom]
    waiting = sum(UNKNOWN in text for text in values)
    same = known.types_and_names() == first.types_and_names()
    return (
        f"{'the same' if same else 'NOT THE SAME'} resources; {waiting} of {len(values)} "
        "wait for values that only AWS can give"
    )


def policy_text(verdict: Verdict, report: Report) -> str:
    """Open findings by resource, each with its reason and remedy; then what is excepted and why."""
    by_rule = {name for rule in RULES for name in rule.controls}
    asked = (
        f"checkov {report.version}: {report.passed} checks passed, {len(report.failed)} failed;"
        if report.version
        else "checkov is not installed, so it was not asked (pipx install checkov);"
    )
    lines = [
        f"{len(RULES)} rules of our own; {asked}",
        f"controls of AWS (FSBP): {len(by_rule)} judged by our rules, {len(BY_CHECKOV)} by "
        f"checkov, {len(BEYOND)} beyond a graph",
    ]
    if verdict.open:
        lines.append(f"OPEN: {len(verdict.open)}")
        for resource in sorted({finding.resource for finding in verdict.open}):
            lines.append(f"  {resource}")
            for finding in verdict.open:
                if finding.resource == resource:
                    lines += _finding_lines(finding)
    else:
        lines.append("open: none")
    lines.append(
        f"excepted by name ({EXCEPTIONS.name} and the stack's file): {len(verdict.excused)}"
    )
    lines += [f"  {excuse.title}: {_ids(findings)}" for excuse, findings in verdict.excused]
    lines += [
        f"  {excuse.place} excepts {' '.join(excuse.ids)} at {excuse.resources}, where nothing is "
        "found any more"
        for excuse in verdict.unused
        if report.version or not any(each.startswith("CKV") for each in excuse.ids)
    ]
    return "\n".join(lines)


def _finding_lines(finding: Finding) -> list[str]:
    lines = [f"    {finding.id}: {finding.text}", f"      rule: {finding.holds}"]
    if finding.why:
        lines.append(f"      why: {finding.why}")
    if finding.remedy:
        lines.append(f"      remedy: {finding.remedy}")
    return lines


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
