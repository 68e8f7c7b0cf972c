"""Stage 2: from the text of a document to a checked operation. No input and output but SDL files.

In order of control flow, for a request: ``document`` keeps what is known and calls ``lexer`` (the
shield), ``parser``, ``shape`` (of ``limits``), ``validation``, ``variables`` (with ``scalars``) and
``cost`` (with ``cost_formula``); ``introspection`` answers questions about the schema. At start:
``prepared`` brings what was made with the archive; or ``sdl`` builds the schema of ``files``,
``type_rules`` checks it, and ``operations`` are the documents that clients are known to send.
``printer`` writes SDL. ``ast`` and ``schema`` are the data between them; ``selections`` goes over
what is selected and decides on ``@skip`` and ``@include``; ``strings``, ``places`` and ``suggestions`` are the values of literals,
where they stand, and the ends of messages.

The language is that of September 2025, with one exception: NUL is refused everywhere, because C
libraries take it for the end of the text. ``specification.graphql`` and ``directives.graphql`` are
part of every schema.
"""
