"""Somebody else's machine: the built wheel in an environment of its own, and no checkout in sight.

``user`` is the person who types commands; ``test_user`` is what he does, with the time of each.
"""
