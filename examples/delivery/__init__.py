"""The example with the days of delivery: fields of orders that Python answers.

``resolvers`` has their functions, ``sdl`` the types.
"""
