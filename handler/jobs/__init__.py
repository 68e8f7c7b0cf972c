"""Programs beside the requests, each an entry point of its own.

``authorize`` answers API Gateway's authorizer. ``migrate`` applies migrations, with ``script`` (a
file becomes statements) and ``repeated`` (answers to a statement that was applied before);
``api_account`` gives the API's account its rights afterwards, as ``api_user`` computes them and
``privileges`` sets them; ``former_columns`` are those of the releases before.
``ingest_account`` does likewise for the ingest. ``ingest`` loads flat lines, ``purge`` ends
cached answers after another writer. ``prune``
deletes old versions. ``smoke`` asks a new version of the API whether it can answer, and ``shift``
has it take the traffic little by little.
"""
