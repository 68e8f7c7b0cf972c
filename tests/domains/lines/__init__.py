"""Orders of many lines, long texts, and paths that lead there and back."""
