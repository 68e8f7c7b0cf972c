"""The Lambda library: one GraphQL request in, JSON bytes out.

In order of control flow: ``entry``, ``app``, ``engine``, then the stages ``http``, ``language``,
``compiler``, ``execution``; the engine keeps what they made in ``views`` and ``plans``. Beside them
are the edges ``stores``, which ``opening`` makes as ``settings`` say, and the errors that all of
them raise.
"""
