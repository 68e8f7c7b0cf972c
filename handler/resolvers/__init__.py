"""Fields answered by Python functions.

Rows are read by the same plan and the same statements as any other's; then each function is called
and its values stand beside the rows, as one more column. In order of control flow: ``registry``
finds the functions; ``resolvers`` has those of one API, ``request`` what one operation's share;
``columns`` collects the parents, ``calls`` calls, ``completion`` makes JSON of what was given, by
``objects`` and ``leaves``. Objects that are no rows go to Tartiflette: ``executor``, with the types
of ``given_types`` and documents of ``translation``. Nothing else imports tartiflette, and it is
imported when the first such object comes: the import costs more than an operation's whole answer.
"""
