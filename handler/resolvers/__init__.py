"""Fields answered by Python: operations that touch one run through Tartiflette's executor.

The rows of such an operation are read by the same plan and the same statements as any other; then
Tartiflette calls the resolvers and completes the values. In order of control flow: ``registry``
finds the functions, ``executor`` runs an operation, ``translation`` gives Tartiflette the schema
and the document, ``given`` reads the rows whose keys a function gave, ``leaves`` writes its values.
Nothing else imports tartiflette, and this package is imported only where the SDL uses
``@resolver``: the import costs more than an operation's whole answer.
"""
