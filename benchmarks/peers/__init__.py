"""GraphQL servers beside this project: graphql-yoga and graphql-jit on Node.js over mysql2.

``program.mjs`` is one process of them, ``processes`` starts it, and one of this project by the same
lines; ``environment`` is the latter's program. ``python`` has those of Python: Ariadne and
Strawberry. ``lines`` is what programs of Python read and write.
"""
