"""How inputs are called that are made for an author: the rows' name, and one of these behind it."""

from __future__ import annotations

FILTER = "Filter"
SORT = "Sort"
DIRECTION = "SortDirection"  # the enum of a sort key, and its values
DIRECTIONS = ("ASC", "DESC")
