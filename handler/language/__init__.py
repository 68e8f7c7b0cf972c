"""Stage 3: from the text of a document to a checked operation. No input and output but SDL files.

In order of control flow: ``lexer`` (the shield), ``parser``, ``document``, ``validation``,
``variables``; ``sdl`` builds the schema at start, ``introspection`` answers questions about it.
"""
