"""Tests of the execution: rows from the wire, running a plan."""
