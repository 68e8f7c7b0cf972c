"""Tests of the kinds of fields: plans, and the two ways to write a value."""
