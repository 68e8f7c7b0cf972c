"""Tests of .github/workflows, by actionlint and by rules of our own."""
