"""From ``@rowAccess`` to the row rules of the model, with a clear word about every mistake.

What is refused here would either show rows to the wrong caller or promise rows that a caller may
not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from msgspec.structs import replace

from handler.access.rules import CLOSED
from handler.language.schema import ObjectType, Schema, schema_error
from handler.model.access import RowAccess, row_access_of
from handler.model.column import Column
from handler.model.relations import ToOne
from handler.model.tables import ClaimRule, RowRule, Table, ThroughRule
from handler.scalars import COLUMNS, SCALARS

DIRECTIVE = "rowAccess"


def add_row_rules(
    schema: Schema, tables: Mapping[str, Table], links: Mapping[str, Table]
) -> tuple[dict[str, Table], dict[str, Table]]:
    """The tables with what ``@rowAccess`` says about each, and the link tables with the rules of
    all types that stand on them. Raises ``SchemaError``.
    """
    for found in schema.types.values():
        is_ruled = isinstance(found, ObjectType) and any(row_access_of(found))
        if is_ruled and found.name not in tables:
            raise schema_error(
                found, f"type {found.name} has @{DIRECTIVE}, but no rows of a table; take it away"
            )
    ruled = {
        name: table if table.kinds else replace(table, row_rules=_rules(schema.object(name), table))
        for name, table in tables.items()
    }
    ruled_links = {
        name: replace(link, row_rules=tuple(chain(*(t.row_rules for t in _over(ruled, link)))))
        for name, link in links.items()
    }
    for table in ruled.values():
        _refuse_unruled_types(schema, ruled, table)
        _refuse_cycles(schema, ruled, links, table, (table.type_name,))
    for table in ruled.values():
        _refuse_lost_rows(schema, ruled | ruled_links, table)
    return ruled, ruled_links


def _of_kinds(tables: Mapping[str, Table], name: str) -> list[Table]:
    """The table of a type, or those of all members of an interface or a union."""
    return [tables[each] for each in tables[name].kinds or (name,)]


def _over(tables: Mapping[str, Table], link: Table) -> Iterator[Table]:
    """The tables of the types that stand on a link table."""
    return (table for table in tables.values() if table.name == link.name)


def _rules(type_def: ObjectType, table: Table) -> tuple[RowRule, ...]:
    return tuple(_rule(type_def, table, said) for said in row_access_of(type_def))


def _rule(type_def: ObjectType, table: Table, said: RowAccess) -> RowRule:
    what = f"type {type_def.name}: @{DIRECTIVE}"
    field, claim, through = said.field, said.claim, said.through
    if through is None and field is not None and claim is not None:
        columns = {n: c for n, c in table.of_kind(Column).items() if _can_be_claimed(c)}
        if field not in columns:
            names = ", ".join(columns) or "none"
            scalars = ", ".join(name for name, each in SCALARS.items() if each.can_be_claimed)
            raise schema_error(
                type_def,
                f"{what}(field: {field!r}) must name a stored column that is one of "
                f"{scalars}; there are: {names}",
            )
        if not claim.strip():
            raise schema_error(type_def, f"{what}(claim: {claim!r}) must name a claim")
        return ClaimRule(columns[field], claim, said.unless, said.origin)
    if through is not None and field is None and claim is None:
        ones = table.of_kind(ToOne)
        if through not in ones:
            names = ", ".join(ones) or "none"
            raise schema_error(
                type_def,
                f"{what}(through: {through!r}) must name a field that leads to one row; "
                f"there are: {names}",
            )
        return ThroughRule(ones[through], said.unless, said.origin)
    raise schema_error(
        type_def,
        f'{what} takes either field and claim, such as (field: "customerId", claim: '
        f'"customer_id"), or through, such as (through: "order")',
    )


def _can_be_claimed(column: Column) -> bool:
    return column.stored_name is not None and COLUMNS[column.scalar].can_be_claimed


def _refuse_unruled_types(schema: Schema, tables: Mapping[str, Table], table: Table) -> None:
    """Another type over the same table would show what the rules hide.

    Not so a type whose rows are others, by the column that tells members apart; an interface
    itself shows the rows of its members alone, by the rules of each.
    """
    if table.kinds:
        return
    for other in tables.values():
        shared = other.name == table.name and not _have_other_rows(table, other)
        if shared and other.row_rules and not table.row_rules:
            raise schema_error(
                schema.rows_type(table.type_name),
                f"type {table.type_name} reads table {table.name!r} without @{DIRECTIVE}, which "
                f"type {other.type_name} has; write it on both",
            )


def _have_other_rows(table: Table, other: Table) -> bool:
    """Whether no row is of both: one column tells them apart, whatever the case of letters."""
    if table.members is None or other.members is None:
        return False
    one, two = table.members, other.members
    values = {value.casefold() for value in one.values.values()}
    return one.column.stored_name == two.column.stored_name and values.isdisjoint(
        value.casefold() for value in two.values.values()
    )


def _refuse_cycles(
    schema: Schema,
    tables: Mapping[str, Table],
    links: Mapping[str, Table],
    table: Table,
    path: tuple[str, ...],
) -> None:
    for rule in table.row_rules:
        if not isinstance(rule, ThroughRule):
            continue
        targets = _of_kinds(tables, rule.one.target)
        if not any(target.row_rules for target in targets):
            raise schema_error(
                schema.rows_type(table.type_name),
                f"type {table.type_name}: @{DIRECTIVE}(through: {rule.one.field!r}) leads to "
                f"{rule.one.target}, all rows of which are visible; write @{DIRECTIVE} there, too",
            )
        on_the_way = [
            over for hop in rule.one.path.links for over in _over(tables, links[hop.target])
        ]
        for following in (*on_the_way, *targets):
            if following.type_name in path:
                around = " -> ".join((*path, following.type_name))
                raise schema_error(
                    schema.rows_type(table.type_name),
                    f"type {table.type_name}: @{DIRECTIVE}(through: {rule.one.field!r}) goes "
                    f"around in a circle: {around}",
                )
            _refuse_cycles(schema, tables, links, following, (*path, following.type_name))


def _refuse_lost_rows(schema: Schema, tables: Mapping[str, Table], table: Table) -> None:
    """Fields that must not be null, where a row may be visible without the one it leads to."""
    for field in table.of_kind(ToOne).values():
        if field.is_nullable or table.kinds:  # it is asked of the members
            continue
        ways = chain(*(_of_kinds(tables, hop.target) for hop in field.path.hops))
        for rule in chain(*(way.row_rules for way in ways)):
            if not any(_implies(own, field, rule) for own in table.row_rules):
                raise schema_error(
                    schema.rows_type(table.type_name).fields[field.field],
                    f"{table.type_name}.{field.field} must not be null, but a caller may see the "
                    f"{table.type_name} and not the {field.target}; take the ! away, or write "
                    f"@{DIRECTIVE}(through: {field.field!r}) on {table.type_name}",
                )


def _implies(own: RowRule, field: ToOne, rule: RowRule) -> bool:
    """Whether who passes ``own`` passes ``rule``, which stands where ``field`` leads."""
    if own.unless not in (CLOSED, rule.unless):
        return False  # lifted for somebody for whom the other holds
    if isinstance(own, ThroughRule):
        return own.one.path == field.path
    if not isinstance(rule, ClaimRule) or own.claim != rule.claim:
        return False
    if len(field.path.hops) > 1:
        return False  # no column of the one row equals one of the other
    hop = field.path.first
    return any(
        (own.column.stored_name, rule.column.stored_name) == pair
        for pair in zip(hop.columns, hop.references, strict=True)
    )
