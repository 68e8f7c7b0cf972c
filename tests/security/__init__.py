"""Attacks: what somebody sends who wants more than the API gives. SECURITY.md names these tests."""
