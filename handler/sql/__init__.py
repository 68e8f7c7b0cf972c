"""SQL as values, below those who write it and those who send it.

``statement``: texts that carry their parameters. ``operators``: how values compare.
``stored_type``: what a column holds. ``rowset``: what a statement gave. ``tokens``: strings, names
and comments in a text. ``names``: quoted identifiers. ``comment``: what names an operation in its
statements.
"""
