"""Flat lines become rows of tables, as a mapping file says.

In order of control flow: ``mapping`` (which column feeds which columns of which tables), ``source``
(bytes), ``records`` (one JSON object or CSV record), ``catalog`` (the tables as the database has
them), ``values`` with ``formats`` (a value for a column), ``line`` (typed and checked),
``numbering`` (a line's number within its group), ``table`` (one table and its statements),
``facts`` (what a batch says about each row), ``store`` (the upserts), ``run`` (all of it),
``report``; ``objects`` ingests a file that was put into S3.
``python -m handler.jobs.ingest --help`` shows the command, docs/ingest.md the mapping.

The rules:

- A line that cannot be used goes to the rejects with its number and reason; all others load. That
  holds for one that the database refuses, too.
- The last line wins, unless the mapping says otherwise for a table; the report counts what was
  replaced where the mapping asks for it. An absent value never erases a known one.
- A line without a number of its own gets the one after the highest that its group, such as an
  order, has had so far in this input, counted over rejected lines too: 1, 2, 3 in the order of the
  input, wherever the lines stand. So an input holds each of its groups whole, and lines are never
  reordered between two runs.
- The same input again leaves the same rows, also after a run that was killed: each batch is one
  transaction of upserts, and numbers depend on the input alone.
"""

from handler.jobs.ingest.mapping import InputMapping, find_mapping, load_mapping
from handler.jobs.ingest.report import IngestError, Progress, Report
from handler.jobs.ingest.run import ingest

__all__ = [
    "IngestError",
    "InputMapping",
    "Progress",
    "Report",
    "find_mapping",
    "ingest",
    "load_mapping",
]
