"""Tests of the stack on one machine: commands, gateway, GraphiQL."""
