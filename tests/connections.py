"""The connections that an SDL leaves out, written by hand for those who read plain SDL."""

from __future__ import annotations

import re

_PAGE_INFO = """
type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}
"""


def with_connections(sdl: str) -> str:
    """The SDL with a declaration of every connection, edge and page info that it only names."""
    declared = set(re.findall(r"(?m)^type (\w+)", sdl))
    parts = [sdl]
    numbered = set(re.findall(r"\boffset: Int\s*\)\s*:\s*(\w+)Connection", sdl))
    nodes = dict(re.findall(r"(?m)^type (\w+)Edge\b[^{]*\{[^}]*?\bnode: (\w+)", sdl))
    for row in dict.fromkeys(re.findall(r"\b([A-Z]\w*)Connection\b", sdl)):
        if f"{row}Connection" not in declared:
            parts.append(
                f"type {row}Connection {{ edges: [{row}Edge!]! nodes: [{nodes.get(row, row)}!]!"
                " pageInfo: PageInfo! totalCount: Int!"
                f"{' totalPages: Int!' if row in numbered else ''} }}\n"
            )
        if f"{row}Edge" not in declared:
            parts.append(f"type {row}Edge {{ node: {row}! cursor: String! }}\n")
    if len(parts) > 1 and "PageInfo" not in declared:
        parts.append(_PAGE_INFO)
    return "\n".join(parts)
