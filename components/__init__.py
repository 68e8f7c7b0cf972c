"""Infrastructure library: Pulumi components of a GraphQL API on Aurora MySQL.

In order of control flow: ``settings`` (of ``data_settings``, ``api_settings`` and ``limits``) reads
the stack's configuration; ``naming``, ``location``, ``subnets`` and ``iam`` compute plain values;
``encryption`` and ``network`` lay the ground; ``data_tier`` composes ``database``,
``database_secret``, ``proxy`` and ``cache``; ``api_tier`` composes what answers requests;
``monitoring`` watches it.
"""
