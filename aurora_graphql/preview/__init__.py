"""A stack without an account: its resources, changes, findings, costs, and its picture.

``command`` shows all of it. In order of control flow: ``program`` runs the stack's program by
``recording``, which asks
``answers`` instead of AWS and gives a ``graph``; ``checkout`` does so for another revision.
``tree``, ``difference`` (with ``replacement``: what goes before its successor comes) and ``report``
put graphs into words. ``rules`` judges them, ``terraform`` writes them down for checkov, and
``policy`` sorts all findings into open and excepted ones. ``resource_types`` has a row of facts
for each type, which rules, replacement and bill read. ``traffic`` and ``prices`` feed
``services``, which ``cost`` adds up. ``picture`` decides what is drawn, ``diagram`` draws it;
``board`` draws the dashboard.
``sdk`` knows the classes of pulumi-aws, ``pretend`` makes an archive to look at.
"""
