"""Every list and relation of a generated API, paged through, and what SQL gives for them.

The SQL is written here, by the catalogue's names and nothing of the compiler. Values are compared
as they stand in JSON: numbers by their digits.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pymysql
import pymysql.converters

from aurora_graphql.project.description import Api as Description
from aurora_graphql.project.description import Argument, Column, Relation, Root, Type
from handler.stores.url import DatabaseUrl
from tests.apis import Answer, Api

PAGE = 200
PAGE_NAMES = ("first", "after", "last", "before", "orderBy")
SIGNS = {"from": ">=", "to": "<"}
Row = list[Any]


class Paging:
    """One API and its database."""

    def __init__(self, api: Api, url: DatabaseUrl, description: Description, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self.types = {each.name: each for each in description.types}
        self.labels = {
            enum.name: {_label(name, said) if said else name: name for name, said in enum.values}
            for each in description.types
            for enum in each.enums
            if "@orderBy" not in enum.values[0][1]
        }
        self.connection = pymysql.connect(
            host=url.host,
            port=url.port,
            user=url.user,
            password=url.password,
            database=url.database,
            unix_socket=url.unix_socket,
            charset="utf8mb4",
            conv={bool: pymysql.converters.escape_bool},  # nothing that decodes
            init_command="SET time_zone = '+00:00'",
        )
        # Without an order of its own GROUP_CONCAT of MySQL gives another text each time.
        views = self.select("SHOW FULL TABLES WHERE table_type = 'VIEW'")
        self.views = {(name or b"").decode() for name, _ in views}

        status = self.select("SHOW TABLE STATUS WHERE engine != 'InnoDB'")
        others = {(row[0] or b"").decode() for row in status}
        self.sorted = [  # relations whose rows no index gives in their order
            f"{each.name}.{relation.field}"
            for each in description.types
            for relation in each.relations
            if self.types[relation.target].table in others
        ]

    def close(self) -> None:
        """Close the connection of the SQL that is compared."""
        self.connection.close()

    # ------------------------------------------------------------------------- what SQL gives

    def select(self, text: str) -> list[tuple[bytes | None, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return [
                tuple(each.encode() if isinstance(each, str) else each for each in row)
                for row in cursor.fetchall()
            ]

    def columns(self, found: Type, alias: str = "t") -> str:
        """The columns of a type, as they are compared."""
        return ", ".join(self._selected(each, alias) for each in found.columns)

    def _selected(self, column: Column, alias: str) -> str:
        name = f"{alias}.`{column.name}`"
        if column.type == "GeoJSON":
            return f"ST_AsGeoJSON({name})"
        as_number = {"Float": " + 0E0", "BigInt": " + 0"}  # of a FLOAT, of a BIT
        return name + as_number.get(column.type, "")

    def values(self, found: Type, row: Sequence[bytes | None]) -> dict[str, Any]:
        """The JSON of a row."""
        pairs = zip(found.columns, row, strict=True)
        return {column.field: self.value(column, each) for column, each in pairs}

    def value(self, column: Column, stored: bytes | None) -> Any:
        if stored is None:
            return None
        kind = column.type
        if kind in ("JSON", "GeoJSON"):
            return _loads(stored)
        if kind == "Bytes":
            return base64.b64encode(stored).decode()
        if kind == "UUID" and len(stored) == 16:
            return str(UUID(bytes=stored))
        if kind == "Boolean":
            return stored not in (b"0", b"\0")
        text = stored.decode()
        if column.is_list:
            labels = self.labels[kind.strip("[]!")]
            return [labels[each] for each in text.split(",")] if text else []
        if kind in self.labels:
            return self.labels[kind][text]
        if kind == "Int":
            return _Number(str(int(text)))
        if kind == "Float":
            return _Number(repr(float(text)))
        if column.zero_is_null and text.startswith("0000-00-00"):
            return None
        if kind == "DateTime":
            return _trimmed(text.replace(" ", "T")) + "Z"
        return _trimmed(text) if kind == "Time" else text

    # ----------------------------------------------------------------------- what the API gives

    def ask(self, document: str, variables: Mapping[str, Any], *, slow: bool = False) -> Any:
        run = self.api.run_by_executor if slow else self.api.run
        answer: Answer = run(document, variables)
        assert "errors" not in answer.body, (document, answer.body["errors"][:3])
        return _loads(answer.text)

    def walk(
        self,
        root: Root,
        arguments: str,
        selection: str,
        *,
        backwards: bool = False,
        slow: bool = False,
        declared: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """All nodes of a list, in the order of the list."""
        size, place = ("last", "before") if backwards else ("first", "after")
        given = ", ".join(each for each in (arguments, f"{size}: {PAGE}, {place}: $at") if each)
        document = (
            f"query($at: String{declared}) {{ found: {root.field}({given}) {{"
            f" nodes {{ {selection} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
        )
        nodes: list[Any] = []
        at = None
        while True:
            page = self.ask(document, {**(variables or {}), "at": at}, slow=slow)["found"]
            nodes = page["nodes"] + nodes if backwards else nodes + page["nodes"]
            info = page["pageInfo"]
            if not info["hasPreviousPage" if backwards else "hasNextPage"]:
                return nodes
            at = info["startCursor" if backwards else "endCursor"]

    # --------------------------------------------------------------------------------- compared

    def lists(self, found: Type) -> Iterator[tuple[str, list[Any], list[Any]]]:
        """Every list of a type in each of its orders: a name, what the API gives, and SQL."""
        keys = " ".join(found.key)
        for root in found.roots:
            if not root.is_list or any(each.type.endswith("!") for each in root.arguments):
                continue
            enum = next((each for each in root.arguments if each.name == "orderBy"), None)
            orders: dict[str, Sequence[str]] = {"": root.order}
            if enum:
                values = next(each for each in found.enums if each.name == enum.type).values
                orders |= {f"orderBy: {name}": _terms(said) for name, said in values}
            for argument, terms in orders.items():
                expected = self.keys(found, terms)
                for backwards in (False, True):
                    got = self.walk(root, argument, keys, backwards=backwards)
                    yield f"{root.field}({argument}) {backwards=}", got, expected

    def choices(self, found: Type) -> Iterator[tuple[str, list[Any], list[Any]]]:
        """Every list of a type by each of its arguments: for two values that are stored."""
        for root in found.roots:
            chosen = [
                each for each in root.arguments if each.name not in PAGE_NAMES if root.is_list
            ]
            always = [each for each in chosen if each.type.endswith("!")]
            for argument in [each for each in chosen if each not in always] or always[:1]:
                given = always if argument in always else [*always, argument]
                for at in (0, 1):
                    yield from self._choice(found, root, given, at)

    def _choice(
        self, found: Type, root: Root, arguments: Sequence[Argument], at: int
    ) -> Iterator[tuple[str, list[Any], list[Any]]]:
        by_field = {each.field: each for each in found.columns}
        columns = [by_field[_field_of(each)] for each in arguments]
        names = ", ".join(f"`{column.name}`" for column in columns)
        present = " AND ".join(f"`{column.name}` IS NOT NULL" for column in columns)
        row = (
            f"(SELECT {names} FROM `{found.table}` WHERE {present}"
            f" ORDER BY {names} LIMIT 1 OFFSET {7 * at})"
        )
        selected = ", ".join(self._selected(column, "row_t") for column in columns)
        stored = self.select(f"SELECT {selected} FROM {row} row_t")
        if not stored or any(column.zero_is_null for column in columns):
            return
        pairs = zip(columns, stored[0], strict=True)
        values = [_plain(self.value(column, each)) for column, each in pairs]
        tests, words = ["TRUE"], ["TRUE"]
        for place, (argument, column) in enumerate(zip(arguments, columns, strict=True)):
            name, value = f"t.`{column.name}`", f"row_t.`{column.name}`"
            if _searched(argument):
                values[place] = max(re.findall(r"\w+", values[place]) or [""], key=len)
                fields = ", ".join(f"t.`{by_field[each].name}`" for each in _searched(argument))
                text = self.connection.escape(values[place])
                words.append(f"MATCH ({fields}) AGAINST ({text})")  # MySQL: in no subquery
            elif argument.name == "prefix":
                values[place] = values[place][:2]
                start = f"LEFT({value}, 2)"
                tests.append(f"LEFT({name}, CHAR_LENGTH({start})) = {start}")
            else:
                tests.append(f"{name} {SIGNS.get(argument.name, '=')} {value}")
        found_by = f"EXISTS (SELECT 1 FROM {row} row_t WHERE {' AND '.join(tests)})"
        where = f" WHERE {' AND '.join((*words, found_by))}"
        given = {each.name: value for each, value in zip(arguments, values, strict=True)}
        got = self.walk(
            root,
            ", ".join(f"{each.name}: ${each.name}" for each in arguments),
            " ".join(found.key),
            declared="".join(f", ${each.name}: {each.type}" for each in arguments),
            variables=given,
        )
        yield f"{root.field}({given})", got, self.keys(found, root.order, where)

    def keys(self, found: Type, terms: Sequence[str], where: str = "") -> list[Any]:
        """The keys of all rows in an order."""
        columns = {each.field: each for each in found.columns}
        names = ", ".join(self._selected(columns[each], "t") for each in found.key)
        text = f"SELECT {names} FROM `{found.table}` t{where} ORDER BY {self.order(found, terms)}"
        return [
            {
                field: self.value(columns[field], each)
                for field, each in zip(found.key, row, strict=True)
            }
            for row in self.select(text)
        ]

    def order(self, found: Type, terms: Sequence[str], alias: str = "t") -> str:
        columns = {each.field: each.name for each in found.columns}
        pairs = [term.partition(" ")[::2] for term in terms]
        end = pairs[-1][1] if pairs else ""
        # Without words to look for, what stands behind the relevance orders.
        pairs = [each for each in pairs if not each[0].startswith("relevance(")]
        fields = [field for field, _ in pairs]
        pairs += [(field, end) for field in found.key if field not in fields]
        return ", ".join(f"{alias}.`{columns[field]}` {way}" for field, way in pairs)

    def rows(self, found: Type) -> tuple[list[Any], list[Any], list[Any]]:
        """All rows with all columns: by the compiled path, by the executor, and by SQL."""
        root = next(each for each in found.roots if each.is_list)
        selection = " ".join(each.field for each in found.columns)
        fast = self.walk(root, "", selection)
        slow = self.walk(root, "", selection, slow=True)
        order = self.order(found, ())
        text = f"SELECT {self.columns(found)} FROM `{found.table}` t ORDER BY {order}"
        rows = [self.values(found, row) for row in self.select(text)]
        if found.table in self.views:
            fast, slow, rows = ([_settled(row) for row in each] for each in (fast, slow, rows))
        return fast, slow, rows

    def relations(self, found: Type) -> Iterator[tuple[str, list[Any], list[Any]]]:
        """Each relation of all rows: pairs of keys from here and from there."""
        root = next(each for each in found.roots if each.is_list)
        for relation in found.relations:
            there = " ".join(self.types[relation.target].key)
            inner = f"{{ {there} }}"
            if relation.is_list:
                inner = f"(first: {PAGE}) {{ nodes {inner} pageInfo {{ hasNextPage endCursor }} }}"
            parents = self.walk(root, "", f"{' '.join(found.key)} {relation.field} {inner}")
            got = [
                [*(row[key] for key in found.key), *child.values()]
                for row in parents
                for child in self._children(found, relation, row, there)
            ]
            yield f"{found.name}.{relation.field}", got, self._pairs(found, relation)

    def _children(self, found: Type, relation: Relation, row: Any, there: str) -> Iterator[Any]:
        if not relation.is_list:
            if row[relation.field] is not None:
                yield row[relation.field]
            return
        page = row[relation.field]
        yield from page["nodes"]
        one = next(each for each in found.roots if not each.is_list)
        variables = {each.name: _plain(row[_field_of(each)]) for each in one.arguments}
        declared = ", ".join(f"${each.name}: {each.type}" for each in one.arguments)
        given = ", ".join(f"{each.name}: ${each.name}" for each in one.arguments)
        while page["pageInfo"]["hasNextPage"]:
            document = (
                f"query({declared}, $at: String) {{ one: {one.field}({given}) {{"
                f" {relation.field}(first: {PAGE}, after: $at) {{ nodes {{ {there} }}"
                f" pageInfo {{ hasNextPage endCursor }} }} }} }}"
            )
            at = page["pageInfo"]["endCursor"]
            page = self.ask(document, {**variables, "at": at})["one"][relation.field]
            yield from page["nodes"]

    def _pairs(self, found: Type, relation: Relation) -> list[Any]:
        target = self.types[relation.target]
        link = relation.through
        joined = (
            f"JOIN `{target.table}` c ON {_on('c', relation.references, 'p', relation.columns)}"
        )
        if link:
            joined = (
                f"JOIN `{link.table}` l ON {_on('l', link.columns, 'p', relation.columns)}"
                f" JOIN `{target.table}` c ON"
                f" {_on('c', relation.references, 'l', link.references)}"
            )
        here = {each.field: each for each in found.columns}
        there = {each.field: each for each in target.columns}
        columns = [*((here[key], "p") for key in found.key), *((there[k], "c") for k in target.key)]
        text = (
            f"SELECT {', '.join(self._selected(*each) for each in columns)}"
            f" FROM `{found.table}` p {joined}"
            f" ORDER BY {self.order(found, (), 'p')}, {self.order(target, relation.order, 'c')}"
        )
        return [
            [self.value(column, each) for (column, _), each in zip(columns, row, strict=True)]
            for row in self.select(text)
        ]


def _field_of(argument: Argument) -> str:
    """By which it chooses: of its name, unless it says another; the first of those searched."""
    if searched := _searched(argument):
        return searched[0]
    said = re.search(r'field: "(\w+)"', argument.filter)
    return said[1] if said else argument.name


def _searched(argument: Argument) -> list[str]:
    """The fields in which it looks for words."""
    said = re.search(r"operator: MATCH, fields: \[(.*?)\]", argument.filter)
    return re.findall(r'"(\w+)"', said[1]) if said else []


def _on(one: str, columns: Sequence[str], other: str, others: Sequence[str]) -> str:
    pairs = zip(columns, others, strict=True)
    return " AND ".join(f"{one}.`{a}` = {other}.`{b}`" for a, b in pairs)


class _Number(str):
    """The digits of a number in JSON, which are no text."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Number) and str(self) == str(other)

    __hash__ = str.__hash__


def _loads(text: bytes) -> Any:
    return json.loads(text, parse_int=_Number, parse_float=_Number)


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, _Number) else value


def _settled(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the parts of its lists of texts in one order."""
    return {
        key: sorted(re.split("[,;:] ?", value)) if type(value) is str else value
        for key, value in row.items()
    }


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _label(name: str, said: str) -> str:
    label: str = json.loads(said.removeprefix("@value(column: ").removesuffix(")"))
    return label


def _terms(said: str) -> list[str]:
    terms: list[str] = json.loads(said.removeprefix("@orderBy(fields: ").removesuffix(")"))
    return terms
