"""The model: which tables and columns stand behind the types and fields of the SDL.

What it is made of, each module from those before it: ``field`` (what is asked of every kind of
field), ``column``, ``conditions`` (which rows, as a tree), ``lists`` (fields over rows: orders and
pages), ``relations``, ``aggregates``, ``cursor_field``, ``resolver_field``, ``tables``,
``global_ids``, ``groups`` (types whose objects are groups of rows) with ``time_spans``, ``members``
(interfaces and unions over one table), ``united`` (those over several), ``connections``, ``search``
(arguments that look for words), ``row_inputs`` (input objects that lead to one another),
``filter_inputs`` (arguments that are objects over the fields of a type), ``sort_keys`` (what rows
are sorted by beside columns), ``sort_inputs`` (lists of such keys), ``model``.

``builder`` makes it from the SDL, of the types that ``table_types`` finds; ``marks`` refuses what
is said where it means nothing. ``kinds`` lists which kind of field each directive makes; a kind is
read where it stands, columns by ``columns``, relations by ``relation_reader``, with ``link_reader``
for those through a link table, and aggregates by ``aggregate_reader``. They use ``names``
(conventions), ``expressions``, ``list_reader`` with ``list_pages``, ``united_reader`` and
``where_reader`` (conditions that hold for all rows); ``row_rules`` come last. Directives are read
by these, ``directives`` (tables, lists), ``access``, ``caching`` and ``costs``, and nowhere else:
all others ask the model."""
