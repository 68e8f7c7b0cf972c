"""The validation rules of the specification."""
