"""The modules that are mutated, how many of their mutants are judged, and by which tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

from tests.mutation.code.operators import CodeMutant, find_mutants

ROOT: Final = Path(__file__).resolve().parents[3]

_SQL: Final = (
    "tests/handler/compiler/test_sql.py",
    "tests/handler/compiler/test_keyset.py",
    "tests/handler/compiler/test_sizes.py",
    "tests/handler/compiler/test_paths.py",
)
_VALUES: Final = "tests/handler/compiler/test_values.py"
_CURSOR: Final = "tests/handler/compiler/test_cursor.py"
_AGGREGATES: Final = "tests/handler/model/test_aggregates.py"
_AGGREGATES_SERVED: Final = "tests/integration/test_aggregates.py"
_CONDITIONS: Final = "tests/handler/model/test_conditions.py"
_ROW_RULES: Final = "tests/handler/model/test_row_rules.py"
_RESOLVER_SQL: Final = "tests/handler/compiler/test_resolver_sql.py"
_COMPARISON: Final = "tests/handler/compiler/test_comparison.py"
_LITERALS: Final = "tests/handler/stores/mysql/test_literals.py"
_SINGLES: Final = "tests/handler/scalars/test_single.py"
_GIVEN_VALUES: Final = "tests/handler/scalars/test_given_values.py"
_WRITING: Final = "tests/handler/fields/test_writing.py"
_PLANNER: Final = "tests/handler/fields/test_planner.py"
_FRESHNESS: Final = "tests/handler/compiler/test_freshness.py"
_BOTH_WAYS: Final = "tests/handler/fields/test_both_ways.py"
_FIELDS: Final = (_WRITING, _BOTH_WAYS, _PLANNER)
_SCALARS: Final = "tests/handler/scalars/test_stored_values.py"
_LEAVES: Final = "tests/handler/resolvers/test_leaves.py"
_OF_SCALARS: Final = (_SCALARS, _GIVEN_VALUES, _LEAVES, _COMPARISON, _CURSOR, _BOTH_WAYS)
_COLLATED: Final = "tests/handler/execution/test_collated.py"
_GIVEN: Final = "tests/handler/resolvers/test_given.py"
_RUN: Final = "tests/handler/execution/test_run.py"
_STAFF: Final = "tests/integration/test_staff.py"
_PAGES: Final = "tests/integration/test_staff_pages.py"
_RELATIONS: Final = "tests/integration/test_relations.py"
_ODDITIES: Final = "tests/integration/test_oddities.py"
_LABELS: Final = "tests/integration/test_label_orders.py"
_LINKS: Final = "tests/integration/test_link_tables.py"
_TIMETABLE: Final = "tests/integration/test_timetable.py"
_STATES: Final = "tests/integration/test_argument_states.py"
_GROUPS: Final = "tests/integration/test_groups.py"
_NUMBERS: Final = "tests/integration/test_page_numbers.py"
_IDS: Final = "tests/integration/test_global_ids.py"
_WORDS: Final = ("tests/integration/test_full_text.py", "tests/integration/test_relevance.py")
_FILTERS: Final = (
    "tests/integration/test_filter_inputs.py",
    "tests/integration/test_filter_access.py",
)
_SORTS: Final = ("tests/integration/test_sorts.py", "tests/integration/test_sort_access.py")
_WHERE: Final = ("tests/handler/model/test_where.py", "tests/integration/test_where.py")
_GOLDEN: Final = "tests/handler/test_golden.py::test_plan_statements_and_answer"


@dataclass(frozen=True)
class Target:
    """A module: one in ``step`` of its mutants is judged, by ``quick`` tests, then by others."""

    module: str
    step: int
    quick: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """All, in the order in which they are asked."""
        return self.quick + self.others


TARGETS: Final = (
    Target("handler.sql.statement", 1, _SQL, (_STAFF,)),
    Target("handler.compiler.sql", 5, (*_SQL, _LITERALS), (_STAFF, _RELATIONS, _GOLDEN)),
    Target("handler.compiler.orders", 5, _SQL, (_STAFF, _RELATIONS, _GOLDEN)),
    Target("handler.compiler.sizes", 5, (*_SQL, _LITERALS), ()),
    Target("handler.compiler.keyset", 3, _SQL, (_STAFF, _PAGES, _STATES, _GOLDEN)),
    Target(
        "handler.compiler.visible", 4, (_ROW_RULES, _VALUES, _RESOLVER_SQL), (_STAFF, _ODDITIES)
    ),
    Target("handler.model.aggregates", 2, (_AGGREGATES,), (_AGGREGATES_SERVED, _STAFF)),
    Target("handler.model.conditions", 4, (_CONDITIONS, *_SQL), (_STAFF,)),
    Target("handler.compiler.values", 2, (_VALUES, *_SQL), (_STAFF, _PAGES, _STATES, _GOLDEN)),
    Target("handler.compiler.cursor", 3, (_CURSOR,), (_LABELS, _STAFF, _PAGES, _TIMETABLE)),
    Target(
        "handler.compiler.tables",
        5,
        (*_SQL, _ROW_RULES, _RESOLVER_SQL),
        (_STAFF, _RELATIONS, _ODDITIES, _LINKS),
    ),
    *(
        Target(f"handler.scalars.{module}", 5, _OF_SCALARS, (_ODDITIES,))
        for module in (
            *("big_int", "boolean", "date", "date_time", "dates", "decimal", "float", "int"),
            *("json", "numbers"),
        )
    ),
    Target("handler.scalars.single", 5, (_SINGLES, _COMPARISON), (_ODDITIES,)),
    Target("handler.scalars.string", 5, _OF_SCALARS, (_ODDITIES, _LABELS)),
    Target("handler.scalars.time", 3, _OF_SCALARS, (_TIMETABLE,)),
    Target("handler.scalars.uuid", 3, _OF_SCALARS, (_TIMETABLE,)),
    Target("handler.compiler.comparison", 6, (_COMPARISON,), (_ODDITIES, _LABELS)),
    Target("handler.compiler.parameters", 4, (_COMPARISON, _CURSOR), (_ODDITIES, _STAFF)),
    Target("handler.compiler.storage", 4, (_COMPARISON,), (_LABELS, _ODDITIES)),
    Target("handler.execution.run", 4, (_RUN,), (_STAFF, _RELATIONS, _LINKS, _NUMBERS, _GOLDEN)),
    Target("handler.execution.collated", 4, (_COLLATED,), (_RELATIONS,)),
    *(
        Target(
            f"handler.fields.{module}", 5, _FIELDS, (_FRESHNESS, _STAFF, _PAGES, _GIVEN, _GOLDEN)
        )
        for module in ("aggregate", "building", "connection", "cursor", "lists", "page_info")
    ),
    Target("handler.fields.rows", 5, _FIELDS, (_STAFF, _GOLDEN)),
    Target("handler.fields.to_one", 2, _FIELDS, (_STAFF, _GOLDEN)),
    Target("handler.fields.value", 4, _FIELDS, (_STAFF, _GOLDEN)),
    Target("handler.fields.writing", 4, _FIELDS, (_STAFF, _GOLDEN)),
    Target("handler.fields.paging", 2, _FIELDS, (_STAFF, _PAGES, _STATES, _GOLDEN)),
    Target("handler.fields.sizes", 2, _FIELDS, (_STAFF, _PAGES, _GIVEN)),
    Target("handler.compiler.search", 3, ("tests/handler/compiler/test_search.py",), _WORDS),
    Target(
        "handler.compiler.global_ids", 4, ("tests/handler/compiler/test_global_ids.py",), (_IDS,)
    ),
    Target("handler.compiler.groups", 12, (), (_GROUPS, _GOLDEN)),
    Target("handler.compiler.made_keys", 3, (), (*_SORTS, *_FILTERS)),
    Target("handler.fields.global_id", 10, (), (_IDS,)),
    Target("handler.fields.facet", 1, (), (_GROUPS, _GOLDEN)),
    Target("handler.model.search", 6, ("tests/handler/model/test_search.py",), _WORDS),
    Target("handler.model.where_reader", 10, _WHERE[:1], _WHERE[1:]),
    Target("handler.execution.stored_types", 8, (), (_ODDITIES, _LABELS, _RELATIONS)),
)


def target_of(module: str) -> Target:
    """What is said of a module."""
    return next(target for target in TARGETS if target.module == module)


def all_tests() -> list[str]:
    """Every test that is asked."""
    return sorted({test for target in TARGETS for test in target.tests})


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / f"{module.replace('.', '/')}.py"


def all_mutants() -> Sequence[CodeMutant]:
    """The mutants that are judged. Which they are depends on their names alone, so that an edit of
    a module changes nothing for the mutants of its other lines."""
    return [
        mutant
        for target in TARGETS
        for mutant in find_mutants(target.module, path_of(target.module).read_text("utf-8"))
        if crc32(mutant.name.encode()) % target.step == 0
    ]
