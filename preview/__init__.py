"""The resource graph of a stack without an account: what it is, costs, breaks, and looks like."""
