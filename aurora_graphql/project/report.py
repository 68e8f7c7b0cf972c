"""What a person should know of what was written: short, and in the order of what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from aurora_graphql.project.description import Api
from aurora_graphql.project.left_out import FILE
from aurora_graphql.project.reading import Seen

_ACCESS = """\
Nothing is open yet. Write on each type who may read its rows, such as

  type {example} @public {{                                      everybody
  type {example} @authenticated {{                               whoever has a token or an API key
  type {example} @requiresScopes(scopes: [["{scope}:read"]]) {{   whoever has the scope

or on fields, and @rowAccess where callers see rows of their own only; --access "@authenticated"
writes a rule on every type that is written. `make run` asks nobody unless AUTH=on."""


def report(api: Api, seen: Seen, folder: Path, *, access: str) -> str:
    """The whole text, with the commands that come next."""
    relations = sum(len(each.relations) for each in api.types)
    head = (
        f"{seen.database} on {seen.server}: {len(api.types)} types, {relations} relations,"
        f" {sum(len(each.roots) for each in api.types)} questions"
    )
    example = api.types[0].name if api.types else "Film"
    told = _ACCESS.format(example=example, scope=example.lower())
    parts = [
        head,
        f"Every type has {access}: see that it is right for each of them." if access else told,
        _listed(
            f"Left out (in {FILE}; to have one all the same: --add NAME)",
            (f"{each.name}: {each.reason}" for each in api.left_out),
        ),
        _listed("Named otherwise than by rule", api.renamed),
        _listed("Guessed; take out what is wrong", api.guessed),
        _listed("Not seen by this account", seen.unseen),
        _listed("To know", api.told),
        "\n".join(("Next", *(f"  {line}" for line in _next(folder)))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _next(folder: Path) -> Iterator[str]:
    given = f"SDL_DIR={folder} DATABASE_URL=mysql://..."
    yield f"make run {given}    questions to it on http://127.0.0.1:8000/"
    yield f"make check {given}  what indexes do not serve, and what data may not fit"
    yield f"make sdl {given}    later: how the database differs from what stands there"


def _listed(title: str, lines: Iterable[str]) -> str:
    found: Sequence[str] = list(lines)
    return "\n".join((title, *(f"  {line}" for line in found))) if found else ""
