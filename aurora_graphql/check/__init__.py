"""What ``run`` finds by comparing the model with the catalogue of a live database.

In order of control flow: ``finding`` (what is said of it), ``sight`` (what the account may not
see), ``columns`` (tables, columns, keys), ``relations``, ``contents`` (values that a column can
hold and a field cannot), ``orders``, ``filters``: all by the catalogue alone. ``expressions`` and
``dates`` ask the server, and ``paths`` proves an index for each of the ``access_paths``.
"""
