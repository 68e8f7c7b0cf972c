"""Mutants of the engine's code: one operator, constant, condition or call changed at a time."""
