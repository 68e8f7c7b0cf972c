"""MySQL: one pool for requests (``database``) and sessions for jobs (``session``).

``connection`` is one of a pool, which the driver opens, and ``wire`` what runs statements on it;
``places`` bounds how many do. ``resultset`` reads the rows that arrive, of which ``short_rows``
takes many at once, ``literals`` writes values into statements, ``time_limit`` bounds them,
``column_types`` asks the server for the types of columns, ``waking`` and ``back_off`` are about a
server that does not answer, ``endings`` about callers who do not wait, ``server_errors`` about its
error messages.
"""

from handler.later import called_later, import_later, patterns_later

import_later("configparser")  # for files of options, which no connection here reads
# The patterns are for statements with many rows, files of options, times as objects.
with patterns_later(), called_later("pymysql.optionfile", "Parser"):
    import aiomysql.connection  # noqa: F401
