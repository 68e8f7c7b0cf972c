"""Who treats whom: row rules of every kind over columns that make them hard."""
