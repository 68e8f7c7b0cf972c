"""What a comparison with a column becomes, by the column's scalar and its type in the database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from handler.compiler.comparison import Compare, stored_part
from handler.compiler.storage import UNKNOWN, Storage
from handler.compiler.tables import Tables
from handler.language.schema import BUILT_IN
from handler.model.column import Column, ColumnRef
from handler.model.conditions import Filter
from handler.scalars.string import is_impossible
from handler.sql.operators import Given, Operator
from handler.sql.statement import Sql, SqlValue
from handler.sql.stored_type import StoredType

EQUAL, IN, PREFIX = Operator.EQUAL, Operator.IN, Operator.PREFIX
LESS, TO = Operator.LESS, Operator.LESS_OR_EQUAL
ABOVE, FROM = Operator.GREATER, Operator.GREATER_OR_EQUAL
FALSE = Sql("FALSE")
SCALARS = ["BigInt", "Boolean", "Date", "DateTime", "Decimal", "Float", "ID", "Int"]
SCALARS += ["JSON", "String", "Time", "UUID"]


def column(scalar: str, *, zero_is_null: bool = False) -> Column:
    return Column(
        "f", scalar, True, (ColumnRef("c"),), BUILT_IN, table="t", zero_is_null=zero_is_null
    )


class Named(Tables):
    """Writes every column as ``c``."""

    def column(self, column: Column, alias: str) -> str:
        return "c"


def compare(of: Column, operator: Operator, given: Given, storage: Storage) -> Sql:
    return Compare(Filter("f", of, operator), given).sql(Named({}, storage), "t")


def stored(data_type: str) -> Storage:
    return Storage({("t", "c"): StoredType(data_type)})


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        (EQUAL, 1, "c <> 0"),
        (EQUAL, 0, "c = 0"),
        (IN, (1,), "c <> 0"),
        (IN, (0, 1), "c IS NOT NULL"),
        (IN, (), "FALSE"),
        (LESS, 1, "c = 0"),
        (LESS, 0, "FALSE"),
        (TO, 1, "c IS NOT NULL"),
        (TO, 0, "c = 0"),
        (ABOVE, 0, "c <> 0"),
        (ABOVE, 1, "FALSE"),
        (FROM, 1, "c <> 0"),
        (FROM, 0, "c IS NOT NULL"),
    ],
)
def test_true_is_everything_but_zero(
    operator: Operator, given: SqlValue | tuple[SqlValue, ...], expected: str
) -> None:
    assert compare(column("Boolean"), operator, given, UNKNOWN) == Sql(expected)


OTHER, NONE_OF = Operator.NOT_EQUAL, Operator.NOT_IN
CONTAINS, IS_NULL = Operator.CONTAINS, Operator.IS_NULL


@pytest.mark.parametrize(
    ("scalar", "storage", "operator", "given", "expected"),
    [
        pytest.param("Int", UNKNOWN, OTHER, 7, Sql("c <> %s", (7,)), id="a-number"),
        pytest.param("Int", UNKNOWN, NONE_OF, (7, 8), Sql("c NOT IN (%s, %s)", (7, 8)), id="list"),
        pytest.param("Int", UNKNOWN, NONE_OF, (), Sql("c IS NOT NULL"), id="none-of-nothing"),
        pytest.param("Int", UNKNOWN, OTHER, None, Sql("c IS NOT NULL"), id="what-no-row-has"),
        pytest.param(
            "Boolean",
            UNKNOWN,
            OTHER,
            1,
            Sql("c IS NOT NULL AND (c <> 0) IS NOT TRUE"),
            id="a-scalar-that-compares-itself",
        ),
        pytest.param(
            "Date",
            stored("datetime"),
            OTHER,
            "2020-01-01",
            Sql(
                "c IS NOT NULL AND (c >= %s AND c <= %s) IS NOT TRUE",
                ("2020-01-01 00:00:00", "2020-01-01 23:59:59.999999"),
            ),
            id="a-day-of-a-time",
        ),
        pytest.param(
            "Float",
            stored("float"),
            OTHER,
            11111.1101,
            Sql("c IS NOT NULL AND NOT (FALSE)"),
            id="a-float-that-no-row-shows",
        ),
        pytest.param("String", UNKNOWN, CONTAINS, "%a%", Sql("c LIKE %s ESCAPE '|'", ("%a%",))),
        pytest.param("Int", UNKNOWN, IS_NULL, True, Sql("c IS NULL"), id="without-a-value"),
        pytest.param("Int", UNKNOWN, IS_NULL, False, Sql("c IS NOT NULL"), id="with-a-value"),
    ],
)
def test_the_other_values_and_those_that_are_none(
    scalar: str, storage: Storage, operator: Operator, given: Given, expected: Sql
) -> None:
    assert compare(column(scalar), operator, given, storage) == expected


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        (IS_NULL, True, Sql("(REAL) IS NOT TRUE")),
        (IS_NULL, False, Sql("REAL")),
        (OTHER, "2020-01-01", Sql("REAL AND c <> %s", ("2020-01-01",))),
    ],
)
def test_a_date_that_is_none_is_null(operator: Operator, given: Given, expected: Sql) -> None:
    real = "YEAR(c) <> 0 AND MONTH(c) <> 0 AND DAYOFMONTH(c) <> 0"
    found = compare(column("Date", zero_is_null=True), operator, given, UNKNOWN)
    assert found == Sql(expected.text.replace("REAL", real), expected.parameters)


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        (CONTAINS, "50%_|", "%50|%|_||%"),
        (PREFIX, "50%_|", "50|%|_||%"),
        (NONE_OF, ["a", None, "a", "b"], ("a", "b")),
        (IS_NULL, True, True),
    ],
)
def test_arguments_become_values(operator: Operator, given: object, expected: Given) -> None:
    assert operator.parameter(given, str) == expected


START, END = "2020-01-01 00:00:00", "2020-01-01 23:59:59.999999"


@pytest.mark.parametrize("data_type", ["datetime", "timestamp"])
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (EQUAL, Sql("c >= %s AND c <= %s", (START, END))),
        (LESS, Sql("c < %s", (START,))),
        (TO, Sql("c <= %s", (END,))),
        (ABOVE, Sql("c > %s", (END,))),
        (FROM, Sql("c >= %s", (START,))),
    ],
)
def test_a_day_of_a_time_is_whole(data_type: str, operator: Operator, expected: Sql) -> None:
    assert compare(column("Date"), operator, "2020-01-01", stored(data_type)) == expected


def test_several_days_are_as_many_ranges() -> None:
    days = ("2020-01-01", "9999-12-31")
    assert compare(column("Date"), IN, days, stored("datetime")) == Sql(
        "(c >= %s AND c <= %s OR c >= %s AND c <= %s)",
        (START, END, "9999-12-31 00:00:00", "9999-12-31 23:59:59.999999"),
    )


@pytest.mark.parametrize("storage", [UNKNOWN, stored("date")])
def test_a_day_of_a_date_stays_one_value(storage: Storage) -> None:
    """An index then gives the rows of the day in the order of what follows it."""
    assert compare(column("Date"), EQUAL, "2020-01-01", storage) == Sql("c = %s", ("2020-01-01",))


def test_a_date_that_is_none_is_in_no_range() -> None:
    real = " AND YEAR(c) <> 0 AND MONTH(c) <> 0 AND DAYOFMONTH(c) <> 0"
    of = column("Date", zero_is_null=True)
    assert compare(of, LESS, "2020-01-01", UNKNOWN) == Sql(f"c < %s{real}", ("2020-01-01",))
    assert compare(of, EQUAL, "2020-01-01", UNKNOWN) == Sql("c = %s", ("2020-01-01",))


NEAREST = 11111.1103515625  # the FLOAT that is shown as 11111.11


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        (EQUAL, 11111.11, Sql("c = %s", (NEAREST,))),
        (EQUAL, 11111.1101, FALSE),
        (IN, (11111.11, 0.5, 11111.1101), Sql("c IN (%s, %s)", (NEAREST, 0.5))),
        (LESS, 11111.11, Sql("c < %s", (NEAREST,))),
        (LESS, 11111.1101, Sql("c <= %s", (NEAREST,))),
        (TO, 11111.1099, Sql("c < %s", (NEAREST,))),
        (ABOVE, 11111.1101, Sql("c > %s", (NEAREST,))),
        (FROM, 11111.1101, Sql("c > %s", (NEAREST,))),
        (ABOVE, 11111.1099, Sql("c >= %s", (NEAREST,))),
        (LESS, 1e39, Sql("c <= %s", (3.4028234663852886e38,))),
        (ABOVE, -1e39, Sql("c >= %s", (-3.4028234663852886e38,))),
        (EQUAL, 1e39, FALSE),
    ],
)
def test_a_float_compares_by_what_is_shown(
    operator: Operator, given: SqlValue | tuple[SqlValue, ...], expected: Sql
) -> None:
    assert compare(column("Float"), operator, given, stored("float")) == expected


@pytest.mark.parametrize(
    ("data_type", "given", "expected"),
    [
        ("time", "10:00:00", "10:00:00"),
        ("time", "-838:59:59.5", "-838:59:59.5"),
        ("time", "839:00:00", None),
        ("time", "10:60:00", None),
        ("time", "10:00", None),
        ("time", "nonsense", None),
        ("date", "2020-02-29", "2020-02-29"),
        ("date", "2020-00-00", 20200000),
        ("date", "1000-00-00", 10000000),
        ("date", "2020-12-00", 20201200),
        ("date", "2020-13-00", None),
        ("date", "2020-00-31", 20200031),
        ("date", "2020-00-32", None),
        ("date", "0999-00-00", "0999-00-00"),
        ("date", "2021-02-29", None),
        ("datetime", "2020-01-01", None),
        ("datetime", "2020-01-01 10:00:00", "2020-01-01 10:00:00"),
        ("int", "42", 42),
        ("int", "42x", None),
        *((kind, "42", 42) for kind in ("tinyint", "smallint", "mediumint", "bigint")),
        *((kind, "x", None) for kind in ("tinyint", "smallint", "mediumint", "bigint")),
        ("year", "2020", 2020),
        ("year", "x", None),
        ("timestamp", "2020-01-01", None),
        ("timestamp", "2020-01-01 10:00:00", "2020-01-01 10:00:00"),
        ("int", "042", None),
        ("varchar", "nonsense", "nonsense"),
    ],
)
def test_a_text_finds_what_is_shown_as_it(data_type: str, given: str, expected: SqlValue) -> None:
    found = compare(column("String"), EQUAL, given, stored(data_type))
    assert found == (FALSE if expected is None else Sql("c = %s", (expected,)))


def test_a_year_of_two_digits_is_none_of_this_century() -> None:
    years = (0, 1, 99, 1901)
    of = column("Int")
    assert compare(of, IN, years, stored("year")) == Sql("c IN (%s, %s)", (0, 1901))
    for given, below, above in (
        (20, Sql("c = %s", (0,)), Sql("c > %s", (0,))),
        (3000, Sql("c >= %s", (0,)), FALSE),
        (-1, FALSE, Sql("c >= %s", (0,))),
        (2155, Sql("c < %s", (2155,)), Sql("c > %s", (2155,))),
    ):
        assert compare(of, LESS, given, stored("year")) == below
        assert compare(of, ABOVE, given, stored("year")) == above
    assert compare(column("Int"), EQUAL, 1, stored("int")) == Sql("c = %s", (1,))


def test_a_text_that_the_column_lacks_is_in_no_row() -> None:
    of = column("String")
    storage = Storage({}, frozenset({("t", "f", "日"), ("t", "f", "日%")}))
    assert compare(of, EQUAL, "日", storage) == FALSE
    assert compare(of, PREFIX, "日%", storage) == FALSE
    assert compare(of, IN, ("日", "a"), storage) == Sql("c IN (%s)", ("a",))
    assert compare(of, PREFIX, "a%", storage) == Sql("c LIKE %s ESCAPE '|'", ("a%",))


def test_what_is_not_known_is_compared_as_it_is() -> None:
    assert compare(column("Decimal"), ABOVE, Decimal("1.5"), UNKNOWN) == Sql(
        "c > %s", (Decimal("1.5"),)
    )


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (StoredType("time"), "10:00:00", False),
        (StoredType("time"), "nonsense", True),
        (StoredType("date"), "2020-01-01", False),
        (StoredType("date"), "nonsense", True),
        (StoredType("datetime"), "2020-01-01 10:00:00", False),
        (StoredType("datetime"), "nonsense", True),
        (StoredType("timestamp"), "2020-01-01 10:00:00", False),
        (StoredType("timestamp"), "nonsense", True),
        (StoredType("enum", labels=("a", "b")), "b", False),
        (StoredType("enum", labels=("a", "b")), "c", True),
        (StoredType("set", labels=("a", "b")), "a,b", False),
        (StoredType("set", labels=("a", "b")), "a,c", True),
        (StoredType("int"), "nonsense", False),
        (StoredType("date"), 5, False),
        (StoredType("date"), None, False),
        (None, "nonsense", False),
    ],
)
def test_a_text_that_a_column_of_times_or_labels_cannot_hold_is_impossible(
    kind: StoredType | None, text: SqlValue, *, expected: bool
) -> None:
    assert is_impossible(kind, text) is expected


def test_comparisons_of_scalars_that_may_be_stored_otherwise_need_the_type() -> None:
    expression = Column("f", "String", True, (ColumnRef("c"), "+ 0"), BUILT_IN, table="t")
    assert not expression.is_compared_by_type
    needed = {scalar for scalar in SCALARS if column(scalar).is_compared_by_type}
    assert needed == set(SCALARS) - {"Boolean", "Decimal", "ID"}


def test_names_of_tables_are_known_as_they_are_or_in_small_letters() -> None:
    kind = StoredType("int")
    for table in ("Orders", "orders"):
        assert Storage({(table, "total"): kind}).find("Orders", "Total") is kind
    assert Storage({("orders", "total"): kind}).find("orders", "other") is None
    assert UNKNOWN.find("orders", "total") is None


@pytest.mark.parametrize(
    ("operator", "given", "digits", "expected"),
    [
        (EQUAL, "10:00:00.5", 1, Sql("c = %s", ("10:00:00.5",))),
        (EQUAL, "10:00:00.500000", 1, Sql("c = %s", ("10:00:00.500000",))),
        (EQUAL, "10:00:00.51", 1, FALSE),
        (IN, ("10:00:00.51", "10:00:00"), 1, Sql("c IN (%s)", ("10:00:00",))),
        (LESS, "10:00:00.51", 1, Sql("c <= %s", ("10:00:00.5",))),
        (TO, "10:00:00.51", 0, Sql("c <= %s", ("10:00:00",))),
        (ABOVE, "10:00:00.51", 3, Sql("c > %s", ("10:00:00.51",))),
        (FROM, "10:00:00.51", 1, Sql("c > %s", ("10:00:00.5",))),
        (LESS, "-10:00:00.51", 1, Sql("c < %s", ("-10:00:00.5",))),
        (TO, "-10:00:00.51", 0, Sql("c < %s", ("-10:00:00",))),
        (ABOVE, "-10:00:00.51", 1, Sql("c >= %s", ("-10:00:00.5",))),
    ],
)
@pytest.mark.parametrize(
    ("scalar", "data_type", "before"),
    [("Time", "time", ""), ("String", "time", ""), ("DateTime", "datetime", "2020-01-01 ")],
)
def test_parts_of_a_second_that_a_column_has_not_lie_between_its_values(
    scalar: str,
    data_type: str,
    before: str,
    operator: Operator,
    given: SqlValue | tuple[SqlValue, ...],
    digits: int,
    expected: Sql,
) -> None:
    if before and "-" in str(given):
        return  # a duration
    many = given if isinstance(given, tuple) else (given,)
    written = tuple(before + str(each) for each in many)
    storage = Storage({("t", "c"): StoredType(data_type, second_digits=digits)})
    found = compare(column(scalar), operator, written if operator is IN else written[0], storage)
    assert found == Sql(expected.text, tuple(before + str(each) for each in expected.parameters))


A_UUID = "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"


@pytest.mark.parametrize("data_type", ["char", "varchar", "uuid", "binary"])
@pytest.mark.parametrize("operator", [EQUAL, LESS, FROM])
def test_a_uuid_compares_as_its_column_holds_it(data_type: str, operator: Operator) -> None:
    held = bytes.fromhex(A_UUID.replace("-", "")) if data_type == "binary" else A_UUID
    found = compare(column("UUID"), operator, A_UUID, stored(data_type))
    assert found == Sql(f"c {operator.value} %s", (held,))
    assert stored_part(column("UUID"), A_UUID, stored(data_type)) == held
