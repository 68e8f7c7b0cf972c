"""Tests of the execution: rows from the wire, scalars, encoder and tree, running a plan."""
