"""Mutation test of the infrastructure: break each safety setting once, and see who notices.

In order of control flow: ``changes`` edits the source of a component, ``mutants`` lists what is
broken (``data_mutants``, ``api_mutants``, ``program_mutants``, in ``words`` that they share),
``judge`` builds the graph from an edited copy and asks the invariants, then the module's own tests.
"""
