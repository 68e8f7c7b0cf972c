"""Infrastructure library: Pulumi components of a GraphQL API on Aurora MySQL.

In order of control flow. Plain values first: ``settings`` reads the stack's configuration into the
sections of ``data_settings`` and ``api_settings``, which check themselves by ``limits`` and
``variables`` (the handler's settings that a stack chooses) and ``contract`` (what the handler
accepts of some of them); ``archive`` reads what is to be deployed; ``location``, ``naming``,
``subnets`` and ``iam`` compute what several components need, ``readiness`` puts outputs in order,
``outputs`` registers them, and ``timeouts`` says how long AWS may take. ``access`` holds the
records that one tier gives the next.

Then components. ``encryption`` and ``network`` lay the ground. ``data_tier`` composes ``database``,
``database_secret``, ``proxy``, ``cache``, ``copied_backups`` and ``tunnel``. ``api_tier``, of what
``api_functions`` says, composes ``function``, ``migration``, ``release``, ``shifting``,
``pruning``, ``ingest_store`` (with its ``bucket``) and ``gateway``, whose API is written down by
``definition`` (of the handler's ``surface``) and which adds ``domain``, ``firewall`` and
``usage_plan`` where they are asked for. ``monitoring``
watches what the tiers give it in ``watched``: each part says in the words of ``signals`` which
alarms and graphs it has (``watched_function`` and ``watched_database``, where they are many),
``dashboard`` lays them out; it adds the saved ``queries`` of the log and ``trail``.

``api_on_aurora`` is a whole stack in one component, from a project's folder and its settings.
``defaults`` gives a component the location and the key that its caller left out, ``identity`` knows
what components were called before.

``hosting`` offers the components to programs in other languages: ``wire`` reads their arguments,
``described`` completes the schema by the texts of ``descriptions``. ``plugin/`` serves them.
"""
