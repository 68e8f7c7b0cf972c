"""From a checked operation and the model to statements. Pure: no input, no output.

In order of control flow. At start ``permissions`` says what a caller needs for each field, with
``operation_needs`` for all that an operation selects, and ``schema_view`` what of the schema is
left for a caller.

For an operation the planner of ``handler/fields`` makes a ``plan``, with ``collect`` (what shapes
it), ``visible`` (which rows) and ``type_needs`` (whether it has to know types of columns);
``extent`` says how many rows it gives at most, ``freshness`` how long an answer may be cached, from
the ``hints`` of its fields.

For a request ``values`` binds the arguments, with ``filters`` (those that choose rows, as
conditions), ``search`` (words that they look for), ``global_ids`` (rows by their names), ``cursor``
and ``parameters`` (what a value may be). ``finished`` has the statements of shapes of values that
have been asked for before. ``sql`` writes the others, with ``tables`` (the only
way to a table), ``aggregates`` (values over many rows), ``orders`` (what rows are sorted by) and
``made_keys`` (aggregates among that), ``related`` (rows that relations lead to), ``groups`` (tables
of groups of rows), ``united`` (rows of several tables), ``comparison`` (how a column compares to a
value), ``keyset`` (the place of a page), ``found_pages`` (by what they are found) and ``sizes``
(how long they get), by what ``storage`` knows of the columns. ``results`` is what came of them.
"""
