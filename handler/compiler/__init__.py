"""Stages 4 and 5: from a checked operation to statements. Pure: no input, no output.

At start ``model_builder`` (of ``connections``, ``columns`` and ``names``) makes the ``model`` of
the SDL. For an operation ``planner`` (with ``collect``) makes a ``plan``; for a request ``values``
binds its arguments (with ``cursor``) and ``sql`` writes the statements. ``freshness`` says how long
an answer may be kept, ``access`` which indexes the model needs.
"""
