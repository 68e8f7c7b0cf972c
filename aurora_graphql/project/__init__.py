"""SDL from a database: what ``command`` reads, decides, prints and writes; ``new`` is around it.

``new`` makes a whole project of ``aurora_graphql/templates``.

In order of control flow: ``reading`` (the edge: the catalogue and what the account does not see),
``tables`` (which tables and columns are written), ``conventions`` and ``names``, ``columns``
(scalars, labels, secrets), ``relations``, ``lists``, ``questions``, ``filters`` (only if asked
for), and ``decide``, which makes of them the ``description``. ``printing`` and ``operations`` make
its texts, ``report`` what a person should know, ``left_out`` and ``writing`` the files, and
``difference`` compares with SDL that is there.
All but ``reading`` and ``writing`` are pure.
"""
