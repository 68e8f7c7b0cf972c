"""A table of columns as old shops, weather stations and imports have them."""
