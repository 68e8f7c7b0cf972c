"""What a person should know of what was written: short, and in the order of what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from aurora_graphql.project.description import Api
from aurora_graphql.project.left_out import FILE
from aurora_graphql.project.reading import Seen
from aurora_graphql.project_file import FILE as PROJECT_FILE
from aurora_graphql.project_file import Project

REPORT_FILE: Final = "report.txt"
MOST_LINES: Final = 20  # of each part on a terminal
_ACCESS = """\
Nothing is open yet: `aurora-graphql dev` asks nobody, but deployed, or with AUTH=on, every type is
closed.
Write on each who may read its rows, such as
{examples}
and @rowAccess where callers see rows of their own only; or take the folder away and write it again
with --access RULE, which stands on every type then."""


def report(
    api: Api,
    seen: Seen,
    folder: Path,
    *,
    access: str,
    most: int | None = None,
    says_next: bool = True,
) -> str:
    """The whole text, with the commands that come next; ``most``: lines of each part."""

    def listed(title: str, lines: Iterable[str]) -> str:
        found = list(lines)
        shown = found[:most]
        more = [f"... and {len(found) - len(shown)} more, in {REPORT_FILE}"]
        shown += more if len(found) > len(shown) else []
        return "\n".join((title, *(f"  {line}" for line in shown))) if found else ""

    relations = sum(len(each.relations) for each in api.types)
    head = (
        f"{seen.database} on {seen.server}: {len(api.types)} types, {relations} relations,"
        f" {sum(len(each.roots) for each in api.types)} questions"
    )
    told = _ACCESS.format(examples=_examples(api.types[0].name))
    parts = [
        head,
        f"Every type has {access}: see that it is right for each of them." if access else told,
        listed(
            f"Left out (in {FILE}; to have one all the same: --add NAME)",
            (f"{each.name}: {each.reason}" for each in api.left_out),
        ),
        listed("Named otherwise than by rule", api.renamed),
        listed("Guessed; take out what is wrong", api.guessed),
        listed("Not seen by this account", seen.unseen),
        listed("To know", api.told),
        "\n".join(("Next", *(f"  {line}" for line in _next(folder)))) if says_next else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _examples(name: str) -> str:
    rules = {
        "@public": "everybody",
        "@authenticated": "whoever has a token or an API key",
        f'@requiresScopes(scopes: [["{name.lower()}:read"]])': "whoever has the scope",
    }
    lines = {f"type {name} {rule} {{": told for rule, told in rules.items()}
    width = max(map(len, lines))
    return "\n".join(f"  {line:<{width}}  # {told}" for line, told in lines.items())


def _next(folder: Path) -> Iterator[str]:
    """Commands for the SDL: of the project beside it, or of itself alone."""
    is_own = (folder.parent / PROJECT_FILE).is_file() and Project.of(folder.parent).sdl == folder
    named, alone = ("", "") if is_own else (f" --sdl {folder}", f" {folder}")
    yield "export DATABASE_URL=mysql://..."
    yield f"aurora-graphql dev{named}    # questions to it on http://127.0.0.1:8000/"
    yield f"aurora-graphql check{named}  # what no index serves, and what may not fit"
    yield f"aurora-graphql sdl{alone}          # later: how the database differs from it"
