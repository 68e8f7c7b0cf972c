"""Mutants of the code that no test can notice, or need not: each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_BOUND: Final = "a bound that may be larger: statements are split a little earlier, and are right"
_MEMORY: Final = "an estimate of memory, right in its size and not to the byte"
_SIZE: Final = "a bound of bytes, which may be larger: what seems to be over it is measured"
_LONGER: Final = "a longer text is decoded, and no id either"
_ALIAS: Final = "a name within the statement"
_NUMBERS: Final = "a fact is a number, and never NULL"
_EARLIER: Final = "the whole is checked, too; this check comes earlier, to spare memory"
_UNKNOWN_REFUSAL: Final = (
    "a server that refuses a text which every column can hold is not known: the plan would fail"
    " once more, or not be tried again"
)

SURVIVORS: Final[Mapping[str, str]] = {
    "handler.sql.statement.Statement.of: '' -> 'spoiled'": (
        "what stands for a doubled percent sign is no place for a value either"
    ),
    "handler.compiler.sql._parts: 16 -> 17": _BOUND,
    "handler.compiler.sql._parts: used + size -> Sub": (
        "the two keys more fit into what the estimates of the first and of all others leave"
    ),
    "handler.compiler.keyset.ranges: 0 -> 1": "of no rows it does not matter what they share",
    "handler.compiler.cursor.: 6 -> 7": "a bound before each value is measured by itself",
    "handler.compiler.cursor._is_sendable: 'surrogatepass' -> 'spoiled'": (
        "orjson reads no text with half a character"
    ),
    "handler.execution.stored_types.run_knowing: values.storage is storage"
    " -> values.storage is not storage": _UNKNOWN_REFUSAL,
    "handler.execution.stored_types.run_knowing: not refused -> refused": _UNKNOWN_REFUSAL,
    "handler.execution.collated._folded: 1 -> 2": "only the quicker of two ways to the same",
    "handler.execution.collated._folded: b'' -> b'spoiled'": "no key has a NULL",
    "handler.execution.run._Runner._can_be_held: b'' -> b'spoiled'": "no key has a NULL",
    "handler.fields.cursor.cursor_of_list: False -> True": (
        "the default is for the cursor within an end, and that says itself whether it may be null"
    ),
    "handler.compiler.search.Matches.may_be_unknown: False -> True": (
        "what is negated is written in another way, which means the same of what is never NULL"
    ),
    "handler.compiler.global_ids.: 3072 -> 3073": _LONGER,
    "handler.compiler.global_ids.: 6 -> 7": _LONGER,
    "handler.compiler.global_ids.decode_id: len(text) > MOST_CHARACTERS"
    " -> len(text) >= MOST_CHARACTERS": _LONGER,
    "handler.compiler.global_ids.by_id: if all((len(parts) == 1 for parts in found))"
    " -> if not all((len(parts) == 1 for parts in found))": (
        "one IN and as many alternatives choose the same rows"
    ),
    "handler.compiler.global_ids._parts: '' -> 'spoiled'": "no type has that name either",
    "handler.compiler.groups.: 'number of group' -> 'spoiled'": _ALIAS,
    "handler.compiler.groups.compile_groups: 1 -> 2 (#4)": (
        "a group more is read of each parent, and not shown"
    ),
    "handler.compiler.groups.compile_groups_by_parent: 'c' -> 'spoiled'": _ALIAS,
    "handler.compiler.groups._made: '' -> 'spoiled'": "every column of a group has a name",
    "handler.compiler.made_keys.MadeKey: '' -> 'spoiled'": "asked only of far rows, which have one",
    "handler.fields.global_id.GlobalIdNode.build: VALUE_BYTES + len(text) -> Sub": _MEMORY,
    "handler.fields.global_id.ByIdsNode.write: 'replace' -> 'spoiled'": (
        "no text with half a character comes as far as this"
    ),
    "handler.fields.page_info.EndNode.write: 0 -> 1": _SIZE,
    "handler.fields.paging.: 'T' -> 'spoiled'": "the name of a type variable is for people",
    "handler.fields.rows.RowsNode.build: b'0' -> b'0spoiled'": _NUMBERS,
    "handler.fields.value.: 6 -> 7": _SIZE,
    "handler.fields.writing.: 64 -> 65": "of as many lists as one likes the bytes are added up",
    "handler.fields.writing.Writing.lists: self.budget.check_written(size) -> nothing": _EARLIER,
    "handler.fields.writing.write_members: 0 -> 1": _SIZE,
    "handler.fields.sizes.: 250 -> 251": _MEMORY,
    "handler.fields.sizes.: 40 -> 41": _MEMORY,
    "handler.fields.sizes.: 6 -> 7": _MEMORY,
    "handler.fields.sizes.memory_of: 2 -> 3": _MEMORY,
    "handler.scalars.dates.day_and_time: '0' -> 'spoiled'": (
        "the same number with zeros behind its point"
    ),
    "handler.scalars.dates.day_and_time: 0 -> 1": (
        "of a day without a time nothing but the time's validity is looked at"
    ),
    "handler.scalars.int.Int.read_literal: 11 -> 12": (
        "no whole number of twelve characters is within 32 bits"
    ),
    "handler.scalars.numbers._year: given > 0 -> given >= 0": "0 is a YEAR, and answered before",
    "handler.scalars.date_time.: b'' -> b'spoiled'": "spares a step that changes nothing",
    "handler.scalars.single.compare_single: shown < number -> shown <= number": (
        "where both are equal was answered before"
    ),
    "handler.scalars.time._without_zeros: b'0' -> b'0spoiled'": "no time ends in a letter",
}
"""Mutant -> why nobody notices it, and why that may be so."""
