"""Tartiflette executing whole operations: an oracle for what is compiled.

Rows come from the same plan and statements as any answer's, then Tartiflette goes over every field,
calls the functions for one parent after the other, and completes all values by itself.
"""
