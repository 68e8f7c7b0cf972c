"""APIs that go beyond the example at the top: ``delivery`` (fields that Python answers)."""
