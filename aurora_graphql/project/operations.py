"""Documents to begin with: for each type a page of its list, and one row by its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora_graphql.project.description import Api, Column, Root, Type

_HEAVY = frozenset(("Bytes", "GeoJSON", "JSON"))  # left out of pages


def print_operations(api: Api) -> dict[str, str]:
    """The documents by file name."""
    types = {each.name: each for each in api.types}
    return {name: text for each in api.types for name, text in operations_of(each, types)}


def operations_of(found: Type, types: Mapping[str, Type]) -> Iterator[tuple[str, str]]:
    """The documents of one type: those of its first look-up and of its list."""
    one = next((root for root in found.roots if not root.is_list), None)
    many = next((root for root in found.roots if root.is_list), None)
    if one is not None:
        yield f"{one.field}.graphql", _one(found, one, types)
    if many is not None:
        yield f"{many.field}.graphql", _many(found, many)


def _one(found: Type, root: Root, types: Mapping[str, Type]) -> str:
    variables = ", ".join(f"${each.name}: {each.type}" for each in root.arguments)
    given = ", ".join(f"{each.name}: ${each.name}" for each in root.arguments)
    lines = [f"query {_capital(root.field)}({variables}) {{", f"  {root.field}({given}) {{"]
    lines += [f"    {column.field}" for column in found.columns]
    for relation in found.relations:
        target = types.get(relation.target)
        if relation.is_list or target is None:
            continue
        lines += [f"    {relation.field} {{", *_label(target, 6), "    }"]
    return "\n".join((*lines, "  }", "}")) + "\n"


def _label(target: Type, indent: int) -> Iterator[str]:
    """The key of a row, and the first text of it."""
    by_field = {column.field: column for column in target.columns}
    texts = [each.field for each in target.columns if each.type == "String"]
    shown = dict.fromkeys((*target.key, *texts[:1]))
    return (" " * indent + name for name in shown if name in by_field)


def _many(found: Type, root: Root) -> str:
    def is_shown(column: Column) -> bool:
        return column.type not in _HEAVY or column.field in found.key

    return "\n".join(
        (
            f"query {_capital(root.field)}($first: Int, $after: String) {{",
            f"  {root.field}(first: $first, after: $after) {{",
            "    nodes {",
            *(f"      {column.field}" for column in found.columns if is_shown(column)),
            "    }",
            "    pageInfo {",
            "      hasNextPage",
            "      endCursor",
            "    }",
            "  }",
            "}\n",
        )
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
