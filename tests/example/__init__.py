"""Tests of the example at the top: its types, operations, stacks, and what README says of it."""
