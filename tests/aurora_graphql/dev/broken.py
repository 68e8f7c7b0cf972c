"""A function that Lambda cannot start."""

raise LookupError("a mistake at the top of the module")
