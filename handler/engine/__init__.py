"""From a GraphQL request to its answer: the stages in their order.

``engine`` runs them. ``persisted_queries`` finds a document by its hash. ``schema_views`` has one
schema for all callers who see the same of it, each with a cache of checked documents. ``plans``
finds and compiles the plan of an operation. ``cost_rate_limits`` is what a caller may have run in a
minute, ``worst_case`` what an operation may come to, and ``listed`` has the listed operations ready
before a request asks. ``watched`` is the engine with a span of a trace around each stage.

What is cached on the way from a text to its answer, and by what:

    persisted document    hash of the text           texts that clients need not send again
    checked document      view, text or shape        its operations, and with each operation its
                                                     plans by shape-changing variables and
                                                     requirements that decide
    response              key of the plan, values    the finished answer, in Redis

The shape is the text with its literals taken out, so that a client that pastes values into its
query meets one entry. Document and plan cannot have one key, because only a checked document says
which of its variables change the plan; they are one entry, with one bound in bytes, and go
together. The response cache has another place and another end (a write to a table); its key is
made from the plan's, which names schema, sizes, document shape, operation, variables and
requirements and is made once, and from the values of this request.
"""
