"""Questions over 100,000 orders, each beside the SQL that an expert writes for it by hand.

``NAME.graphql`` is a document whose first line is a comment with its title, ``NAME.sql`` the same
question in SQL: statements with a blank line between, in which ``{keys}`` are the values of the
first column of the statement before. A part between ``/* for each key */`` and ``/* of them */`` is
written once for each of them, with ``{key}``, and joined by UNION ALL. ``sdl`` and ``tables.sql``
are the API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SDL = FOLDER / "sdl"
TABLES = FOLDER / "tables.sql"
_EACH = re.compile(r"/\* for each key \*/(.*?)/\* of them \*/", re.DOTALL)

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Question:
    """One of them, by the name of its files."""

    name: str

    @property
    def document(self) -> str:
        """What a client sends."""
        return (FOLDER / f"{self.name}.graphql").read_text()

    @property
    def title(self) -> str:
        """What is asked, in words."""
        return self.document.partition("\n")[0].removeprefix("# ")

    def by_hand(self, run: Callable[[str], Rows]) -> Iterator[str]:
        """The statements of the expert; ``run`` gives the rows of one."""
        rows: Rows = ()
        for text in (FOLDER / f"{self.name}.sql").read_text().split("\n\n"):
            statement = _filled(text.strip().removesuffix(";"), [row[0] for row in rows])
            yield statement
            rows = run(statement)


def questions() -> list[Question]:
    """All of them, by their names."""
    return [Question(file.stem) for file in sorted(FOLDER.glob("*.graphql"))]


def _filled(text: str, keys: Sequence[object]) -> str:
    if "{key" not in text:
        return text
    values = [str(int(str(key))) for key in keys]

    def each(found: re.Match[str]) -> str:
        return " UNION ALL ".join(found[1].strip().replace("{key}", value) for value in values)

    return _EACH.sub(each, text).replace("{keys}", ", ".join(values))
