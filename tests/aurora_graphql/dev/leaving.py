"""A function whose module ends the process, as ours does for settings that are wrong."""

import sys

sys.exit("cannot start: something is not set")
