"""What ``run`` finds by comparing the model with the catalogue of a live database.

``count`` reads the number of rows that a command is given.

In order of control flow: ``finding`` (what is said of it, and how bad it is), ``sight`` (what the
account may not see), ``live`` (the database and how it is asked), ``columns`` (tables, columns),
``members`` (what tells rows of an interface apart), ``relations``, ``keys``, ``contents`` (values
that a column can hold and a field cannot), ``expressions``, ``dates``, ``orders``, ``filters``,
``conditions``, ``full_text``. ``paths`` proves an index for each of the ``access_paths``, those of
``groups`` too, by what ``serving`` says of indexes, of ``views`` by the server's plan; ``remedies``
writes the SQL that mends. All of it is called by ``compare``. ``operations`` looks at what clients
send, with ``typical`` values; ``accepted`` reads what a team lives with, and ``report`` writes all.
"""
