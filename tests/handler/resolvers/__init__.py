"""Tests of the fields that are answered by Python."""
