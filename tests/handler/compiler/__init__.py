"""Tests of the compiler: names, model, plan, values, statements, cursors."""
