"""The model: which tables and columns stand behind the types and fields of the SDL.

``builder`` reads the directives and makes the ``model``, with ``names``, ``columns``,
``expressions``, ``connections``, ``list_reader`` (how arguments choose, order and page) and
``row_rules``.
"""
