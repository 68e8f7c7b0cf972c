"""Flat order lines become rows of customers, products, orders and order_items.

In order of control flow: ``source`` (bytes), ``records`` (one JSON object or CSV record),
``mapping`` (which column feeds which field), ``line`` (typed and checked), ``numbering`` (a line's
number within its order), ``facts`` (what a batch says about each row), ``store`` (the upserts),
``run`` (all of it), ``report``; ``objects`` ingests a file that was put into S3.
``python -m handler.jobs.ingest --help`` shows the command.

The rules:

- A line that cannot be used goes to the rejects with its number and reason; all others load.
- The last line wins: where two lines disagree about a name, a country, a date or a customer, the
  later one in the input holds, and the report counts it. An absent value never erases a known one.
- A product's price is the ``productPrice`` of its last line, or else that line's own price. What an
  order paid stays in its own line.
- A line without a quantity is of one piece. A quantity below zero is a return, a price below zero a
  credit, and both load as they are. Money keeps four decimals, the fifth is rounded half up.
- A line without ``orderItemId`` gets the number after the highest that its order has had so far in
  this input, counted over rejected lines too: 1, 2, 3 in the order of the input, wherever the lines
  stand. So an input holds each of its orders whole, and lines are never reordered between two runs.
- The same input again leaves the same rows, also after a run that was killed: each batch is one
  transaction of upserts, and numbers depend on the input alone.
"""

from handler.jobs.ingest.mapping import InputMapping, load_mapping
from handler.jobs.ingest.report import IngestError, Progress, Report
from handler.jobs.ingest.run import ingest

__all__ = ["IngestError", "InputMapping", "Progress", "Report", "ingest", "load_mapping"]
