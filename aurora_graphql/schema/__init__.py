"""The schema as clients see it: printed, and compared with an earlier one.

``printing`` writes it with everything expanded, ``coordinates`` knows what an operation uses of
it, ``difference`` tells breaking, dangerous and safe changes with the saved operations that they
touch, ``former`` finds the schema before: a file, a folder of SDL or a revision of git, ``command``
is what a person types.
"""
