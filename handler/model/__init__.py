"""The model: which tables and columns stand behind the types and fields of the SDL.

What it is made of, each module from those before it: ``column``, ``conditions`` (which rows, as a
tree), ``lists`` (fields over rows: orders and pages), ``relations``, ``fields`` (all kinds of
them), ``tables``, ``connections``, ``model``.

``builder`` makes it from the SDL, with ``names`` (conventions), ``columns``, ``expressions``,
``list_reader`` and ``row_rules``. Directives are read by ``directives`` (tables, fields, lists),
``access``, ``caching`` and ``costs``, and nowhere else: all others ask the model.
"""
