"""Logs and metrics, and the causes of a failure.

``record`` is what is known of one request, of its ``invocation``, of the programs that ask
(``clients``) and of how an environment ``starts``; ``fields`` says what its line holds. ``log``
writes lines and metrics, of the API and of the authorizer, ``operations`` the metrics of single
operations, both by ``contract``, which a stack reads, too; ``causes`` finds the exceptions behind
an error, ``damage`` tells which file of an archive is damaged.
"""
