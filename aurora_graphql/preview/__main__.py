"""``python -m aurora_graphql.preview [stack]``: what a stack is, what changed, policies, costs.

Writes ``docs/architecture.svg`` and, into ``build/preview``, this stack's picture and its plan.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aurora_graphql.preview.checkout import ROOT, RevisionError, recorded_at
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

DIAGRAM = ROOT / "docs" / "architecture.svg"
OUTPUT = ROOT / "build" / "preview"
PICTURED = "prod"
"""The stack in the README: it has everything."""

USUAL = "HEAD"
"""The revision that a stack is compared with if nobody names another."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the preview. 0: no open finding; 1: one at least; 2: there is nothing to show."""
    options = _parser().parse_args(arguments)
    sys.path.insert(0, str(ROOT))  # `make preview` may be called from anywhere
    from components.archive import ArchiveError

    try:
        traffic = Traffic(requests=options.requests, hit_rate=options.hit_rate)
        with _archive(options.stack) as archive:
            return _preview(options.stack, options.against, traffic, archive)
    except (ArchiveError, RevisionError, ValueError, checkov.CheckovError) as error:
        print(f"preview: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    usual = Traffic()
    parser = argparse.ArgumentParser(prog="python -m aurora_graphql.preview", description=__doc__)
    parser.add_argument("stack", nargs="?", default="dev", choices=stack_names(ROOT))
    parser.add_argument(
        "--against", default="", help="another stack, or a revision of git (default: HEAD)"
    )
    parser.add_argument("--requests", type=float, default=usual.requests, help="a month")
    parser.add_argument("--hit-rate", type=float, default=usual.hit_rate, help="0 to 1")
    return parser


@contextmanager
def _archive(stack: str) -> Iterator[Path]:
    """The folder with the stack's archive; one to look at, where nothing has been built yet."""
    folder = archive_folder(ROOT, stack)
    if (folder / "manifest.json").exists():
        yield folder
        return
    print(
        f"There is no archive in {folder.name}/ yet: what is shown has one without a handler in "
        "it. Run make package before pulumi up.\n"
    )
    with tempfile.TemporaryDirectory(prefix="aurora-preview-") as pretended:
        write_archive(Path(pretended), sdl=ROOT / "sdl", migrations=ROOT / "migrations")
        yield Path(pretended)


def _preview(stack: str, against: str, traffic: Traffic, archive: Path) -> int:
    changes = {ARCHIVE_KEY: str(archive)}
    graph = run_program(ROOT, stack, changes=changes)
    first = run_program(ROOT, stack, outputs_known=False, changes=changes)
    prefix = stack_prefix(graph)
    _section(f"{stack}: resources", tree_text(graph))
    _section("first preview", unknowns_text(graph, first))
    _section(f"{stack} against {against or USUAL}", _changes(graph, stack, against, archive))
    plan = build_plan(graph)
    report = checkov.check(plan, prefix=prefix)
    # A finding in the first preview alone counts, too: that is what a new stack begins with.
    found = dict.fromkeys([*find(graph), *find(first), *report.failed])
    own = stack_excuses(stack_settings(ROOT, stack).get(SETTING, ()), f"Pulumi.{stack}.yaml")
    verdict = judge(found, [*load_excuses(), *own])
    _section("policies", policy_text(verdict, report))
    _section("a month", _bill(graph, stack, traffic))
    _section("written", "\n".join(_written(graph, stack, plan, archive)))
    return 1 if verdict.open else 0


def _section(title: str, text: str) -> None:
    print(f"== {title}\n{text}\n")


def _changes(graph: Graph, stack: str, against: str, archive: Path) -> str:
    """What ``graph`` has more, less and otherwise than another stack's settings, or a revision."""
    if against in stack_names(ROOT):
        other = run_program(ROOT, stack, settings_of=against, changes={ARCHIVE_KEY: str(archive)})
        return difference_text(compare(other, graph), stack_prefix(graph))
    manifest = json.loads((archive / "manifest.json").read_text(encoding="utf-8"))
    try:
        before = recorded_at(against or USUAL, stack, manifest, repository=ROOT)
    except RevisionError as error:
        if against:
            raise
        return f"not compared: {error}"  # nobody asked for it
    if before is None:
        return f"{against or USUAL} has no Pulumi.{stack}.yaml: all of the stack is new"
    return difference_text(compare(before, graph), stack_prefix(graph))


def _bill(graph: Graph, stack: str, traffic: Traffic) -> str:
    try:
        found = estimate(graph, traffic, Prices.load())
    except PriceError as error:  # the rest of the preview stands without it
        return f"no estimate: {error}"
    return cost_text(found, stack_region(ROOT, stack))


def _written(graph: Graph, stack: str, plan: dict[str, object], archive: Path) -> list[str]:
    """Write the pictures and the plan; say which, and whether the picture in the docs changed."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    picture, plan_path = OUTPUT / f"{stack}.svg", OUTPUT / f"{stack}.plan.json"
    picture.write_text(_drawing(graph, stack), encoding="utf-8")
    plan_path.write_text(json.dumps(plan, indent=1, sort_keys=True), encoding="utf-8")
    shown = graph
    if stack != PICTURED:
        shown = run_program(ROOT, PICTURED, changes={ARCHIVE_KEY: str(archive)})
    drawing = _drawing(shown, PICTURED)
    before = DIAGRAM.read_text(encoding="utf-8") if DIAGRAM.exists() else ""
    DIAGRAM.write_text(drawing, encoding="utf-8")
    return [
        f"{DIAGRAM.relative_to(ROOT)} ({PICTURED}, {'same' if before == drawing else 'changed'})",
        str(picture.relative_to(ROOT)),
        str(plan_path.relative_to(ROOT)),
    ]


def _drawing(graph: Graph, stack: str) -> str:
    return draw(build_picture(graph), picture_title(graph, stack))


if __name__ == "__main__":
    sys.exit(main())
