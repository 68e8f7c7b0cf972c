"""How fast it is, measured: ``python -m benchmarks`` runs every ``bench_<what>.py``.

No assertion on time; each prints a table. ``northwind`` (the database), ``cases`` with
``documents/`` (what is asked), ``handwritten``, ``resolvers`` and ``engines`` (who else answers),
``contestants`` (all of them), ``calls`` (functions that small requests call), ``capacity`` (what a
load needs), ``measure`` (turns, medians, ratios), ``report`` (tables and ``results/*.json``),
``speed_picture`` (the picture of README).
"""
