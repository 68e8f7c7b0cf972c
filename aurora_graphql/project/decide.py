"""From the catalogue to what is written: pure, the same for the same database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aurora_graphql.catalog import LiveTable
from aurora_graphql.project.columns import enum_name, label_enum, zero_is_default
from aurora_graphql.project.conventions import recognise
from aurora_graphql.project.description import (
    Api,
    Column,
    Enum,
    Relation,
    Through,
    Type,
)
from aurora_graphql.project.filters import with_filters
from aurora_graphql.project.lists import is_found, is_served, order_enum, orders_of
from aurora_graphql.project.names import Namer, camel, list_name, pascal, words_of
from aurora_graphql.project.questions import Questions
from aurora_graphql.project.relations import (
    Link,
    find_links,
    guess_links,
    link_ends,
    row_name,
    rows_name,
)
from aurora_graphql.project.tables import Kept, keep
from handler.language.sdl import build_schema
from handler.model.names import Conventions, key_field

_SCHEMA_FILE: Final = "schema"  # of the schema itself
_NAMED: Final = 6  # tables, in a sentence
_ROOTS: Final = ("Mutation", "Subscription", "PageInfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an author has written already, and what is asked for beside it."""

    conventions: Conventions | None = None
    types: Mapping[str, str] = field(default_factory=dict)  # by table
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by type, by column
    taken: Collection[str] = ()  # names of other types
    taken_fields: Mapping[str, Collection[str]] = field(default_factory=dict)  # by type
    left_out: Collection[str] = ()
    added: Collection[str] = ()
    filters: bool = False  # inputs are asked for


def decide(
    live: Mapping[str, LiveTable],
    view_keys: Mapping[str, tuple[str, ...]] | None = None,
    known: Known | None = None,
    *,
    is_mariadb: bool = False,
) -> Api:
    """What is written for a database. ``view_keys``: by which columns a view's rows are known."""
    return _Decision(live, view_keys or {}, known or Known(), is_mariadb=is_mariadb).api()


