"""Stages 6 and 7: run the plan's statements, and write their rows as JSON.

In order of control flow: ``run`` fetches, ``encoder`` writes bytes, ``tree`` is the exact way for
answers with errors; ``scalars`` says how a column's text becomes JSON.
"""
