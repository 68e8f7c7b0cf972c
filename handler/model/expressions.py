"""SQL of ``@expression``: what may stand in it, split into text and columns.

An expression is a value of its row: computed from columns of that row alone, the same for the same
row, and without any effect on the server. What breaks that rule is refused when the SDL is read.
"""

from __future__ import annotations

import re

from handler.language.schema import FieldDef, schema_error
from handler.model.column import ColumnRef

_BRACES = re.compile(r"\{\s*([^{}]*[^{}\s])\s*\}")  # no name of a column ends with a blank
# Parts of SQL that could end the expression or the statement; RDS Proxy pins on comments like /*!.
# A subquery would read rows past their rules.
_UNFIT = re.compile(r";|--|/\*|#|`|\?|\{|\}|@|\b(?:select|table|values)\b", re.IGNORECASE)
_TEXTS = re.compile(r"'(?:[^'\\]|\\.|'')*'" r'|"(?:[^"\\]|\\.|"")*"', re.DOTALL)
_PARTS = re.compile(rf"{_BRACES.pattern}|(?P<text>{_TEXTS.pattern})", re.DOTALL)
_WORDS = re.compile(r"\b([a-z_]\w*)\b(\s*\()?", re.IGNORECASE)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# https://dev.mysql.com/doc/refman/8.4/en/aggregate-functions.html
# https://mariadb.com/kb/en/aggregate-functions/
_AGGREGATES = _names(
    "avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max median"
    " min percentile_cont percentile_disc st_collect std stddev stddev_pop stddev_samp sum"
    " var_pop var_samp variance"
)
# Functions that work over the rows of a window only; those above do, too, with OVER behind them.
_WINDOWS = _names(
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank"
    " row_number"
)
_CHANGING = _names("rand random_bytes sys_guid sysdate uuid uuid_short uuidv4 uuidv7")
_ACTING = _names(
    "benchmark get_lock lastval load_file master_gtid_wait master_pos_wait nextval"
    " release_all_locks release_lock setval sleep source_pos_wait wait_for_executed_gtid_set"
    " wait_until_sql_thread_after_gtids"
)
_OF_THE_SESSION = _names(
    "binlog_gtid_pos connection_id current_role current_user database found_rows is_free_lock"
    " is_used_lock last_insert_id ps_current_thread_id ps_thread_id row_count schema"
    " session_user system_user user version"
)
_WITHOUT_PARENTHESES = frozenset(("current_role", "current_user", "session_user", "system_user"))
_REASONS = (
    (
        _AGGREGATES,
        "is taken over many rows, and an expression is computed from one; use @count(of: ...), "
        "@sum(of: ..., field: ...), @min, @max or @avg on the type that has the rows, or a view",
    ),
    (
        _WINDOWS,
        "is taken over many rows, and an expression is computed from one; number the rows in a "
        "view, and read that",
    ),
    (_CHANGING, "gives another value each time; store the value in a column"),
    (_ACTING, "waits or acts on the server instead of computing; answer the field with @resolver"),
    (_OF_THE_SESSION, "tells about the server or its session, and not about the row"),
)


def read_expression(owner: str, field_def: FieldDef, sql: str) -> tuple[str | ColumnRef, ...]:
    """Text and columns in turn. Raises ``SchemaError`` for what is no value of one row."""
    name = f"{owner}.{field_def.name}"
    if any(re.search("[{}]", part["text"] or "") for part in _PARTS.finditer(sql)):
        raise schema_error(
            field_def,
            f"{name}: a text in the expression may not hold braces, which are for columns; write "
            f"CHAR(123) and CHAR(125) for them",
        )
    pieces = _BRACES.split(sql)
    unfit = _UNFIT.search("".join(pieces[::2]))
    if unfit:
        raise schema_error(
            field_def,
            f"{name}: the expression may not hold {unfit[0]!r}; "
            f"write columns in braces, such as {{quantity}} * {{unit_price}}",
        )
    if len(pieces) == 1:
        raise schema_error(
            field_def,
            f"{name}: the expression names no column; "
            f"write columns in braces, such as {{quantity}} * {{unit_price}}",
        )
    broken = _broken_rule(_TEXTS.sub("''", " ? ".join(pieces[::2])))
    if broken:
        raise schema_error(field_def, f"{name}: the expression may not use {broken}")
    return tuple(
        ColumnRef(piece) if index % 2 else piece for index, piece in enumerate(pieces) if piece
    )


def _broken_rule(text: str) -> str:
    """The word that makes it more than a value of its row, and why; empty if there is none."""
    for word, parenthesis in _WORDS.findall(text):
        name = word.lower()
        if name == "over":  # a reserved word of both servers, as no function is
            return f"OVER: a window {_REASONS[1][1]}"
        if parenthesis or name in _WITHOUT_PARENTHESES:
            for names, why in _REASONS:
                if name in names:
                    return f"{word.upper()}, which {why}"
    if re.search(r"\b(?:next|previous)\s+value\s+for\b", text, re.IGNORECASE):
        return "VALUE FOR: a sequence gives another value each time; store the value in a column"
    return ""