class _Decision:
    def __init__(
        self,
        live: Mapping[str, LiveTable],
        view_keys: Mapping[str, tuple[str, ...]],
        known: Known,
        *,
        is_mariadb: bool,
    ) -> None:
        self.known = known
        self.is_mariadb = is_mariadb
        self.view_keys = view_keys
        self.tables, self.left_out = keep(
            live, view_keys, known.left_out, known.added, is_mariadb=is_mariadb
        )
        self.conventions = known.conventions or recognise(
            [table.name for table in self.tables],
            [name for table in self.tables for name in table.columns],
        )
        self.renamed: list[str] = []
        self.guessed: list[str] = []
        self.types = Namer({*reserved_types(), *known.taken, *known.types.values()})
        self.questions = Questions(Namer(known.taken_fields.get("Query", ())), self.types)
        self.members: dict[str, Namer] = {}
        self.enums: dict[str, list[Enum]] = defaultdict(list)
        self._name_types()
        for table in self.tables:
            self._name_fields(table)
        self.links, self.told = find_links(self.tables)
        if not any(table.foreign_keys for table in live.values()):
            self._guess()
        # Tables that are links and nothing else: rows lead through them, and not to them.
        self.links_only = {
            here.owner.name
            for here, there in link_ends(self.links)
            if {*here.columns, *there.columns} == here.owner.columns.keys()
        }

    # --------------------------------------------------------------------------------- names

    def _name_types(self) -> None:
        wanted = {}
        for at, table in enumerate(self.tables, 1):
            name = self.conventions.type_name(table.name)
            wanted[table.name] = name or f"Table{at}"
        # Connections, edges and orders of others are in the way of a table of such a name.
        made = {name + end for name in wanted.values() for end in ("Connection", "Edge", "Order")}
        for table in self.tables:
            if table.name in self.known.types:
                table.type_name = self.known.types[table.name]
                continue
            wish = wanted[table.name]
            wishes = (f"{wish}Row",) if wish in made else (wish, f"{wish}Row")
            table.type_name = self.types.take(*wishes)
            if table.type_name != wish or not words_of(table.name):
                self.renamed.append(f"table {table.name} is the type {table.type_name}")

    def _name_fields(self, table: Kept) -> None:
        """Those of the columns; a name that the column would have by itself goes first."""
        given = self.known.fields.get(table.type_name, {})
        namer = Namer({*given.values(), *self.known.taken_fields.get(table.type_name, ())})
        self.members[table.type_name] = namer
        wishes = {
            name: self.conventions.field_name(name) or f"column{at}"
            for at, name in enumerate(table.columns, 1)
            if name not in given
        }
        table.fields.update(given)
        exact = [n for n, wish in wishes.items() if self.conventions.column_name(wish) == n]
        for name in (*exact, *(each for each in wishes if each not in exact)):
            table.fields[name] = namer.take(wishes[name])
            if table.fields[name] != wishes[name] or not words_of(name):
                told = f"column {table.name}.{name} is the field {table.fields[name]}"
                self.renamed.append(told)

    # ----------------------------------------------------------------------------- relations

    def _guess(self) -> None:
        singular_of = {table.name: table.type_name for table in self.tables}
        links = guess_links(self.tables, singular_of.__getitem__)
        self.links += links
        self.guessed += [
            f"{link.owner.name}.{link.columns[0]} leads to {link.target.name}"
            f".{link.references[0]}: by its name, for no foreign key says it"
            for link in links
        ]

    def _relations(self) -> dict[str, list[Relation]]:
        """By type: the row of each foreign key, then rows by link tables, then rows by keys."""
        found: dict[str, list[Relation]] = defaultdict(list)
        names: dict[int, str] = {}
        for link in self.links:
            names[id(link)] = self._row(link, found)
        self._many_to_many(found, names)
        alone = Counter((link.owner.name, link.target.name) for link in self.links)
        for link in self.links:
            is_alone = alone[link.owner.name, link.target.name] == 1
            self._rows(link, names[id(link)], found, is_alone=is_alone)
        return found

    def _row(self, link: Link, found: dict[str, list[Relation]]) -> str:
        owner, target = link.owner, link.target
        namer = self.members[owner.type_name]
        wish, is_other = row_name(link)
        if not is_other and len(link.columns) == 1:
            wish = self._make_room(link, wish)
        row = target.type_name
        name = namer.take(wish, f"{wish}{row}", f"{wish}Row")
        if name != wish:
            told = f"{owner.name} ({', '.join(link.columns)}) leads to {row} by {name}"
            self.renamed.append(f"{told}, because {wish} is a column")
        found[owner.type_name].append(
            Relation(
                field=name,
                name=link.name,
                target=row,
                columns=link.columns,
                references=link.references,
                is_list=False,
                is_required=link.is_required,
                is_conventional=self._is_conventional(link, target),
                behind=max(link.columns, key=list(owner.columns).index),
            )
        )
        return name

    def _is_conventional(self, link: Link, one: Kept) -> bool:
        """Whether nothing need be said of a field between a row of ``one`` and rows of the other
        table: these have its key, by the name that it has there by convention."""
        here, there = (link.references, link.columns)
        if one is link.owner:
            here, there = there, here
        is_other = link.owner is not link.target
        return (
            is_other
            and here == one.key
            and there == self.conventions.foreign_key(one.type_name, one.key)
        )

    def _make_room(self, link: Link, wish: str) -> str:
        """The row takes the name of its column, which is called by what it holds instead."""
        owner, (column,) = link.owner, link.columns
        if column in self.known.fields.get(owner.type_name, {}):
            return wish
        words = [*words_of(column), *words_of(link.references[0])[-1:]]
        namer = self.members[owner.type_name]
        if not namer.is_free(camel(words)):
            return wish
        namer.free(owner.fields[column])
        owner.fields[column] = namer.take(camel(words))
        self.renamed.append(
            f"column {owner.name}.{column} is the field {owner.fields[column]}, because {wish} is "
            f"the row that it leads to"
        )
        return wish

    def _many_to_many(self, found: dict[str, list[Relation]], names: Mapping[int, str]) -> None:
        pairs = link_ends(self.links)
        counts = Counter((here.target.name, there.target.name) for here, there in pairs)
        for here, there in pairs:
            owner, target, table = here.target, there.target, here.owner
            if not is_found(table, here.columns):
                continue  # a guess from the side that no index serves
            many = list_name(target.type_name)[0]
            by = names[id(there)]
            wish = many
            if owner is target or counts[owner.name, target.name] > 1:
                wish = f"{many}By{by[:1].upper()}{by[1:]}"
                if owner is not target:
                    wish = f"{many}By{table.type_name}"
            found[owner.type_name].append(
                Relation(
                    field=self.members[owner.type_name].take(wish, f"{many}By{table.type_name}"),
                    name=here.name,
                    target=target.type_name,
                    columns=here.references,
                    references=there.references,
                    is_list=True,
                    is_conventional=here.references == owner.key and there.references == target.key,
                    through=Through(
                        table=table.name, columns=here.columns, references=there.columns
                    ),
                )
            )

    def _rows(
        self, link: Link, row: str, found: dict[str, list[Relation]], *, is_alone: bool
    ) -> None:
        owner, target = link.owner, link.target
        if link.owner.name in self.links_only:
            return
        is_list = not link.is_unique
        orders = orders_of(owner, link.columns, self._linked(owner)) if is_list else []
        by_key = is_served(owner, link.columns, ())
        served = orders or orders_of(owner, link.columns)
        if link.is_guessed and is_list and not is_found(owner, link.columns):
            return
        wish = rows_name(link, is_alone=is_alone, row_field=row)
        name = self.members[target.type_name].take(wish, f"{wish}By{row[:1].upper()}{row[1:]}")
        enum = None
        if any(each.columns[0].name not in owner.key for each in orders):
            pascal_name = f"{target.type_name}{pascal((name,))}Order"
            told = f"Orders of `{target.type_name}.{name}`."
            enum = order_enum(self.types.take(pascal_name), owner, orders, told)
            self.enums[owner.type_name] += [enum] if enum else []
        found[target.type_name].append(
            Relation(
                field=name,
                name=link.name,
                target=owner.type_name,
                columns=link.references,
                references=link.columns,
                is_list=is_list,
                is_conventional=self._is_conventional(link, target if is_list else owner),
                order=() if by_key or not served else served[0].terms(owner),
                orders=enum,
            )
        )

    # ----------------------------------------------------------------------------- the whole

    def api(self) -> Api:
        relations = self._relations()
        files = {_SCHEMA_FILE}
        types = [self._type(table, relations[table.type_name], files) for table in self.tables]
        views = [
            f"view {table.name} is known by {table.key[0]}: say so with @key if it is not"
            for table in self.tables
            if table.live.is_view
        ]
        told = [*self.told, *self._engines()]
        if self.known.filters:
            by_type = {table.type_name: table for table in self.tables}
            types, unfiltered = with_filters(types, by_type)
            told += unfiltered
        return Api(
            conventions=self.conventions,
            types=types,
            left_out=sorted(self.left_out, key=lambda each: each.name),
            renamed=[*self.renamed, *self.questions.renamed],
            guessed=[*views, *self.guessed],
            told=told,
        )

    def _type(self, table: Kept, relations: Sequence[Relation], files: set[str]) -> Type:
        name = table.type_name
        enums = []
        columns = []
        for column in table.columns.values():
            field = table.fields[column.name]
            kind = table.scalar(column.name)
            if column.values:
                enum = label_enum(
                    self.types.take(enum_name(name, field), f"{enum_name(name, field)}Value"),
                    column.values,
                    f"What `{name}.{field}` may be.",
                )
                enums.append(enum)
                kind = f"[{enum.name}!]" if column.data_type == "set" else enum.name
            is_zero = zero_is_default(column)
            columns.append(
                Column(
                    field=field,
                    name=column.name,
                    type=kind,
                    is_required=not column.is_nullable and not is_zero,
                    is_said=self.conventions.column_name(field) != column.name,
                    zero_is_null=is_zero,
                    description=column.comment,
                )
            )
        types = {column.name: column.type for column in columns}
        asked = self.questions.of(table, types, self._linked(table))
        keys = [tuple(table.fields[part] for part in key) for key in table.keys]
        own = key_field(name)  # the key by convention, or else ``id``
        by_itself = own if own in table.fields.values() else "id"
        return Type(
            file=_free_file("_".join(words_of(name)), files),
            name=name,
            table=table.name,
            is_said=self.conventions.table_name(name) != table.name,
            keys=() if keys == [(by_itself,)] else keys,
            columns=columns,
            relations=relations,
            enums=[*enums, *asked.enums, *self.enums[name]],
            roots=asked.roots,
            key=keys[0],
            description=table.live.comment,
        )

    def _linked(self, table: Kept) -> set[str]:
        return {name for link in self.links if link.owner is table for name in link.columns}

    def _engines(self) -> list[str]:
        others = [
            f"{table.name} ({table.live.engine if table.is_foreign else 'in partitions'})"
            for table in self.tables
            if table.is_foreign or (table.live.is_partitioned and self.is_mariadb)
        ]
        return [
            "lists by their key only, and rows of a relation sorted by the server, because other"
            f" indexes do not end in the key: {', '.join(others[:_NAMED])}"
            + (f" and {len(others) - _NAMED} more" if len(others) > _NAMED else "")
        ] * bool(others)


def _free_file(name: str, files: set[str]) -> str:
    """A name that no file has yet, on no system."""
    at = 1
    while (free := f"{name}{'' if at == 1 else f'_{at}'}") in files:
        at += 1
    files.add(free)
    return free


def reserved_types() -> set[str]:
    """Names of types that are part of every schema, or stand for something in one."""
    return {*build_schema({"": "type Query { a: Int }"}).types, *_ROOTS}
