"""The claims about AWS, and their table."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HEAD: Final = "| claim | documented | tested here | on AWS |\n|---|---|---|---|"
SEEN: Final = "not run; the rehearsal's {} would see it"
UNSEEN: Final = "not run"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something that AWS does. ``observed``: steps of the rehearsal that see it, or none."""

    id: str
    says: str
    documented: str  # address of AWS's own page
    tested: str
    observed: str


def load_claims() -> tuple[Claim, ...]:
    """All, in the order of the table."""
    text = (Path(__file__).parent / "claims.toml").read_text(encoding="utf-8")
    return tuple(Claim(**entry) for entry in tomllib.loads(text)["claim"])


def table(claims: Sequence[Claim]) -> str:
    """The table as docs/operations.md has it."""
    rows = (
        f"| {one.says} | [page]({one.documented}) | {one.tested} | "
        f"{SEEN.format(one.observed) if one.observed else UNSEEN} |"
        for one in claims
    )
    return "\n".join([HEAD, *rows])
