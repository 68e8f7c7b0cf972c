"""The preview of a stack: what it is, what changed, policies, costs.

Writes pictures of the stack and its plan into ``build/preview``, and ``docs/architecture.svg`` anew
where a project has that.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aurora_graphql.errors import ToolError
from aurora_graphql.preview.board import board_of, draw_board
from aurora_graphql.preview.checkout import RevisionError, recorded_at
from aurora_graphql.preview.cost import cost_text, estimate
from aurora_graphql.preview.diagram import draw
from aurora_graphql.preview.difference import compare, difference_text
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.picture import build_picture
from aurora_graphql.preview.policy import (
    SETTING,
    find,
    judge,
    load_excuses,
    stack_excuses,
    stack_prefix,
)
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.prices import PriceError, Prices
from aurora_graphql.preview.program import (
    ARCHIVE_KEY,
    archive_folder,
    run_program,
    stack_names,
    stack_region,
    stack_settings,
)
from aurora_graphql.preview.report import picture_title, policy_text, unknowns_text
from aurora_graphql.preview.rules import checkov
from aurora_graphql.preview.terraform import build_plan
from aurora_graphql.preview.traffic import Traffic
from aurora_graphql.preview.tree import tree_text
from aurora_graphql.project_file import Project

DIAGRAM = Path("docs", "architecture.svg")
OUTPUT = Path("build", "preview")
PICTURED = "prod"
"""The stack in that diagram: it has everything."""

USUAL = "HEAD"
"""The revision that a stack is compared with if nobody names another."""


class PreviewError(ToolError):
    """There is no such stack, or it cannot be shown."""


def run(
    project: Project,
    stack: str,
    *,
    against: str = "",
    requests: float | None = None,
    hit_rate: float | None = None,
) -> int:
    """Print the preview. 0: no open finding; 1: one at least.

    ``requests``: a month. ``hit_rate``: 0 to 1. Raises ``PreviewError``, ``RevisionError`` and
    ``CheckovError`` where there is nothing to show.
    """
    root = project.stacks
    known = stack_names(root) if (root / "Pulumi.yaml").is_file() else []
    if stack not in known:
        stacks = ", ".join(known) or "none"
        raise PreviewError(f"{root} has no Pulumi.{stack}.yaml beside Pulumi.yaml; it has {stacks}")
    usual = Traffic()
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # as the engine does it, for modules beside the program
    from components.archive import ArchiveError

    try:
        traffic = Traffic(
            requests=usual.requests if requests is None else requests,
            hit_rate=usual.hit_rate if hit_rate is None else hit_rate,
        )
        with _archive(project, stack) as archive:
            return _preview(root, stack, against, traffic, archive)
    except (ArchiveError, ValueError) as error:
        raise PreviewError(str(error)) from error


@contextmanager
def _archive(project: Project, stack: str) -> Iterator[Path]:
    """The folder with the stack's archive; one to look at, where nothing has been built yet."""
    folder = archive_folder(project.stacks, stack)
    if (folder / "manifest.json").exists():
        yield folder
        return
    print(
        f"There is no archive in {folder.name}/ yet: what is shown has one without a handler in "
        "it. Run aurora-graphql package before pulumi up.\n"
    )
    with tempfile.TemporaryDirectory(prefix="aurora-preview-") as pretended:
        write_archive(Path(pretended), project)
        yield Path(pretended)


def _preview(root: Path, stack: str, against: str, traffic: Traffic, archive: Path) -> int:
    changes = {ARCHIVE_KEY: str(archive)}
    graph = run_program(root, stack, changes=changes)
    first = run_program(root, stack, outputs_known=False, changes=changes)
    prefix = stack_prefix(graph)
    _section(f"{stack}: resources", tree_text(graph))
    _section("first preview", unknowns_text(graph, first))
    _section(f"{stack} against {against or USUAL}", _changes(root, graph, stack, against, archive))
    plan = build_plan(graph)
    report = checkov.check(plan, prefix=prefix)
    # A finding in the first preview alone counts, too: that is what a new stack begins with.
    found = dict.fromkeys([*find(graph), *find(first), *report.failed])
    own = stack_excuses(stack_settings(root, stack).get(SETTING, ()), f"Pulumi.{stack}.yaml")
    verdict = judge(found, [*load_excuses(), *own])
    _section("policies", policy_text(verdict, report))
    _section("a month", _bill(root, graph, stack, traffic))
    _section("written", "\n".join(_written(root, graph, stack, plan, archive)))
    return 1 if verdict.open else 0


def _section(title: str, text: str) -> None:
    print(f"== {title}\n{text}\n")


def _changes(root: Path, graph: Graph, stack: str, against: str, archive: Path) -> str:
    """What ``graph`` has more, less and otherwise than another stack's settings, or a revision."""
    if against in stack_names(root):
        other = run_program(root, stack, settings_of=against, changes={ARCHIVE_KEY: str(archive)})
        return difference_text(compare(other, graph), stack_prefix(graph))
    manifest = json.loads((archive / "manifest.json").read_text(encoding="utf-8"))
    try:
        before = recorded_at(against or USUAL, stack, manifest, repository=root)
    except RevisionError as error:
        if against:
            raise
        return f"not compared: {error}"  # nobody asked for it
    if before is None:
        return f"{against or USUAL} has no Pulumi.{stack}.yaml: all of the stack is new"
    return difference_text(compare(before, graph), stack_prefix(graph))


def _bill(root: Path, graph: Graph, stack: str, traffic: Traffic) -> str:
    try:
        found = estimate(graph, traffic, Prices.load(stack_region(root, stack)))
    except PriceError as error:  # the rest of the preview stands without it
        return f"no estimate: {error}"
    return cost_text(found)


def _written(
    root: Path, graph: Graph, stack: str, plan: dict[str, object], archive: Path
) -> list[str]:
    """Write the pictures and the plan; say which, and whether the picture in the docs changed."""
    folder = root / OUTPUT
    folder.mkdir(parents=True, exist_ok=True)
    picture, plan_path = folder / f"{stack}.svg", folder / f"{stack}.plan.json"
    picture.write_text(_drawing(graph, stack), encoding="utf-8")
    plan_path.write_text(json.dumps(plan, indent=1, sort_keys=True), encoding="utf-8")
    written = [str(picture.relative_to(root)), str(plan_path.relative_to(root))]
    if (board := board_of(graph)) is not None:
        board_path = folder / f"{stack}.dashboard.svg"
        board_path.write_text(draw_board(board, f"The dashboard of {stack}"), encoding="utf-8")
        written.append(str(board_path.relative_to(root)))
    diagram = root / DIAGRAM
    if not diagram.exists() or PICTURED not in stack_names(root):
        return written
    shown = graph
    if stack != PICTURED:
        shown = run_program(root, PICTURED, changes={ARCHIVE_KEY: str(archive)})
    drawing = _drawing(shown, PICTURED)
    same = diagram.read_text(encoding="utf-8") == drawing
    diagram.write_text(drawing, encoding="utf-8")
    return [f"{DIAGRAM} ({PICTURED}, {'same' if same else 'changed'})", *written]


def _drawing(graph: Graph, stack: str) -> str:
    return draw(build_picture(graph), picture_title(graph, stack))
