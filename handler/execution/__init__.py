"""Run a plan's statements.

``stored_types`` asks for the types of columns where the plan depends on them; ``run`` fetches the
rows, with ``collated`` (keys that a server may find equal). ``handler/fields`` writes the answer.
"""
