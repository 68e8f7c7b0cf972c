"""The model: which table, column, relation, order and page stands behind each field of the SDL.

Built once by ``model_builder.py``; read by the planner and by the check against a live database.
It knows names of SQL and of GraphQL, and writes neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from handler.access.rules import Requirement
from handler.language.schema import Origin
from handler.records import dataclass, field


class Operator(Enum):
    """How a column compares to an argument; the names are those of ``FilterOperator``."""

    EQUAL = "="
    IN = "IN"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    PREFIX = "LIKE"


RANGES = frozenset(
    (Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
)


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A stored column inside an expression."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row: a stored column, or an expression over columns of the same row."""

    field: str
    scalar: str  # the name of a scalar or of an enum type
    is_nullable: bool
    parts: tuple[str | ColumnRef, ...]  # SQL text and columns in turn; one ColumnRef if stored
    origin: Origin
    is_integer: bool = False  # an ID over a column of whole numbers
    enum_values: Mapping[str, str] | None = None  # name in GraphQL -> value in the column
    table: str = ""
    zero_is_null: bool = False  # a date that is none, such as 0000-00-00, is shown as null

    @property
    def stored_name(self) -> str | None:
        """The column's name; None for an expression."""
        first = self.parts[0]
        return first.name if len(self.parts) == 1 and isinstance(first, ColumnRef) else None


@dataclass(frozen=True, slots=True)
class OrderTerm:
    column: Column  # always a stored one: a page has to be served by an index
    descending: bool

    def __str__(self) -> str:
        return f"{self.column.field} DESC" if self.descending else self.column.field


Order: TypeAlias = tuple[OrderTerm, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument that chooses rows. A null or absent argument chooses all."""

    argument: str
    column: Column
    operator: Operator
    is_always_given: bool = False  # the argument must not be null


class Shape(Enum):
    """What a field over rows gives."""

    OBJECT = "object"  # one row or null
    LIST = "list"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class RowsField:
    """A field that reads rows of a table: a root field or a to-many relation."""

    field: str
    target: str  # the object type of a row
    shape: Shape
    is_nullable: bool
    has_nullable_items: bool
    filters: tuple[Filter, ...]
    order: Order  # total: ends in the key
    orders: Mapping[str, Order]  # by value of the ordering enum, if there is such an argument
    order_argument: str | None
    paging: frozenset[str]  # which of first, after, last, before it takes
    default_size: int
    maximum_size: int
    origin: Origin
    is_order_chosen: bool = False  # by an order argument that must not be null: never ``order``


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that belong to a row: ``columns`` here equal ``references`` there."""

    columns: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToOne:
    field: str
    target: str
    relation: Relation
    is_nullable: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class ToMany:
    rows: RowsField
    relation: Relation

    @property
    def field(self) -> str:
        return self.rows.field


@dataclass(frozen=True, slots=True)
class Count:
    """The number of rows of a to-many relation."""

    field: str
    scalar: str
    is_nullable: bool
    of: str
    origin: Origin
    filters: tuple[Filter, ...] = ()  # by arguments of its own, and by defaults of the relation's


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of ``column`` over the rows of a to-many relation."""

    field: str
    scalar: str
    is_nullable: bool
    of: str
    column: Column
    origin: Origin
    filters: tuple[Filter, ...] = ()  # as for ``Count``


@dataclass(frozen=True, slots=True)
class CursorField:
    """The opaque position of a row in its list."""

    field: str
    is_nullable: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class ResolverField:
    """A field answered by Python; ``requires`` are fields of the same type that it reads."""

    field: str
    requires: tuple[str, ...]
    origin: Origin


TableField: TypeAlias = Column | ToOne | ToMany | Count | Sum | CursorField | ResolverField


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """Visible are the rows whose ``column`` equals the caller's claim."""

    column: Column  # a stored one
    claim: str
    unless: Requirement  # a caller who meets it sees all
    origin: Origin


@dataclass(frozen=True, slots=True)
class ThroughRule:
    """Visible are the rows that lead to a row which the caller sees."""

    one: ToOne
    unless: Requirement
    origin: Origin


RowRule: TypeAlias = ClaimRule | ThroughRule


@dataclass(frozen=True, slots=True)
class Table:
    """One object type and its table."""

    type_name: str
    name: str
    key: tuple[str, ...]  # columns
    unique_keys: tuple[tuple[str, ...], ...]  # columns; the first is ``key``
    fields: Mapping[str, TableField]
    origin: Origin
    row_rules: tuple[RowRule, ...] = ()  # all of them hold
    is_given_by_key: bool = False  # a resolver gives keys, and its rows are read from the table

    @property
    def key_order(self) -> Order:
        """The order by the key, in which every row has a place."""
        columns = {c.stored_name: c for c in self.fields.values() if isinstance(c, Column)}
        return tuple(OrderTerm(columns[name], descending=False) for name in self.key)

    def rows_by_key(self, field_name: str) -> RowsField:
        """A field that gives the rows whose keys are at hand, one for each."""
        return RowsField(
            field=field_name,
            target=self.type_name,
            shape=Shape.LIST,
            is_nullable=True,
            has_nullable_items=True,
            filters=(),
            order=self.key_order,
            orders={},
            order_argument=None,
            paging=frozenset(),
            default_size=1,
            maximum_size=1,
            origin=self.origin,
        )

    def column(self, field_name: str) -> Column:
        """The column of that field. Raises KeyError where it is something else."""
        found = self.fields[field_name]
        if not isinstance(found, Column):
            raise KeyError(field_name)
        return found


@dataclass(frozen=True, slots=True)
class ConnectionType:
    """A type that follows the connection pattern: its fields by the part that they play."""

    name: str
    edge: str
    node: str
    fields: Mapping[str, str]  # field -> "edges", "nodes", "pageInfo" or "totalCount"
    edge_fields: Mapping[str, str]  # field -> "node" or "cursor"
    page_info: str = "PageInfo"


@dataclass(frozen=True, slots=True)
class Model:
    """What stands behind the whole schema."""

    tables: Mapping[str, Table]  # by type name
    connections: Mapping[str, ConnectionType]  # by type name
    roots: Mapping[str, RowsField | ResolverField]  # by field of the query type
    resolvers: frozenset[str] = field(default_factory=frozenset)
    """``Type.field`` of every field that needs a Python function."""

    def list_sizes(self, query: str) -> dict[tuple[str, str], int]:
        """How many rows each list gives at most unless an argument says so, by type and field.

        ``query``: the type of the root.
        """
        found = {
            (query, name): rows.default_size
            for name, rows in self.roots.items()
            if isinstance(rows, RowsField) and rows.shape is not Shape.OBJECT
        }
        for table in self.tables.values():
            for name, many in table.fields.items():
                if isinstance(many, ToMany):
                    found[table.type_name, name] = many.rows.default_size
        return found
