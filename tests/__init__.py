"""Tests, laid out as the packages they test: ``handler``, ``components``, ``aurora_graphql``.

Beside them: ``integration`` (on real servers), ``security`` (attacks; SECURITY.md names them),
``faults`` (connections that break), ``example`` (the one at the top),
``domains`` (small APIs with tables and rows of their own),
``mutation`` (what is broken on purpose, and who notices), ``workflows``, ``containers``,
``outside`` (the wheel on somebody else's machine), ``clients`` (docs/clients.md), ``types``
(docs/schema.md), and ``events`` and ``cookbook``, which are files. ``test_docs``, ``test_pages``,
``test_site`` and ``test_cookbook`` hold the pages to the code, ``test_layers`` the imports.

What many of them use: ``apis`` (an engine over a real database); ``reference`` (a naive executor),
with ``directives``, ``kinds`` (interfaces and unions), ``stored_values``, ``reference_search``,
``reference_filters``, ``reference_where``, ``reference_kinds``, ``reference_ids``,
``reference_aggregates``, ``reference_groups``, ``reference_sorts``, ``reference_united`` and
``reference_scores`` (what it reads in an SDL, how values compare, which words are found, which rows
are there, of which type, by which id, what is made of many, what is sorted by, in one list over
several tables, and by how well they fit words);
``callers`` and ``rules`` (who may see what), and ``proof`` (an API beside these oracles);
``questions`` (each use of each argument of a schema) and ``hidden_rows`` (two databases that have
to be one to a caller);
``whole`` (Tartiflette executing whole operations);
``equal_rows`` (which rows belong to a row);
``documents``, ``paths``, ``argument_states`` and ``hostile``, which make requests; ``connections``,
``filter_inputs`` and ``sort_inputs`` (an SDL with all its pages, filters and sorts declared);
``random_filters``;
``column_types`` (every type with values at its edges);
``checked`` (what the check says); ``recorded`` (the stacks' graphs), ``archives`` and ``wheels``;
``finished`` (statements written both ways); ``rooms`` (the imports of the handler);
``pins`` with ``pin_list`` (what would pin RDS Proxy).

What the suite itself needs: ``longest_first`` (the order of files), ``counted`` (over all
processes), ``once`` (made by one process for all), ``frozen`` (processes that stand still),
``ports``, ``npm`` (tools of tests from there), ``apart`` (who reads the example at the top).
"""
