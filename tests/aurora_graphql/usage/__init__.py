"""What clients use, by lines of the log."""
