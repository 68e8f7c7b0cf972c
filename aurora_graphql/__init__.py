"""What runs on a developer's machine, in CI and in containers, never in Lambda.

``cli`` is the command line, ``project_file`` says where a project's files are, ``installed`` where
these packages are; ``errors`` has what all of them raise. ``dev`` serves the API with servers of
its own, ``project`` writes SDL for a database, ``check`` compares the two, both as ``catalog``
reads it, ``explain`` runs a document and ``plan_view`` shows its plan, ``archive`` builds the
Lambda archive, ``preview`` shows a stack without an account, ``settings`` and ``log_fields`` print
their pages of the docs. ``schema`` prints and compares what clients see, ``usage`` counts what they
use, ``load`` asks for a while, ``testing`` is for tests of one's own. ``asgi`` serves the API by
any ASGI server; ``gateway`` is API Gateway in small, for it and ``dev``.

``rehearsal`` walks a stack through its life in an account of one's own.
"""
