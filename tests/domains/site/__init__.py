"""A site whose pages, posts and goods stand in one table, and what an interface can be of them."""
