"""From a GraphQL request to its answer: the stages in their order.

``engine`` runs them, ``persisted`` finds documents by their hash, ``views`` keeps checked documents
for each schema that callers see, ``plans`` keeps compiled plans, ``cost_budget`` is what a caller
may spend.
"""
