"""The kinds of fields: one file for each, with all that is known of it.

A file has the kind's *node* in a plan: what its statement selects for it, how the printed plan
describes it, what ``@cacheControl`` means for it, and how its value is written, fast and exactly.
``kinds`` lists which kind stands behind what; a new one is a file and a line there.

Of a row: ``typename``, ``value`` (columns and expressions), ``aggregate`` (``@count``, ``@sum``),
``cursor``, ``global_id`` (also what finds rows by it), ``to_one``, ``to_many``, ``resolver``;
``typed_rows`` are those of an interface or a union, ``united`` over several tables. Over rows:
``lists`` (one row, plain lists), ``connection`` with ``page_info`` and ``facet`` (groups of its
list's rows). At the root also ``introspection``; anywhere ``forbidden``.

What the kinds share: ``planner`` (from an operation to its plan), ``slots`` (columns of a
statement, and a batch while it is made) with ``order_keys`` (what it is sorted by), ``rows``
(fields over the rows of a batch), ``paging``, ``writing`` (answers without errors, as bytes),
``building`` (answers with errors, as objects; ``sizes`` counts what these take).
"""
