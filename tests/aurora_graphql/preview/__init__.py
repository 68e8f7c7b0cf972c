"""Tests of the preview, on the graphs of both stacks."""
