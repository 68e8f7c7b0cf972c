"""Stage 2: from the text of a document to a validated operation. Knows no tables, no databases.

For a request, in order of control flow: ``document`` keeps what was validated before and calls
``lexer``, ``parser``, ``operation_size`` (against ``limits``), ``validation``, ``variables`` (with
``literals``) and ``cost`` (with ``cost_formula``). ``introspection`` answers queries about the
schema.

At start: ``prepared`` reads what ``preparing`` wrote when the archive was built; without it
``sdl`` builds the schema from the texts that ``files`` reads (and quotes in errors, see
``excerpt``), each a ``source``, and from the ``connections``, ``filter_inputs`` and ``sort_inputs``
that they name and do not declare (called as ``made_names`` says); ``type_rules`` checks it, and
``operations`` reads the documents that clients are known to send. ``printer`` writes a schema as
SDL.

Used by all of these: ``ast`` and ``schema`` are the data between them; ``selections`` iterates over
selection sets and decides ``@skip`` and ``@include``; ``field_path`` names the fields behind a path
of an answer, and ``usage`` all that an operation uses; ``strings``, ``locations`` and
``suggestions`` are the values of string literals, places in a text, and the ``Did you mean`` of
messages.

README.md beside this module says why the package exists, what it follows and how it is tested.
"""
