"""Many entries in the order of several indexes, each of which could serve another list, too."""
