"""The Lambda library: one GraphQL request in, JSON bytes out.

In order of control flow: ``entry``, ``app``, then the stages ``http``, ``language``, ``compiler``,
``execution``; beside them the edges ``stores``, which ``opening`` makes as
``settings`` say, and the errors that all of them raise.
"""
