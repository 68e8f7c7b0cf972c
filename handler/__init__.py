"""The Lambda library: one GraphQL request in, JSON bytes out.

In order of control flow: ``entry`` starts ``app``, of the ``stores`` that ``opening`` makes as
``settings`` say. For a request ``http`` takes the event, ``access`` says who asks, ``persisted``
finds a document by its hash, and ``engine`` goes through ``language``, ``compiler`` and
``execution``, or ``resolvers`` where Python functions answer; it keeps what they made in ``views``
and ``plans``. ``observe`` logs, with ``causes`` of failures; ``snapshot`` is for SnapStart.

Programs beside the requests: ``migrate`` with ``api_account`` (which columns the API may read:
``api_user``), ``ingest``, ``prune``, ``check`` with ``checks``, ``explain``, ``manifests``, and
``prepare``, which the archive's build calls. All of them use ``errors`` (``damage`` says what of an
archive is damaged), ``records`` (classes of plain data) and ``sql_tokens``.
"""
