"""Stages 5 and 6: run the plan's statements, and write their rows as JSON.

In order of control flow: ``stored_types`` asks for the types of columns where the plan depends on
them; ``run`` fetches the rows, with ``collated`` (keys that a server may find equal); ``encoder``
writes bytes, ``tree`` is the exact way for answers with errors, ``tree_size`` what that takes; both
cut rows to a page by ``paging``.
"""
